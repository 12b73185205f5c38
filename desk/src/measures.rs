//! What stands for a person already, and what is left once a docket has effect.
//!
//! The registry says what a standing rests on, and each record and each link of it is proven; that it leaves none out is its
//! word, as with [`super::ask`]. Where a [`super::verified_log`] is at hand, it leaves out nothing that lies in that. Drafting
//! and signing say it beside each statement, and which of both it was: whoever reverses one of two records must read of the other.

use std::collections::{BTreeSet, HashMap, HashSet, hash_map::Entry};

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    policy::Policy,
    records::{Place, Record},
    standing::{Action, Reason},
    statement::{EpochTag, Statement},
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    ask::{bears_out, standings, unproven_reason},
    bundle::{Bundle, Item},
    draft::log_records::LogRecords,
    registry::Registry,
    verified_log::VerifiedLog,
};
use crate::Error;
pub use crate::person_measure::{DocketReversals, PersonMeasure, PersonMeasures, Policies};

/// The most tags of one question to the registry (`POST /v1/standings`).
const MAX_TAGS: usize = 1_000;
/// As of how many days from now is asked besides: what is logged and takes effect tomorrow, or within a year, stands
/// too.
const DAYS_AHEAD: [i64; 3] = [0, 1, 366];

pub async fn policy<'p>(
    registry: &Registry<'_>,
    policies: &'p mut Policies,
    sha256: Hash,
) -> Result<&'p Policy, Error> {
    Ok(match policies.entry(sha256) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(registry.policy_of(sha256).await?.value),
    })
}

/// Whom is asked about, and what is known so far.
struct Person {
    asked: Vec<EpochTag>,
    /// Those, and what links join to them.
    tags: HashSet<EpochTag>,
    listed: Vec<PersonMeasure>,
}

