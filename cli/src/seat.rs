//! What every verb of a seat begins with: the pin, the key, and who asks the two services.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use callboard_client::{
    clock::{AheadClock, Clock},
    http::{self, Caller},
    output,
    pin::{Pin, PinFile},
    runtime::os_rng,
    sandbox_clock::ClockArg,
};
use callboard_desk::{
    bundle::Bundle,
    log_copy::{LogCopy, Look},
    registry::Registry,
    verified_log::VerifiedLog,
};
use callboard_federation::{encoding::Time, language::Phrase, zh_en};
use callboard_keys::{KeyFile, SeatKey, passphrase::PassphraseSource};
use ed25519_dalek::SigningKey;

/// What is asked for where a verb of a seat is told no key.
pub(super) const KEY_IS_NAMED: Phrase =
    Phrase::new("请用 --key 指明您的密钥文件", "name the key file of your seat: --key SEAT.key");

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

/// Whoever only asks a pinned registry.
#[derive(clap::Args)]
pub(super) struct AskArgs {
    #[command(flatten)]
    asker: AskerArgs,
    #[command(flatten)]
    pub(super) pin: PinFile,
    #[command(flatten)]
    clock: ClockArg,
}

/// A key that was opened, and the registry that its holder deals with.
pub(super) struct Session<K> {
    pub(super) pin: Pin,
    pub(super) key: K,
    pub(super) clock: Arc<AheadClock>,
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
    /// The log that a bundle is held against: where it is of a case, the copy in the seat's home at the latest.
    pub(super) async fn of_bundle(
        &self,
        registry: &Registry<'_>,
        bundle: &Bundle,
        home: &Path,
    ) -> anyhow::Result<Option<VerifiedLog>> {
        match self.read(registry.pin(), registry.caller().now())? {
            None if !bundle.events().is_empty() => Ok(Some(own_log(registry, home).await?)),
            log => Ok(log),
        }
    }

    pub(super) fn read(&self, pin: &Pin, now: Time) -> anyhow::Result<Option<VerifiedLog>> {
        let read = |directory: &PathBuf| VerifiedLog::read(directory, pin.genesis, now);
        Ok(self.log.as_ref().map(read).transpose()?)
    }
}

impl SeatArgs {
    pub(super) fn open(&self) -> anyhow::Result<SeatKey> {
        let path = self.key.as_ref().context(KEY_IS_NAMED)?;
        Ok(SeatKey::open(path, self.passphrase.of(path)?)?)
    }

    /// The directory of the key: where what a seat keeps to itself lies.
    pub(super) fn home(&self) -> PathBuf {
        let directory = self.key.as_deref().and_then(Path::parent);
        directory.filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
    }

    pub(super) async fn registry(&self) -> anyhow::Result<(Pin, Arc<AheadClock>)> {
        let pin = read_pin(&self.pin)?;
        let clock = self.clock.of(&pin.issuer).await?;
        Ok((pin, clock))
    }

    /// Opens the key, and goes by the registry's clock.
    pub(super) async fn session(&self) -> anyhow::Result<Session<SeatKey>> {
        let pin = read_pin(&self.pin)?;
        let key = self.open()?;
        Ok(Session { clock: self.clock.of(&pin.issuer).await?, pin, key })
    }

    /// The instant now, by the clock of whoever deals with the registry.
    pub(super) async fn now(&self) -> anyhow::Result<Time> {
        Ok(self.registry().await?.1.now())
    }
}

impl AskArgs {
    /// Opens the key, and goes by the registry's clock.
    pub(super) async fn session(&self) -> anyhow::Result<Session<KeyFile>> {
        let pin = read_pin(&self.pin)?;
        let clock = self.clock.of(&pin.issuer).await?;
        Ok(Session { key: self.asker.open()?, pin, clock })
    }
}

impl Session<SeatKey> {
    pub(super) fn caller(&self) -> anyhow::Result<Caller<'_>> {
        caller_with(self.key.signing_key(), &*self.clock)
    }
}

impl Session<KeyFile> {
    pub(super) fn caller(&self) -> anyhow::Result<Caller<'_>> {
        asker(&self.key, &*self.clock)
    }
}

impl AskerArgs {
    pub(super) fn open(&self) -> anyhow::Result<KeyFile> {
        let path = self.key.as_ref().context(Phrase::new(
            "请用 --key 指明您或会员单位的密钥文件",
            "name the key file of your seat or member: --key NAME.key",
        ))?;
        Ok(KeyFile::open(path, self.passphrase.of(path)?)?)
    }
}

/// The copy of the log in a seat's home, brought up to date.
pub(super) async fn own_log(registry: &Registry<'_>, home: &Path) -> anyhow::Result<VerifiedLog> {
    match LogCopy::in_home(home)?.look(registry, &mut os_rng()).await? {
        Look::UpToDate(log) => Ok(log),
        Look::Alarm(alarm) => anyhow::bail!(alarm.text()),
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
