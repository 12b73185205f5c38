//! What every verb of a seat begins with: the pin, the key, and who asks the two services.

use std::path::PathBuf;

use anyhow::Context as _;
use callboard_client::{
    clock::{Clock as _, MachineClock},
    http::{self, Caller},
    output,
    pin::{Pin, PinFile},
};
use callboard_desk::verified_log::VerifiedLog;
use callboard_keys::{KeyFile, SeatKey, passphrase::PassphraseSource};
use ed25519_dalek::SigningKey;

/// The key of a seat, and the registry that it deals with.
#[derive(clap::Args)]
pub(super) struct SeatArgs {
    /// The key file of your seat, from `callboard keygen`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
    #[command(flatten)]
    pub(super) pin: PinFile,
}

/// The key of whoever only asks: a seat, or a member.
#[derive(clap::Args)]
pub(super) struct AskerArgs {
    /// The key file of your seat or of a member, from `callboard keygen`
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    passphrase: PassphraseSource,
}

/// A copy of the registry's log, where one is at hand.
#[derive(clap::Args)]
pub(super) struct LogArgs {
    /// An export of the registry's log (`callboard-agent export`, `callboard export`). It is verified; what stands already for a
    /// person then isn't the registry's word, as far as the export reaches
    #[arg(long, value_name = "DIRECTORY")]
    log: Option<PathBuf>,
}

impl LogArgs {
    /// Reads and verifies it.
    pub(super) fn read(&self, pin: &Pin) -> anyhow::Result<Option<VerifiedLog>> {
        let read = |directory: &PathBuf| VerifiedLog::read(directory, pin.genesis, MachineClock.now());
        Ok(self.log.as_ref().map(read).transpose()?)
    }
}

impl SeatArgs {
    /// Opens the key.
    pub(super) fn open(&self) -> anyhow::Result<SeatKey> {
        let path = self.key.as_ref().context("name the key file of your seat: --key SEAT.key")?;
        Ok(SeatKey::open(path, self.passphrase.of(path)?)?)
    }

    /// Reads the pin; of a sandbox it says so.
    pub(super) fn pin(&self) -> anyhow::Result<Pin> {
        read_pin(&self.pin)
    }
}

impl AskerArgs {
    /// Opens the key.
    pub(super) fn open(&self) -> anyhow::Result<KeyFile> {
        let path = self.key.as_ref().context("name the key file of your seat or member: --key NAME.key")?;
        Ok(KeyFile::open(path, self.passphrase.of(path)?)?)
    }
}

/// Reads the pin; of a sandbox it says so.
pub(super) fn read_pin(file: &PinFile) -> anyhow::Result<Pin> {
    let pin = file.read()?;
    if pin.is_sandbox() {
        output::warn(format_args!("{} is a sandbox: nothing in it binds anyone", pin.issuer));
    }
    Ok(pin)
}

/// Who asks, with the seat's key and the machine's clock.
pub(super) fn caller(key: &SeatKey) -> anyhow::Result<Caller<'_>> {
    caller_with(key.signing_key())
}

/// Who asks, with the key of a seat or of a member.
pub(super) fn asker(key: &KeyFile) -> anyhow::Result<Caller<'_>> {
    caller_with(match key {
        KeyFile::Seat(seat) => seat.signing_key(),
        KeyFile::Member(member) => member.request_key(),
    })
}

fn caller_with(key: &SigningKey) -> anyhow::Result<Caller<'_>> {
    Ok(Caller::new(http::client()?, key, &MachineClock))
}
