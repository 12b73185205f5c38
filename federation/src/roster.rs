//! The roster: who may sign, how many of whom each decision asks, and every key there is.
//!
//! It is the one root: a member pins the hash of the first, and each next one is signed under the one before
//! ([`Roster::may_follow`]; the signatures are [`crate::replay`]'s). Implements `docs/formats.md` §6.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

pub use crate::threshold_error::ThresholdError;
use crate::{
    docket::{Item, Of},
    document::{DocumentError, WellFormed},
    encoding::{KeyId, PublicKey, Time},
    language::Phrase,
    members::MemberId,
    recipient::Recipient,
    statement::Kind,
    tag::Epoch,
    tlog::{
        view::Watchers,
        vkey::{SignatureType, VerifierKey},
    },
    token_key::TokenPublicKey,
    zh_en,
};

/// Who may sign, and every key there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// The format's version, 1.
    pub v: u64,
    /// 1, then one more each time.
    pub version: u64,
    /// The log's origin.
    pub issuer: String,
    /// When dockets under it count no longer.
    pub expires: Time,
    /// Who may sign.
    pub seats: Vec<Seat>,
    /// How many signatures of which roles each kind asks: `ruling`, or more closely `ruling/bar`.
    pub thresholds: BTreeMap<RuleKey, Vec<RoleCount>>,
    /// The keys of the log.
    pub log: Vec<VerifierKey>,
    /// Who watches the log.
    pub witnesses: Witnesses,
    /// The token keys.
    pub epochs: Vec<EpochKey>,
}

/// One holder of a signing key, in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Seat {
    /// What its signatures are verified with.
    pub public_key: PublicKey,
    /// What is for it is encrypted to.
    pub recipient: Recipient,
    /// Its name, a pseudonym will do.
    pub holder: String,
    /// Its role.
    pub role: Role,
    /// The member that its holder works for, if any: from it recusals follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
}

/// What a seat signs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sits on panels.
    Panel,
    /// Chairs.
    Chair,
    /// Keeps the cases.
    Secretariat,
    /// Watches.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Panel, Self::Chair, Self::Secretariat, Self::Auditor];

    /// The word that stands in JSON and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Chair => "chair",
            Self::Secretariat => "secretariat",
            Self::Auditor => "auditor",
        }
    }

    /// What people call it.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Panel => Phrase::new("评议委员", "panel"),
            Self::Chair => Phrase::new("主任委员", "chair"),
            Self::Secretariat => Phrase::new("秘书处", "secretariat"),
            Self::Auditor => Phrase::new("监督员", "auditor"),
        }
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How many seats of one role a rule asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleCount {
    /// The role.
    pub role: Role,
    /// How many.
    pub count: u64,
}

/// What a rule is for: a kind, or a kind of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleKey {
    /// The kind.
    pub kind: Kind,
    /// What more closely.
    pub of: Option<Of>,
}

impl TryFrom<String> for RuleKey {
    type Error = ThresholdError;

    fn try_from(text: String) -> Result<Self, ThresholdError> {
        let (kind, of) = text.split_once('/').map_or((text.as_str(), None), |(kind, of)| (kind, Some(of)));
        let kind = Kind::from_word(kind).ok_or(ThresholdError::Key)?;
        let of = match of {
            None => None,
            Some(word) => Some(
                crate::statement::MeasureKind::from_word(word)
                    .map(Of::Measure)
                    .or_else(|| Kind::from_word(word).map(Of::About))
                    .filter(|of| of.fits(kind))
                    .ok_or(ThresholdError::Key)?,
            ),
        };
        Ok(Self { kind, of })
    }
}

impl From<RuleKey> for String {
    fn from(key: RuleKey) -> Self {
        match key.of {
            None => key.kind.to_string(),
            Some(of) => format!("{}/{}", key.kind, of.as_str()),
        }
    }
}

/// Who watches the log, and how many of them it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Witnesses {
    /// 0, or more than half of the keys.
    pub quorum: u64,
    /// The witnesses' keys.
    pub keys: Vec<VerifierKey>,
}

