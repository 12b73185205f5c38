//! `callboard-agent prove`: one check and its proof, for an auditor.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::program::block_on;
use callboard_federation::encoding::CheckId;

use super::{asking::Asked, output};

const EXAMPLES: &str = "\
Examples:
  callboard-agent prove --check 019c167f-cc00-7568-8a65-6cc0703e460a --out proof.json

The file holds that check's line, its way into the root of the log of checks, and the anchor with which you signed that
root on that day: the registry's log has it at `logIndex`. It shows nothing of your other checks. The auditor verifies it
with `callboard verify proof.json --members members.json`; docs/formats.md, Log of checks, says how.";

/// Prove one check, and show nothing of the others
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Prove {
    /// The check's id, as the answer had it
    #[arg(long, value_name = "ID")]
    check: CheckId,
    /// Write the proof here instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    asked: Asked,
}

impl Prove {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        let proof = block_on(agent.get(&format!("/checks/{}/proof", self.check)))?;
        output::whole(&proof.context("no such check, or it is older than keepChecksDays")?, self.out.as_deref())
    }
}
