//! `callboard-agent replace`: an account that someone else has now, or the same person under a corrected number.

use std::process::ExitCode;

use anyhow::bail;
use callboard_client::runtime::block_on;
use callboard_federation::zh_en;
use serde_json::json;

use super::asking::{AgentArgs, segment};

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
        let mut body = json!({"same": self.same});
        if let Some(person) = &self.person {
            body["person"] = json!(person);
        }
        let path = format!("/refs/{}/replace", segment(&self.reference));
        if !block_on(agent.post_known(&path, body.to_string().into_bytes()))? {
            bail!(zh_en!("没有此人", "no such person is known"));
        }
        let person = self.person.as_ref().map_or_else(String::new, |person| format!(" / {person}"));
        println!("{}{person}  {}", self.reference, zh_en!("请现在重新查询", "ask again now"));
        Ok(ExitCode::SUCCESS)
    }
}
