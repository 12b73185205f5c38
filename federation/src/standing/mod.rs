//! Standing: what holds for a person at an instant, as a pure function of the records before a log size.
//!
//! Nothing is stored and no job is due when a term ends: ask for another instant, and it has ended. [`outlook`] tells
//! besides what is logged and not yet in effect, and until when the answer stays the same. Implements
//! `docs/formats.md` §10.

mod effect;
mod to_come;

use std::collections::{BTreeMap, BTreeSet};

pub use effect::{AsOf, Phase, Span};
use serde::{Deserialize, Serialize};
pub use to_come::ToCome;

pub use crate::action::Action;
use crate::{
    encoding::{Hash, RecordId, Time},
    language::Phrase,
    policy::Policy,
    records::{Record, Records},
    statement::{EpochTag, Kind, MeasureKind, Scope, SubjectTag},
    zh_en,
};

/// A person's state, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StandingState))]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of formats §10")]
pub enum State {
    Clear,
    Noticed,
    Warned,
    Stayed,
    Probation,
    Restricted,
    Suspended,
    Barred,
}

impl State {
    /// What people call it.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Clear => Phrase::new("没有在效措施", "clear"),
            Self::Noticed => Phrase::new("提醒", "noticed"),
            Self::Warned => Phrase::new("告诫", "warned"),
            Self::Stayed => Phrase::new("暂缓执行", "stayed"),
            Self::Probation => Phrase::new("观察期", "probation"),
            Self::Restricted => Phrase::new("限制", "restricted"),
            Self::Suspended => Phrase::new("警示", "suspended"),
            Self::Barred => Phrase::new("永久抵制", "barred"),
        }
    }

    /// The word that stands in JSON and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Noticed => "noticed",
            Self::Warned => "warned",
            Self::Stayed => "stayed",
            Self::Probation => "probation",
            Self::Restricted => "restricted",
            Self::Suspended => "suspended",
            Self::Barred => "barred",
        }
    }
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What holds for the subject of some tags, at a log size and an instant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The gravest state that a reason gives.
    pub state: State,
    /// The strictest action that a reason asks.
    pub action: Action,
    /// The tags of the subject, those that links joined included, by epoch and tag.
    pub tags: Vec<EpochTag>,
    /// What it rests on, in the order of the log.
    pub reasons: Vec<Reason>,
    /// Only entries below this index were looked at.
    pub size: u64,
    /// The instant that it holds for.
    pub at: Time,
}

/// A measure that has effect on a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StandingReason))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Reason {
    /// The ruling or interim.
    pub record: RecordId,
    /// What it imposes.
    pub measure: MeasureKind,
    /// On which services; none named: all.
    pub scopes: Vec<Scope>,
    /// Where it stands in its life.
    pub phase: Phase,
    /// When its term is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// When the probation is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probation_until: Option<Time>,
    /// Whether a dispute of it holds.
    pub disputed: bool,
    /// Whether only soft tags match.
    pub soft: bool,
    /// Whether it was taken over without a case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub imported: bool,
}

/// The policy of a record isn't at hand, so that there is no standing: a check is then `blocked: stale`, never `allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("记录 {record} 所依据的规则 {policy} 不在手头", "policy {policy} of record {record} is not at hand"))]
pub struct StandingError {
    /// The record.
    pub record: RecordId,
    /// The SHA-256 of its policy.
    pub policy: Hash,
}

/// The standing of the one person who has `tags`, among the records before `size`, at `at`.
pub fn standing(
    records: &Records,
    policies: &BTreeMap<Hash, Policy>,
    tags: &[EpochTag],
    size: u64,
    at: Time,
) -> Result<Standing, StandingError> {
    standing_of(&AsOf::new(records, size, at), policies, tags)
}

/// What holds for a person, what is to come, and how long both stay the same if nothing is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// What holds.
    pub standing: Standing,
    /// What is logged and not yet in effect, in the order of the log.
    pub to_come: Vec<ToCome>,
    /// Within it both are the same, but for the instant that they hold for.
    pub span: Span,
}

/// The standing of the one person who has `tags`, with what is to come and how long that stays so; see [`standing`].
pub fn outlook(
    records: &Records,
    policies: &BTreeMap<Hash, Policy>,
    tags: &[EpochTag],
    size: u64,
    at: Time,
) -> Result<Outlook, StandingError> {
    let as_of = AsOf::new(records, size, at);
    let standing = standing_of(&as_of, policies, tags)?;
    let to_come = to_come::of(&as_of, policies, &standing.tags)?;
    Ok(Outlook { standing, to_come, span: as_of.span() })
}

