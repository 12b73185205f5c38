//! `callboard-agent receipt`: this platform's word on a docket, where the hook doesn't say it.

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_api::agent::pushed::{FILE_RECEIPT, NewReceipt};
use callboard_client::runtime::block_on;
use callboard_federation::{
    encoding::Hash,
    language::Phrase,
    receipt::{Exception, Outcome},
    zh_en,
};
use clap::builder::{PossibleValuesParser, TypedValueParser};

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
    #[arg(long, value_parser = outcomes())]
    outcome: Outcome,
    /// A record that is not in effect, and why
    #[arg(long = "exception", value_name = "RECORD=REASON")]
    exceptions: Vec<String>,
    #[command(flatten)]
    agent: AgentArgs,
}

fn outcomes() -> impl TypedValueParser<Value = Outcome> {
    let all = [Outcome::InEffect, Outcome::Partly, Outcome::Declined];
    let outcome = move |word: String| all.into_iter().find(|of| of.as_str() == word).unwrap_or(Outcome::InEffect);
    PossibleValuesParser::new(all.map(Outcome::as_str)).map(outcome)
}

impl ReceiptVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let exception = |text: &String| -> anyhow::Result<Exception> {
            let wrong = || Phrase::new("例外应写成“记录=理由”", "an exception is RECORD=REASON");
            let (record, reason) = text.split_once('=').with_context(wrong)?;
            Ok(Exception { record: record.parse().with_context(wrong)?, reason: reason.to_owned() })
        };
        let exceptions = self.exceptions.iter().map(exception).collect::<anyhow::Result<_>>()?;
        let said = NewReceipt { docket: self.docket, outcome: self.outcome, exceptions };
        let agent = self.agent.open()?;
        block_on(agent.ask(FILE_RECEIPT.with(&(), &(), &said)))?;
        println!(
            "{}{}",
            self.outcome.as_str(),
            zh_en!("：已签署，登记系统受理后即提交", ": signed, and filed as soon as the registry takes it")
        );
        Ok(ExitCode::SUCCESS)
    }
}
