//! `callboard export`: the log as files.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_federation::{language::Phrase, zh_en};
use callboard_registry::{
    config::Config,
    ledger::{
        export::{self, ExportSummary},
        signed_notes::{NoteFile, SignedNotes as _},
    },
    store::Store,
};
use indicatif::ProgressBar;

const EXAMPLES: &str = "\
Example:
  callboard export /media/stick/log --from registry    checkpoint, tiles and feed.ndjson, for an auditor elsewhere

The feed holds every statement as members see it: tags and verdicts, sealed details, no names.";

/// Writes a registry's log as files: checkpoint, tiles, feed
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Export {
    /// Where to write; a directory that isn't there yet, or is empty
    directory: PathBuf,
    /// The registry's data directory
    #[arg(long, default_value = ".")]
    from: PathBuf,
}

impl Export {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(self.export())
    }

    async fn export(&self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&callboard_registry::cli::configuration_in(&self.from)?)?;
        let store = Store::open(&config.registry.store).await?;
        // Only the registry signs; what it signed last speaks for what it has published.
        let notes = NoteFile::new(config.log.signed_note);
        let mut note = notes.newest()?.with_context(|| {
            zh_en!(
                "缺少 {}：请在最近由 callboard serve 签署的机器上导出",
                "{} isn't there: export on the machine whose `callboard serve` signed last",
                notes.place()
            )
        })?;
        for stored in store.cosignatures_at(note.checkpoint().size).await? {
            note.add(stored.line.parse().context(Phrase::new("存储中的一项会签", "a stored cosignature"))?);
        }
        let bar = ProgressBar::new(note.checkpoint().size);
        let ExportSummary { size, genesis } =
            export::write(&store, &note, &self.directory, |done, _| bar.set_position(done)).await?;
        bar.finish_and_clear();
        println!("{}", zh_en!("{}：{size}条", "{size} entries in {}", self.directory.display()));
        if let Some(genesis) = genesis {
            println!("callboard audit {} --genesis {genesis}", self.directory.display());
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
