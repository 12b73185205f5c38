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
    create_new,
    language::{self, LanguageArg},
    runtime::{self, Logging, block_on, os_rng, serve_on, told_to_stop},
};
use callboard_federation::zh_en;
use clap::{Parser, Subcommand};

/// What whoever runs a registry does.
#[derive(Subcommand)]
pub enum Verb {
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Jobs(jobs::Jobs),
    Restore(restore::Restore),
    Succeed(succeed::Succeed),
}

/// What each verb is for, in Chinese; in English it stands beside the verb.
const ABOUTS: [(&str, &str); 5] = [
    ("serve", "运行登记系统"),
    ("migrate", "把存储的结构升级到本版本"),
    ("jobs", "查看定时任务上次和下次的运行时间"),
    ("restore", "从导出内容恢复存储丢失的条目"),
    ("succeed", "设立数据目录，以新的密钥和地址接手登记册"),
];

/// The registry: keeps the log, and pushes it
#[derive(Parser)]
#[command(name = "callboard-registry", version, infer_long_args = false)]
struct Program {
    #[command(flatten)]
    _language: LanguageArg,
    #[command(subcommand)]
    verb: Verb,
}

impl Verb {
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
    create_new::private_by_default();
    runtime::end("callboard-registry", language::parse::<Program>(&ABOUTS).verb.run())
}

/// The configuration of a data directory, or of the registry in a directory that a demo kept.
pub fn configuration_in(directory: &Path) -> anyhow::Result<PathBuf> {
    let candidates = [directory.join("callboard.toml"), directory.join("registry").join("callboard.toml")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.with_context(|| {
        zh_en!(
            "{}：既不是登记系统的数据目录，也不是导出目录",
            "{}: neither a registry's data directory nor an export",
            directory.display()
        )
    })
}
