//! `callboard-agent receipt`: this platform's word on a docket, where the hook doesn't say it.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::runtime::block_on;
use callboard_federation::{encoding::Hash, language::Phrase, zh_en};
use clap::ValueEnum;
use serde_json::{Value, json};

use super::asking::AgentArgs;

const EXAMPLES: &str = "\
Examples:
  callboard-agent receipt 994ebc50… --outcome in-effect
      we give no such service to these people
  callboard-agent receipt 994ebc50… --outcome partly --exception 019c167f-cc00-73bb-b093-53149ac499ee='the contract ends on Friday'

DOCKET is the SHA-256 that the feed and the registry's pages show. With a hook that took every call, in-effect is filed by
itself. A later receipt stands in the place of an earlier one. Members and seats read the reasons: no name belongs there.";

/// Say that a docket is in effect here, partly, or not and why
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct ReceiptVerb {
    /// SHA-256 of the docket's payload
    docket: Hash,
    /// What holds
    #[arg(long)]
    outcome: Outcome,
    /// A record that is not in effect, and why
    #[arg(long = "exception", value_name = "RECORD=REASON")]
    exceptions: Vec<String>,
    #[command(flatten)]
    agent: AgentArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Outcome {
    InEffect,
    Partly,
    Declined,
}

impl ReceiptVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let exception = |text: &String| -> anyhow::Result<Value> {
            let (record, reason) =
                text.split_once('=').context(Phrase::new("例外应写成“记录=理由”", "an exception is RECORD=REASON"))?;
            Ok(json!({"record": record, "reason": reason}))
        };
        let exceptions = self.exceptions.iter().map(exception).collect::<anyhow::Result<Vec<_>>>()?;
        let outcome = match self.outcome {
            Outcome::InEffect => "in-effect",
            Outcome::Partly => "partly",
            Outcome::Declined => "declined",
        };
        let said = json!({"docket": self.docket, "outcome": outcome, "exceptions": exceptions});
        let agent = self.agent.open()?;
        block_on(agent.post("/receipts", said.to_string().into_bytes()))?;
        println!(
            "{outcome}{}",
            zh_en!("：已签署，登记系统受理后即提交", ": signed, and filed as soon as the registry takes it")
        );
        Ok(ExitCode::SUCCESS)
    }
}
