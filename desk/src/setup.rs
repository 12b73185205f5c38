//! The setup of a registry: its first roster, the policies it rules under, its first members, each a docket to be signed.
//!
//! Thresholds of the first roster are ours where the committee brings none: enough for every decision that takes something
//! away or gives it back, fewer for what only pauses or records. Nothing here counts before it is signed and logged.
//! Implements the genesis of `docs/formats.md` §5 and §6; later rosters and members are [`super::member`]'s.

use std::{collections::BTreeMap, path::Path};

use callboard_client::{
    output::{Line, plain},
    pin::{Address, Pin},
    public_file::{PublicMember, PublicSeat, PublicTokenKey},
};
use callboard_federation::{
    docket::{self, Docket},
    document::{Document, WellFormed},
    encoding::{Base64, DocketId, Id, Octets, RecordId, Time, to_json},
    language::Phrase,
    members::{Members, Quota},
    policy::Policy,
    roster::{EpochKey, EpochState, Role, RoleCount, Roster, RuleKey, Seat, Witnesses},
    statement::{Act, Kind, Statement},
    tlog::vkey::VerifierKey,
    zh_en,
};
use rand_core::CryptoRng;
use serde::Serialize;

use super::{
    bundle::{Bundle, Item, to_sign},
    error::Error,
};

/// How long a first roster is in force where nothing else is said: two years, so that a committee that forgets to renew
/// is reminded while those who signed it are still there.
pub const ROSTER_DAYS: i64 = 730;
/// Seats of the panel that a ruling asks besides a chair; fewer where the panel is small.
const PANEL_SIGNATURES: u64 = 2;
/// Points a day of a new member where nothing else is said: a platform's new hosts of a day, with room.
pub const POINTS_PER_DAY: u64 = 10_000;

pub struct RegistrySetup {
    /// The log's origin.
    pub issuer: String,
    pub issued_at: Time,
    /// When the first roster ends.
    pub expires: Time,
    pub seats: Vec<PublicSeat>,
    pub log: VerifierKey,
    pub token_keys: Vec<PublicTokenKey>,
    pub members: Vec<PublicMember>,
    /// Witnesses that aren't members.
    pub witnesses: Vec<VerifierKey>,
    /// How many witnesses it takes. Nobody can cosign before the log begins, so that with any but 0 nothing is proven
    /// until so many agents run.
    pub quorum: u64,
    pub policies: Vec<Document<Policy>>,
}

/// Three dockets, to be signed and handed in in this order.
pub struct SetupDrafts {
    /// The first roster; its hash pins the registry.
    pub genesis: Bundle,
    pub policies: Option<Bundle>,
    pub members: Option<Bundle>,
    /// The roster, for whom all three are encrypted.
    pub roster: Roster,
}

/// The files that a setup's drafts are written as: the pin, then the bundles in the order in which they are handed in.
pub const FILES: [&str; 4] = ["genesis.json", "genesis.bundle", "policies.bundle", "members.bundle"];

impl SetupDrafts {
    /// Writes the pin of a registry at these addresses and the bundles into `dir`; says what each is for.
    pub fn write(&self, dir: &Path, url: Address, tokens_url: Address) -> Result<(Pin, Vec<Line>), Error> {
        let Self { genesis, policies, members, roster } = self;
        let pin = Pin { v: 1, issuer: roster.issuer.clone(), genesis: genesis.hash(), url, tokens_url };
        let [pinned, bundles @ ..] = FILES.map(|name| dir.join(name));
        pin.write(&pinned).map_err(|source| Error::below("pin", source))?;
        let line = |path: &Path, what: String| vec![plain(format!("{}  {what}", path.display()))];
        let everyones = zh_en!("交给所有人：据此认定登记册", "everyone's: it pins the registry");
        let mut lines = vec![line(&pinned, everyones)];
        for (path, bundle) in bundles.iter().zip([Some(genesis), policies.as_ref(), members.as_ref()]) {
            let Some(bundle) = bundle else { continue };
            // Public documents hide nothing: whichever seat hands them in can open them.
            bundle.write(path, roster.seats.iter().map(|seat| &seat.recipient))?;
            lines.push(line(path, to_sign(&bundle.asked(roster))));
        }
        Ok((pin, lines))
    }
}

impl RegistrySetup {
    pub fn draft(self, rng: &mut impl CryptoRng) -> Result<SetupDrafts, Error> {
        let of_other = |whose| Error::OfAnotherRegistry { whose, issuer: self.issuer.clone() };
        if self.token_keys.is_empty() {
            return Err(Error::NoTokenKey);
        }
        if self.token_keys.iter().any(|key| key.issuer != self.issuer) {
            return Err(of_other(Phrase::new("身份代码密钥", "a token key")));
        }
        if self.members.iter().any(|member| member.issuer != self.issuer) {
            return Err(of_other(Phrase::new("会员单位的密钥", "a member's key")));
        }
        if self.expires <= self.issued_at {
            return Err(Error::BornExpired);
        }
        let roster = self.roster()?;
        let mut documents = Documents { issuer: self.issuer, roster: 1, issued_at: self.issued_at, rng };

        let text = document(Kind::Roster, &roster)?;
        let genesis = documents.docket([Act::Roster(Box::new(text))])?;
        let policies = self.policies.into_iter().map(|policy| Act::Policy(Box::new(policy)));
        let policies = (policies.len() != 0).then(|| documents.docket(policies)).transpose()?;
        let members = if self.members.is_empty() {
            None
        } else {
            let quota = Quota { per_day: POINTS_PER_DAY, grants: Vec::new() };
            let members = self.members.into_iter().map(|member| member.into_member(quota.clone())).collect();
            let members = Members { v: 1, version: 1, members };
            if members.keys().any(|key| roster.keys().any(|other| other == key)) {
                return Err(Error::KeyRepeated);
            }
            let text = document(Kind::Members, &members)?;
            Some(documents.docket([Act::Members(Box::new(text))])?)
        };
        Ok(SetupDrafts { genesis, policies, members, roster })
    }

