//! `callboard-agent forget`: an account that is none of the platform's any more.

use std::process::ExitCode;

use callboard_api::agent::tag_book::{FORGET_REF, Whom};
use callboard_client::runtime::block_on;
use callboard_federation::zh_en;

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent forget host-1
  callboard-agent forget host-1 host-2 --config member.toml
  callboard-agent forget room-7 --person jia        one person; without it everyone at the account

Its identities go with it unless another account holds them, as do opened details and what the hook is owed. The log of
checks keeps its lines as long as keep_checks_days says: they prove that you asked.";

/// Forget accounts: nothing of them is told to the hook any more
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ForgetVerb {
    /// What the platform calls the accounts
    #[arg(required = true, value_name = "REF")]
    refs: Vec<String>,
    /// Only this person of those at the account; empty, the one without a person
    #[arg(long)]
    person: Option<String>,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ForgetVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        block_on(async {
            let mut all = true;
            for reference in &self.refs {
                let whom = Whom { person: self.person.clone() };
                let known = agent.find(FORGET_REF.with(&reference.clone().try_into()?, &whom, &())).await?.is_some();
                println!(
                    "{reference}  {}",
                    if known { zh_en!("已移除", "forgotten") } else { zh_en!("不存在", "not known") }
                );
                all &= known;
            }
            Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
