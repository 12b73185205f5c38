//! `callboard export`: the log as files.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use indicatif::ProgressBar;

use crate::{
    config::Config,
    ledger::{Ledger, checkpoint::read_log_key, export, sequencer::Unhindered},
    store::Store,
};
use callboard_client::clock::MachineClock;

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
        let config = Config::read(&super::configuration_in(&self.from)?)?;
        let store = Store::open(&config.registry.store).await?;
        let key = read_log_key(&config.log.key, &config.registry.issuer)?;
        let ledger = Ledger::open(store.clone(), key, Arc::new(MachineClock), Arc::new(Unhindered)).await?;
        let bar = ProgressBar::new(ledger.size());
        let size = export::write(&ledger, &self.directory, |done, _| bar.set_position(done)).await?;
        bar.finish_and_clear();
        println!("{} entries in {}", size, self.directory.display());
        if let Some(genesis) = ledger.genesis() {
            println!("callboard audit {} --genesis {genesis}", self.directory.display());
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
