//! `callboard letter`: the letters of what was logged, ready to print.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{clock::Clock as _, pin::PinFile, sandbox_clock::ClockArg};
use callboard_desk::{
    bundle::Bundle, language::Language, letter::Letter, letter_source::Source, measures::Policies, registry::Registry,
};
use callboard_federation::{docket::Docket, encoding::RecordId, zh_en};
use callboard_keys::KeyFile;

use super::{
    identities::WrittenIdentities,
    seat::{self, AskerArgs},
};

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
    asker: AskerArgs,
    #[command(flatten)]
    pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

impl LetterVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let letters = super::block_on(self.letters()).with_context(|| self.file.display().to_string())?;
        let texts: Vec<String> = letters.iter().map(|letter| letter.text(Language::spoken())).collect();
        println!("{}", texts.join("\n\n\n"));
        Ok(ExitCode::SUCCESS)
    }

    async fn letters(&self) -> anyhow::Result<Vec<Letter>> {
        let pin = seat::read_pin(&self.pin)?;
        let key = self.asker.open()?;
        let clock = self.clock.of(&pin.issuer).await?;
        let caller = seat::asker(&key, &*clock)?;
        let registry = Registry::new(&pin, &caller);
        let (roster, mut policies) = (registry.roster().await?, Policies::new());
        if is_json(&self.file)? {
            anyhow::ensure!(
                self.records.is_empty(),
                zh_en!("证明文件只有一条记录：请勿再指明", "a proof file is of one record: name none")
            );
            let bytes = std::fs::read(&self.file)?;
            let readings = self.written.read_or_ask(clock.now())?;
            let source = Source::of_proof(&registry, &bytes, readings)?;
            return Ok(vec![source.letter(&registry, &roster, &mut policies, &mut super::os_rng()).await?]);
        }
        let KeyFile::Seat(key) = &key else {
            anyhow::bail!(zh_en!("待签文件须用签署人的密钥打开", "a bundle opens with the key of a seat"))
        };
        let bundle = Bundle::open(&self.file, key)?;
        let docket: &Docket = bundle.docket();
        let all = docket.items.iter().map(|item| item.record);
        let records = if self.records.is_empty() { all.collect() } else { self.records.clone() };
        let mut letters = Vec::with_capacity(records.len());
        for record in records {
            let source = Source::of_bundle(&registry, &bundle, record, &mut super::os_rng()).await?;
            letters.push(source.letter(&registry, &roster, &mut policies, &mut super::os_rng()).await?);
        }
        Ok(letters)
    }
}

/// Whether a file is JSON, as proofs are, and no bundle.
fn is_json(path: &Path) -> anyhow::Result<bool> {
    use std::io::Read as _;
    let mut head = Vec::new();
    std::fs::File::open(path)?.take(64).read_to_end(&mut head)?;
    Ok(head.trim_ascii_start().first() == Some(&b'{'))
}
