//! What a replay knows after each line, and how a docket that counts changes it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    LineError, LineErrorKind, Moment, RuleError,
    history::{History, Logged},
};
use crate::{
    disclosure::DocketDisclosure,
    docket::Docket,
    document::Document,
    encoding::{DocketId, Hash, RecordId, Time},
    members::{MemberId, Members},
    policy::Policy,
    records::{Place, Record, Records},
    roster::Roster,
    standing::{Outlook, Standing, StandingError, outlook, standing},
    statement::{Act, EpochTag, Kind, Statement},
    tlog::merkle::Tree,
};

/// The state of a log after the lines followed so far.
#[derive(Debug, Default)]
pub struct Replay {
    /// What was pinned before the first line; `genesis` is learned where nothing was.
    pinned: Option<Hash>,
    pub(super) genesis: Option<Hash>,
    pub(super) tree: Tree,
    pub(super) history: History,
    pub(super) roster: Option<InForce<Roster>>,
    pub(super) members: Option<InForce<Members>>,
    pub(super) policies: BTreeMap<Hash, Policy>,
    pub(super) documents: Documents,
    pub(super) records: Records,
    pub(super) docket_ids: HashSet<DocketId>,
    pub(super) ids: HashSet<RecordId>,
    pub(super) erased: HashSet<RecordId>,
    /// Whether a link is among the erased.
    pub(super) erased_links: bool,
    /// Records whose statements weren't disclosed: what each is, and the index of its docket.
    pub(super) lacking: HashMap<RecordId, (Kind, u64)>,
    /// Records that were disclosed and are erased by now.
    pub(super) seen_and_erased: BTreeSet<(u64, RecordId)>,
    pub(super) uncounted: BTreeSet<u64>,
    pub(super) uncounted_records: HashMap<RecordId, Kind>,
    /// Where statements of dockets that don't count were disclosed: an erasure may name them.
    pub(super) uncounted_disclosed: HashMap<RecordId, Vec<Place>>,
    pub(super) taken_over: BTreeSet<u64>,
}

/// A public document in force, and the record that carries it.
#[derive(Debug, Clone)]
pub struct InForce<T> {
    /// The document.
    pub document: Document<T>,
    /// Its record.
    pub record: RecordId,
}

/// The records that carry public documents.
#[derive(Debug, Default)]
pub struct Documents {
    /// Every roster, in order.
    pub rosters: Vec<RecordId>,
    /// Every policy by the SHA-256 of its document.
    pub policies: HashMap<Hash, RecordId>,
    /// Who was bound from which entry on: index of the docket, ids and names.
    pub(super) members: Vec<(u64, Vec<(MemberId, String)>)>,
    pub(super) instruments: HashSet<(String, String)>,
}

/// What a docket would change, until it counts.
#[derive(Default)]
pub(super) struct DocketChanges {
    pub(super) inserted: Vec<RecordId>,
    pub(super) erasures: Vec<Record>,
    pub(super) erased: HashSet<RecordId>,
    pub(super) roster: Option<InForce<Roster>>,
    pub(super) members: Option<InForce<Members>>,
    pub(super) policies: Vec<InForce<Policy>>,
}

impl Replay {
    /// A replay from the beginning. `genesis` is the pinned hash of entry 0's payload; `None` takes what the log begins
    /// with.
    pub fn new(genesis: Option<Hash>) -> Self {
        Self { pinned: genesis, genesis, ..Self::default() }
    }

    /// The same from the beginning, told what this one was told, and that the dockets at these indexes don't count.
    #[must_use]
    pub fn again(&self, uncounted: impl IntoIterator<Item = u64>) -> Self {
        let taken_over = self.taken_over.iter().copied().chain(uncounted).collect();
        Self { taken_over, ..Self::new(self.pinned) }
    }

    /// The hash that pins the log: of the payload of entry 0.
    pub const fn genesis(&self) -> Option<Hash> {
        self.genesis
    }

    /// The tree of the leaves.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// `loggedAt` of the last entry.
    pub fn logged_at(&self) -> Option<Time> {
        self.history.logged_at.last().copied()
    }