    fn roster(&self) -> Result<Roster, Error> {
        let seats: Vec<Seat> = self.seats.iter().cloned().map(PublicSeat::into_seat).collect();
        let mut keys: Vec<VerifierKey> = self.members.iter().map(|member| member.witness.clone()).collect();
        keys.extend(self.witnesses.iter().cloned());
        let epochs = self.token_keys.iter().map(|key| EpochKey {
            number: key.epoch,
            public_key: key.public_key,
            state: EpochState::Live,
        });
        Ok(Roster {
            v: 1,
            version: 1,
            issuer: self.issuer.clone(),
            expires: self.expires,
            thresholds: default_thresholds(&seats)?,
            seats,
            log: vec![self.log.clone()],
            witnesses: Witnesses { quorum: self.quorum, keys },
            epochs: epochs.collect(),
        })
    }
}

/// The fewest that are more than half of `witnesses`; of none, 0.
pub fn majority(witnesses: usize) -> u64 {
    if witnesses == 0 { 0 } else { witnesses as u64 / 2 + 1 }
}

/// How many of whom each kind asks in a first roster, for a committee of these seats.
pub fn default_thresholds(seats: &[Seat]) -> Result<BTreeMap<RuleKey, Vec<RoleCount>>, Error> {
    let of = |role| seats.iter().map(|seat| u64::from(seat.role == role)).sum();
    let (panel, chairs, secretariat) = (of(Role::Panel), of(Role::Chair), of(Role::Secretariat));
    if panel < 2 || chairs < 2 || secretariat < 1 {
        return Err(Error::TooFewSeats { panel, chairs, secretariat });
    }
    // The next roster must be within reach after the loss of one seat.
    let panel = RoleCount { role: Role::Panel, count: PANEL_SIGNATURES.min(panel - 1) };
    let chair = RoleCount { role: Role::Chair, count: 1 };
    let secretariat = RoleCount { role: Role::Secretariat, count: 1 };
    let rule = |kind| match kind {
        Kind::Ruling | Kind::Annulment | Kind::End | Kind::Reinstatement | Kind::Link | Kind::Policy | Kind::Roster => {
            vec![panel, chair]
        }
        Kind::Members => vec![RoleCount { count: 1, ..panel }, chair],
        Kind::Interim | Kind::Stay => vec![chair],
        Kind::Dispute | Kind::Rejoinder => vec![secretariat],
        Kind::Erasure => vec![chair, secretariat],
    };
    Ok(Kind::ALL.into_iter().map(|kind| (RuleKey { kind, of: None }, rule(kind))).collect())
}

/// Drafts dockets of public documents.
pub(super) struct Documents<'a, R> {
    pub(super) issuer: String,
    pub(super) roster: u64,
    pub(super) issued_at: Time,
    pub(super) rng: &'a mut R,
}

impl<R: CryptoRng> Documents<'_, R> {
    pub(super) fn docket(&mut self, acts: impl IntoIterator<Item = Act>) -> Result<Bundle, Error> {
        let (mut items, mut statements) = (Vec::new(), Vec::new());
        for act in acts {
            let id: RecordId = self.id();
            let mut salt = [0; 32];
            self.rng.fill_bytes(&mut salt);
            let statement = Statement { id, salt: Octets(salt), act };
            let bytes = statement.to_json();
            items.push(docket::Item::of(&statement, &bytes, None));
            statements.push(Item { statement: Base64(bytes), share: None, identities: Vec::new(), plain: None });
        }
        let id: DocketId = self.id();
        let (issuer, issued_at) = (self.issuer.clone(), self.issued_at);
        let docket = Docket { v: 1, id, issuer, issued_at, roster: self.roster, items, publication: None };
        Bundle::draft(&docket, statements, None, Vec::new())
    }

    fn id<Of>(&mut self) -> Id<Of> {
        let mut random = [0; 10];
        self.rng.fill_bytes(&mut random);
        Id::new(self.issued_at, random)
    }
}

/// The public document that says `value`, read as everyone else will read it.
pub(super) fn document<T: WellFormed + Serialize>(kind: Kind, value: &T) -> Result<Document<T>, Error> {
    let text = String::from_utf8_lossy(&to_json(value)).into_owned();
    Document::read(text).map_err(|source| Error::Document { kind, source })
}

#[cfg(test)]
pub(super) mod tests;
