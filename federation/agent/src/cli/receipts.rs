//! `callboard-agent receipts`: what this platform said of dockets, and what it still owes.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::{output, runtime::block_on};
use callboard_federation::zh_en;
use serde_json::Value;

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent receipts                          the newest hundred dockets that a receipt is due for, or was filed
  callboard-agent receipts --owed                   only those that the registry hasn't taken
  callboard-agent receipts --before 31 --limit 20   older ones

States: filed, the registry took it; signed, it hasn't yet, and it is tried again; to-come, the docket isn't in effect before
the time that stands there; waits-for-hook, so many people's calls aren't taken; due, in a moment; by-command, no hook is
called here, so it is yours to say: callboard-agent receipt DOCKET --outcome …";

/// List what was said of dockets, and what is owed
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ReceiptsVerb {
    /// Only those that the registry hasn't taken
    #[arg(long)]
    owed: bool,
    /// Only of dockets before this index of the log
    #[arg(long, value_name = "INDEX")]
    before: Option<u64>,
    /// How many, at most 1,000
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: u32,
    /// Print the page as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    agent: AgentArgs,
}

impl ReceiptsVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.agent.open()?;
        let before = self.before.map(|before| format!("&before={before}")).unwrap_or_default();
        let path = format!("/receipts?limit={}&owed={}{before}", self.limit, self.owed);
        let page = block_on(agent.get(&path))?.context(super::NO_AGENT)?;
        let page: Value = serde_json::from_slice(&page).context(super::ANSWER)?;
        if self.json {
            output::json(&page)?;
            return Ok(ExitCode::SUCCESS);
        }
        for row in page["receipts"].as_array().into_iter().flatten() {
            println!("{}", line(row));
        }
        if let Some(failure) = page["failure"].as_str() {
            println!("{}", zh_en!("最近一件未被受理：{failure}", "the last one was not taken: {failure}"));
        }
        if let Some(next) = page["next"].as_u64() {
            println!("{}", zh_en!("更早的：--before {next}", "older: --before {next}"));
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn line(row: &Value) -> String {
    let text = |name: &str| row[name].as_str().unwrap_or_default();
    let at = ["filedAt", "signedAt", "effectiveAt"].into_iter().map(text).find(|at| !at.is_empty()).unwrap_or_default();
    let people = match row["people"].as_u64() {
        Some(people @ 1..) => zh_en!("  {people}人等待平台回调", "  {people} people wait for the hook"),
        _ => String::new(),
    };
    let index = row["index"].as_u64().unwrap_or_default();
    let (state, outcome, docket) = (text("state"), text("outcome"), text("docket"));
    format!("{index:>6}  {state:<14} {outcome:<10} {at:<24}  {docket}{people}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::line;

    #[test]
    fn a_receipt_is_a_line_with_what_it_waits_for() {
        let filed = json!({"docket": "994e", "index": 31, "state": "filed", "outcome": "in-effect",
            "signedAt": "2026-11-25T08:00:00.000Z", "filedAt": "2026-11-25T08:00:01.000Z", "people": 0});
        assert_eq!(line(&filed), "    31  filed          in-effect  2026-11-25T08:00:01.000Z  994e");
        let waits = json!({"docket": "994e", "index": 7, "state": "waits-for-hook", "people": 2,
            "effectiveAt": "2026-11-25T08:00:00.000Z"});
        let shown = line(&waits);
        assert!(shown.ends_with("994e  2 people wait for the hook") && shown.contains("waits-for-hook"), "{shown}");
    }
}
