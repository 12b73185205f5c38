//! `cargo xtask bench`: the budget, measured on this machine with a PostgreSQL of its own.
//!
//! What is measured, and how, stands in `benches/budget.rs`; it prints `ok|below NAME RATIO FLOOR GOAL` for each
//! figure.

use crate::cargo;
use crate::postgres::{self, Postgres, Purpose};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench check               figures whose name has this word")]
pub(crate) struct Options {
    /// Measure only figures whose name has one of these words
    filters: Vec<String>,
}

/// Passes each line through as it comes; fails if one begins with `below`, or if none begins with `ok`.
pub(crate) fn run(options: &Options) -> Result<()> {
    let server = Postgres::start(Purpose::Bench)?;
    let mut bench = cargo()
        .args(["bench", "--package", "callboard", "--bench", "budget", "--"])
        .args(&options.filters)
        .env(postgres::ADDRESS, server.url())
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot run cargo bench")?;
    let mut tally = Tally::default();
    for line in BufReader::new(bench.stdout.take().context("cargo bench has no output")?).lines() {
        let line = line?;
        println!("{line}");
        tally.count(&line);
    }
    let status = bench.wait()?;
    if !status.success() {
        bail!("the bench failed ({status})");
    }
    tally.verdict()
}

#[derive(Default)]
struct Tally {
    ok: usize,
    below: usize,
}

impl Tally {
    fn count(&mut self, line: &str) {
        match line.split_whitespace().next() {
            Some("ok") => self.ok += 1,
            Some("below") => self.below += 1,
            _ => {}
        }
    }

    fn verdict(&self) -> Result<()> {
        match (self.ok, self.below) {
            (0, 0) => bail!("no figure was measured"),
            (_, 0) => Ok(()),
            (ok, below) => bail!("{below} of {} figures are below their floor", ok + below),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    fn passes(lines: &[&str]) -> bool {
        let mut tally = Tally::default();
        for line in lines {
            tally.count(line);
        }
        tally.verdict().is_ok()
    }

    #[test]
    fn one_figure_below_its_floor_fails_and_so_does_none_at_all() {
        assert!(passes(&["warming up", "ok check-known 0.93 0.80 0.95"]));
        assert!(!passes(&["ok check-known 0.93 0.80 0.95", "below check-new 0.41 0.50 0.80"]));
        assert!(!passes(&["warming up"]));
    }
}
