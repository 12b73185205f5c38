//! The seat's own report keys: made here, published under the seat's signature, and kept in its home, each encrypted to
//! the seat's own recipient. Earlier ones stay, to open what was sealed to them.
//!
//! What the registry shows as the secretariat's report keys is held against the roster here: a page of the registry's
//! can't do that for the public.

use std::{
    fs,
    path::{Path, PathBuf},
};

use callboard_api::registry::report_keys::{LIST_REPORT_KEYS, PUBLISH_REPORT_KEY, ReportKeys as ShownKeys};
use callboard_client::create_new;
use callboard_federation::{
    encoding::{Hash, KeyId, Octets, from_json, to_json},
    report_key::{
        ReportPublicKey, ReportSecretKey,
        declared::{DeclaredReportKey, check, sign},
    },
    roster::{Role, Roster},
    zh_en,
};
use callboard_keys::{SeatKey, age_file};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Error, registry::Registry};

/// The directory in the home.
const DIRECTORY: &str = "report-keys";
/// The most bytes of a key's file.
const MAX_BYTES: u64 = 4 << 10;

/// The report keys of the seat of one home.
pub struct ReportKeys<'a> {
    directory: PathBuf,
    key: &'a SeatKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    v: u64,
    secret: Octets<32>,
}

/// What is wrong with the report keys that the registry shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportKeyFault {
    /// What it shows isn't signed by a seat of the secretariat in the verified roster, or says another key than the seat
    /// signed.
    NotSigned,
    /// As this seat's own it shows a key that isn't in its home.
    NotOwn,
    /// This seat has none there: what the public writes isn't sealed to it.
    Missing,
    /// A seat of the secretariat has none there, by its holder.
    MissingOf(String),
}

impl ReportKeyFault {
    /// Whether the registry does what no honest registry does.
    pub const fn is_grave(&self) -> bool {
        matches!(self, Self::NotSigned | Self::NotOwn)
    }

    /// What is told of it, and what is to be done.
    pub fn text(&self) -> String {
        match self {
            Self::NotSigned => zh_en!(
                "登记系统给出的举报密钥中，有的并非秘书处成员所签署：公众的举报可能被他人阅读。请立即联系登记系统运营方，并暂停网上举报",
                "a report key that the registry shows isn't signed by a seat of the secretariat: what the public reports may be read by somebody else. Ask the registry's operators at once, and have the form taken down"
            ),
            Self::NotOwn => zh_en!(
                "登记系统以您的名义给出的举报密钥不在您的计算机上：若非您在另一计算机上所建，请立即联系登记系统运营方，并重新建立和公布",
                "the report key that the registry shows as yours isn't on this computer: unless you made it on another one, ask the registry's operators at once, and make and publish a new one"
            ),
            Self::Missing => zh_en!(
                "您尚未公布举报密钥，无法打开公众的举报：请建立并公布",
                "you have published no report key yet, so you can't open what the public reports: make and publish one"
            ),
            Self::MissingOf(holder) => zh_en!(
                "{holder} 尚未公布举报密钥，无法打开公众的举报",
                "{holder} has published no report key yet, and can't open what the public reports"
            ),
        }
    }
}

impl<'a> ReportKeys<'a> {
    pub fn in_home(home: &Path, key: &'a SeatKey) -> Self {
        Self { directory: home.join(DIRECTORY), key }
    }

    /// Makes a key, keeps it, and only then publishes it.
    pub async fn publish_new(
        &self,
        registry: &Registry<'_>,
        rng: &mut impl CryptoRng,
    ) -> Result<ReportPublicKey, Error> {
        let roster = registry.roster().await?;
        let seat = roster.seat(&self.key.public_key().id()).ok_or(Error::NoSeat)?;
        if seat.role != Role::Secretariat {
            return Err(Error::other("reports-secretariat", || {
                zh_en!("报告由秘书处办理", "the secretariat alone has to do with reports")
            }));
        }
        let secret = ReportSecretKey::generate(rng);
        self.keep(&secret)?;
        let (caller, pin) = (registry.caller(), registry.pin());
        let (issuer, public_key) = (pin.issuer.clone(), secret.public());
        let declared = DeclaredReportKey { v: 1, issuer, public_key, at: caller.now() };
        let envelope = sign(&declared, self.key.signing_key());
        caller.ask(&pin.url, &PUBLISH_REPORT_KEY.with(&(), &(), &envelope), rng).await?;
        Ok(public_key)
    }

