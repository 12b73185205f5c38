//! `callboard roster`: the next roster, with other log keys or a later end.

use std::{path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http,
    key_file::SeatKey,
    passphrase::PassphraseSource,
    pin::PinFile,
};
use callboard_federation::tlog::vkey::VerifierKey;

use crate::desk::{bundle::signers, member::InForce, roster::NextRoster};

const EXAMPLES: &str = "\
Examples:
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --key secretary-1.key
      roster-2.bundle, to be signed: both keys sign checkpoints that members take
  callboard roster --add-log-key \"$(cat registry/log.vkey)\" --drop-other-log-keys --key secretary-1.key
      the new key alone, as in a succession: a registry logs no roster that doesn't name its own key
  callboard roster --expires 2029-01-01 --key secretary-1.key
      the same roster for longer

Everything else stays as it is in the roster in force. It counts once as many have signed as the roster in force and the next
ask, and it is logged.";

/// Draft the next roster: other log keys, a later end
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct RosterVerb {
    /// A log key to name, as its verifier key
    #[arg(long = "add-log-key", value_name = "VKEY")]
    add: Vec<VerifierKey>,
    /// Name no log keys but these
    #[arg(long, requires = "add")]
    drop_other_log_keys: bool,
    /// The day on which it ends, in UTC [default: as the roster in force; if that is over, in two years]
    #[arg(long, value_name = "YYYY-MM-DD")]
    expires: Option<jiff::civil::Date>,
    #[command(flatten)]
    pin: PinFile,
    /// The key file of the seat that drafts; it can open what it drafts
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseSource,
    /// Where to write the bundle
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl RosterVerb {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::block_on(self.draft())
    }

    async fn draft(self) -> anyhow::Result<ExitCode> {
        let pin = self.pin.read()?;
        let in_force = InForce::fetch(&http::client()?, &pin, MachineClock.now()).await?;
        let key = SeatKey::open(&self.key, self.passphrase.of(&self.key)?)?;
        let expires = self.expires.map(super::midnight).transpose()?;
        let next = NextRoster { add: self.add, drop_others: self.drop_other_log_keys, expires };
        let drafted = next.draft(&in_force, &key.public_key().id(), MachineClock.now(), &mut super::chance())?;
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        let path = self.out.join(format!("roster-{}.bundle", drafted.roster.version));
        let asked = [&in_force.roster, &drafted.roster];
        let readers = asked.into_iter().flat_map(|roster| signers(roster, drafted.bundle.docket()));
        drafted.bundle.write(&path, readers.chain([key.recipient()]))?;
        println!("{}  to be signed by {}", path.display(), super::asked(&in_force.roster, drafted.bundle.docket()));
        Ok(ExitCode::SUCCESS)
    }
}