/// The token key of an epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EpochKey {
    /// The epoch.
    pub number: Epoch,
    /// Its public key.
    pub public_key: TokenPublicKey,
    /// Whether new tags are made under it.
    pub state: EpochState,
}

/// Whether new tags are made under an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EpochState {
    /// They are.
    Live,
    /// No longer.
    Closed,
}

/// Why a roster can't follow another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SuccessionError {
    /// The version isn't the last + 1.
    #[error("{}", zh_en!("签署权限名单应为第{expected}版，不是第{got}版", "roster {expected} is next, not {got}"))]
    Version {
        /// The version that may follow.
        expected: u64,
        /// The version that it has.
        got: u64,
    },
    /// Another issuer.
    #[error("{}", zh_en!("登记册名称不得更改", "the issuer never changes"))]
    Issuer,
    /// An epoch is gone, or has another key.
    #[error("{}", zh_en!("第{_0}期身份代码密钥被删去或改动", "epoch {_0} was dropped or altered"))]
    EpochAltered(Epoch),
    /// A closed epoch is live again.
    #[error("{}", zh_en!("第{_0}期身份代码密钥已停用，不得重新启用", "epoch {_0} was closed, and stays so"))]
    EpochReopened(Epoch),
}

/// Whether an issuer names a sandbox, in which nothing binds anybody: it ends in `.test` (formats §5).
pub fn is_sandbox(issuer: &str) -> bool {
    issuer.rsplit_once('.').is_some_and(|(_, last)| last == "test")
}

impl Roster {
    /// The seat whose key has this id.
    pub fn seat(&self, id: &KeyId) -> Option<&Seat> {
        self.seats.iter().find(|seat| seat.public_key.id() == *id)
    }

    /// The rule for an item: that for `kind/of`, else for `kind`.
    pub fn rule(&self, kind: Kind, of: Option<Of>) -> &[RoleCount] {
        self.thresholds
            .get(&RuleKey { kind, of })
            .or_else(|| self.thresholds.get(&RuleKey { kind, of: None }))
            .map_or(&[], Vec::as_slice)
    }

    /// Per role the largest count that any item asks.
    pub fn asked<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> BTreeMap<Role, u64> {
        let mut asked = BTreeMap::new();
        for item in items {
            for RoleCount { role, count } in self.rule(item.kind, item.of) {
                let most = asked.entry(*role).or_default();
                *most = (*count).max(*most);
            }
        }
        asked
    }

    /// The epoch of this number.
    pub fn epoch(&self, number: Epoch) -> Option<&EpochKey> {
        self.epochs.iter().find(|epoch| epoch.number == number)
    }

    /// Whether new tags are made under the epoch.
    pub fn is_live(&self, number: Epoch) -> bool {
        self.epoch(number).is_some_and(|epoch| epoch.state == EpochState::Live)
    }

    /// Every Ed25519 key that stands in it: of seats, log, witnesses.
    pub fn keys(&self) -> impl Iterator<Item = &PublicKey> {
        let seats = self.seats.iter().map(|seat| &seat.public_key);
        seats.chain(self.log.iter().chain(&self.witnesses.keys).map(VerifierKey::key))
    }

    /// Whether this roster may come after `before`; signatures, expiry and epochs in use are the replay's.
    pub fn may_follow(&self, before: &Self) -> Result<(), SuccessionError> {
        if self.version != before.version.saturating_add(1) {
            return Err(SuccessionError::Version { expected: before.version.saturating_add(1), got: self.version });
        }
        if self.issuer != before.issuer {
            return Err(SuccessionError::Issuer);
        }
        for epoch in &before.epochs {
            let now = self.epoch(epoch.number).filter(|now| now.public_key == epoch.public_key);
            let now = now.ok_or(SuccessionError::EpochAltered(epoch.number))?;
            if epoch.state == EpochState::Closed && now.state == EpochState::Live {
                return Err(SuccessionError::EpochReopened(epoch.number));
            }
        }
        Ok(())
    }

