//! `callboard-agent open-blind`: an auditor's question whom a blinded point was of.

use std::{path::PathBuf, process::ExitCode};

use callboard_api::agent::{proof::OPEN_BLINDS, tag_book::Whom};
use callboard_client::runtime::block_on;

use super::{asking::AgentArgs, output};

const EXAMPLES: &str = "\
Examples:
  callboard-agent open-blind --ref host-1 --out host-1.blinds.json

Each line is a check of that account for which something was sent to the token service: its blinds, and the places of its
points in the batches whose roots the service keeps. With the person's identity, an auditor computes the points again
(docs/formats.md §3). Nothing of other accounts is shown.";

/// Open the blinds of an account's checks, for an auditor who asks whom a point was of
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct OpenBlindVerb {
    /// What the platform calls the account
    #[arg(long = "ref", value_name = "REF")]
    reference: String,
    /// Only this person of those at the account
    #[arg(long)]
    person: Option<String>,
    /// Write the lines here instead of printing them
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    agent: AgentArgs,
}

impl OpenBlindVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let asked = OPEN_BLINDS.with(&self.reference.try_into()?, &Whom { person: self.person }, &());
        let lines = block_on(agent.find_bytes(asked))?;
        output::whole(&lines.unwrap_or_default(), self.out.as_deref())
    }
}
