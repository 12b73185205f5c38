//! Members join ([`Joining`]), change ([`Change`]) and leave ([`Leaving`]), and the roster changes with them or by itself
//! ([`Requorum`], [`super::roster`]). What is in force is fetched and verified. Then what differs is drafted: the next list of
//! members, the next roster.
//!
//! Two dockets, since a roster stands alone; both name the roster in force, so the members' is handed in first. The first
//! members are [`super::setup`]'s. Implements `docs/formats.md` §6.

mod change;
mod leaving;
mod requorum;

use std::time::Duration;

use callboard_client::{
    http::{self, HttpError},
    in_force::{self, InForceError},
    pin::Pin,
    public_file::PublicMember,
};
use callboard_federation::{
    declaration::DeclarationError,
    encoding::{KeyId, Time},
    members::{Grant, Member, MemberId, Members, Quota},
    roster::{Roster, Witnesses},
    statement::{Act, Kind},
    tlog::{TlogError, checkpoint::SignedCheckpoint, cosignature::newest_by, vkey::VerifierKey},
    zh_en,
};
use rand_core::CryptoRng;

pub use change::Change;
pub use leaving::{Hindrance, Leaving};
pub use requorum::Requorum;

use super::{
    bundle::{Bundle, BundleError},
    setup::{Drafter, SetupError, document, majority},
};

/// A cosignature that is older, in seconds, is of an agent that doesn't run: they come each minute.
const FRESH_SECONDS: i64 = 180;
/// How long is waited for the cosignatures of what was logged a moment ago.
const COSIGNING_PAUSES: [Duration; 4] = [Duration::from_millis(700); 4];

/// What a registry has in force, verified against its pin.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    /// The roster.
    pub roster: Roster,
    /// The members, once there are any.
    pub members: Option<Members>,
    /// The roster's witnesses whose fresh cosignatures the newest checkpoint has.
    pub cosigning: Vec<VerifierKey>,
}

/// Members about to join, and what each may ask.
pub struct Joining {
    /// Their public files.
    pub members: Vec<PublicMember>,
    /// Whether the roster names their agents as witnesses.
    pub as_witnesses: bool,
    /// Another quorum than that in force, if one is asked for.
    pub quorum: Option<u64>,
    /// Points a day.
    pub per_day: u64,
    /// Points besides, for a first load.
    pub grant: Option<Grant>,
}

/// What is to be signed; handed in in this order.
pub struct Amendment {
    /// The next list of members, and its version, if it changes.
    pub members: Option<(u64, Bundle)>,
    /// The next roster, if it changes.
    pub roster: Option<Bundle>,
    /// The witnesses that come of it.
    pub witnesses: Witnesses,
    /// Why members that leave can't yet: the roster comes first.
    pub hindrances: Vec<Hindrance>,
}