    /// What the log held since when.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The roster in force.
    pub fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref().map(|roster| &roster.document.value)
    }

    /// The members in force, and the record that says so.
    pub const fn members(&self) -> Option<&InForce<Members>> {
        self.members.as_ref()
    }

    /// The policies, by the SHA-256 of their documents.
    pub const fn policies(&self) -> &BTreeMap<Hash, Policy> {
        &self.policies
    }

    /// The records that carry public documents.
    pub const fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Who was bound when the entry at `index` was logged: ids and names, in the order of their list.
    pub fn bound_at(&self, index: u64) -> &[(MemberId, String)] {
        let list = self.documents.members.iter().rev().find(|(from, _)| *from <= index);
        list.map_or(&[], |(_, bound)| bound)
    }

    /// The records that count and aren't erased.
    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// The index of a docket that counts, by its payload's hash.
    pub fn index_of(&self, docket: &Hash) -> Option<u64> {
        self.history.dockets.get(docket).map(|logged| logged.index)
    }

    /// The standing of the one person who has `tags`, among the entries before `size`, at `at`.
    pub fn standing(&self, tags: &[EpochTag], size: u64, at: Time) -> Result<Standing, StandingError> {
        standing(&self.records, &self.policies, tags, size, at)
    }

    /// The same, with what is to come and how long both stay so.
    pub fn outlook(&self, tags: &[EpochTag], size: u64, at: Time) -> Result<Outlook, StandingError> {
        outlook(&self.records, &self.policies, tags, size, at)
    }

    /// What was left undisclosed so far without a logged erasure, oldest first: faults, once the view reaches no
    /// further.
    pub fn not_erased(&self) -> Vec<LineError> {
        let lacking = self.lacking.iter().filter(|(record, _)| !self.erased.contains(record));
        let lacking: BTreeSet<_> = lacking.map(|(record, (_, index))| (*index, *record)).collect();
        let fault = |(index, record)| LineError { index, kind: LineErrorKind::NotErased { record } };
        lacking.into_iter().map(fault).collect()
    }

    /// Where a statement that isn't erased was disclosed; of dockets that don't count too.
    pub fn disclosed_at(&self, record: RecordId) -> impl Iterator<Item = Place> + '_ {
        let uncounted = self.uncounted_disclosed.get(&record).into_iter().flatten().copied();
        self.records.get(record).map(|record| record.place).into_iter().chain(uncounted)
    }

    /// Records that were disclosed and are erased by now, with the index of their docket.
    pub fn seen_and_erased(&self) -> impl Iterator<Item = (u64, RecordId)> + '_ {
        self.seen_and_erased.iter().copied()
    }

    /// What was disclosed though an erasure in the same answer names it: faults, if all lines were read at once.
    pub fn still_disclosed(&self) -> impl Iterator<Item = LineError> + '_ {
        let fault = |&(index, record)| LineError { index, kind: LineErrorKind::StillDisclosed { record } };
        self.seen_and_erased.iter().map(fault)
    }

    /// Payload, docket id and record ids were never logged by a docket that counts.
    pub(super) fn check_unused(&self, docket: &Docket, payload: Hash) -> Result<(), RuleError> {
        if let Some(index) = self.index_of(&payload) {
            return Err(RuleError::DocketRepeated { index });
        }
        if self.docket_ids.contains(&docket.id) {
            return Err(RuleError::DocketIdRepeated);
        }
        match docket.items.iter().find(|item| self.ids.contains(&item.record) || self.erased.contains(&item.record)) {
            Some(item) => Err(RuleError::RecordRepeated(item.record)),
            None => Ok(()),
        }
    }

    /// Adds a checked statement to the records, so that later items of its docket can be about it.
    pub(super) fn stage(&mut self, moment: Moment, position: u32, statement: &Statement, staged: &mut DocketChanges) {
        let record = Record::new(Place { index: moment.index, position }, moment.logged_at, statement);
        if let Act::Erasure { about, .. } = &statement.act {
            // Kept apart until the docket counts: an erasure makes void, and wholeness asks what was before it.
            staged.erased.extend(about);
            staged.erasures.push(record);
        } else {
            staged.inserted.push(record.id);
            self.records.insert(record);
        }
    }

    /// Lets a docket that counts have its effect.
    pub(super) fn keep(
        &mut self,
        moment: Moment,
        (docket, statements): (&Docket, &[Option<Statement>]),
        payload: Hash,
        staged: DocketChanges,
    ) {
        let named = statements.iter().flatten().filter_map(|statement| Some(statement.basis()?.procedure));
        let procedures: BTreeSet<Hash> = named.collect();
        let is_whole = statements.iter().flatten().count() == docket.items.len();
        let logged = Logged {
            index: moment.index,
            at: moment.logged_at,
            procedures: procedures.into_iter().collect(),
            is_whole,
        };
        self.history.dockets.insert(payload, logged);
        self.docket_ids.insert(docket.id);
        self.ids.extend(docket.items.iter().map(|item| item.record));
        for record in staged.erasures {
            self.records.insert(record);
        }
        for id in &staged.erased {
            if let Some(record) = self.records.remove(*id) {
                self.erased_links |= record.kind == Kind::Link;
                self.seen_and_erased.insert((record.place.index, record.id));
            }
            let uncounted = self.uncounted_disclosed.remove(id).into_iter().flatten();
            self.seen_and_erased.extend(uncounted.map(|place| (place.index, *id)));
        }
        self.erased.extend(staged.erased);
        if let Some(roster) = staged.roster {
            self.genesis.get_or_insert(payload);
            self.documents.rosters.push(roster.record);
            self.history.rosters.push((moment.logged_at, roster.document.value.clone()));
            self.roster = Some(roster);
        }
        if let Some(members) = staged.members {
            let bound = members.document.value.members.iter();
            let bound = bound.map(|member| (member.member.clone(), member.name.clone())).collect();
            self.documents.members.push((moment.index, bound));
            self.history.members.push((moment.logged_at, members.document.value.clone()));
            self.members = Some(members);
        }
        for policy in staged.policies {
            let InForce { document: Document { hash, value, .. }, record } = policy;
            self.documents.instruments.insert((value.instrument.clone(), value.version.clone()));
            self.documents.policies.insert(hash, record);
            self.history.policies.push((moment.logged_at, hash));
            self.policies.insert(hash, value);
        }
    }

    /// Notes which statements of a docket weren't disclosed.
    pub(super) fn note_lacking(&mut self, index: u64, docket: &Docket, disclosed: &DocketDisclosure) {
        for (item, statement) in docket.items.iter().zip(&disclosed.items) {
            if statement.is_none() {
                self.lacking.insert(item.record, (item.kind, index));
            }
        }
    }
}
