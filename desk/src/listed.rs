//! What stands for a person already, and what is left once a docket has effect.
//!
//! The registry says what a standing rests on, and each record of it is proven; that it leaves none out is its word, as with
//! [`super::asking`]. Drafting and signing say it beside each statement: whoever reverses one of two records must read of the
//! other.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    policy::Policy,
    records::{Place, Record},
    standing::{Action, Phase, Reason},
    statement::{Act, EpochTag, Kind, Measure, Statement},
};
use rand_core::CryptoRng;

use super::{
    asking::{AskingError, bears_out},
    bundle::{Bundle, Item},
    draft::named::Named,
    registry::Registry,
};

/// The most tags of one question to the registry (`POST /v1/standings`).
const MAX_TAGS: usize = 1_000;
/// As of how many days from now is asked besides: what is logged and takes effect tomorrow, or within a year, stands too.
const DAYS_AHEAD: [i64; 3] = [0, 1, 366];

/// A measure on a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The record that imposes it.
    pub record: RecordId,
    /// Where that is logged.
    pub place: Place,
    /// From when it holds.
    pub starts: Time,
    /// What it is.
    pub measure: Measure,
    /// Where it stands in its life.
    pub phase: Phase,
    /// When a probation is over.
    pub probation_until: Option<Time>,
    /// Whether it isn't in effect yet.
    pub is_to_come: bool,
    /// What a member does because of it.
    pub action: Action,
    /// The policy that it was decided under.
    pub policy: Hash,
}

/// Policies by the hash of their document, as far as they were fetched and proven.
pub type Policies = HashMap<Hash, Policy>;

/// A policy, fetched once.
pub async fn policy<'p>(
    registry: &Registry<'_>,
    policies: &'p mut Policies,
    sha256: Hash,
) -> Result<&'p Policy, AskingError> {
    Ok(match policies.entry(sha256) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => entry.insert(registry.policy_of(sha256).await?.value),
    })
}

/// What stands for the person of a statement.
#[derive(Debug, Clone, Default)]
pub struct Stands {
    /// The measures, in the order of the log.
    pub listed: Vec<Listed>,
    /// The other statements of the same docket that are of this person, by their places.
    pub also: Vec<usize>,
}

