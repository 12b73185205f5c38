//! `callboard restore`: a store that lost entries of its log gets them back.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    new_file, output,
    pin::PinFile,
    terminal,
};
use callboard_federation::encoding::{Hash, to_json};
use rand_core::Rng as _;

use crate::{
    config::Config,
    ledger::{
        checkpoint::read_log_key,
        restore::{self, Missing, Pinned, RestoreError, Source, SourceError, missing::missing},
        signed_notes::NoteFile,
    },
    store::{NodeId, Store},
};

const EXAMPLES: &str = "\
Examples:
  callboard restore registry --from export                what the store lost, from `callboard export` or a member's
                                                          `callboard-agent export`, on a stopped registry
  callboard restore registry --from alpha --from beta     several: the largest gives the entries, all give cosignatures and
                                                          members' anchors
  callboard restore registry                              only says what is missing

Everything is verified before anything is written: the pinned genesis hash (genesis.json in the data directory, or --genesis),
every line, the root that the log signed, its witnesses. What is there already stays; a store of another history is refused,
with what convicts whoever signed both. It may be broken off and run again. `serve` refuses a store until it holds all that was
signed. Runbook: ops/restore.md; another operator goes on with the log: ops/succession.md.";

/// What no export brings back, and how it comes back.
const ELSEWHERE: &str = "\
What comes back elsewhere or not at all, of what was written since the copy of the database that was restored:
  cosignatures      by themselves: every witness posts one again within a minute
  receipts          by themselves: the feed tells agents of the restore, and they file theirs again
  endpoints         their members make them again: callboard-agent endpoint create, `callboard-agent doctor` tells them
  who was given which share, attempts to push, when jobs ran    lost: they were kept here alone
  nonces            lost: signed requests are taken again a minute after the restore, so that none is taken twice";

/// Bring back what a store lost of its log, from an export or a member's
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Restore {
    /// The registry's data directory
    directory: PathBuf,
    /// A directory that `callboard export` or a member's `callboard-agent export` wrote; several may be named
    #[arg(long = "from", value_name = "EXPORT")]
    from: Vec<PathBuf>,
    /// The hash that pins the log [default: that of genesis.json in the data directory]
    #[arg(long)]
    genesis: Option<Hash>,
    /// Take a checkpoint that fewer witnesses cosigned than the roster asks
    #[arg(long)]
    unwitnessed: bool,
}