    fn seats_of(&self, role: Role) -> u64 {
        self.seats.iter().map(|seat| u64::from(seat.role == role)).sum()
    }

    fn check_unique(&self) -> Result<(), DocumentError> {
        let unique = |all: bool, what| if all { Ok(()) } else { Err(DocumentError::Repeated(what)) };
        let mut keys = HashSet::new();
        unique(self.keys().all(|key| keys.insert(*key.as_bytes())), "keys")?;
        unique(self.epochs.iter().all(|epoch| keys.insert(*epoch.public_key.as_bytes())), "keys")?;
        let (mut holders, mut recipients, mut numbers) = (HashSet::new(), HashSet::new(), HashSet::new());
        unique(self.seats.iter().all(|seat| holders.insert(&seat.holder)), "holders")?;
        unique(self.seats.iter().all(|seat| recipients.insert(&seat.recipient)), "recipients")?;
        unique(self.epochs.iter().all(|epoch| numbers.insert(epoch.number)), "epochs")
    }

    fn check_thresholds(&self) -> Result<(), ThresholdError> {
        for kind in Kind::ALL {
            if !self.thresholds.contains_key(&RuleKey { kind, of: None }) {
                return Err(ThresholdError::NoRule(kind));
            }
        }
        let mut imposing: BTreeMap<Role, u64> = BTreeMap::new();
        for (key, rule) in &self.thresholds {
            if rule.is_empty() || rule.iter().any(|asked| asked.count == 0) {
                return Err(ThresholdError::AsksNobody(key.kind));
            }
            for RoleCount { role, count } in rule {
                if *count > self.seats_of(*role) {
                    return Err(ThresholdError::OutOfReach(key.kind));
                }
                if matches!(key.kind, Kind::Ruling | Kind::Interim) {
                    let most = imposing.entry(*role).or_default();
                    *most = (*count).max(*most);
                }
            }
        }
        // Whoever could rewrite the rules or undo a reinstatement must be at least as many as whoever may rule.
        let undone = Some(Of::About(Kind::Reinstatement));
        for (kind, of) in [
            (Kind::Roster, None),
            (Kind::Policy, None),
            (Kind::Link, None),
            (Kind::End, undone),
            (Kind::Annulment, undone),
        ] {
            let rule = self.rule(kind, of);
            let asks =
                |role| rule.iter().filter(|asked| asked.role == role).map(|asked| asked.count).max().unwrap_or(0);
            if imposing.iter().any(|(role, count)| asks(*role) < *count) {
                return Err(ThresholdError::TooWeak(kind));
            }
        }
        let roster = self.rule(Kind::Roster, None);
        if roster.iter().any(|asked| asked.count >= self.seats_of(asked.role)) {
            return Err(ThresholdError::TooTight);
        }
        let (quorum, witnesses) = (self.witnesses.quorum, self.witnesses.keys.len() as u64);
        if quorum != 0 && (quorum > witnesses || quorum <= witnesses / 2) {
            return Err(ThresholdError::Quorum);
        }
        Ok(())
    }
}

impl WellFormed for Roster {
    fn check(&self) -> Result<(), DocumentError> {
        if self.v != 1 {
            return Err(DocumentError::Format);
        }
        let of_log = |key: &VerifierKey| key.signs() == SignatureType::Note && key.name().as_str() == self.issuer;
        if self.log.is_empty() || !self.log.iter().all(of_log) {
            return Err(DocumentError::Value("log"));
        }
        if !self.witnesses.keys.iter().all(|key| key.signs() == SignatureType::Cosignature) {
            return Err(DocumentError::Value("witnesses"));
        }
        self.check_unique()?;
        Ok(self.check_thresholds()?)
    }
}
impl<'a> From<&'a Roster> for Watchers<'a> {
    fn from(roster: &'a Roster) -> Self {
        Self { log: &roster.log, quorum: roster.witnesses.quorum, keys: &roster.witnesses.keys }
    }
}
