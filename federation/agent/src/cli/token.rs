//! `callboard-agent token`: what programs show to be answered.

use std::{path::PathBuf, process::ExitCode};

use callboard_client::runtime::os_rng;

use crate::{config::Config, token};

const EXAMPLES: &str = "\
Examples:
  curl -H \"authorization: Bearer $(callboard-agent token)\" http://127.0.0.1:8448/status
  callboard-agent token --rotate                    another one, at once; the one before is none any more

It is the file api.token in the agent's directory, mode 0600: a program that may read it needn't be told. Every verb that asks
the agent reads it by itself.";

/// Print the token that the agent's API asks for
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct TokenVerb {
    /// Make another one, and print that
    #[arg(long)]
    rotate: bool,
    /// The agent's configuration
    #[arg(long, value_name = "FILE", default_value = "member.toml")]
    config: PathBuf,
}

impl TokenVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let directory = Config::read(&self.config)?.directory;
        let token = if self.rotate { token::rotate(&directory, &mut os_rng())? } else { token::read(&directory)? };
        println!("{}", token.as_str());
        Ok(ExitCode::SUCCESS)
    }
}