impl Restore {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(self.restore())
    }

    async fn restore(&self) -> anyhow::Result<ExitCode> {
        let config = Config::read(&super::configuration_in(&self.directory)?)?;
        let genesis = self.pinned()?;
        let store = Store::open(&config.registry.store).await.context("opening the store")?;
        let behind = if self.from.is_empty() { None } else { self.bring_in(&config, &store, genesis).await? };
        let found = missing(&store, genesis, None).await?;
        store.close().await;
        self.say(&found);
        anyhow::ensure!(
            found.report.is_clean(),
            "the store does not hold what its leaves say: callboard audit {}",
            self.directory.display()
        );
        if let Some(signed) = behind {
            eprintln!(
                "callboard: {signed} entries were signed, the store holds {}: `serve` refuses it still. Another member may \
                 have the rest: run this again with its export",
                found.report.size
            );
            return Ok(ExitCode::FAILURE);
        }
        Ok(ExitCode::SUCCESS)
    }

    fn pinned(&self) -> anyhow::Result<Hash> {
        let pin = self.directory.join("genesis.json");
        match self.genesis {
            Some(genesis) => Ok(genesis),
            None if pin.is_file() => Ok(PinFile { pin }.read()?.genesis),
            None => {
                anyhow::bail!("name the hash that pins the log: --genesis, or put genesis.json into the data directory")
            }
        }
    }

    /// Brings in what the exports have; how many entries were signed, if there still are more.
    async fn bring_in(&self, config: &Config, store: &Store, genesis: Hash) -> anyhow::Result<Option<u64>> {
        // Nobody may serve it meanwhile: from here on this is the node that writes.
        store.hold(&config.registry.issuer, false).await?;
        let pinned = Pinned {
            genesis,
            origin: config.registry.issuer.clone(),
            unwitnessed: self.unwitnessed,
            now: MachineClock.now(),
        };
        let bar = terminal::progress("entries verified");
        let source = Source::read(&self.from, &pinned, |done, _| bar.set_position(done));
        bar.finish_and_clear();
        let source = source.map_err(|error| self.with_evidence(error.into()))?;
        output::line([output::green("verified"), output::plain(format_args!(" {}", source.path().display()))]);
        let quorum = source.roster().map_or(0, |roster| roster.witnesses.quorum);
        println!(
            "  a log of {} entries · root {} · cosigned by {} witnesses of {quorum} asked",
            source.size(),
            source.tree().current_root(),
            source.cosigned()
        );
        let notes = NoteFile::new(config.log.signed_note.clone());
        let compared = restore::compare::compare(store, &notes, &source).await;
        let compared = compared.map_err(|error| self.with_evidence(error))?;
        let mut random = [0; 16];
        super::chance().fill_bytes(&mut random);
        store.take_over(&config.registry.issuer, NodeId::new(random)).await?;
        let bar = terminal::progress("entries in the store");
        let told = |done, _| bar.set_position(done);
        let done = restore::append::restore(store, &notes, &source, compared, MachineClock.now(), told).await;
        bar.finish_and_clear();
        let done = done?;
        println!("  the store had {} entries, {} were brought in", compared.stored, done.entries);
        if done.anchors > 0 {
            println!("  the anchors of {} entries were brought in", done.anchors);
        }
        say_key(config, &source);
        Ok(compared.signed.filter(|signed| *signed > source.size().max(compared.stored)))
    }

    /// The error, with where the file lies that convicts the log, if there is one.
    fn with_evidence(&self, error: RestoreError) -> anyhow::Error {
        let evidence = match &error {
            RestoreError::Contradicts(contradiction) => contradiction.evidence(),
            RestoreError::Source(SourceError::Fork { evidence, .. }) => Some(&**evidence),
            _ => None,
        };
        let Some(evidence) = evidence else { return error.into() };
        let path = self.directory.join(evidence.file_name());
        let mut text = to_json(evidence);
        text.push(b'\n');
        let told = match new_file::write(&path, new_file::PRIVATE, &text) {
            Ok(()) => format!("the log signed both: {} convicts it", path.display()),
            Err(_) if path.exists() => format!("the log signed both: {} convicts it", path.display()),
            Err(why) => format!("the log signed both; the evidence can't be written: {why}"),
        };
        anyhow::Error::new(error).context(told)
    }

    fn say(&self, found: &Missing) {
        let report = &found.report;
        println!("the store holds {} entries, root {}", report.size, report.root);
        if let Some(genesis) = report.genesis {
            println!("genesis {genesis}");
        }
        for difference in &report.differences {
            println!("DIFFERS {difference}");
        }
        if !found.shares.is_empty() {
            let records: usize = found.shares.iter().map(|docket| docket.records.len()).sum();
            output::line([output::yellow(format_args!("\nThe shares of {records} records are lost:"))]);
            println!("nobody opens their details before the docket is handed in again, by whoever has its bundle.");
            for docket in &found.shares {
                let (index, records, signers) = (docket.index, docket.records.len(), docket.signers.join(", "));
                println!("  docket {} (entry {index}, {records} records): signed by {signers}", docket.docket);
            }
            println!("  callboard submit NAME.docket.json --key SEAT.key, or the bundle with its signatures");
        }
        if !found.anchors.is_empty() {
            output::line([output::yellow("\nThe members' anchors of these entries are lost:")]);
            let entries: Vec<String> = found.anchors.iter().map(u64::to_string).collect();
            println!("  {}", entries.join(", "));
            println!("  the members that signed them have them: --from each one's `callboard-agent export`");
        }
        if !self.from.is_empty() {
            println!("\n{ELSEWHERE}");
        }
    }
}

/// Says whether this registry's log key goes on, or waits for a roster that names it.
fn say_key(config: &Config, source: &Source) {
    let Ok(key) = read_log_key(&config.log.key, &config.registry.issuer) else { return };
    let is_named = source.roster().is_some_and(|roster| roster.log.contains(&key.verifier()));
    if !is_named {
        output::line([output::yellow("The roster in force does not name this registry's log key.")]);
        println!(
            "  `serve` shows the log as it was signed, and signs nothing before a roster is logged that names\n  {}\n  \
             callboard roster --add-log-key '{}' --drop-other-log-keys …; runbook: ops/succession.md",
            key.verifier(),
            key.verifier()
        );
    }
}
