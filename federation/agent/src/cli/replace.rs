//! `callboard-agent replace`: an account that someone else has now, or the same person under a corrected number.

use std::process::ExitCode;

use anyhow::bail;
use callboard_api::agent::{
    Reference,
    tag_book::{REPLACE_HOLDER, Replacement},
};
use callboard_client::runtime::block_on;
use callboard_federation::zh_en;

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent replace host-1                    another person has the account: the one before leaves, ask anew
  callboard-agent replace host-1 --same             the same person: a number was wrong, or was corrected
  callboard-agent replace room-7 --person jia       one of several people of a room

A check that answers `ref-is-another-person` changed nothing. Without --same the person before is forgotten, as `forget` does.
With --same the next check that contradicts is taken as of the same person: both numbers are held, and the strictest holds.";

/// Say that an account has another holder, or the same under a corrected number
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ReplaceVerb {
    /// What the platform calls the account
    #[arg(value_name = "REF")]
    reference: String,
    /// Who of those at the account, where there are several
    #[arg(long)]
    person: Option<String>,
    /// It is the same person under a corrected number
    #[arg(long)]
    same: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ReplaceVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let reference = Reference::try_from(self.reference.clone())?;
        let person = self.person.clone().map(Reference::try_from).transpose()?;
        let asked = REPLACE_HOLDER.with(&reference, &(), &Some(Replacement { person, same: self.same }));
        if block_on(agent.find(asked))?.is_none() {
            bail!(zh_en!("没有此人", "no such person is known"));
        }
        let person = self.person.as_ref().map_or_else(String::new, |person| format!(" / {person}"));
        println!("{}{person}  {}", self.reference, zh_en!("请现在重新查询", "ask again now"));
        Ok(ExitCode::SUCCESS)
    }
}
