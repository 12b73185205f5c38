//! `callboard-agent refs`: who of the platform's own people isn't allowed.

use std::{io::Write as _, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{output, runtime::block_on};
use callboard_federation::{language::Phrase, zh_en};
use clap::ValueEnum;
use serde_json::Value;

use super::asking::{AgentArgs, segment};
use crate::api::{people_csv, people_lines};

const EXAMPLES: &str = "\
Examples:
  callboard-agent refs                                    everyone whom a check would not simply allow
  callboard-agent refs --decision refuse --format csv     for a spreadsheet
  callboard-agent refs host-1                             those at one account

No identity is sent: the agent tells it from the tags and dates of birth that it keeps. It is no check: nothing is logged.";

const NOT_ALLOWED: &str = "notify,review,refuse,blocked";

/// List the platform's people by what a check would decide now
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct RefsVerb {
    /// What the platform calls one account
    #[arg(value_name = "REF")]
    reference: Option<String>,
    /// Of whom a check would decide so, separated by commas: allow, notify, review, refuse, blocked
    #[arg(long, value_name = "LIST", default_value = NOT_ALLOWED, conflicts_with = "reference")]
    decision: String,
    /// How they are written
    #[arg(long, default_value = "text")]
    format: Format,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Ndjson,
    Csv,
}

impl RefsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        block_on(async {
            let (mut after, mut is_first) = (None::<String>, true);
            loop {
                let path = match (&self.reference, &after) {
                    (Some(reference), _) => format!("/refs/{}", segment(reference)),
                    (None, None) => format!("/refs?decision={}", segment(&self.decision)),
                    (None, Some(after)) => format!("/refs?decision={}&after={after}", segment(&self.decision)),
                };
                let page = agent.get(&path).await?.context(Phrase::new("没有这一账号", "no such account"))?;
                let page: Value = serde_json::from_slice(&page).context(super::ANSWER)?;
                let people = page["people"].as_array().context(super::ANSWER)?;
                // Rows and JSON are read by programs, as they are; lines by people.
                let data = match self.format {
                    Format::Csv => people_csv(people, is_first),
                    Format::Ndjson => people_lines(people),
                    Format::Text => {
                        for person in people {
                            println!("{}", line(person));
                        }
                        String::new()
                    }
                };
                output::rows().write_all(data.as_bytes())?;
                after = page["next"].as_str().map(str::to_owned);
                is_first = false;
                if after.is_none() {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        })
    }
}

fn line(person: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let who = match person["person"].as_str() {
        Some(name) => format!("{} / {name}", text(&person["ref"])),
        None => text(&person["ref"]),
    };
    let why = person["blocked"].as_str().or(person["standing"]["state"].as_str()).unwrap_or_default();
    let to_come = person["toCome"].as_array().map_or(0, Vec::len);
    let to_come =
        if to_come > 0 { zh_en!("  另有{to_come}项即将生效", "  {to_come} to come") } else { String::new() };
    let is_owed = person["owed"] == true;
    let owed =
        if is_owed { zh_en!("  平台回调尚未接受", "  the hook has not taken it yet") } else { String::new() };
    format!("{:<8} {why:<26} {who}{to_come}{owed}", text(&person["decision"]))
}
