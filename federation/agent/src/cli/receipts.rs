//! `callboard-agent receipts`: what this platform said of dockets, and what it still owes.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::agent::pushed::{LIST_RECEIPTS, ReceiptState, ReceiptsBefore};
use callboard_client::{output, runtime::block_on};
use callboard_federation::{receipt::Outcome, zh_en};

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
        let asked = ReceiptsBefore { before: self.before, limit: Some(self.limit), owed: self.owed };
        let page = block_on(agent.find(LIST_RECEIPTS.with(&(), &asked, &())))?.context(super::NO_AGENT)?;
        if self.json {
            output::json(&page)?;
            return Ok(ExitCode::SUCCESS);
        }
        let failure =
            page.failure.map(|failure| zh_en!("最近一件未被受理：{failure}", "the last one was not taken: {failure}"));
        Ok(super::output::page(page.receipts.iter().map(line), failure, page.next))
    }
}

fn line(row: &ReceiptState) -> String {
    let ReceiptState { docket, index, people, .. } = row;
    let at = row.filed_at.or(row.signed_at).or(row.effective_at).map_or_else(String::new, |at| at.to_string());
    let people = match people {
        1.. => zh_en!("  {people}人等待平台回调", "  {people} people wait for the hook"),
        0 => String::new(),
    };
    let (state, outcome) = (row.state.as_str(), row.outcome.map_or("", Outcome::as_str));
    format!("{index:>6}  {state:<14} {outcome:<10} {at:<24}  {docket}{people}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::line;

    #[test]
    fn a_receipt_is_a_line_with_what_it_waits_for() {
        let docket = "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c";
        let line = |row| line(&serde_json::from_value(row).unwrap());
        let filed = json!({"docket": docket, "index": 31, "state": "filed", "outcome": "in-effect",
            "signedAt": "2026-11-25T08:00:00.000Z", "filedAt": "2026-11-25T08:00:01.000Z", "people": 0});
        assert_eq!(line(filed), format!("    31  filed          in-effect  2026-11-25T08:00:01.000Z  {docket}"));
        let waits = json!({"docket": docket, "index": 7, "state": "waits-for-hook", "people": 2,
            "effectiveAt": "2026-11-25T08:00:00.000Z"});
        let shown = line(waits);
        assert!(shown.ends_with("466c  2 people wait for the hook") && shown.contains("waits-for-hook"), "{shown}");
    }
}
