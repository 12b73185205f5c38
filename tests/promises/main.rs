//! The promises of the design, each a module, held against the real service.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../support/mod.rs"]
mod support;

mod no_forging;
mod no_quiet_change;
mod nothing_readable_on_the_server;
mod off_line;
mod standings;
