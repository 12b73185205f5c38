//! What every verb of a seat begins with: the pin, the key, and who asks the two services.

use std::path::PathBuf;

use anyhow::Context as _;

use super::terminal;
use crate::{
    clock::MachineClock,
    desk::{
        http::{self, Caller},
        key_file::SeatKey,
        passphrase::PassphraseSource,
        pin::{Pin, PinFile},
    },
};

/// What the issuer of a sandbox ends in (formats §5).
const SANDBOX: &str = ".test";

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

impl SeatArgs {
    /// Opens the key.
    pub(super) fn open(&self) -> anyhow::Result<SeatKey> {
        let path = self.key.as_ref().context("name the key file of your seat: --key SEAT.key")?;
        Ok(SeatKey::open(path, self.passphrase.of(path)?)?)
    }

    /// Reads the pin; of a sandbox it says so.
    pub(super) fn pin(&self) -> anyhow::Result<Pin> {
        let pin = self.pin.read()?;
        if pin.issuer.ends_with(SANDBOX) {
            eprintln!("{}", terminal::yellow(&format!("{} is a sandbox: nothing in it binds anyone", pin.issuer)));
        }
        Ok(pin)
    }
}

/// Who asks, with the seat's key and the machine's clock.
pub(super) fn caller(key: &SeatKey) -> anyhow::Result<Caller<'_>> {
    Ok(Caller::new(http::client()?, key.signing_key(), &MachineClock))
}
