//! `callboard keygen`: a seat's or a member's keys, made where they are used.

use std::process::ExitCode;

/// Makes the keys of a seat, or of a member
#[derive(clap::Args)]
pub struct Keygen {}

impl Keygen {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        Ok(ExitCode::SUCCESS)
    }
}