/// Why neither list nor roster can change so.
#[derive(Debug, thiserror::Error)]
pub enum AmendmentError {
    /// What is in force isn't known.
    #[error(transparent)]
    InForce(#[from] InForceError),
    /// Nor is who cosigns.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The roster is over; nothing but the next one counts.
    #[error("{}", zh_en!("第{version}版签署权限名单已于 {expired} 到期：须先更换名单",
        "roster {version} expired at {expired}: a new one comes first"))]
    RosterExpired {
        /// The roster's version.
        version: u64,
        /// Since when.
        expired: Time,
    },
    /// The drafter's key isn't in the roster.
    #[error("{}", zh_en!("现行签署权限名单中没有此密钥", "the key is not of a seat of the roster in force"))]
    NoSeat,
    /// The member was made for another registry.
    #[error("{}", zh_en!("{member} 的密钥是为 {of} 生成的，不是 {issuer}",
        "{member} made its keys for {of}, not for {issuer}"))]
    OfAnotherRegistry {
        /// The member.
        member: MemberId,
        /// The registry that it made them for.
        of: String,
        /// The registry that it is to join.
        issuer: String,
    },
    /// It is a member already.
    #[error("{}", zh_en!("{_0} 已是会员单位", "{_0} is a member already"))]
    Already(MemberId),
    /// It is no member.
    #[error("{}", zh_en!("{_0} 不是会员单位", "{_0} is no member"))]
    NotThere(MemberId),
    /// More witnesses are asked for than cosign now: nothing would be proven any more.
    #[error("{}", zh_en!("要求{quorum}家会员见证，而签署权限名单中现有{cosigning}家在会签",
        "a quorum of {quorum} is asked for, and {cosigning} of the roster's witnesses cosign now"))]
    NotCosigning {
        /// How many are asked for.
        quorum: u64,
        /// How many cosign.
        cosigning: u64,
    },
    /// With the new witnesses the quorum in force wouldn't be more than half, and it is never raised by itself.
    #[error("{}", zh_en!("{keys}家见证会员至少须有{least}家会签，现行要求为{quorum}家：待足够多的会员端会签后（现有{cosigning}家）加 --quorum {least}，或者让该会员单位以 --without-witness 加入",
        "{keys} witnesses need a quorum of {least} at least, and {quorum} is in force: say --quorum {least}, once so many cosign ({cosigning} do now), or let the member join --without-witness"))]
    QuorumTooSmall {
        /// How many witnesses there would be.
        keys: u64,
        /// The quorum in force.
        quorum: u64,
        /// The fewest that are more than half.
        least: u64,
        /// How many cosign.
        cosigning: u64,
    },
    /// Without the members that leave no quorum is reached, whatever the roster asks.
    #[error("{}", zh_en!("去掉它们之后，{keys}家见证会员中现有{cosigning}家在会签，达不到要求（现行为{quorum}家）：请先让更多会员端会签",
        "without them {cosigning} of {keys} witnesses cosign now, which is no quorum (in force is {quorum}): let more agents cosign first"))]
    QuorumUnreachable {
        /// The quorum in force.
        quorum: u64,
        /// How many witnesses are left.
        keys: u64,
        /// How many of them cosign.
        cosigning: u64,
    },
    /// The member doesn't ask for it.
    #[error("{}", zh_en!("更换密钥的请求", "the request for new keys"))]
    Declaration(#[from] DeclarationError),
    /// It has no such key.
    #[error("{}", zh_en!("{_0} 没有请求密钥 {_1}", "{_0} has no request key {_1}"))]
    NoSuchKey(MemberId, KeyId),
    /// It would have no key.
    #[error("{}", zh_en!("{_0} 将没有任何密钥：没有密钥的会员单位应当退出（callboard member remove）",
        "{_0} would have no key: a member without one leaves (callboard member remove)"))]
    NoKeyLeft(MemberId),
    /// All would be as it is.
    #[error("{}", zh_en!("没有变化：请写明要改什么", "nothing would change: name what changes"))]
    NothingChanges,
    /// The registry's checkpoint isn't one that the roster's log signed.
    #[error("{}", zh_en!("登记系统最新的检查点", "the registry's newest checkpoint"))]
    Checkpoint(#[source] TlogError),
    /// Its request key stands in the roster already, or is its witness key.
    #[error("{}", zh_en!("{_0} 的请求密钥同时列在签署权限名单中：应当各有各的密钥",
        "{_0}'s request key is also a key of the roster: each has its own"))]
    KeyRepeated(MemberId),
    /// The next document, or its docket, can't be so.
    #[error(transparent)]
    Draft(#[from] SetupError),
}

impl From<BundleError> for AmendmentError {
    fn from(error: BundleError) -> Self {
        Self::Draft(error.into())
    }
}

