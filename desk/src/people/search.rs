//! Looking somebody up: by name or number, by the number of a letter and the place in it, by a record.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map};

use callboard_federation::{
    encoding::{Hash, RecordId},
    identity::Identity,
    statement::Kind,
};
use unicode_normalization::UnicodeNormalization as _;

use super::{
    Index,
    entry::{DocketState, Entry, IndexedDocket, Reference},
    shards::Shards,
    term::{self, Term},
};
use crate::Error;

/// How many places of one search are opened; of more it is told that there are.
const MOST: usize = 200;
/// How many documents and records of one person are followed.
const MOST_TERMS: usize = 500;

/// What somebody is in one docket.
#[derive(Clone)]
pub struct Hit {
    /// The docket, without its people.
    pub docket: IndexedDocket,
    pub entry: Entry,
}

/// What a search found.
#[derive(Default)]
pub struct Found {
    /// Dockets whose letters bear the number that was typed.
    pub dockets: Vec<IndexedDocket>,
    /// People, each with the items that were hit, the newest first.
    pub people: Vec<Vec<Hit>>,
    /// Whether there are more than are shown.
    pub is_cut: bool,
}

impl Index<'_> {
    /// Looks up what somebody typed: a name, a number, `中演协〔2026〕10号 17`.
    pub fn search(&self, typed: &str) -> Result<Found, Error> {
        let mut reader = Reader::of(self);
        let mut found = Found::default();
        let (rest, place) = with_place(typed);
        if let Some(place) = place {
            for reference in reader.references(&term::ways_to_read(&rest))? {
                let Some(docket) = reader.docket(&reference.docket)?.filter(|_| reference.position.is_none()) else {
                    continue;
                };
                if let Some(entry) = place.checked_sub(1).and_then(|position| docket.entry(position)) {
                    found.people.push(vec![Hit { docket: docket.head(), entry: entry.clone() }]);
                }
            }
            if !found.people.is_empty() {
                found.people = people(foremost(found.people.into_iter().flatten().collect()));
                return Ok(found);
            }
        }
        let references = reader.references(&term::ways_to_read(typed))?;
        found.is_cut = references.len() > MOST;
        let mut hits: Vec<Hit> = Vec::new();
        for reference in references.iter().take(MOST) {
            match reference.position {
                None => found.dockets.extend(reader.docket(&reference.docket)?.map(IndexedDocket::head)),
                Some(_) => hits.extend(reader.hit(reference)?),
            }
        }
        let mut hits = foremost(hits);
        hits.sort_by_key(|hit| std::cmp::Reverse(hit.docket.issued_at));
        let is_decided = |number: &Option<String>, dockets: &[IndexedDocket]| {
            let is_of = |of: &IndexedDocket| of.number == *number && of.state.rank() > DocketState::Proposed.rank();
            dockets.iter().any(is_of)
        };
        let all = found.dockets.clone();
        found.dockets.retain(|of| of.state != DocketState::Proposed || !is_decided(&of.number, &all));
        found.people = people(hits);
        Ok(found)
    }

    /// All of the person whom a record is of, the newest first; nothing, if the index doesn't have it.
    pub fn person(&self, record: RecordId) -> Result<Vec<Hit>, Error> {
        let mut reader = Reader::of(self);
        let mut hits: BTreeMap<RecordId, Hit> = BTreeMap::new();
        let (mut asked, mut waiting) = (BTreeSet::new(), vec![Term::of_record(record)]);
        while let Some(term) = waiting.pop() {
            if asked.len() >= MOST_TERMS || !asked.insert(term.clone()) {
                continue;
            }
            for reference in reader.references(&[term])?.into_iter().take(MOST) {
                let Some(hit) = reader.hit(&reference)? else { continue };
                let entry = &hit.entry;
                waiting.extend(entry.hard_identities().map(|identity| Term::of_identity(&identity)));
                waiting.push(Term::of_record(entry.record));
                // An erasure's records may be of several people.
                if entry.kind != Kind::Erasure {
                    waiting.extend(entry.about.iter().copied().map(Term::of_record));
                }
                let is_less = |known: &Hit| known.docket.state.rank() > hit.docket.state.rank();
                if !hits.get(&entry.record).is_some_and(is_less) {
                    hits.insert(entry.record, hit);
                }
            }
        }
        let mut hits: Vec<Hit> = hits.into_values().collect();
        hits.sort_by_key(|hit| std::cmp::Reverse((hit.docket.issued_at, hit.entry.position)));
        Ok(hits)
    }

    /// A docket with its people.
    pub fn docket(&self, docket: &Hash) -> Result<Option<IndexedDocket>, Error> {
        Ok(Reader::of(self).docket(docket)?.cloned())
    }
}

