//! The records of a log, as far as standing and acceptance need them, and who names whom.
//!
//! A record here is a statement without what is sealed in it: at a million records the sealed details would fill the
//! memory. Order of arrival never matters; what is asked for a log size sees only what lies before it.

use std::collections::{BTreeMap, HashMap};

use crate::{
    encoding::{Hash, RecordId, Time},
    statement::{Act, Basis, EpochTag, Kind, Measure, Statement, Subject},
};

/// Where a record stands: records are ordered by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The index of the docket's entry in the log.
    pub index: u64,
    /// The position of the item in the docket, from 0.
    pub position: u32,
}

/// A logged statement without its sealed details.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The statement's id.
    pub id: RecordId,
    /// Where it stands in the log.
    pub place: Place,
    /// Its kind.
    pub kind: Kind,
    /// `effectiveAt`, where its kind has one.
    pub effective_at: Option<Time>,
    /// From when it has effect: the later of `effectiveAt`, where it has one, and `loggedAt`.
    pub starts: Time,
    /// What it is about.
    pub about: Box<[RecordId]>,
    /// Whom it names itself.
    pub subject: Option<Subject>,
    /// What it imposes.
    pub measure: Option<Measure>,
    /// The end of a stay, or of a reinstatement's probation.
    pub until: Option<Time>,
    /// SHA-256 of the policy that it was made under.
    pub policy: Option<Hash>,
    /// Whether it was taken over without a case.
    pub imported: bool,
}

impl Record {
    /// The record of a statement that was logged at `logged_at`.
    pub fn new(place: Place, logged_at: Time, statement: &Statement) -> Self {
        Self {
            id: statement.id,
            place,
            kind: statement.kind(),
            effective_at: statement.effective_at(),
            starts: statement.effective_at().map_or(logged_at, |at| at.max(logged_at)),
            about: statement.about().into(),
            subject: statement.subject().cloned(),
            measure: statement.imposed().map(|imposed| imposed.measure.clone()),
            until: match &statement.act {
                Act::Stay { until, .. } => *until,
                Act::Reinstatement { probation, .. } => probation.map(|probation| probation.until),
                _ => None,
            },
            policy: statement.basis().map(|basis| basis.policy.sha256),
            imported: statement.basis().is_some_and(Basis::is_imported),
        }
    }

    /// The hard tags that it names itself.
    pub fn hard_tags(&self) -> impl Iterator<Item = EpochTag> + '_ {
        self.subject.iter().flat_map(Subject::hard)
    }
}

/// Records by id, by tag, and by what they are about.
#[derive(Debug, Default)]
pub struct Records {
    by_id: HashMap<RecordId, Record>,
    by_tag: HashMap<EpochTag, Vec<RecordId>>,
    naming: HashMap<RecordId, Vec<RecordId>>,
    kinds: BTreeMap<Kind, u64>,
}

impl Records {
    /// Adds a record; one of the same id is replaced.
    pub fn insert(&mut self, record: Record) {
        self.remove(record.id);
        for tag in record.subject.iter().flat_map(|subject| &subject.tags) {
            self.by_tag.entry(tag.tag()).or_default().push(record.id);
        }
        for about in &record.about {
            self.naming.entry(*about).or_default().push(record.id);
        }
        *self.kinds.entry(record.kind).or_default() += 1;
        self.by_id.insert(record.id, record);
    }

    /// Takes a record out; what names it stays.
    pub fn remove(&mut self, id: RecordId) -> Option<Record> {
        let record = self.by_id.remove(&id)?;
        if let Some(count) = self.kinds.get_mut(&record.kind) {
            *count -= 1;
        }
        for tag in record.subject.iter().flat_map(|subject| &subject.tags) {
            drop_from(&mut self.by_tag, &tag.tag(), id);
        }
        for about in &record.about {
            drop_from(&mut self.naming, about, id);
        }
        Some(record)
    }

    /// The record of this id.
    pub fn get(&self, id: RecordId) -> Option<&Record> {
        self.by_id.get(&id)
    }

    /// The records that name this tag themselves.
    pub fn holding(&self, tag: EpochTag) -> impl Iterator<Item = &Record> {
        self.by_tag.get(&tag).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// The records that are about this one.
    pub fn about(&self, id: RecordId) -> impl Iterator<Item = &Record> {
        self.naming.get(&id).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// All records, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Record> {
        self.by_id.values()
    }

    /// Every tag that a record names, in no order.
    pub fn tags(&self) -> impl Iterator<Item = EpochTag> + '_ {
        self.by_tag.keys().copied()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// How many there are of each kind.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        self.kinds.iter().map(|(kind, count)| (*kind, *count)).filter(|(_, count)| *count > 0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// The tags of a record: its own, or those of what it is about.
    pub fn tags_of(&self, record: &Record) -> Vec<EpochTag> {
        self.collect_tags(record, &|subject| subject.tags.iter().map(crate::statement::SubjectTag::tag).collect())
    }

    /// The hard tags of a record: its own, or those of what it is about.
    pub fn hard_tags_of(&self, record: &Record) -> Vec<EpochTag> {
        self.collect_tags(record, &|subject| subject.hard().collect())
    }

    /// The tags that details of a record are wrapped for (formats §7).
    pub fn wrapped_tags_of(&self, record: &Record) -> Vec<EpochTag> {
        let hard = self.hard_tags_of(record);
        if hard.is_empty() { self.tags_of(record) } else { hard }
    }

    fn collect_tags(&self, record: &Record, of: &dyn Fn(&Subject) -> Vec<EpochTag>) -> Vec<EpochTag> {
        if let Some(subject) = &record.subject {
            return of(subject);
        }
        let mut tags = Vec::new();
        // What a record is about is earlier in the log, so this ends.
        for about in record.about.iter().filter_map(|id| self.get(*id)) {
            for tag in self.collect_tags(about, of) {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
        }
        tags
    }
}

fn drop_from<K: std::hash::Hash + Eq>(lists: &mut HashMap<K, Vec<RecordId>>, key: &K, id: RecordId) {
    if let Some(list) = lists.get_mut(key) {
        list.retain(|listed| *listed != id);
        if list.is_empty() {
            lists.remove(key);
        }
    }
}
