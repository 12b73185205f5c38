//! The command line: one verb, one file. A verb reads its arguments and prints; what is decided is decided elsewhere.

pub mod ask;
pub mod audit;
pub mod completions;
pub mod demo;
pub mod draft;
pub mod export;
mod identities;
pub mod init;
pub mod jobs;
pub mod keygen;
pub mod member;
pub mod migrate;
mod nobody;
pub mod openapi;
pub mod passphrase;
pub mod policy;
pub mod propagation;
pub mod restore;
pub mod roster;
pub mod sandbox;
mod seat;
pub mod serve;
pub mod sign;
pub mod submit;
pub mod succeed;
mod terminal;
pub mod tokens;
pub mod verify;

use std::process::ExitCode;

use anyhow::Context as _;
use callboard_client::{
    new_file,
    program::{self, Logging, block_on, chance, serve_on, told_to_stop},
};
use callboard_federation::{docket::Docket, encoding::Time, roster::Roster};
use clap::{Parser, Subcommand};

/// What `callboard --help` begins with.
const ABOUT: &str = "The streamer warning and reinstatement registry that nobody can forge";

/// A walk through the verbs, under `callboard --help`.
const EXAMPLES: &str = "\
Try it:
  callboard demo --once                        the whole story on this machine, in a minute

A committee begins:
  callboard keygen panel-1 --role panel        each seat makes its own keys, on its own computer
  callboard tokens init tokens --issuer …      another hand makes the token key
  callboard init registry --issuer …           one of them sets the registry up
  callboard member add alpha.pub.json --key …  platforms join as they come

It decides:
  callboard draft batch.xlsx --policy … --key …   names and reasons are sealed, tags derived
  callboard sign batch.bundle --key …             each signer reads the letters on its own computer
  callboard submit batch.bundle *.sig --key …     it is logged, and its proofs are kept
  callboard ask --key …                           what holds for a person
  callboard verify batch.proofs/RECORD.json       anyone checks, off line, with one hash

It sees that it is carried out:
  callboard propagation DOCKET                    signed, logged, delivered, receipted: with each member
  callboard jobs registry                         when each sweep last ran, and rings next

It loses its log, or its operator:
  callboard restore registry --from log           what the database lost, from an export or any member's
  callboard succeed registry --pin genesis.json … another operator goes on with the same log, under a roster that
  callboard roster --add-log-key … --key …        names its log key
";

#[derive(Parser)]
#[command(name = "callboard", version, about = ABOUT, after_long_help = EXAMPLES, infer_long_args = false)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Demo),
    Sandbox(sandbox::SandboxVerb),
    Keygen(keygen::Keygen),
    Passphrase(passphrase::PassphraseVerb),
    Init(init::Init),
    Migrate(migrate::Migrate),
    Serve(serve::Serve),
    Audit(audit::AuditVerb),
    Export(export::Export),
    Restore(restore::Restore),
    Succeed(succeed::Succeed),
    Roster(roster::RosterVerb),
    Policy(policy::PolicyVerb),
    Member(member::Member),
    Tokens(tokens::Tokens),
    Openapi(openapi::Openapi),
    Draft(Box<draft::Draft>),
    Sign(sign::Sign),
    Submit(submit::Submit),
    Ask(ask::Ask),
    Verify(verify::Verify),
    Propagation(propagation::PropagationVerb),
    Jobs(jobs::Jobs),
    Completions(completions::Completions),
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    new_file::private_by_default();
    program::end(
        "callboard",
        match Cli::parse().verb {
            Verb::Demo(demo) => demo.run(),
            Verb::Sandbox(sandbox) => sandbox.run(),
            Verb::Keygen(keygen) => keygen.run(),
            Verb::Passphrase(passphrase) => passphrase.run(),
            Verb::Init(init) => init.run(),
            Verb::Migrate(migrate) => migrate.run(),
            Verb::Serve(serve) => serve.run(),
            Verb::Audit(audit) => audit.run(),
            Verb::Export(export) => export.run(),
            Verb::Restore(restore) => restore.run(),
            Verb::Succeed(succeed) => succeed.run(),
            Verb::Roster(roster) => roster.run(),
            Verb::Policy(policy) => policy.run(),
            Verb::Member(member) => member.run(),
            Verb::Tokens(tokens) => tokens.run(),
            Verb::Openapi(openapi) => openapi.run(),
            Verb::Draft(draft) => draft.run(),
            Verb::Sign(sign) => sign.run(),
            Verb::Submit(submit) => submit.run(),
            Verb::Ask(ask) => ask.run(),
            Verb::Verify(verify) => verify.run(),
            Verb::Propagation(propagation) => propagation.run(),
            Verb::Jobs(jobs) => jobs.run(),
            Verb::Completions(completions) => completions.run(),
        },
    )
}

/// The configuration of a data directory, or of the registry in a directory that a demo kept.
fn configuration_in(directory: &std::path::Path) -> anyhow::Result<std::path::PathBuf> {
    let candidates = [directory.join("callboard.toml"), directory.join("registry").join("callboard.toml")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.with_context(|| format!("{}: neither a registry's data directory nor an export", directory.display()))
}

/// What a docket asks of the roster, in words: `2 panel, 1 chair`.
fn asked(roster: &Roster, docket: &Docket) -> String {
    let asked: Vec<String> =
        roster.asked(&docket.items).into_iter().map(|(role, count)| format!("{count} {role}")).collect();
    asked.join(", ")
}

/// The beginning of a day in UTC.
fn midnight(day: jiff::civil::Date) -> anyhow::Result<Time> {
    let midnight = jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).context("no such day")?;
    Ok(Time::from_millis(midnight.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_of_every_verb_hold_together() {
        super::Cli::command().debug_assert();
    }
}
