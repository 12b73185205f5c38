//! `callboard-agent status`: how the agent that runs stands.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::program::block_on;
use serde_json::Value;

use super::asking::Asked;

const EXAMPLES: &str = "\
Examples:
  callboard-agent status                     in a few lines; ends with 1 if checks are answered `stale`,
                                             or the log has a docket that doesn't count
  callboard-agent status --json | jq .log";

/// Show how far the agent follows the log, what is wrong with it, and what it keeps
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct StatusVerb {
    /// Print it as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    asked: Asked,
}

impl StatusVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let agent = self.asked.open()?;
        let status = block_on(agent.get("/status"))?.context("what answers there is no agent")?;
        let status: Value = serde_json::from_slice(&status).context("the agent's answer")?;
        if self.json {
            callboard_client::output::json(&status)?;
        } else {
            show(&status);
        }
        let counts = status["log"]["uncounted"].as_array().is_none_or(Vec::is_empty);
        Ok(if status["stale"].is_null() && counts { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn show(status: &Value) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let log = &status["log"];
    let sandbox = if status["sandbox"] == true { "  (SANDBOX: nothing in it binds anybody)" } else { "" };
    println!("{} at {}{sandbox}", text(&status["member"]), text(&status["issuer"]));
    match status["stale"].as_str() {
        Some(why) => println!("checks         answered `stale`: {why}"),
        None => println!("checks         answered"),
    }
    let (size, witnessed, since) = (&log["size"], &log["witnessed"], &log["witnessedSince"]);
    println!("log            {size} entries followed, {witnessed} witnessed since {}", text(since));
    println!("last contact   {}", text(&log["lastContact"]));
    for (name, what) in [("failure", &log["failure"]), ("tokens", &status["tokens"])] {
        if !what.is_null() {
            println!("{name:<15}{}", text(what));
        }
    }
    for alarm in log["alarms"].as_array().into_iter().flatten() {
        println!(
            "ALARM          {} since {}: {}",
            text(&alarm["alarm"]),
            text(&alarm["since"]),
            text(&alarm["detail"])
        );
    }
    for docket in log["uncounted"].as_array().into_iter().flatten() {
        println!("DOES NOT COUNT entry {}: {}", docket["index"], text(&docket["breaks"]));
    }
    for file in log["kept"].as_array().into_iter().flatten() {
        println!("evidence       {}", text(file));
    }
    println!("tag book       {} accounts, {} identities", status["accounts"], status["identities"]);
    let quota = &status["quota"];
    if quota.is_object() {
        let of = quota["perDay"].as_u64().map(|per_day| format!(" of {per_day} a day")).unwrap_or_default();
        println!("points left    {}{of}, until {}", quota["left"], text(&quota["resetsAt"]));
    }
    println!("checks logged  {}", status["checks"]);
    println!("hook is owed   {}", status["hookOwed"]);
    for reported in status["hookReported"].as_array().into_iter().flatten() {
        println!("hook reports   docket {} concerns {} of your people", reported["index"], reported["people"]);
    }
    if let Some(why) = status["anchorFailure"].as_str() {
        println!("ANCHOR         {why}");
    }
    if let Some(cosigned) = log["otherAgent"]["cosignedAt"].as_str() {
        println!("SECOND AGENT   cosigned at {cosigned}: this one does not cosign, anchor or file receipts");
    }
    println!("receipts owed  {}", status["receiptsOwed"]);
    if let Some(notices) = log["notices"].as_str() {
        println!("registry says  {notices}");
    }
}
