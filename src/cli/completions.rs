//! `callboard completions`: what a shell completes after `callboard`.

use std::process::ExitCode;

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
    #[expect(clippy::unnecessary_wraps, reason = "every verb runs alike")]
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        generate(self.shell, &mut super::Cli::command(), "callboard", &mut std::io::stdout());
        Ok(ExitCode::SUCCESS)
    }
}