fn standing_of(
    as_of: &AsOf<'_>,
    policies: &BTreeMap<Hash, Policy>,
    tags: &[EpochTag],
) -> Result<Standing, StandingError> {
    let tags = joined(as_of, tags);
    let mut measures: Vec<&Record> = tags
        .iter()
        .flat_map(|tag| as_of.records().holding(*tag))
        .filter(|record| matches!(record.kind, Kind::Ruling | Kind::Interim) && as_of.has_effect(record))
        .collect();
    measures.sort_by_key(|record| record.place);
    measures.dedup_by_key(|record| record.id);

    let (mut state, mut action, mut reasons) = (State::Clear, Action::Allow, Vec::new());
    for record in measures {
        let (Some(measure), Some(hash)) = (&record.measure, record.policy) else { continue };
        let policy = policy_of(policies, record, hash)?;
        let phase = as_of.phase(record, measure, policy);
        let Some(asks) = phase.asks(policy.action(measure.kind)) else { continue };
        let (gives, probation_until) = match phase {
            Phase::Probation => (State::Probation, as_of.reinstatement(record).and_then(|lifting| lifting.until)),
            Phase::Stayed => (State::Stayed, None),
            _ => (state_of(measure.kind), None),
        };
        let soft = !record.hard_tags().any(|tag| tags.contains(&tag));
        action = action.max(if soft { asks.min(Action::Review) } else { asks });
        state = state.max(if soft { gives.min(State::Noticed) } else { gives });
        reasons.push(Reason {
            record: record.id,
            measure: measure.kind,
            scopes: measure.scopes.clone(),
            phase,
            until: measure.until,
            probation_until,
            disputed: as_of.is_disputed(record),
            soft,
            imported: record.imported,
        });
    }
    Ok(Standing { state, action, tags: tags.into_iter().collect(), reasons, size: as_of.size(), at: as_of.at() })
}

fn policy_of<'p>(
    policies: &'p BTreeMap<Hash, Policy>,
    record: &Record,
    hash: Hash,
) -> Result<&'p Policy, StandingError> {
    policies.get(&hash).ok_or(StandingError { record: record.id, policy: hash })
}

/// The given tags, and those that links which hold join to them.
fn joined(as_of: &AsOf<'_>, tags: &[EpochTag]) -> BTreeSet<EpochTag> {
    closure(as_of.records(), tags, |link| as_of.holds(link)).0
}

/// The tags that links join, and the links.
fn closure<'r>(
    records: &'r Records,
    tags: &[EpochTag],
    joins: impl Fn(&Record) -> bool,
) -> (BTreeSet<EpochTag>, Vec<&'r Record>) {
    let mut joined: BTreeSet<EpochTag> = tags.iter().copied().collect();
    let mut links: Vec<&Record> = Vec::new();
    let mut new: Vec<EpochTag> = joined.iter().copied().collect();
    while let Some(tag) = new.pop() {
        for link in records.holding(tag).filter(|record| record.kind == Kind::Link && joins(record)) {
            if links.iter().all(|known| known.id != link.id) {
                links.push(link);
            }
            for tag in link.subject.iter().flat_map(|subject| &subject.tags).map(SubjectTag::tag) {
                if joined.insert(tag) {
                    new.push(tag);
                }
            }
        }
    }
    links.sort_by_key(|link| link.place);
    (joined, links)
}

/// The tags of one person as links that hold at an instant join them; see [`standing`].
pub fn joined_tags(records: &Records, tags: &[EpochTag], size: u64, at: Time) -> BTreeSet<EpochTag> {
    joined(&AsOf::new(records, size, at), tags)
}

/// The links that hold and are of the person who has these tags, in the order of the log; see [`joined_tags`].
pub fn links_of<'r>(records: &'r Records, tags: &[EpochTag], size: u64, at: Time) -> Vec<&'r Record> {
    let as_of = AsOf::new(records, size, at);
    closure(records, tags, |link| as_of.holds(link)).1
}

/// Every tag that a link joins to these, whenever it held: whoever may be moved by a record of one of them.
pub fn ever_joined_tags(records: &Records, tags: &[EpochTag]) -> BTreeSet<EpochTag> {
    closure(records, tags, |_| true).0
}

const fn state_of(measure: MeasureKind) -> State {
    match measure {
        MeasureKind::Notice => State::Noticed,
        MeasureKind::Warning => State::Warned,
        MeasureKind::Restriction => State::Restricted,
        MeasureKind::Suspension => State::Suspended,
        MeasureKind::Bar => State::Barred,
    }
}

#[cfg(test)]
mod tests;
