//! `callboard letter`: the letters of what was logged, ready to print.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::clock::Clock as _;
use callboard_desk::{letter::Letter, letter_source::LetterFile, registry::Registry};
use callboard_federation::{encoding::RecordId, language::Language};

use super::{identities::WrittenIdentities, seat::AskArgs};

const EXAMPLES: &str = "\
Examples:
  callboard letter batch.bundle --key panel-1.key --lang zh-CN > letters.txt
      every letter of the docket, one behind the other, as they are delivered
  callboard letter batch.bundle 019c… --key secretary-1.key | lpr
      one of them
  callboard letter batch.proofs/019c….json --identity-file person.txt --key secretary-1.key
      from a proof file, for whoever holds the person's identity; the registry gives the record's share, and counts it

A letter is as it was signed: the statement is the one that the log holds, its proof is verified against the pinned hash, and
what is sealed in it is opened anew. At its foot stand those who signed, by the names that their seats had then, and when it was
logged. What stands for the person today says `callboard ask`.";

/// Print the letters of what was logged
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct LetterVerb {
    /// The bundle, or the proof file of a record
    file: PathBuf,
    /// Which records of the bundle; without one, all
    #[arg(value_name = "RECORD")]
    records: Vec<RecordId>,
    #[command(flatten)]
    written: WrittenIdentities,
    #[command(flatten)]
    asker: AskArgs,
}

impl LetterVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let letters = super::block_on(self.letters()).with_context(|| self.file.display().to_string())?;
        let texts: Vec<String> = letters.iter().map(|letter| letter.text(Language::spoken())).collect();
        println!("{}", texts.join("\n\n\n"));
        Ok(ExitCode::SUCCESS)
    }

    async fn letters(&self) -> anyhow::Result<Vec<Letter>> {
        let session = self.asker.session().await?;
        let caller = session.caller()?;
        let registry = Registry::new(&session.pin, &caller);
        let file = LetterFile::open(&self.file, &session.key)?;
        let readings = if file.needs_identities(&self.records)? {
            self.written.read_or_ask(session.clock.now())?
        } else {
            Vec::new()
        };
        Ok(file.letters(&registry, &self.records, readings, &mut super::os_rng()).await?)
    }
}
