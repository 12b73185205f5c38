//! What every verb of a seat begins with: the pin, the key, and who asks the two services.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use callboard_client::{
    clock::{AheadClock, Clock},
    http::{self, Caller},
    output,
    pin::{Pin, PinFile},
    sandbox_clock::ClockArg,
};
use callboard_desk::verified_log::VerifiedLog;
use callboard_federation::{encoding::Time, language::Phrase, zh_en};
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
    #[command(flatten)]
    clock: ClockArg,
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
    pub(super) fn read(&self, pin: &Pin, now: Time) -> anyhow::Result<Option<VerifiedLog>> {
        let read = |directory: &PathBuf| VerifiedLog::read(directory, pin.genesis, now);
        Ok(self.log.as_ref().map(read).transpose()?)
    }
}

impl SeatArgs {
    /// Opens the key.
    pub(super) fn open(&self) -> anyhow::Result<SeatKey> {
        let path = self
            .key
            .as_ref()
            .context(Phrase::new("请用 --key 指明您的密钥文件", "name the key file of your seat: --key SEAT.key"))?;
        Ok(SeatKey::open(path, self.passphrase.of(path)?)?)
    }

    /// The clock of whoever deals with the pinned registry.
    pub(super) async fn clock(&self, pin: &Pin) -> anyhow::Result<Arc<AheadClock>> {
        self.clock.of(&pin.issuer).await
    }

    /// Reads the pin; of a sandbox it says so.
    pub(super) fn pin(&self) -> anyhow::Result<Pin> {
        read_pin(&self.pin)
    }
}

impl AskerArgs {
    /// Opens the key.
    pub(super) fn open(&self) -> anyhow::Result<KeyFile> {
        let path = self.key.as_ref().context(Phrase::new(
            "请用 --key 指明您或会员单位的密钥文件",
            "name the key file of your seat or member: --key NAME.key",
        ))?;
        Ok(KeyFile::open(path, self.passphrase.of(path)?)?)
    }
}

/// Reads the pin; of a sandbox it says so.
pub(super) fn read_pin(file: &PinFile) -> anyhow::Result<Pin> {
    let pin = file.read()?;
    if pin.is_sandbox() {
        output::warn(zh_en!("{} 是测试环境：不具约束力", "{} is a sandbox: nothing in it binds anyone", pin.issuer));
    }
    Ok(pin)
}

/// Who asks, with the seat's key.
pub(super) fn caller<'a>(key: &'a SeatKey, clock: &'a dyn Clock) -> anyhow::Result<Caller<'a>> {
    caller_with(key.signing_key(), clock)
}

/// Who asks, with the key of a seat or of a member.
pub(super) fn asker<'a>(key: &'a KeyFile, clock: &'a dyn Clock) -> anyhow::Result<Caller<'a>> {
    let signing = match key {
        KeyFile::Seat(seat) => seat.signing_key(),
        KeyFile::Member(member) => member.request_key(),
    };
    caller_with(signing, clock)
}

fn caller_with<'a>(key: &'a SigningKey, clock: &'a dyn Clock) -> anyhow::Result<Caller<'a>> {
    Ok(Caller::new(http::client()?, key, clock))
}
