//! The project's chores, in plain Rust: one verb, one file, nothing to install but cargo.
//!
//! What a verb decides stands in its own file; here are only the command line and the few words that all of them use.

mod bench;
mod browser;
mod campaign;
mod conformance;
mod deb;
mod openapi;
mod package;
mod postgres;
mod sizes;
mod source;
mod test;
mod tools;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The project's chores
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Examples:
  cargo xtask test                      everything: PostgreSQL, other languages' clients, doc tests
  cargo xtask test --no-conformance     the same without Python and Node.js
  cargo xtask test no_forging           the tests whose name has these words
  cargo xtask bench                     the budget, a line a figure; fails below a floor
  cargo xtask campaign writers          two registries on one database, 500 rounds of cuts, kills and sleeps
  cargo xtask openapi                   writes openapi/*.json anew
  cargo xtask package                   static programs in target/package, tried with what ops/ says
  cargo xtask sizes                     lines of Rust, a room a line; fails above a limit of docs/sizes.md"
)]
struct Xtask {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Start PostgreSQL, prepare other languages' clients, run all tests
    Test(test::Options),
    /// Measure the budget with PostgreSQL started; fail if a figure is below its floor
    Bench(bench::Options),
    /// Run a test in many rounds, and go on where it was broken off
    Campaign(campaign::Options),
    /// Write openapi/*.json from the program itself
    Openapi,
    /// Build the programs as they are handed out, and try each with its container recipe and its systemd unit
    Package,
    /// Count lines of Rust without tests, by room and by file; fail above a limit of docs/sizes.md
    Sizes,
}

fn main() -> ExitCode {
    let done = match Xtask::parse().verb {
        Verb::Test(options) => test::run(&options),
        Verb::Bench(options) => bench::run(&options),
        Verb::Campaign(options) => campaign::run(&options),
        Verb::Openapi => openapi::run(),
        Verb::Package => package::run(),
        Verb::Sizes => sizes::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// The directory that cargo builds into, and below which everything that a chore leaves behind stands.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that started us, in the workspace's root.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // Cargo tells us of ourselves; build scripts that listen to it would run again each time, and what hangs on them.
    let of_us = |name: &String| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for name in std::env::vars().map(|(name, _)| name).filter(of_us) {
        command.env_remove(name);
    }
    command
}

/// Runs `command` with its output shown, and fails if it does.
fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {}", said(command)))?;
    if !status.success() {
        bail!("{} failed ({status})", said(command));
    }
    Ok(())
}

/// Runs `command` in silence and gives what it printed; what it complained of is in the error.
fn output(command: &mut Command) -> Result<String> {
    let done = command.output().with_context(|| format!("cannot run {}", said(command)))?;
    if !done.status.success() {
        bail!("{} failed ({})\n{}", said(command), done.status, String::from_utf8_lossy(&done.stderr).trim_end());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim_end().to_owned())
}

/// Whether `command` can be run and succeeds; its output is not shown.
fn works(command: &mut Command) -> bool {
    command.output().is_ok_and(|done| done.status.success())
}

/// The command as one would type it.
fn said(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether we are root, who may install packages but may not run PostgreSQL.
fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// Installs a Debian package if we may, and says so; fails with `what` is missing and how to get it otherwise.
fn install(package: &str, what: &str) -> Result<()> {
    if !is_root() || !works(Command::new("apt-get").arg("--version")) {
        bail!("{what} not found: install it (on Debian: apt-get install {package}) and run this again");
    }
    eprintln!("xtask: {what} not found, so: apt-get install -y {package}");
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").arg("-q");
        command
    };
    run(apt().arg("update")).and_then(|()| run(apt().args(["install", "-y", package])))
}
