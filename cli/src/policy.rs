//! `callboard policy`: the instruments that come with the program, and checking one of the committee's own.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::output;
use callboard_federation::{document::Document, policy::Policy, zh_en};
use callboard_rules::policies;
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
            Act::Show { policy: None, .. } => {
                for source in policies::ALL {
                    let document = source.document()?;
                    println!("{}/{}  {}", source.instrument, source.version, document.value.title.spoken());
                    let (hash, from) = (document.hash, document.value.effective_from);
                    println!("    {}", zh_en!("sha256 {hash}，自 {from} 起施行", "sha256 {hash}, from {from}"));
                }
            }
            Act::Show { policy: Some(name), json } => {
                let named = name.split_once('/').and_then(|(instrument, version)| policies::find(instrument, version));
                let source = named
                    .with_context(|| zh_en!("程序中没有规则 {name}", "no policy {name} comes with the program"))?;
                if json {
                    output::json_text(&source.document()?.text);
                } else {
                    print!("{}", source.text);
                }
            }
            Act::Check { file } => {
                let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
                let document: Document<Policy> = if text.trim_start().starts_with('{') {
                    let document = Document::read(text)?;
                    policies::check(&document.value)?;
                    document
                } else {
                    policies::read(&text)?
                };
                let Policy { instrument, version, measures, violations, .. } = &document.value;
                let (measures, violations) = (measures.len(), violations.len());
                println!(
                    "{}",
                    zh_en!(
                        "{instrument}/{version} 检查无误：{measures}种措施，{violations}种违规情形",
                        "{instrument}/{version} holds together: {measures} measures, {violations} violations"
                    )
                );
                println!("sha256 {}", document.hash);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
