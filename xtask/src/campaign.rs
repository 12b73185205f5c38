//! `cargo xtask campaign`: a test that is run in thousands of rounds, in parts, and goes on where it was broken off.
//!
//! The test itself is one of the project's own and runs a few rounds among the others; here stand how many, and how far
//! it came.

use crate::postgres::{self, Postgres, Purpose};
use crate::{cargo, conformance, target};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Rounds of one part: what is lost at most when it is broken off.
const PART: u64 = 25;
/// The same of procedures, which are over in milliseconds.
const CASES_PART: u64 = 5_000;

#[derive(Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    campaign: Campaign,
}

#[derive(Subcommand)]
enum Campaign {
    /// Two `serve` on one PostgreSQL, with cuts at each step of a commit, kills and sleeps between them: one history
    #[command(after_help = "Examples:
  cargo xtask campaign writers                500 rounds, some two seconds each
  cargo xtask campaign writers --rounds 50
  cargo xtask campaign writers --afresh       from the first round on, whatever was done before

How far it came stands in target/campaign/writers; the same command goes on from there.")]
    Writers(Rounds),
    /// Random procedures of cases: no docket follows without quorum, majority, notice and window
    #[command(after_help = "Examples:
  cargo xtask campaign cases --rounds 100000      about an hour; among the other tests it is 120 rounds
  cargo xtask campaign cases --afresh             from the first round on, whatever was done before

How far it came stands in target/campaign/cases; the same command goes on from there.")]
    Cases(Rounds),
    /// A proxy that alters any part of every line of the feed: never `allow` of a barred person, always an alarm with a name
    #[command(after_help = "Examples:
  cargo xtask campaign feed                   every line, some minutes; among the other tests it is one of each kind")]
    Feed,
    /// schemathesis asks registry, token service and agent all that their descriptions allow, and what they don't
    #[command(after_help = "Examples:
  cargo xtask campaign schemathesis                five minutes, the three at once; among the other tests it is one
  cargo xtask campaign schemathesis --seconds 60")]
    Schemathesis {
        /// For how long each service is asked
        #[arg(long, default_value_t = 300)]
        seconds: u64,
    },
}

#[derive(Args)]
struct Rounds {
    /// How many rounds in all
    #[arg(long, default_value_t = 500)]
    rounds: u64,
    /// Forget how far it came
    #[arg(long)]
    afresh: bool,
}

/// Runs a campaign to its end, or to its first failure.
pub(crate) fn run(options: &Options) -> Result<()> {
    match &options.campaign {
        Campaign::Writers(rounds) => {
            let server = Postgres::start(Purpose::Test)?;
            rounds.run("writers", PART, || {
                let mut command = cargo();
                command.args(["test", "--workspace", "--test", "delivery", "writers::two_serves", "--", "--nocapture"]);
                command.env(postgres::ADDRESS, server.url());
                command
            })
        }
        Campaign::Cases(rounds) => rounds.run("cases", CASES_PART, || {
            let mut command = cargo();
            command.args(["test", "--release", "--package", "callboard-rules", "--lib", "case::tests::random"]);
            command.args(["--", "--nocapture"]);
            command
        }),
        Campaign::Feed => {
            let mut command = cargo();
            command.args(["test", "--workspace", "--test", "replica", "altered", "--", "--nocapture"]);
            crate::run(command.env("CALLBOARD_CAMPAIGN", "1"))
        }
        Campaign::Schemathesis { seconds } => {
            let mut command = cargo();
            command.args(["test", "--workspace", "--test", "clients", "described::every_answer", "--", "--nocapture"]);
            command.env("CALLBOARD_SCHEMATHESIS_SECONDS", seconds.to_string()).envs(conformance::prepare()?);
            crate::run(&mut command)
        }
    }
}

impl Rounds {
    /// Runs a command part by part.
    fn run(&self, name: &str, part: u64, command: impl Fn() -> Command) -> Result<()> {
        let state = state(name)?;
        if self.afresh && state.exists() {
            fs::remove_file(&state)?;
        }
        let kept = fs::read_to_string(&state).unwrap_or_default();
        let mut done: u64 = kept.trim().parse().unwrap_or(0);
        if done >= self.rounds {
            eprintln!("xtask: {name}: {done} rounds are done; --afresh begins again");
            return Ok(());
        }
        while done < self.rounds {
            let part = part.min(self.rounds - done);
            let mut command = command();
            command.env("CALLBOARD_FIRST_ROUND", done.to_string()).env("CALLBOARD_ROUNDS", part.to_string());
            crate::run(&mut command).with_context(|| format!("{name}, rounds {done} to {}", done + part - 1))?;
            done += part;
            fs::write(&state, format!("{done}\n")).with_context(|| format!("cannot write {}", state.display()))?;
            eprintln!("xtask: {name}: {done} of {} rounds", self.rounds);
        }
        Ok(())
    }
}

/// Where it stands how far a campaign came.
fn state(name: &str) -> Result<PathBuf> {
    let directory = target().join("campaign");
    fs::create_dir_all(&directory).with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(directory.join(name))
}
