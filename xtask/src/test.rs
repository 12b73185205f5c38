//! `cargo xtask test`: everything that the project claims, on both databases and from other languages.

use crate::postgres::{self, Postgres, Purpose};
use crate::{browser, cargo, conformance, said, tools, works};
use anyhow::{Result, bail};
use clap::Args;
use std::process::Command;

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --no-conformance
  cargo xtask test recusal quorum       tests whose name has one of these words; no doc tests")]
pub(crate) struct Options {
    /// Prepare no Python, no Node.js, no browser, no PgBouncer and no Prometheus; the tests that need them say that they were left out
    #[arg(long)]
    no_conformance: bool,
    /// Run only tests whose name has one of these words
    filters: Vec<String>,
}

/// Runs every stage, also after one that failed, and says at the end what ran.
pub(crate) fn run(options: &Options) -> Result<()> {
    let server = Postgres::start(Purpose::Test)?;
    let mut languages = if options.no_conformance { Vec::new() } else { conformance::prepare()? };
    if !options.no_conformance {
        languages.push(browser::prepare()?);
        languages.extend(tools::prepare()?);
    }
    let mut ran = Vec::new();
    let mut failed = 0;
    for mut stage in stages(&options.filters) {
        stage.env(postgres::ADDRESS, server.url()).envs(languages.iter().map(|(name, path)| (*name, path)));
        let verdict = match crate::run(&mut stage) {
            Ok(()) => "ok",
            Err(error) => {
                eprintln!("xtask: {error:#}");
                failed += 1;
                "FAILED"
            }
        };
        ran.push(format!("{} {verdict}", said(&stage)));
    }
    let conformance = match (options.no_conformance, languages.is_empty()) {
        (true, _) => "left out",
        (false, true) => "nothing asked for",
        (false, false) => "prepared",
    };
    eprintln!("xtask: {}; with SQLite, PostgreSQL {}; conformance {conformance}", ran.join("; "), server.version());
    if failed > 0 {
        bail!("{failed} of {} stages failed", ran.len());
    }
    Ok(())
}

/// nextest, and the doc tests that it doesn't run; where nextest isn't installed, `cargo test`, which runs both.
fn stages(filters: &[String]) -> Vec<Command> {
    let mut tests = cargo();
    if !works(cargo().args(["nextest", "--version"])) {
        tests.args(["test", "--workspace", "--"]).args(filters);
        return vec![tests];
    }
    tests.args(["nextest", "run", "--workspace", "--no-fail-fast"]).args(filters);
    let mut docs = cargo();
    docs.args(["test", "--workspace", "--doc"]);
    if filters.is_empty() { vec![tests, docs] } else { vec![tests] }
}
