//! `callboard-agent refs`: who of the platform's own people isn't allowed.

use std::{io::Write as _, process::ExitCode};

use anyhow::Context as _;
use callboard_api::agent::{
    Reference,
    answer::BlockReason,
    tag_book::{GET_REF, LIST_REFS, RefAnswer, RefPage, RefsAsked, Whom},
};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{language::Phrase, zh_en};
use clap::ValueEnum;

use super::asking::AgentArgs;
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
        let reference = self.reference.map(Reference::try_from).transpose()?;
        block_on(async {
            let (mut after, mut is_first) = (None::<String>, true);
            loop {
                let page = if let Some(reference) = &reference {
                    agent.find(GET_REF.with(reference, &Whom::default(), &())).await?
                } else {
                    let decision = Some(self.decision.clone());
                    let asked = RefsAsked { decision, after, ..RefsAsked::default() };
                    agent.find(LIST_REFS.with(&(), &asked, &())).await?
                };
                let RefPage { people, next } = page.context(Phrase::new("没有这一账号", "no such account"))?;
                // Rows and JSON are read by programs, as they are; lines by people.
                let data = match self.format {
                    Format::Csv => people_csv(&people, is_first).into_bytes(),
                    Format::Ndjson => people_lines(&people),
                    Format::Text => {
                        for person in &people {
                            println!("{}", line(person));
                        }
                        Vec::new()
                    }
                };
                output::rows().write_all(&data)?;
                (after, is_first) = (next, false);
                if after.is_none() {
                    return Ok(ExitCode::SUCCESS);
                }
            }
        })
    }
}

fn line(person: &RefAnswer) -> String {
    let RefAnswer { reference, person: name, decision, blocked, standing, to_come, owed, .. } = person;
    let who = match name {
        Some(name) => format!("{} / {}", reference.as_str(), name.as_str()),
        None => reference.as_str().to_owned(),
    };
    let state = || standing.as_ref().map(|standing| standing.state.as_str());
    let why = blocked.map(BlockReason::as_str).or_else(state).unwrap_or_default();
    let to_come = match to_come.len() {
        0 => String::new(),
        to_come => zh_en!("  另有{to_come}项即将生效", "  {to_come} to come"),
    };
    let owed =
        if *owed { zh_en!("  平台回调尚未接受", "  the hook has not taken it yet") } else { String::new() };
    format!("{:<8} {why:<26} {who}{to_come}{owed}", decision.as_str())
}
