//! `callboard sign`: the letters are read, and the docket is signed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http::{self, Caller},
    output, terminal,
};
use callboard_desk::{bundle::Bundle, registry::Registry, sign::Reading, signing::public::is_public};
use callboard_federation::language::Phrase;
use callboard_keys::SeatKey;
use indicatif::ProgressBar;

use super::seat::{LogArgs, SeatArgs};

const EXAMPLES: &str = "\
Examples:
  callboard sign batch.bundle --key panel-1.key --lang zh-CN
      how many of what, those unlike the rest, then every letter; a `y` signs them all, into batch.SEAT-KEY.DOCKET.sig
  callboard sign annulment.bundle --key panel-1.key --log log
      what stands already for the person, and what is left, by a copy of the log that is verified first
  callboard sign genesis.bundle policies.bundle members.bundle --key chair-1.key
      the first dockets of a registry need no registry yet

What a letter shows was found by this computer: it asks the registry for roster, policies and the records that are named,
and verifies their proofs; derives every tag with your own key; and opens every seal with what that gave. Where anything
differs nothing is signed, and the part that differs is named.

Public documents are shown as what they change: the ones in force are asked of the registry too, and proven. A roster, or a
list of members, that isn't the first is not signed without the one that it follows.

A letter about an earlier record names its person by the identity in the bundle. Where nobody has that any more, the first line
says so, and the last eight characters of the record are asked for, which --yes doesn't answer.";

/// Read what a docket decides, and sign it
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Sign {
    /// The bundles
    #[arg(required = true, value_name = "BUNDLE")]
    bundles: Vec<PathBuf>,
    #[command(flatten)]
    seat: SeatArgs,
    #[command(flatten)]
    log: LogArgs,
    /// The proof file of a document that is in force, where the registry can't be asked (`GET /v1/roster`, `/v1/members`,
    /// `/v1/policies/{sha256}`); once for each
    #[arg(long, value_name = "FILE")]
    in_force: Vec<PathBuf>,
    /// Sign without being asked, after the letters were shown
    #[arg(long)]
    yes: bool,
}

impl Sign {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let key = self.seat.open()?;
            for path in &self.bundles {
                self.sign(path, &key).await.with_context(|| path.display().to_string())?;
            }
            Ok(ExitCode::SUCCESS)
        })
    }

    async fn sign(&self, path: &Path, key: &SeatKey) -> anyhow::Result<()> {
        let reading = self.read(Bundle::open(path, key)?, key).await?;
        let typed = agreed(&reading, path, key, self.yes)?;
        let out = reading.sign(path, key, &typed)?;
        output::line([output::green(out.display())]);
        Ok(())
    }

    async fn read(&self, bundle: Bundle, key: &SeatKey) -> anyhow::Result<Reading> {
        if is_public(&bundle) {
            let files = self.in_force.iter().map(|path| super::read(path)).collect::<Result<Vec<_>, _>>()?;
            if !self.seat.pin.pin.exists() {
                return Ok(Reading::of_documents(bundle, None, &files, key, MachineClock.now()).await?);
            }
            let (pin, clock) = self.seat.registry().await?;
            let caller = Caller::new(http::client()?, key.signing_key(), &*clock);
            return Ok(
                Reading::of_documents(bundle, Some(&Registry::new(&pin, &caller)), &files, key, clock.now()).await?
            );
        }
        let (pin, clock) = self.seat.registry().await?;
        let caller = Caller::new(http::client()?, key.signing_key(), &*clock);
        let home = self.seat.home();
        let registry = Registry::new(&pin, &caller).with_home(&home);
        let log = self.log.of_bundle(&registry, &bundle, &home).await?;
        let registry = registry.with_log(log.as_ref());
        let bar = tags_bar();
        let progress = |derived| bar.inc(derived as u64);
        let reading = Reading::of_decisions(bundle, &registry, key, &mut super::os_rng(), progress).await;
        bar.finish_and_clear();
        Ok(reading?)
    }
}

/// Shows what a bundle decides, and asks its signer; gives the ends of the records that had to be typed.
pub(super) fn agreed(reading: &Reading, name: &Path, key: &SeatKey, yes: bool) -> anyhow::Result<Vec<String>> {
    reading.warning.iter().for_each(output::warn);
    output::lines(reading.lines(name));
    let mut typed = Vec::with_capacity(reading.unnamed.len());
    for record in &reading.unnamed {
        let end = terminal::answer(&Reading::question_of(*record))?;
        Reading::check_end(*record, &end)?;
        typed.push(end);
    }
    anyhow::ensure!(yes || terminal::agrees(&reading.question(key))?, Phrase::new("未签署", "not signed"));
    Ok(typed)
}

/// A bar of the tags that are derived again.
pub(super) fn tags_bar() -> ProgressBar {
    terminal::progress(Phrase::new("个身份代码已重新生成", "tags derived again"))
}