impl InForce {
    /// Asks the registry, and verifies its answers against the pin.
    pub async fn fetch(client: &reqwest::Client, pin: &Pin, now: Time) -> Result<Self, AmendmentError> {
        let in_force::InForce { roster, members, .. } =
            in_force::InForce::fetch(client, &pin.url, &pin.genesis, now).await?;
        let mut in_force = Self { roster, members, cosigning: Vec::new() };
        for pause in COSIGNING_PAUSES {
            let note = http::get(client, &pin.url.at("/log/checkpoint")).await?.ok_or(InForceError::NotBegun)?;
            in_force.cosigning = cosigning(&in_force.roster, &note, now)?;
            if in_force.cosigning.len() == in_force.roster.witnesses.keys.len() {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        Ok(in_force)
    }
}

/// The roster's witnesses whose cosignatures of the newest checkpoint, by a clock that says `now`, are fresh.
fn cosigning(roster: &Roster, note: &[u8], now: Time) -> Result<Vec<VerifierKey>, AmendmentError> {
    let note = std::str::from_utf8(note).map_err(|_| TlogError::Checkpoint).and_then(str::parse);
    let note: SignedCheckpoint = note.map_err(AmendmentError::Checkpoint)?;
    note.verify(&roster.log).map_err(AmendmentError::Checkpoint)?;
    let fresh = |key: &&VerifierKey| {
        let newest = newest_by(note.note(), key, now).ok().flatten().and_then(|at| i64::try_from(at).ok());
        newest.is_some_and(|at| now.as_seconds() - at <= FRESH_SECONDS)
    };
    Ok(roster.witnesses.keys.iter().filter(fresh).cloned().collect())
}

impl Joining {
    /// Drafts what is to be signed; `drafter` is the key of the seat that does.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amendment, AmendmentError> {
        let mut next = Next::of(in_force, drafter, issued_at)?;
        let (roster, members) = (&mut next.roster, &mut next.members.members);
        let quota = Quota { per_day: self.per_day, grants: self.grant.into_iter().collect() };
        for joining in self.members {
            let (member, issuer) = (joining.member.clone(), roster.issuer.clone());
            if joining.issuer != issuer {
                return Err(AmendmentError::OfAnotherRegistry { member, of: joining.issuer, issuer });
            }
            if members.iter().any(|other| other.member == member) {
                return Err(AmendmentError::Already(member));
            }
            if self.as_witnesses && !roster.witnesses.keys.contains(&joining.witness) {
                roster.witnesses.keys.push(joining.witness.clone());
            }
            members.push(joining.into_member(quota.clone()));
        }
        let of_roster = |member: &&Member| member.keys.iter().any(|key| roster.keys().any(|other| other == key));
        if let Some(member) = members.iter().find(of_roster) {
            return Err(AmendmentError::KeyRepeated(member.member.clone()));
        }
        settle_quorum(&mut roster.witnesses, self.quorum, &in_force.cosigning)?;
        next.draft(in_force, issued_at, rng)
    }
}

/// The quorum stays what it is, unless another is asked for: then it is one that is met now. A roster that asks for
/// witnesses who don't run locks everyone out, the committee too: nothing that it logs is proven.
fn settle_quorum(
    witnesses: &mut Witnesses,
    asked: Option<u64>,
    cosigning: &[VerifierKey],
) -> Result<(), AmendmentError> {
    let keys = witnesses.keys.len() as u64;
    let cosigning = cosigning.iter().map(|key| u64::from(witnesses.keys.contains(key))).sum();
    match asked {
        Some(quorum) if quorum > cosigning => Err(AmendmentError::NotCosigning { quorum, cosigning }),
        Some(quorum) => {
            witnesses.quorum = quorum;
            Ok(())
        }
        None if witnesses.quorum != 0 && witnesses.quorum <= keys / 2 => Err(AmendmentError::QuorumTooSmall {
            keys,
            quorum: witnesses.quorum,
            least: majority(witnesses.keys.len()),
            cosigning,
        }),
        None => Ok(()),
    }
}

/// The name of the witness key of a member's agent.
fn witness_name(issuer: &str, member: &MemberId) -> String {
    format!("{issuer}/witness/{member}")
}

/// The documents that follow those in force; what differs from them is drafted.
pub(super) struct Next {
    pub(super) members: Members,
    pub(super) roster: Roster,
}

impl Next {
    /// Those in force to begin with, while the roster isn't over.
    fn of(in_force: &InForce, drafter: &KeyId, issued_at: Time) -> Result<Self, AmendmentError> {
        let Roster { version, expires: expired, .. } = in_force.roster;
        if expired <= issued_at {
            return Err(AmendmentError::RosterExpired { version, expired });
        }
        Self::after(in_force, drafter)
    }

    /// Those in force to begin with, whether or not the roster is over: the next one may come late.
    pub(super) fn after(in_force: &InForce, drafter: &KeyId) -> Result<Self, AmendmentError> {
        let roster = &in_force.roster;
        if roster.seat(drafter).is_none() {
            return Err(AmendmentError::NoSeat);
        }
        let mut members = in_force.members.clone().unwrap_or_else(|| Members { v: 1, version: 0, members: Vec::new() });
        members.version += 1;
        Ok(Self { members, roster: Roster { version: roster.version + 1, ..roster.clone() } })
    }

    pub(super) fn draft(
        self,
        in_force: &InForce,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amendment, AmendmentError> {
        let Self { members: next, roster } = self;
        let before = &in_force.roster;
        let mut drafter = Drafter { issuer: before.issuer.clone(), roster: before.version, issued_at, rng };
        let mut amendment =
            Amendment { members: None, roster: None, witnesses: roster.witnesses.clone(), hindrances: Vec::new() };
        if in_force.members.as_ref().map_or(&[][..], |before| &before.members) != next.members {
            let list = drafter.documents([Act::Members(Box::new(document(Kind::Members, &next)?))])?;
            amendment.members = Some((next.version, list));
        }
        if *before != (Roster { version: before.version, ..roster.clone() }) {
            amendment.roster = Some(drafter.documents([Act::Roster(Box::new(document(Kind::Roster, &roster)?))])?);
        }
        let is_same = amendment.members.is_none() && amendment.roster.is_none();
        if is_same { Err(AmendmentError::NothingChanges) } else { Ok(amendment) }
    }
}

#[cfg(test)]
pub(crate) mod tests;