    /// The secret keys, to open reports with.
    pub fn all(&self) -> Result<Vec<ReportSecretKey>, Error> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io(&self.directory)(error)),
        };
        let mut keys = Vec::new();
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "age") {
                // Of another seat whose home this is, too.
                keys.extend(self.read(&path)?);
            }
        }
        Ok(keys)
    }

    fn keep(&self, secret: &ReportSecretKey) -> Result<(), Error> {
        let name = secret.public().id().to_string();
        let path = self.directory.join(format!("{}.age", name.get(..16).unwrap_or_default()));
        let content = Zeroizing::new(to_json(&Kept { v: 1, secret: Octets(*secret.to_bytes()) }));
        let sealed = age_file::seal([self.key.recipient()], &content).ok_or_else(|| {
            Error::other("secret-seal", || zh_en!("无法加密给您自己的密钥", "it can't be encrypted to your own key"))
        })?;
        fs::create_dir_all(&self.directory).map_err(Error::io(&self.directory))?;
        create_new::replace(&path, create_new::PRIVATE, &sealed).map_err(Error::io(&path))
    }

    fn read(&self, path: &Path) -> Result<Option<ReportSecretKey>, Error> {
        let sealed = fs::read(path).map_err(Error::io(path))?;
        let Ok(opened) = age_file::open(sealed.as_slice(), self.key.identity(), MAX_BYTES) else { return Ok(None) };
        let kept: Option<Kept> = from_json(&opened).ok();
        Ok(kept.filter(|kept| kept.v == 1).and_then(|kept| ReportSecretKey::from_bytes(&kept.secret.0).ok()))
    }

    /// What is wrong with the keys that the registry shows, as this seat sees it.
    pub async fn check(
        &self,
        registry: &Registry<'_>,
        roster: &Roster,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<ReportKeyFault>, Error> {
        let shown = registry.caller().ask(&registry.pin().url, &LIST_REPORT_KEYS.with(&(), &(), &()), rng).await?;
        let own: Vec<Hash> = self.all()?.iter().map(|key| key.public().id()).collect();
        let mut faults = faults(&shown, roster);
        let seat = self.key.public_key().id();
        let published = seats_of(&shown, roster).into_iter().find(|(of, _)| *of == seat);
        match published {
            Some((_, key)) if !own.contains(&key.id()) => faults.push(ReportKeyFault::NotOwn),
            Some(_) => {}
            None => faults.push(ReportKeyFault::Missing),
        }
        let own_holder = roster.seat(&seat).map(|seat| seat.holder.clone());
        faults
            .retain(|fault| !matches!(fault, ReportKeyFault::MissingOf(holder) if Some(holder) == own_holder.as_ref()));
        Ok(faults)
    }
}

/// What anyone who has the roster sees of the keys that a registry shows.
pub fn faults(shown: &ShownKeys, roster: &Roster) -> Vec<ReportKeyFault> {
    let held = seats_of(shown, roster);
    let mut faults = Vec::new();
    if held.len() != shown.keys.len() || shown.issuer != roster.issuer {
        faults.push(ReportKeyFault::NotSigned);
    }
    let secretariat = roster.seats.iter().filter(|seat| seat.role == Role::Secretariat);
    let without = secretariat.filter(|seat| !held.iter().any(|(of, _)| *of == seat.public_key.id()));
    faults.extend(without.map(|seat| ReportKeyFault::MissingOf(seat.holder.clone())));
    faults
}

/// The keys that seats of the secretariat signed, each with its seat.
fn seats_of(shown: &ShownKeys, roster: &Roster) -> Vec<(KeyId, ReportPublicKey)> {
    let signed = shown.keys.iter().filter_map(|key| {
        let held = check(&key.envelope, roster).ok()?;
        let is_as_told = held.seat == key.seat && held.declared.public_key.to_string() == key.public_key;
        is_as_told.then_some((held.seat, held.declared.public_key))
    });
    signed.collect()
}
