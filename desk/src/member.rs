//! Members join ([`Joining`]), change ([`Change`]) and leave ([`Leaving`]), and the roster changes with them or by itself
//! ([`Requorum`], [`NextRoster`]). What is in force is fetched and verified. Then what differs is drafted: the next list of
//! members, the next roster.
//!
//! Two dockets, since a roster stands alone; both name the roster in force, so the members' is handed in first. The first
//! members are [`super::setup`]'s. Implements `docs/formats.md` §6.

mod change;
mod leaving;
mod requorum;
pub mod roster;

use std::{path::Path, time::Duration};

use callboard_client::{
    http,
    in_force::{self, InForceError},
    output::{Line, plain, red, yellow},
    pin::Pin,
    public_file::PublicMember,
};
use callboard_federation::{
    encoding::{KeyId, Time},
    language::{Language, Phrase},
    members::{Grant, Member, MemberId, Members, Quota},
    roster::{Roster, Witnesses},
    statement::{Act, Kind},
    tlog::{TlogError, checkpoint::SignedCheckpoint, cosignature::newest_by, vkey::VerifierKey},
    zh_en,
};
use callboard_keys::SeatKey;
use rand_core::CryptoRng;

pub use change::Change;
pub use leaving::{Hindrance, Leaving};
pub use requorum::Requorum;
pub use roster::{
    Deputy, DeputyFile, EpochChanges, LogKeyChanges, NewRule, NextRoster, RosterChange, RuleChanges, SeatChanges,
    WitnessChanges, show,
};

use super::{
    bundle::{Bundle, signers, to_sign},
    error::Error,
    setup::{Documents, document, majority},
    signing::public,
};

/// A cosignature that is older, in seconds, is of an agent that doesn't run: they come each minute.
const FRESH_SECONDS: i64 = 180;
/// How long is waited for the cosignatures of what was logged a moment ago.
const COSIGNING_PAUSES: [Duration; 4] = [Duration::from_millis(700); 4];

/// What a registry has in force, verified against its pin.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    pub roster: Roster,
    /// The members, once there are any.
    pub members: Option<Members>,
    /// The roster's witnesses whose fresh cosignatures the newest checkpoint has.
    pub cosigning: Vec<VerifierKey>,
}

/// Members about to join, and what each may ask.
pub struct Joining {
    pub members: Vec<PublicMember>,
    /// Whether the roster names their agents as witnesses.
    pub as_witnesses: bool,
    /// Another quorum than that in force, if one is asked for.
    pub quorum: Option<u64>,
    pub per_day: u64,
    /// Points besides, for a first load.
    pub grant: Option<Grant>,
}

pub enum MemberChange {
    Join(Joining),
    Change(MemberId, Box<Change>),
    Leave(Leaving),
    Requorum(Requorum),
    Roster(Box<NextRoster>),
}

/// What was written to be signed, and why members that leave can't yet.
pub struct AmendmentFiles {
    lines: Vec<Line>,
    hindrances: Vec<Hindrance>,
}

/// What is to be signed; handed in in this order.
pub struct Amendment {
    /// The next list of members, and its version, if it changes.
    pub members: Option<(u64, Bundle)>,
    /// The next roster, if it changes.
    pub roster: Option<Bundle>,
    pub witnesses: Witnesses,
    /// The roster that is to be in force, also where it stays.
    pub next: Roster,
    /// Why members that leave can't yet: the roster comes first.
    pub hindrances: Vec<Hindrance>,
    /// Whether the roster was what changes, and not changes with members.
    is_of_roster: bool,
}