/// What stands for the person of each statement: by its own tags, or those of the records that it is about. The links
/// that join them are added to what is known of the records.
pub async fn of_each(
    registry: &Registry<'_>,
    statements: &[Statement],
    named: &mut LogRecords,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<Vec<PersonMeasures>, Error> {
    let person = |asked: Vec<EpochTag>| Person { tags: asked.iter().copied().collect(), asked, listed: Vec::new() };
    let mut persons: Vec<Person> = statements.iter().map(|statement| person(tags_of(statement, named))).collect();
    ask(registry, &mut persons, named, policies, rng).await?;
    let mut by_tag: HashMap<&EpochTag, Vec<usize>> = HashMap::new();
    for (at, person) in persons.iter().enumerate() {
        for tag in &person.tags {
            by_tag.entry(tag).or_default().push(at);
        }
    }
    let also = |at: usize| {
        let same = persons[at].tags.iter().filter_map(|tag| by_tag.get(tag)).flatten();
        let others: BTreeSet<usize> = same.copied().filter(|other| *other != at).collect();
        others.into_iter().collect()
    };
    let also: Vec<Vec<usize>> = (0..persons.len()).map(also).collect();
    let reach = registry.log().map(VerifiedLog::reach);
    Ok(persons
        .into_iter()
        .zip(also)
        .map(|(person, also)| PersonMeasures { listed: person.listed, also, reach })
        .collect())
}

/// Learns which links join the people of these records to other documents of theirs.
pub async fn join(
    registry: &Registry<'_>,
    ids: &[RecordId],
    named: &mut LogRecords,
    rng: &mut impl CryptoRng,
) -> Result<(), Error> {
    let records = named.records();
    let persons = ids.iter().filter_map(|id| records.get(*id)).map(|record| records.wrapped_tags_of(record));
    let persons: Vec<Vec<EpochTag>> = persons.collect();
    for chunk in chunks(&persons) {
        let tags: Vec<Vec<EpochTag>> = chunk.into_iter().map(|at| persons[at].clone()).collect();
        standings(registry, &tags, None, named, rng).await?;
    }
    Ok(())
}

/// What stands for the person of each statement of a drafted docket; gives the statements too.
pub async fn of_bundle(
    registry: &Registry<'_>,
    bundle: &Bundle,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<Statement>, Vec<PersonMeasures>), Error> {
    let read = |item: &Item| Statement::from_json(&item.statement.0).ok();
    let statements: Vec<Statement> = bundle.items().iter().filter_map(read).collect();
    let own: Vec<RecordId> = statements.iter().map(|statement| statement.id).collect();
    let about = statements.iter().flat_map(Statement::about).copied().filter(|id| !own.contains(id));
    let mut named = LogRecords::fetch(registry, about, rng).await?;
    let stands = of_each(registry, &statements, &mut named, policies, rng).await?;
    Ok((statements, stands))
}

/// Asks what stands for each person, and adds the tags that links join; nobody is asked of whom no tag is known.
async fn ask(
    registry: &Registry<'_>,
    persons: &mut [Person],
    named: &mut LogRecords,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<(), Error> {
    let asked: Vec<Vec<EpochTag>> = persons.iter().map(|person| person.asked.clone()).collect();
    let now = registry.caller().now();
    for chunk in chunks(&asked) {
        let tags: Vec<Vec<EpochTag>> = chunk.iter().map(|at| asked[*at].clone()).collect();
        for days in DAYS_AHEAD {
            let answer = standings(registry, &tags, Some(now.plus_days(days)), named, rng).await?;
            for (at, standing) in chunk.iter().zip(&answer) {
                let person = &mut persons[*at];
                person.tags.extend(&standing.tags);
                for reason in &standing.reasons {
                    if person.listed.iter().all(|known| known.record != reason.record) {
                        person.listed.push(prove(registry, reason, &standing.tags, now, policies, rng).await?);
                    }
                }
            }
        }
    }
    for person in persons {
        if let Some(log) = registry.log() {
            add_unanswered(log, person, named, policies, now)?;
        }
        person.listed.sort_by_key(|listed| listed.place);
    }
    Ok(())
}

/// Adds what the log at hand has of a person and the registry's answer hasn't.
fn add_unanswered(
    log: &VerifiedLog,
    person: &mut Person,
    named: &mut LogRecords,
    policies: &mut Policies,
    now: Time,
) -> Result<(), Error> {
    for days in DAYS_AHEAD {
        let (standing, links) = log.standing(&person.asked, now.plus_days(days)).map_err(|source| {
            Error::other("log-at-hand", || zh_en!("手头的登记册", "the log at hand")).because(source)
        })?;
        person.tags.extend(standing.tags);
        for link in links {
            named.insert_link(link);
        }
        for reason in standing.reasons {
            if person.listed.iter().any(|known| known.record == reason.record) {
                continue;
            }
            let replay = log.replay();
            let record = replay.records().get(reason.record);
            let hash = record.and_then(|record| record.policy);
            let policy = hash.and_then(|hash| replay.policies().get(&hash).map(|policy| (hash, policy)));
            let (Some(record), Some((hash, policy))) = (record, policy) else {
                return Err(unproven_reason(reason.record));
            };
            policies.entry(hash).or_insert_with(|| policy.clone());
            let listed = listed(record, &reason, policy, now).ok_or_else(|| unproven_reason(reason.record))?;
            person.listed.push(PersonMeasure { is_unanswered: true, ..listed });
        }
    }
    Ok(())
}

async fn prove(
    registry: &Registry<'_>,
    reason: &Reason,
    tags: &[EpochTag],
    now: Time,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<PersonMeasure, Error> {
    let (proven, _) = registry.record(reason.record, rng).await?;
    let record = Record::new(proven.place, proven.logged_at, &proven.statement);
    let (Some(hash), true) = (record.policy, bears_out(&proven, reason, tags)) else {
        return Err(unproven_reason(reason.record));
    };
    let policy = policy(registry, policies, hash).await?;
    listed(&record, reason, policy, now).ok_or_else(|| unproven_reason(reason.record))
}

/// What a reason says of its record; nothing, if that imposes nothing.
fn listed(record: &Record, reason: &Reason, policy: &Policy, now: Time) -> Option<PersonMeasure> {
    let measure = record.measure.clone()?;
    let action = reason.phase.asks(policy.action(measure.kind)).unwrap_or(Action::Allow);
    Some(PersonMeasure {
        record: record.id,
        place: record.place,
        starts: record.starts,
        measure,
        phase: reason.phase,
        is_to_come: record.starts > now,
        action: if reason.soft { action.min(Action::Review) } else { action },
        policy: record.policy?,
        is_unanswered: false,
    })
}

/// As many persons at once as a question takes tags, without those of whom there is none.
fn chunks(persons: &[Vec<EpochTag>]) -> Vec<Vec<usize>> {
    let (mut chunks, mut tags): (Vec<Vec<usize>>, usize) = (Vec::new(), 0);
    for (at, person) in persons.iter().enumerate().filter(|(_, person)| !person.is_empty()) {
        match chunks.last_mut() {
            Some(chunk) if tags + person.len() <= MAX_TAGS => {
                chunk.push(at);
                tags += person.len();
            }
            _ => {
                chunks.push(vec![at]);
                tags = person.len();
            }
        }
    }
    chunks
}

/// The tags that a statement is of: its own, or those of what it is about.
fn tags_of(statement: &Statement, named: &LogRecords) -> Vec<EpochTag> {
    let record = Record::new(Place { index: u64::MAX, position: 0 }, Time::from_seconds(0), statement);
    named.records().wrapped_tags_of(&record)
}
