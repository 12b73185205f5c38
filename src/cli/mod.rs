//! The program `callboard-registry`: one verb, one file. `callboard` starts it for the same verbs.

pub mod jobs;
pub mod migrate;
pub mod restore;
pub mod serve;
pub mod succeed;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    new_file,
    program::{self, Logging, block_on, chance, serve_on, told_to_stop},
};
use clap::{Parser, Subcommand};

/// What whoever runs a registry does.
#[derive(Subcommand)]
#[expect(missing_docs, reason = "each is told by the arguments that it has")]
pub enum Verb {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Jobs(jobs::Jobs),
    Restore(restore::Restore),
    Succeed(succeed::Succeed),
}

/// The registry: keeps the log, and pushes it
#[derive(Parser)]
#[command(name = "callboard-registry", version, infer_long_args = false)]
struct Program {
    #[command(subcommand)]
    verb: Verb,
}

impl Verb {
    /// Does what the arguments say.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Migrate(migrate) => migrate.run(),
            Self::Jobs(jobs) => jobs.run(),
            Self::Restore(restore) => restore.run(),
            Self::Succeed(succeed) => succeed.run(),
        }
    }
}

/// Parses the arguments, does what they say, and prints an error with its causes.
pub fn run() -> ExitCode {
    new_file::private_by_default();
    program::end("callboard-registry", Program::parse().verb.run())
}

/// The configuration of a data directory, or of the registry in a directory that a demo kept.
pub fn configuration_in(directory: &Path) -> anyhow::Result<PathBuf> {
    let candidates = [directory.join("callboard.toml"), directory.join("registry").join("callboard.toml")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.with_context(|| format!("{}: neither a registry's data directory nor an export", directory.display()))
}