impl InForce {
    /// Asks the registry, and verifies its answers against the pin.
    pub async fn fetch(client: &reqwest::Client, pin: &Pin, now: Time) -> Result<Self, Error> {
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
fn cosigning(roster: &Roster, note: &[u8], now: Time) -> Result<Vec<VerifierKey>, Error> {
    let note = std::str::from_utf8(note).map_err(|_| TlogError::Checkpoint).and_then(str::parse);
    let note: SignedCheckpoint = note.map_err(Error::Checkpoint)?;
    note.verify(&roster.log).map_err(Error::Checkpoint)?;
    let fresh = |key: &&VerifierKey| {
        let newest = newest_by(note.note(), key, now).ok().flatten().and_then(|at| i64::try_from(at).ok());
        newest.is_some_and(|at| now.as_seconds() - at <= FRESH_SECONDS)
    };
    Ok(roster.witnesses.keys.iter().filter(fresh).cloned().collect())
}

impl Joining {
    fn apply(self, next: &mut Next, in_force: &InForce) -> Result<(), Error> {
        let (roster, members) = (&mut next.roster, &mut next.members.members);
        let quota = Quota { per_day: self.per_day, grants: self.grant.into_iter().collect() };
        for joining in self.members {
            let (member, issuer) = (joining.member.clone(), roster.issuer.clone());
            if joining.issuer != issuer {
                return Err(Error::MemberOfAnotherRegistry { member, of: joining.issuer, issuer });
            }
            if members.iter().any(|other| other.member == member) {
                return Err(Error::Already(member));
            }
            if self.as_witnesses && !roster.witnesses.keys.contains(&joining.witness) {
                roster.witnesses.keys.push(joining.witness.clone());
            }
            members.push(joining.into_member(quota.clone()));
        }
        let of_roster = |member: &&Member| member.keys.iter().any(|key| roster.keys().any(|other| other == key));
        if let Some(member) = members.iter().find(of_roster) {
            return Err(Error::RequestKeyRepeated(member.member.clone()));
        }
        settle_quorum(&mut roster.witnesses, self.quorum, &in_force.cosigning)
    }
}

/// The quorum stays what it is, unless another is asked for: then it is one that is met now. A roster that asks for
/// witnesses who don't run locks everyone out, the committee too: nothing that it logs is proven.
fn settle_quorum(witnesses: &mut Witnesses, asked: Option<u64>, cosigning: &[VerifierKey]) -> Result<(), Error> {
    let keys = witnesses.keys.len() as u64;
    let cosigning = cosigning_of(witnesses, cosigning);
    match asked {
        Some(quorum) if quorum > cosigning => Err(Error::NotCosigning { quorum, cosigning }),
        Some(quorum) => {
            witnesses.quorum = quorum;
            Ok(())
        }
        None if witnesses.quorum != 0 && witnesses.quorum <= keys / 2 => Err(Error::QuorumTooSmall {
            keys,
            quorum: witnesses.quorum,
            least: majority(witnesses.keys.len()),
            cosigning,
        }),
        None => Ok(()),
    }
}

/// Where a witness in force is gone, as many as are asked must be among those who cosign now: until the agent of a new key
/// has it, the others must do.
fn check_within_reach(witnesses: &Witnesses, in_force: &InForce) -> Result<(), Error> {
    let Witnesses { quorum, keys } = witnesses;
    let has_lost = in_force.roster.witnesses.keys.iter().any(|key| !keys.contains(key));
    let cosigning = cosigning_of(witnesses, &in_force.cosigning);
    if has_lost && *quorum > cosigning {
        return Err(Error::QuorumUnreachable { quorum: *quorum, keys: keys.len() as u64, cosigning });
    }
    Ok(())
}

/// How many of these witnesses cosign now.
fn cosigning_of(witnesses: &Witnesses, cosigning: &[VerifierKey]) -> u64 {
    cosigning.iter().map(|key| u64::from(witnesses.keys.contains(key))).sum()
}

/// The name of the witness key of a member's agent.
fn witness_name(issuer: &str, member: &MemberId) -> String {
    format!("{issuer}/witness/{member}")
}

/// The documents that follow those in force; what differs from them is drafted.
pub(super) struct Next {
    pub(super) members: Members,
    pub(super) roster: Roster,
    pub(super) issued_at: Time,
    hindrances: Vec<Hindrance>,
}

impl MemberChange {
    /// Drafts what is to be signed; `drafter` is the key of the seat that does. Where there are hindrances, the roster
    /// alone.
    ///
    /// # Errors
    /// Where nothing would change, or what comes of it can't be.
    pub fn draft(
        self,
        in_force: &InForce,
        drafter: &KeyId,
        issued_at: Time,
        rng: &mut impl CryptoRng,
    ) -> Result<Amendment, Error> {
        let before = &in_force.roster;
        // The next roster may come late; nothing else counts under one that is over.
        if before.expires <= issued_at && !matches!(self, Self::Roster(_)) {
            return Err(Error::RosterExpired { version: before.version, expired: before.expires });
        }
        if before.seat(drafter).is_none() {
            return Err(Error::NoSeat);
        }
        let mut members = in_force.members.clone().unwrap_or_else(|| Members { v: 1, version: 0, members: Vec::new() });
        members.version += 1;
        let roster = Roster { version: before.version + 1, ..before.clone() };
        let mut next = Next { members, roster, issued_at, hindrances: Vec::new() };
        let is_of_roster = matches!(self, Self::Roster(_));
        match self {
            Self::Join(joining) => joining.apply(&mut next, in_force)?,
            Self::Change(member, change) => change.apply(&member, &mut next, in_force)?,
            Self::Leave(leaving) => leaving.apply(&mut next, in_force)?,
            Self::Requorum(requorum) => requorum.apply(&mut next, in_force)?,
            Self::Roster(roster) => roster.apply(&mut next, in_force)?,
        }
        Ok(Amendment { is_of_roster, ..next.draft(in_force, rng)? })
    }
}

impl Next {
    fn draft(self, in_force: &InForce, rng: &mut impl CryptoRng) -> Result<Amendment, Error> {
        let Self { members, roster, issued_at, hindrances } = self;
        let before = &in_force.roster;
        let mut documents = Documents { issuer: before.issuer.clone(), roster: before.version, issued_at, rng };
        let changes_members = in_force.members.as_ref().map_or(&[][..], |before| &before.members) != members.members;
        let changes_roster = *before != (Roster { version: before.version, ..roster.clone() });
        if !changes_members && !changes_roster {
            return Err(Error::NothingChanges);
        }
        let (witnesses, next, is_of_roster) = (roster.witnesses.clone(), roster.clone(), false);
        let mut amendment = Amendment { members: None, roster: None, witnesses, next, hindrances, is_of_roster };
        if changes_members {
            let list = documents.docket([Act::Members(Box::new(document(Kind::Members, &members)?))])?;
            amendment.members = Some((members.version, list)).filter(|_| amendment.hindrances.is_empty());
        }
        if changes_roster {
            amendment.roster = Some(documents.docket([Act::Roster(Box::new(document(Kind::Roster, &roster)?))])?);
        }
        Ok(amendment)
    }
}

/// Drafts what follows what is in force, and writes the bundles into a directory, for those who sign them and the
/// drafter.
pub async fn amend(
    change: MemberChange,
    pin: &Pin,
    key: &SeatKey,
    now: Time,
    out: &Path,
    rng: &mut impl CryptoRng,
) -> Result<AmendmentFiles, Error> {
    let in_force = InForce::fetch(&http::client()?, pin, now).await?;
    let amendment = change.draft(&in_force, &key.public_key().id(), now, rng)?;
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    let roster = &in_force.roster;
    let mut lines = Vec::new();
    let next = amendment.roster.as_ref().map(|next| (format!("roster-{}.bundle", roster.version + 1), next));
    let members = amendment.members.as_ref().map(|(version, list)| (format!("members-{version}.bundle"), list));
    for (name, bundle) in members.into_iter().chain(next) {
        let path = out.join(name);
        // A roster is signed under itself too.
        let under_next = signers(&amendment.next, bundle);
        bundle.write(&path, signers(roster, bundle).chain(under_next).chain([key.recipient()]))?;
        lines.push(vec![plain(format_args!("{}  {}", path.display(), to_sign(&bundle.asked(roster))))]);
        let changes = public::changes_of(bundle, roster, in_force.members.as_ref(), Language::spoken());
        lines.extend(changes.into_iter().map(|change| vec![plain(change)]));
    }
    lines.extend(amendment.notes(&in_force));
    Ok(AmendmentFiles { lines, hindrances: amendment.hindrances })
}

impl Amendment {
    /// What is to be signed, in the order in which it is handed in.
    pub fn bundles(&self) -> impl Iterator<Item = &Bundle> {
        self.members.iter().map(|(_, list)| list).chain(&self.roster)
    }

    pub fn into_bundles(self) -> Vec<Bundle> {
        self.members.map(|(_, list)| list).into_iter().chain(self.roster).collect()
    }

    /// What is to be known besides the differences: of the quorum, and of the roster where it was what changes.
    pub fn notes(&self, in_force: &InForce) -> Vec<Line> {
        let mut lines = self.lines(in_force);
        if let Some(bundle) = self.roster.as_ref().filter(|_| self.is_of_roster) {
            lines.extend(roster::lines(&in_force.roster, &self.next, bundle.docket()));
        }
        lines
    }

    /// Why the registry can't pass it on: the next roster asks, by its own rule, seats that aren't in the one in force.
    ///
    /// # Errors
    /// It does.
    pub fn check_sendable(&self, in_force: &InForce) -> Result<(), Error> {
        let Some(bundle) = &self.roster else { return Ok(()) };
        let lacking = roster::out_of_reach(&in_force.roster, &self.next, bundle.docket());
        let Some((role, count)) = lacking.first().copied() else { return Ok(()) };
        let (version, words) = (self.next.version, role.words());
        Err(Error::other("out-of-reach-of-drafts", || {
            zh_en!(
                (
                    "第{version}版自身的签署要求还须{count}名{}，而现行名单中没有：请先让其加入并登记，再作其余更改",
                    words.zh
                ),
                (
                    "roster {version} asks {count} more of the {} than are in the one in force: let them join first, and \
                     change the rest afterwards",
                    words.en
                )
            )
        }))
    }

    /// What becomes of the quorum, and in which order the dockets are handed in.
    fn lines(&self, in_force: &InForce) -> Vec<Line> {
        let (before, now) = (in_force.roster.witnesses.quorum, self.witnesses.quorum);
        let cosigning = cosigning_of(&self.witnesses, &in_force.cosigning);
        let stays = if before == now { Phrase::new("仍为", "stays") } else { Phrase::new("改为", "becomes") };
        let said = zh_en!(
            "会员见证：{0}家中须有{now}家（{stays}），现有{cosigning}家在会签",
            "the quorum {stays} {now} of {0} witnesses, of whom {cosigning} cosign now",
            self.witnesses.keys.len()
        );
        let mut lines = vec![vec![if cosigning < now {
            let until = zh_en!(
                "：满{now}家之前，所登记的内容都得不到证明",
                ": until {now} do, nothing that is logged is proven"
            );
            yellow(format_args!("{said}{until}"))
        } else {
            plain(said)
        }]];
        if self.members.is_some() && self.roster.is_some() {
            lines.push(vec![plain(zh_en!(
                "请先提交会员单位名单，再提交签署权限名单：两者都依据第{}版签署权限名单",
                "hand the members in before the roster: both name roster {}",
                in_force.roster.version
            ))]);
        }
        lines
    }
}

impl AmendmentFiles {
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = self.lines.clone();
        lines.extend(self.hindrances.iter().map(|hindrance| vec![red(hindrance)]));
        if !self.hindrances.is_empty() {
            lines.push(vec![plain(zh_en!(
                "须先更换签署权限名单：待其生效后再次执行本命令，以更换会员单位名单",
                "the roster comes first: once it is in force, run this again for the list of members"
            ))]);
        }
        lines
    }

    pub fn is_hindered(&self) -> bool {
        !self.hindrances.is_empty()
    }
}

#[cfg(test)]
pub(crate) mod tests;
