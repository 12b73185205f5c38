//! The command line: one verb, one file. A verb reads its arguments and prints; what is decided is decided elsewhere.

pub mod init;
pub mod keygen;

use std::process::ExitCode;

use callboard_federation::{docket::Docket, roster::Roster};
use clap::{Parser, Subcommand};
use rand_core::UnwrapErr;

/// What `callboard --help` begins with.
const ABOUT: &str = "The streamer warning and reinstatement registry that nobody can forge";

/// A walk through the verbs, under `callboard --help`.
const EXAMPLES: &str = "\
Try it:
  callboard demo --once                        the whole story on this machine, in a minute

A committee begins:
  callboard keygen panel-1 --role panel        each seat makes its own keys, on its own computer
  callboard init registry --issuer …           one of them sets the registry up (`callboard init --help`)
";

#[derive(Parser)]
#[command(name = "callboard", version, about = ABOUT, after_long_help = EXAMPLES, infer_long_args = false)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Keygen(keygen::Keygen),
    Init(init::Init),
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    let done = match Cli::parse().verb {
        Verb::Keygen(keygen) => keygen.run(),
        Verb::Init(init) => init.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("callboard: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The operating system's randomness, for every key, id and salt that a verb makes; a machine without any can't go on.
const fn chance() -> UnwrapErr<rand::rngs::SysRng> {
    UnwrapErr(rand::rngs::SysRng)
}

/// Runs what a verb waits for, on this thread.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// What a docket asks of the roster, in words: `2 panel, 1 chair`.
fn asked(roster: &Roster, docket: &Docket) -> String {
    let asked: Vec<String> =
        roster.asked(&docket.items).into_iter().map(|(role, count)| format!("{count} {role}")).collect();
    asked.join(", ")
}
