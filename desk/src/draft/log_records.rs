//! The records that a draft names, as the log has them, with all that they are about themselves.

use std::collections::{BTreeSet, HashMap};

use callboard_federation::{
    encoding::RecordId,
    proof_file::ProvenRecord,
    records::{Record, Records},
    roster::Roster,
    standing::ever_joined_tags,
    statement::{EpochTag, Kind, Statement},
    zh_en,
};
use rand_core::CryptoRng;

use crate::{
    error::Error,
    registry::{Registry, RegistryError},
};

/// Records by id: what they say and whom they are of.
#[derive(Default)]
pub struct LogRecords {
    records: Records,
    statements: HashMap<RecordId, Statement>,
    /// The links that hold and join people's documents.
    links: Records,
}

impl LogRecords {
    /// Asks the registry for the records, and for what they are about.
    pub async fn fetch(
        registry: &Registry<'_>,
        ids: impl IntoIterator<Item = RecordId>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RegistryError> {
        Self::walk(registry, ids, false, rng).await
    }

    /// The same; what was erased since is left out.
    pub async fn fetch_what_is_left(
        registry: &Registry<'_>,
        ids: impl IntoIterator<Item = RecordId>,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RegistryError> {
        Self::walk(registry, ids, true, rng).await
    }

    async fn walk(
        registry: &Registry<'_>,
        ids: impl IntoIterator<Item = RecordId>,
        may_be_erased: bool,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RegistryError> {
        let mut named = Self::default();
        let mut waiting: Vec<RecordId> = ids.into_iter().collect();
        while let Some(id) = waiting.pop() {
            if named.statements.contains_key(&id) {
                continue;
            }
            let (proven, _) = match registry.record(id, rng).await {
                Err(RegistryError::NoRecord(_)) if may_be_erased => continue,
                proven => proven?,
            };
            waiting.extend_from_slice(proven.statement.about());
            named.insert(proven);
        }
        Ok(named)
    }

    pub fn insert(&mut self, proven: ProvenRecord) {
        self.records.insert(Record::new(proven.place, proven.logged_at, &proven.statement));
        self.statements.insert(proven.statement.id, proven.statement);
    }

    /// Adds a statement of the docket that names it: not logged, but before the one that does.
    pub fn insert_drafted(&mut self, record: Record, statement: Statement) {
        self.records.insert(record);
        self.statements.insert(statement.id, statement);
    }

    /// Asks the registry for links that it says hold, and proves each.
    pub async fn fetch_links(
        &mut self,
        registry: &Registry<'_>,
        ids: &[RecordId],
        rng: &mut impl CryptoRng,
    ) -> Result<(), Error> {
        for &id in ids {
            if self.links.get(id).is_none() {
                let (proven, _) = registry.record(id, rng).await?;
                if proven.statement.kind() != Kind::Link {
                    return Err(Error::other("no-link", || {
                        zh_en!(
                            "登记系统称记录 {id} 关联了身份，其实没有",
                            "the registry says that record {id} links identities, and it doesn't"
                        )
                    }));
                }
                self.insert_link(Record::new(proven.place, proven.logged_at, &proven.statement));
            }
        }
        Ok(())
    }

    /// Adds a link that holds.
    pub fn insert_link(&mut self, link: Record) {
        self.links.insert(link);
    }

    /// These tags, and those that links join to them.
    pub fn joined(&self, tags: &[EpochTag]) -> BTreeSet<EpochTag> {
        ever_joined_tags(&self.links, tags)
    }

    pub fn statement(&self, id: RecordId) -> Option<&Statement> {
        self.statements.get(&id)
    }

    pub fn statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.values()
    }

    pub fn kind(&self, id: RecordId) -> Option<Kind> {
        self.statements.get(&id).map(Statement::kind)
    }

    pub const fn records(&self) -> &Records {
        &self.records
    }

    /// Whether two records are of one person, whose documents a link may join.
    pub fn are_joined(&self, a: RecordId, b: RecordId) -> bool {
        let tags = |id| self.records.get(id).map(|record| self.records.wrapped_tags_of(record)).unwrap_or_default();
        self.are_of_one(a, b) || self.is_of(a, &tags(b))
    }

    /// Whether one statement may name both records (formats §5.4): they share a hard tag, or any where one has no hard
    /// one.
    pub fn are_of_one(&self, a: RecordId, b: RecordId) -> bool {
        let (Some(a), Some(b)) = (self.records.get(a), self.records.get(b)) else { return false };
        let (hard_a, hard_b) = (self.records.hard_tags_of(a), self.records.hard_tags_of(b));
        if hard_a.is_empty() || hard_b.is_empty() {
            shares(&self.records.tags_of(a), &self.records.tags_of(b))
        } else {
            shares(&hard_a, &hard_b)
        }
    }

    /// The records, and those that they are about, and so on: each once.
    pub fn behind(&self, ids: &[RecordId]) -> Vec<RecordId> {
        let (mut behind, mut at) = (ids.to_vec(), 0);
        while let Some(id) = behind.get(at).copied() {
            for about in self.statement(id).map(Statement::about).unwrap_or_default() {
                if !behind.contains(about) {
                    behind.push(*about);
                }
            }
            at += 1;
        }
        behind
    }

    /// Whether an identity can be held against a record at all: it has a tag of a live epoch.
    pub fn is_comparable(&self, id: RecordId, roster: &Roster) -> bool {
        let tags = self.records.get(id).map(|record| self.records.wrapped_tags_of(record)).unwrap_or_default();
        tags.iter().any(|tag| roster.is_live(tag.epoch))
    }

    pub fn has_one_of(&self, id: RecordId, tags: &[EpochTag]) -> bool {
        self.records.get(id).is_some_and(|record| shares(&self.records.wrapped_tags_of(record), tags))
    }

    /// Whether a record is of the person who has these tags, or others that a link joins to them.
    pub fn is_of(&self, id: RecordId, tags: &[EpochTag]) -> bool {
        self.has_one_of(id, tags) || self.has_one_of(id, &Vec::from_iter(self.joined(tags)))
    }

    /// The links without which a record isn't of the person who has these tags.
    pub fn links_to(&self, id: RecordId, tags: &[EpochTag]) -> Vec<RecordId> {
        if tags.is_empty() || self.has_one_of(id, tags) || !self.is_of(id, tags) {
            return Vec::new();
        }
        let joined = self.joined(tags);
        let is_between = |link: &&Record| link.hard_tags().any(|tag| joined.contains(&tag));
        let mut links: Vec<&Record> = self.links.iter().filter(is_between).collect();
        links.sort_by_key(|link| link.place);
        links.into_iter().map(|link| link.id).collect()
    }

    /// The records in groups of one kind and person, in the order named.
    pub(super) fn groups(&self, kind: Kind, ids: &[RecordId]) -> Result<Vec<Vec<RecordId>>, Error> {
        let mut groups: Vec<Vec<RecordId>> = Vec::new();
        for &record in ids {
            let of = self.kind(record).ok_or(Error::NoRecords)?;
            if !kind.may_be_about(of) {
                return Err(Error::Kind { kind, of, record });
            }
            let fits = |group: &&mut Vec<RecordId>| {
                group.first().is_some_and(|first| self.kind(*first) == Some(of) && self.are_of_one(*first, record))
            };
            match groups.iter_mut().find(fits) {
                Some(group) if group.contains(&record) => {}
                Some(group) => group.push(record),
                None => groups.push(vec![record]),
            }
        }
        if groups.is_empty() { Err(Error::NoRecords) } else { Ok(groups) }
    }
}

fn shares(a: &[EpochTag], b: &[EpochTag]) -> bool {
    a.iter().any(|tag| b.contains(tag))
}