/// What stands for the person of each statement: by its own tags, or those of the records that it is about.
pub async fn of_each(
    registry: &Registry<'_>,
    statements: &[Statement],
    named: &Named,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<Vec<Stands>, AskingError> {
    let mut persons: Vec<(HashSet<EpochTag>, Vec<Listed>)> =
        statements.iter().map(|statement| (tags_of(statement, named), Vec::new())).collect();
    ask(registry, &mut persons, policies, rng).await?;
    let also = |at: usize| {
        let is_same = |other: &usize| *other != at && !persons[*other].0.is_disjoint(&persons[at].0);
        (0..persons.len()).filter(is_same).collect()
    };
    let also: Vec<Vec<usize>> = (0..persons.len()).map(also).collect();
    Ok(persons.into_iter().zip(also).map(|((_, listed), also)| Stands { listed, also }).collect())
}

/// The same for a docket that is drafted, with its statements.
pub async fn of_bundle(
    registry: &Registry<'_>,
    bundle: &Bundle,
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<(Vec<Statement>, Vec<Stands>), AskingError> {
    let read = |item: &Item| Statement::from_json(&item.statement.0).ok();
    let statements: Vec<Statement> = bundle.items().iter().filter_map(read).collect();
    let own: Vec<RecordId> = statements.iter().map(|statement| statement.id).collect();
    let about = statements.iter().flat_map(Statement::about).copied().filter(|id| !own.contains(id));
    let named = Named::fetch(registry, about, rng).await?;
    let stands = of_each(registry, &statements, &named, policies, rng).await?;
    Ok((statements, stands))
}

/// Asks what stands for each person, and adds the tags that links join; nobody is asked of whom no tag is known.
async fn ask(
    registry: &Registry<'_>,
    persons: &mut [(HashSet<EpochTag>, Vec<Listed>)],
    policies: &mut Policies,
    rng: &mut impl CryptoRng,
) -> Result<(), AskingError> {
    let asked: Vec<Vec<EpochTag>> = persons.iter().map(|(tags, _)| tags.iter().copied().collect()).collect();
    let now = registry.caller().now();
    for chunk in chunks(&asked) {
        let tags: Vec<Vec<EpochTag>> = chunk.iter().map(|at| asked[*at].clone()).collect();
        for days in DAYS_AHEAD {
            let answer = registry.standings(&tags, Some(now.plus_days(days)), rng).await?;
            for (at, standing) in chunk.iter().zip(&answer.standings) {
                let (own, listed) = &mut persons[*at];
                if !asked[*at].iter().all(|tag| standing.tags.contains(tag)) {
                    return Err(AskingError::OtherTags);
                }
                own.extend(&standing.tags);
                for reason in &standing.reasons {
                    if listed.iter().all(|known| known.record != reason.record) {
                        listed.push(prove(registry, reason, &standing.tags, now, policies, rng).await?);
                    }
                }
            }
        }
    }
    for (_, listed) in persons {
        listed.sort_by_key(|listed| listed.place);
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
) -> Result<Listed, AskingError> {
    let (proven, _) = registry.record(reason.record, rng).await?;
    let record = Record::new(proven.place, proven.logged_at, &proven.statement);
    let (Some(measure), Some(hash), true) = (record.measure, record.policy, bears_out(&proven, reason, tags)) else {
        return Err(AskingError::Reason(reason.record));
    };
    let policy = policy(registry, policies, hash).await?;
    let action = reason.phase.asks(policy.action(measure.kind)).unwrap_or(Action::Allow);
    Ok(Listed {
        record: reason.record,
        place: proven.place,
        starts: record.starts,
        measure,
        phase: reason.phase,
        probation_until: reason.probation_until,
        is_to_come: record.starts > now,
        action: if reason.soft { action.min(Action::Review) } else { action },
        policy: hash,
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
fn tags_of(statement: &Statement, named: &Named) -> HashSet<EpochTag> {
    let record = Record::new(Place { index: u64::MAX, position: 0 }, Time::from_seconds(0), statement);
    named.records().wrapped_tags_of(&record).into_iter().collect()
}

/// What a docket takes back: the records that its statements annul, lift, pause or erase.
#[derive(Debug, Default)]
pub struct TakenBack {
    gone: HashSet<RecordId>,
    eased: HashSet<RecordId>,
}

impl TakenBack {
    /// Of all statements of a docket together.
    pub fn by(statements: &[Statement]) -> Self {
        let mut taken = Self::default();
        for statement in statements {
            match &statement.act {
                Act::Annulment { about, .. }
                | Act::Erasure { about, .. }
                | Act::Reinstatement { about, probation: None, .. } => {
                    taken.gone.extend(about);
                }
                Act::Stay { about, .. } | Act::Reinstatement { about, .. } => taken.eased.extend(about),
                // A ruling takes the place of the interims that it follows.
                Act::Ruling { about, .. } => taken.gone.extend(about),
                _ => {}
            }
        }
        taken
    }

    /// Whether the docket says anything of a record.
    pub fn names(&self, record: RecordId) -> bool {
        self.gone.contains(&record) || self.eased.contains(&record)
    }

    /// What is left of what stood, none of which the docket names.
    pub fn left<'l>(&self, listed: &'l [Listed]) -> Vec<&'l Listed> {
        listed.iter().filter(|listed| !self.names(listed.record)).collect()
    }
}

/// Whether a statement of this kind takes something back, so that what is left is to be told.
pub const fn takes_back(kind: Kind) -> bool {
    matches!(kind, Kind::Annulment | Kind::Stay | Kind::Reinstatement | Kind::Erasure)
}

/// The strictest of what members do because of these.
pub fn strictest<'l>(listed: impl IntoIterator<Item = &'l Listed>) -> Action {
    listed.into_iter().map(|listed| listed.action).max().unwrap_or(Action::Allow)
}
