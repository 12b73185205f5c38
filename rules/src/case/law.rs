//! What holds outside a case, when an event is taken: who may sign, which policies and cases there are, what the log is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use callboard_federation::{
    encoding::{CaseId, Hash, KeyId, PublicKey, Time},
    members::{MemberId, Members},
    policy::Policy,
    records::Records,
    replay::{History, Logged, Replay},
    roster::{Role, Roster},
    tlog::merkle::Tree,
};

use super::Case;
use crate::calendar::Calendar;

/// Who signed an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Seat(Seat),
    Member(MemberId),
    /// The registry's own clockwork, and what a subject files there.
    Log,
}

/// A seat as the roster of the time has it. Its holder names it: a key may be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub holder: String,
    pub role: Role,
    /// The member that its holder works for.
    pub member: Option<MemberId>,
    pub key: KeyId,
}

type MemberKeys = HashMap<KeyId, (PublicKey, MemberId)>;

/// What holds outside a case.
#[derive(Debug)]
pub struct Law<'a> {
    rosters: Vec<(Time, Keys)>,
    members: Vec<(Time, MemberKeys)>,
    policies: &'a BTreeMap<Hash, Policy>,
    tree: &'a Tree,
    history: &'a History,
    /// Who sat in cases that are closed, and that others may call earlier.
    pub sat: BTreeMap<CaseId, BTreeSet<String>>,
    /// Cases as they were with the event of this number, by which an appeal was filed there.
    pub appealed: BTreeMap<(CaseId, u64), Case>,
    /// The records of the log that count and aren't erased, where they are at hand.
    pub records: Option<&'a Records>,
}

/// The keys of a roster.
#[derive(Debug)]
struct Keys {
    seats: HashMap<KeyId, (PublicKey, Seat)>,
    log: HashMap<KeyId, PublicKey>,
}

impl<'a> Law<'a> {
    /// As the log says it.
    pub fn of(replay: &'a Replay) -> Self {
        Self { records: Some(replay.records()), ..Self::new(replay.history(), replay.policies(), replay.tree()) }
    }

    /// Of the parts that a replay has.
    pub fn new(history: &'a History, policies: &'a BTreeMap<Hash, Policy>, tree: &'a Tree) -> Self {
        let keys = |members: &Members| {
            let keys = members.members.iter().flat_map(|one| one.keys.iter().map(|key| (*key, one.member.clone())));
            keys.map(|(key, member)| (key.id(), (key, member))).collect()
        };
        let rosters = history.rosters.iter().map(|(since, roster)| (*since, Keys::of(roster))).collect();
        let members = history.members.iter().map(|(since, members)| (*since, keys(members))).collect();
        Self {
            rosters,
            members,
            policies,
            tree,
            history,
            sat: BTreeMap::new(),
            appealed: BTreeMap::new(),
            records: None,
        }
    }

    /// The docket that is in the log and counts, by the hash of its payload.
    pub fn docket(&self, payload: &Hash) -> Option<&'a Logged> {
        self.history.dockets.get(payload)
    }

    /// Every docket that is in the log and counts, with the hash of its payload.
    pub fn dockets(&self) -> impl Iterator<Item = (&'a Hash, &'a Logged)> {
        self.history.dockets.iter()
    }

    /// Whose key it is at that time.
    pub fn who(&self, key: &KeyId, at: Time) -> Option<(PublicKey, Who)> {
        let roster = in_force(&self.rosters, at)?;
        if let Some((key, seat)) = roster.seats.get(key) {
            return Some((*key, Who::Seat(seat.clone())));
        }
        if let Some(key) = roster.log.get(key) {
            return Some((*key, Who::Log));
        }
        let (key, member) = in_force(&self.members, at)?.get(key)?;
        Some((*key, Who::Member(member.clone())))
    }

    /// The seat with this key at that time.
    pub fn seat(&self, key: &KeyId, at: Time) -> Option<&Seat> {
        in_force(&self.rosters, at)?.seats.get(key).map(|(_, seat)| seat)
    }

    /// The seat of this holder at that time.
    pub fn holder(&self, holder: &str, at: Time) -> Option<&Seat> {
        self.seats(at).find(|seat| seat.holder == holder)
    }

    /// Whether a seat of this holder ever had this key.
    pub fn was(&self, holder: &str, key: &KeyId) -> bool {
        self.rosters.iter().any(|(_, keys)| keys.seats.get(key).is_some_and(|(_, seat)| seat.holder == holder))
    }

    /// Every seat at that time.
    pub fn seats(&self, at: Time) -> impl Iterator<Item = &Seat> {
        in_force(&self.rosters, at).into_iter().flat_map(|keys| keys.seats.values().map(|(_, seat)| seat))
    }

    pub fn policy(&self, sha256: &Hash) -> Option<&'a Policy> {
        self.policies.get(sha256)
    }

    /// A calendar, with the years behind its last as they were first logged for the same instrument by then: a case that
    /// goes on over a new year keeps its policy.
    pub(super) fn gone_on(&self, calendar: &Calendar, instrument: &str, at: Time) -> Calendar {
        let by_then = self.history.policies.iter().take_while(|(since, _)| *since <= at);
        let policies = by_then.filter_map(|(_, sha256)| self.policies.get(sha256));
        let mut calendar = calendar.clone();
        for later in policies.filter(|policy| policy.instrument == instrument) {
            if let Ok(later) = Calendar::of(&later.decide) {
                calendar.go_on_with(&later);
            }
        }
        calendar
    }

    /// The log's root at a size.
    pub fn root(&self, size: u64) -> Option<Hash> {
        self.tree.root(size)
    }

    /// Whether the log has this root at this size, and its last entry was logged after that time.
    pub fn has_root_after(&self, size: u64, root: &Hash, after: Time) -> bool {
        let last = usize::try_from(size).ok().and_then(|size| self.history.logged_at.get(size.checked_sub(1)?));
        last.is_some_and(|last| *last > after) && self.root(size).is_some_and(|of| of == *root)
    }
}

impl Keys {
    fn of(roster: &Roster) -> Self {
        let seats = roster.seats.iter().map(|seat| {
            let (key, id) = (seat.public_key, seat.public_key.id());
            let (holder, role, member) = (seat.holder.clone(), seat.role, seat.member.clone());
            (id, (key, Seat { holder, role, member, key: id }))
        });
        let log = roster.log.iter().map(|key| (key.key().id(), *key.key()));
        Self { seats: seats.collect(), log: log.collect() }
    }
}

/// The last that was logged by then.
fn in_force<T>(documents: &[(Time, T)], at: Time) -> Option<&T> {
    documents.iter().rev().find(|(since, _)| *since <= at).map(|(_, document)| document)
}
