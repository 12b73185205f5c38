//! `callboard submit`: what was signed is handed in, and its proofs are kept.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use callboard_client::{output, terminal};
use callboard_desk::{registry::Registry, submit::Submission};
use callboard_federation::language::Phrase;

use super::seat::SeatArgs;

const EXAMPLES: &str = "\
Examples:
  callboard submit batch.bundle batch.*.sig --key secretary-1.key
      writes batch.docket.json, hands it in, keeps batch.proofs/RECORD.json
  callboard submit batch.docket.json --key secretary-1.key
      the same docket again: it gets the same answer, and what proofs are there by now; a registry that lost its
      shares with its store has them again

Where too few have signed, the seats that may still are named, and nothing is handed in. A docket that enough have signed and
that is not logged stands in red: keep NAME.docket.json, which anyone who holds it may hand in; the exit code is 1. Proofs wait for the witnesses; until enough of them have cosigned, run the same command again.";

/// Hand a signed docket in, and keep the proof of each record
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Submit {
    /// The bundle, or the NAME.docket.json that an earlier call wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The signatures
    #[arg(value_name = "SIG")]
    signatures: Vec<PathBuf>,
    #[command(flatten)]
    seat: SeatArgs,
    /// How many seconds to wait for witnesses
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    wait: u64,
}

impl Submit {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(async {
            let session = self.seat.session().await?;
            let submission = Submission::assemble(&self.file, &self.signatures, &session.key)?;
            let caller = session.caller()?;
            let (registry, wait) = (Registry::new(&session.pin, &caller), Duration::from_secs(self.wait));
            let bar = terminal::progress(Phrase::new("份证明已保存", "proofs kept"));
            let outcome = submission.submit(&registry, wait, || bar.inc(1), &mut super::os_rng()).await;
            bar.finish_and_clear();
            let outcome = outcome?;
            output::lines(outcome.lines());
            outcome.error().map_or(Ok(ExitCode::SUCCESS), |why| Err(why.into()))
        })
    }
}