/// What one search has opened.
struct Reader<'r, 'k> {
    shards: &'r Shards<'k>,
    dockets: HashMap<u16, Vec<IndexedDocket>>,
}

impl<'r, 'k> Reader<'r, 'k> {
    fn of(index: &'r Index<'k>) -> Self {
        Self { shards: &index.shards, dockets: HashMap::new() }
    }

    fn references(&self, terms: &[Term]) -> Result<Vec<Reference>, Error> {
        let mut all: Vec<Reference> = Vec::new();
        for term in terms {
            let (shard, called) = self.shards.of_term(term);
            let found = self.shards.terms(shard)?.remove(&called).unwrap_or_default();
            for reference in found {
                if !all.contains(&reference) {
                    all.push(reference);
                }
            }
        }
        Ok(all)
    }

    fn docket(&mut self, docket: &Hash) -> Result<Option<&IndexedDocket>, Error> {
        let shard = self.shards.of_docket(docket);
        let all = match self.dockets.entry(shard) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(new) => new.insert(self.shards.dockets(shard)?),
        };
        Ok(all.iter().find(|known| known.docket == *docket))
    }

    fn hit(&mut self, reference: &Reference) -> Result<Option<Hit>, Error> {
        let docket = self.docket(&reference.docket)?;
        Ok(docket.zip(reference.position).and_then(|(docket, position)| {
            let entry = docket.entry(position)?.clone();
            Some(Hit { docket: docket.head(), entry })
        }))
    }
}

/// Of each record the hit that says most of it.
fn foremost(hits: Vec<Hit>) -> Vec<Hit> {
    let mut most: BTreeMap<RecordId, u8> = BTreeMap::new();
    for hit in &hits {
        let rank = most.entry(hit.entry.record).or_default();
        *rank = hit.docket.state.rank().max(*rank);
    }
    hits.into_iter().filter(|hit| most.get(&hit.entry.record) == Some(&hit.docket.state.rank())).collect()
}

/// Hits that are one person's.
struct Person {
    identities: Vec<Identity>,
    records: Vec<RecordId>,
    hits: Vec<Hit>,
}

/// Hits by person: those who share a document, or whose record another is about, are one.
fn people(hits: Vec<Hit>) -> Vec<Vec<Hit>> {
    let mut people: Vec<Person> = Vec::new();
    for hit in hits {
        let identities: Vec<Identity> = hit.entry.hard_identities().collect();
        let records: Vec<RecordId> = std::iter::once(hit.entry.record).chain(hit.entry.about.iter().copied()).collect();
        let is_same = |person: &&mut Person| {
            person.identities.iter().any(|identity| identities.contains(identity))
                || person.records.iter().any(|record| records.contains(record))
        };
        match people.iter_mut().find(is_same) {
            Some(person) => {
                person.identities.extend(identities);
                person.records.extend(records);
                person.hits.push(hit);
            }
            None => people.push(Person { identities, records, hits: vec![hit] }),
        }
    }
    people.into_iter().map(|person| person.hits).collect()
}

/// What was typed, and a place behind it: `17`, `第17行`, `第17项`.
fn with_place(typed: &str) -> (String, Option<u32>) {
    let text: String = typed.trim().nfkc().collect();
    let last = text.rsplit_once(char::is_whitespace).or_else(|| text.rfind('第').map(|at| text.split_at(at)));
    let place = |word: &str| {
        let word = word.trim();
        let word = word.strip_prefix('第').unwrap_or(word);
        word.trim_end_matches(['行', '项', '号', '条']).trim().parse::<u32>().ok()
    };
    match last.and_then(|(rest, word)| Some((rest.trim().to_owned(), place(word)?))) {
        Some((rest, place)) if !rest.is_empty() => (rest, Some(place)),
        _ => (text, None),
    }
}
