//! `callboard-agent enrol`: the platform's hosts become known.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::program::block_on;
use callboard_federation::encoding::to_json;
use serde::Deserialize;

use super::{asking::Asked, bulk::ListArgs};

const EXAMPLES: &str = "\
Examples:
  callboard-agent enrol hosts.csv                   ref,kind,identity a row, as `check` takes it
  sqlite3 -csv -header hosts.db 'SELECT …' | callboard-agent enrol -

Whoever is new costs one evaluation of your quota at the token service a live epoch; whoever is known costs nothing, so it
can be run again. Afterwards the hook is told of every record that concerns one of them.";

/// Take a list of people into the tag book, without deciding about them
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Enrol {
    #[command(flatten)]
    list: ListArgs,
    #[command(flatten)]
    asked: Asked,
}

#[derive(Deserialize)]
struct Enrolled {
    enrolled: usize,
    detail: Option<String>,
}

impl Enrol {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        let path = self.list.file.as_deref().context("name the list, or `-` for standard input")?;
        let mut list = self.list.open(path)?;
        block_on(async {
            let (mut all, mut known, mut why) = (0, 0, None);
            loop {
                let part = list.part()?;
                if part.is_empty() {
                    break;
                }
                let answer = agent.post("/enrol", to_json(&part)).await?;
                let answer: Enrolled = serde_json::from_slice(&answer).context("the agent's answer")?;
                all += part.len();
                known += answer.enrolled;
                why = answer.detail.or(why);
                list.show(all, "people");
            }
            list.bar.finish_and_clear();
            println!("{known} of {all} people are known");
            if let Some(why) = why.filter(|_| known < all) {
                eprintln!("others are not, for one: {why}");
            }
            Ok(if known == all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
