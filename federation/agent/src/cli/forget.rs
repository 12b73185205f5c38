//! `callboard-agent forget`: an account that is none of the platform's any more.

use std::process::ExitCode;

use callboard_client::program::block_on;

use super::asking::{Asked, segment};

const EXAMPLES: &str = "\
Examples:
  callboard-agent forget host-1
  callboard-agent forget host-1 host-2 --config member.toml

Its identities go with it unless another account holds them, as do opened details and what the hook is owed. The log of
checks keeps its lines as long as keepChecksDays says: they prove that you asked.";

/// Forget accounts: nothing of them is told to the hook any more
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Forget {
    /// What the platform calls the accounts
    #[arg(required = true, value_name = "REF")]
    refs: Vec<String>,
    #[command(flatten)]
    asked: Asked,
}

impl Forget {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        block_on(async {
            let mut all = true;
            for reference in &self.refs {
                let known = agent.delete(&format!("/refs/{}", segment(reference))).await?;
                println!("{reference}  {}", if known { "forgotten" } else { "not known" });
                all &= known;
            }
            Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
