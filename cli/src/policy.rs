//! `callboard policy`: the instruments that come with the program, and checking one of the committee's own.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::output;
use callboard_desk::policies;
use clap::Subcommand;

const EXAMPLES: &str = "\
Examples:
  callboard policy show                                   what comes with the program
  callboard policy show streamer-warning-rules/2022       the commented source, each value with its mark
  callboard policy show streamer-warning-rules/2022 --json
                                                          the document's bytes, as they are signed
  callboard policy check ours.toml                        an instrument of the committee's own

Marks: C read in the text, R press or secondary, K general knowledge, U unconfirmed: a default of ours, never law.";

/// Shows and checks policies: an instrument's rules as data
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct PolicyVerb {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Shows an instrument that comes with the program, or lists them
    Show {
        /// `INSTRUMENT/VERSION`
        policy: Option<String>,
        /// The document as JSON, byte for byte as it is signed
        #[arg(long)]
        json: bool,
    },
    /// Checks a policy: TOML as the sources are, or the JSON of a document
    Check {
        /// The file
        file: PathBuf,
    },
}

impl PolicyVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Show { policy: None, .. } => output::lines(policies::list()?),
            Act::Show { policy: Some(name), json: true } => {
                output::json_text(&policies::named(&name)?.document()?.text);
            }
            Act::Show { policy: Some(name), json: false } => print!("{}", policies::named(&name)?.text),
            Act::Check { file } => {
                let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
                output::lines(policies::lines(&policies::read(text)?));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
