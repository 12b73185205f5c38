//! `callboard completions`: what a shell completes after `callboard`.

use std::{io::Write as _, process::ExitCode};

use clap::CommandFactory as _;
use clap_complete::{Shell, generate};

const EXAMPLES: &str = "\
Examples:
  callboard completions bash > ~/.local/share/bash-completion/completions/callboard
  callboard completions zsh > ~/.zfunc/_callboard
  callboard completions fish > ~/.config/fish/completions/callboard.fish";

/// Print what a shell completes
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        // Into memory first: the generator panics where a reader stops early.
        let mut script = Vec::new();
        generate(self.shell, &mut super::Cli::command(), "callboard", &mut script);
        callboard_client::output::rows().write_all(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}
