//! `callboard-agent doctor`: what is wrong, if anything is, and what to do.
//!
//! [`machine`], what this machine has: key, token, disk, the line to the services; [`view`], what the agent that runs says of
//! the log; [`quota`], what may be asked still; [`duties`], what it owes, and what is owed to it.

mod duties;
mod machine;
mod quota;
mod view;

use std::process::ExitCode;

use callboard_client::{language::Language, runtime::block_on};
use callboard_federation::policy::Words;

use super::asking::AgentArgs;
use crate::config::Config;

const EXAMPLES: &str = "\
Examples:
  callboard-agent doctor --config member.toml
  callboard-agent doctor --lang zh-CN

Ends with 1 if something needs a hand. It changes nothing, and asks nobody about anyone.";

/// Columns of a name.
const NAME: usize = 14;

/// Look for what is wrong: clock, reachability, key, quorum, staleness, disk, hook, endpoints, receipts, anchors
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Doctor {
    #[command(flatten)]
    agent: AgentArgs,
}

/// The name of a thing that is looked at, in zh-CN and in English.
#[derive(Clone, Copy)]
struct Name(&'static str, &'static str);

/// What was found of one thing, and what to do about it if it isn't well.
struct Diagnosis {
    name: Name,
    said: Words,
    todo: Option<Words>,
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Words {
    Words { zh: zh.into(), en: en.into() }
}

/// What programs say: the same in every language.
fn verbatim(text: impl Into<String>) -> Words {
    let text = text.into();
    Words { zh: text.clone(), en: text }
}

fn well(name: Name, said: Words) -> Diagnosis {
    Diagnosis { name, said, todo: None }
}

fn fix(name: Name, said: Words, todo: Words) -> Diagnosis {
    Diagnosis { name, said, todo: Some(todo) }
}

impl Diagnosis {
    fn lines(&self, language: Language) -> String {
        let pick = |said: &'_ Words| language.pick(&said.zh, &said.en).to_owned();
        let name = language.pick(self.name.0, self.name.1);
        // A Chinese character takes two columns.
        let width: usize = name.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let pad = " ".repeat(NAME.saturating_sub(width));
        let mark = if self.todo.is_some() { "FIX" } else { "ok " };
        let todo = self.todo.as_ref().map_or_else(String::new, |todo| format!("\n     → {}", pick(todo)));
        format!("{mark}  {name}{pad} {}{todo}", pick(&self.said))
    }
}

impl Doctor {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let (config, language) = (Config::read(&self.agent.config)?, Language::spoken());
        let mut found = vec![machine::key(&config), machine::disk(&config), machine::token(&config)];
        found.extend(machine::open_checks(&config));
        found.extend(block_on(async {
            let mut found = machine::services(&config).await?;
            // What is wrong with the token is said of it already.
            if let Ok(agent) = self.agent.open() {
                match view::status(&agent).await {
                    Ok(status) => {
                        found.extend(view::of(&status));
                        found.extend(quota::of(&status));
                        found.extend(duties::of(&config, &agent, &status).await);
                    }
                    Err(unanswered) => found.push(unanswered),
                }
            }
            Ok(found)
        })?);
        for found in &found {
            println!("{}", found.lines(language));
        }
        let is_well = found.iter().all(|found| found.todo.is_none());
        Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

#[cfg(test)]
mod tests {
    use callboard_api::agent::operating::AgentStatus;
    use serde_json::{Value, json};

    use super::*;

    /// How an agent stands that is well but for some fields, `log` field by field.
    pub(super) fn status(but: Value) -> AgentStatus {
        let mut status = json!({
            "member": "alpha", "issuer": "callboard.test", "sandbox": true, "at": "2026-11-25T08:00:00.000Z",
            "log": {"size": 8, "confirmed": 8, "unwitnessed": false, "isWitness": true, "behind": 0, "alarms": [], "kept": [],
                "uncounted": []},
            "wrongTokenKey": false, "accounts": 3, "identities": 3, "checks": 12, "nextAnchor": "2026-11-26T00:00:00.000Z",
            "hookOwed": 0, "hookFailing": 0, "hookSize": 8, "hookWaiting": 0, "hasHook": true, "hookMode": "call",
            "receiptsOwed": 0, "reportsUnfiled": 0, "reportsAsked": 0, "identitiesAsked": 0,
        });
        let Value::Object(but) = but else { panic!("{but}") };
        for (name, value) in but {
            match value {
                Value::Object(of_log) if name == "log" => status["log"].as_object_mut().unwrap().extend(of_log),
                value => status[name] = value,
            }
        }
        serde_json::from_value(status).unwrap()
    }

    #[test]
    fn what_is_found_is_said_in_the_language_that_was_asked_for_and_names_stand_in_a_column() {
        let found = fix(Name("平台回调", "hook"), said("没有", "none"), said("请设置", "name one"));
        assert_eq!(found.lines(Language::En), "FIX  hook           none\n     → name one");
        assert_eq!(found.lines(Language::Zh), "FIX  平台回调       没有\n     → 请设置");
        assert_eq!(
            well(Name("密钥文件", "key file"), verbatim("a.key")).lines(Language::En),
            "ok   key file       a.key"
        );
    }
}
