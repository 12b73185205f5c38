//! `callboard sandbox decide`: what would go before a panel is decided at once, by a committee that is one hand.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use callboard_client::{clock::AheadClock, create_new, pin::Pin};
use callboard_desk::bundle::to_sign;
use callboard_federation::encoding::from_json;

use super::{committee::Committee, state::State};

const EXAMPLES: &str = "\
Examples:
  callboard draft batch.csv --policy streamer-warning-rules/2022 --case 019c… --key sandbox/seats/secretary-1.key \\
      --pin sandbox/genesis.json --out proposal.bundle
  callboard sandbox decide proposal.bundle --keep sandbox --out batch.bundle
      heard for weeks, voted on, resolved and confirmed: what is left is to sign it";

/// Have a sandbox's committee decide what is put to the vote
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct DecideVerb {
    /// What is put to the vote
    #[arg(value_name = "PROPOSAL.bundle")]
    proposal: PathBuf,
    /// The directory that the sandbox was started with
    #[arg(long, value_name = "DIR")]
    keep: PathBuf,
    /// Where to write what is to be signed
    #[arg(long, value_name = "NAME.bundle")]
    out: PathBuf,
}

impl DecideVerb {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        create_new::not_there(&self.out)?;
        let (committee, pin) = open(&self.keep).with_context(|| self.keep.display().to_string())?;
        let (bundle, roster) = committee.decided(&pin, &self.proposal).await?;
        let recipients: Vec<_> = committee.seats().iter().map(callboard_keys::SeatKey::recipient).collect();
        bundle.write(&self.out, recipients)?;
        println!("{}  {}", self.out.display(), to_sign(&bundle.asked(&roster)));
        Ok(ExitCode::SUCCESS)
    }
}

/// The committee of a sandbox that runs in this directory, by its clock.
fn open(directory: &Path) -> anyhow::Result<(Committee, Pin)> {
    let state = State::begin(directory)?;
    let clock = Arc::new(AheadClock::default());
    clock.advance(state.ahead()?);
    let committee = Committee::open(&state.at("seats"), clock)?;
    let pin: Pin = from_json(&std::fs::read(state.at("genesis.json"))?)?;
    Ok((committee, pin))
}
