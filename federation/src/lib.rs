//! What members and registry must agree on: every format of Callboard as types and pure functions.
//!
//! The verifier on which registry, desk, agent and token service stand, and that an auditor can build alone. Nothing here
//! does I/O or reads a clock; chance and time are parameters. The bytes are told in `docs/formats.md`.
//!
//! In reading order: [`encoding`] and [`dsse`], then what is decided, who decides, and the log that keeps it.

pub mod dsse;
pub mod encoding;
pub mod entry;
pub mod evidence;
pub mod tlog;
