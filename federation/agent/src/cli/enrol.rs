//! `callboard-agent enrol`: the platform's hosts become known.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::program::block_on;
use callboard_federation::encoding::to_json;
use serde::Deserialize;

use super::{asking::Asked, bulk::ListArgs, cost};

const EXAMPLES: &str = "\
Examples:
  callboard-agent enrol hosts.csv                   ref,kind,identity a row, as `check` takes it
  sqlite3 -csv -header hosts.db 'SELECT …' | callboard-agent enrol -

Whoever is new costs one evaluation of your quota at the token service a live epoch; whoever is known costs nothing, so it
can be run again. The hook is told of everyone whom a check would not simply allow, and of whatever changes that.";

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
#[serde(rename_all = "camelCase")]
struct Enrolment {
    enrolled: usize,
    not_allowed: Option<usize>,
    detail: Option<String>,
}

impl Enrol {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        let path = self.list.file.as_deref().context("name the list, or `-` for standard input")?;
        block_on(async {
            cost::say(&agent, &self.list, path).await?;
            let mut list = self.list.open(path)?;
            let (mut all, mut known, mut not_allowed, mut why) = (0, 0, Some(0), None);
            loop {
                let part = list.part()?;
                if part.is_empty() {
                    break;
                }
                let answer = agent.post("/enrol", to_json(&part)).await?;
                let answer: Enrolment = serde_json::from_slice(&answer).context("the agent's answer")?;
                all += part.len();
                known += answer.enrolled;
                not_allowed = not_allowed.zip(answer.not_allowed).map(|(all, more)| all + more);
                why = answer.detail.or(why);
                list.show(all, "people");
            }
            list.bar.finish_and_clear();
            let are = match not_allowed {
                None => "the view is stale: whom a check would allow shows later, in `callboard-agent refs`".to_owned(),
                Some(1) => "1 isn't allow: `callboard-agent refs` names it".to_owned(),
                Some(some) => {
                    format!("{some} aren't allow{}", if some > 0 { ": `callboard-agent refs` names them" } else { "" })
                }
            };
            println!("{known} of {all} people are known; {are}");
            if let Some(why) = why.filter(|_| known < all) {
                eprintln!("others are not, for one: {why}");
            }
            Ok(if known == all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        })
    }
}
