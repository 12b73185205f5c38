//! The promises of the design, each a module, held against the real service.

#![expect(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "this binary uses a part of the receiver")]
#[path = "../support/receiver.rs"]
mod receiver;
#[path = "../support/mod.rs"]
mod support;

mod no_forging;
mod no_quiet_change;
mod nothing_readable_on_the_server;
mod off_line;
mod one_reversal_everywhere;
mod standings;
