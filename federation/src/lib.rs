//! What members and registry must agree on: every format of Callboard as types and pure functions.
//!
//! The verifier on which registry, desk, agent and token service stand, and that an auditor can build alone. Nothing
//! here does I/O or reads a clock; chance and time are parameters. The bytes are told in `docs/formats.md`.
//!
//! In reading order: [`encoding`] and [`dsse`]; whom a decision is about ([`tag`]) and what it says ([`statement`],
//! [`docket`]); who decides under which rules ([`roster`], [`members`], [`policy`]); the log that keeps it ([`tlog`],
//! [`entry`], [`disclosure`]); which dockets of it count ([`replay`]) and what then holds ([`records`], [`standing`]);
//! what is shown to whoever has neither log nor server ([`proof_file`], [`evidence`]); what is signed besides
//! ([`request`], [`event`], [`acknowledgement`], [`receipt`], [`anchor`], [`bans`], [`report`], [`webhook`]); and, with an identity in hand, `identity`, `token`
//! and `sealed`; `report_key`, to which the public seals. In which language any of it is told to people is [`language`]'s.

#![warn(missing_docs)]

pub mod acknowledgement;
mod action;
pub mod anchor;
pub mod bans;
pub mod declaration;
pub mod disclosure;
pub mod docket;
pub mod document;
pub mod dsse;
pub mod encoding;
pub mod entry;
pub mod event;
pub mod evidence;
pub mod hand_in;
#[cfg(feature = "identities")]
pub mod identity;
pub mod members;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod policy;
pub mod printed_record;
pub mod problems;
pub mod proof_file;
pub mod quarter;
pub mod receipt;
pub mod recipient;
pub mod records;
pub mod replay;
pub mod report;
#[cfg(feature = "identities")]
pub mod report_key;
pub mod request;
pub mod return_window;
pub mod root_report;
pub mod roster;
#[cfg(feature = "identities")]
pub mod sealed;
pub mod standing;
pub mod statement;
pub mod subject_session;
pub mod tag;
mod threshold_error;
#[cfg(feature = "identities")]
pub mod token;
pub mod token_key;
pub mod webhook;

pub use callboard_language as language;
pub use callboard_language::zh_en;
pub use callboard_log as tlog;

#[cfg(test)]
mod vectors;
