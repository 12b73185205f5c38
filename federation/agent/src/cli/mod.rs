//! The command line: one verb, one file. `run` is the agent; every other verb asks the agent that runs, over its API, since
//! its directory is one process's alone.

mod asking;
mod bulk;
mod check;
mod column;
mod completions;
mod cost;
mod doctor;
mod endpoint;
mod enrol;
mod export;
mod forget;
mod hook;
mod leave;
mod open_blind;
mod openapi;
mod output;
mod prove;
mod receipt;
mod receipts;
mod refs;
mod replace;
mod rotate;
mod run;
mod sheet;
mod status;
mod token;

use std::process::ExitCode;

use callboard_client::{new_file, program};
use clap::{Parser, Subcommand};

/// A walk through the verbs, under `callboard-agent --help`.
const EXAMPLES: &str = "\
A platform begins, with the member.toml that `callboard member add` wrote:
  callboard-agent run --config member.toml          follows the log, verifies it, answers on this machine
  callboard-agent doctor                            what is wrong, if anything is, and what to do

It asks before it onboards:
  callboard-agent check --ref host-1                one person: the identity is asked for, and not shown
  callboard-agent check applicants.csv --out answers.csv
  curl -H \"authorization: Bearer $(callboard-agent token)\" http://127.0.0.1:8448/check …
                                                    as programs ask; the API is at /docs

It is pushed what is decided, and says that it acted:
  callboard-agent endpoint create https://hooks.alpha.example/callboard
  callboard-agent hook test                         whether a call arrives
  callboard-agent receipt DOCKET --outcome partly --exception RECORD=REASON
  callboard-agent receipts --owed                   what it still owes

It keeps its people known, and proves that it asked:
  callboard-agent enrol hosts.csv                   afterwards they cost no token, and the hook is told what changes
  callboard-agent refs                              who of them isn't allowed, without a number being sent again
  callboard-agent hook secret                       what calls to the hook are signed with
  callboard-agent prove --check ID --out proof.json
  callboard-agent replace host-1                    another person has the account now
  callboard-agent forget host-1

It changes its keys, and leaves:
  callboard-agent rotate                            new keys, step by step, asked for under the old ones
  callboard-agent leave                             erases what it had of the registry's, and signs that it did

It holds the whole log, and brings it back to a registry that lost it:
  callboard-agent export log                        for `callboard restore`, or an auditor";

#[derive(Parser)]
#[command(
    name = "callboard-agent",
    version,
    about = "Answers on a platform's own machine whether a streamer may be onboarded",
    after_long_help = EXAMPLES,
    infer_long_args = false
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Run(run::Run),
    Check(check::CheckVerb),
    Enrol(enrol::Enrol),
    Export(export::Export),
    Refs(refs::RefsVerb),
    Forget(forget::Forget),
    Replace(replace::Replace),
    Hook(hook::Hook),
    Endpoint(endpoint::Endpoint),
    Receipt(receipt::ReceiptVerb),
    Receipts(receipts::ReceiptsVerb),
    Prove(prove::Prove),
    OpenBlind(open_blind::OpenBlind),
    Status(status::StatusVerb),
    Token(token::TokenVerb),
    Doctor(doctor::Doctor),
    Rotate(rotate::Rotate),
    Leave(leave::Leave),
    Openapi(openapi::Openapi),
    Completions(completions::Completions),
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    new_file::private_by_default();
    program::end(
        "callboard-agent",
        match Cli::parse().verb {
            Verb::Run(run) => run.run(),
            Verb::Check(check) => check.run(),
            Verb::Enrol(enrol) => enrol.run(),
            Verb::Export(export) => export.run(),
            Verb::Refs(refs) => refs.run(),
            Verb::Forget(forget) => forget.run(),
            Verb::Replace(replace) => replace.run(),
            Verb::Hook(hook) => hook.run(),
            Verb::Endpoint(endpoint) => endpoint.run(),
            Verb::Receipt(receipt) => receipt.run(),
            Verb::Receipts(receipts) => receipts.run(),
            Verb::Prove(prove) => prove.run(),
            Verb::OpenBlind(open_blind) => open_blind.run(),
            Verb::Status(status) => status.run(),
            Verb::Token(token) => token.run(),
            Verb::Doctor(doctor) => doctor.run(),
            Verb::Rotate(rotate) => rotate.run(),
            Verb::Leave(leave) => leave.run(),
            Verb::Openapi(openapi) => openapi.run(),
            Verb::Completions(completions) => completions.run(),
        },
    )
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_of_every_verb_hold_together() {
        super::Cli::command().debug_assert();
    }
}
