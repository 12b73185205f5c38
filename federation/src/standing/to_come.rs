//! What is logged of a person and not yet in effect: told beside the standing, and never among its reasons.
//!
//! Implements *to-come* of `docs/formats.md` §10.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{AsOf, StandingError, policy_of};
use crate::{
    encoding::{Hash, RecordId, Time},
    policy::Policy,
    records::{Place, Record},
    statement::{EpochTag, Kind, MeasureKind, Scope},
};

/// A record that is logged, and begins later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ToCome {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Always `to-come`, where a reason has its measure's phase.
    pub phase: NotBegun,
    /// What a ruling or interim will impose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<MeasureKind>,
    /// On which services; none named: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<Scope>,
    /// When it begins.
    pub starts_at: Time,
    /// The end of the measure, of the stay, or of the probation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<RecordId>,
}

/// The phase of what hasn't begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NotBegun {
    /// It is to come.
    #[serde(rename = "to-come")]
    ToCome,
}

/// What is to come for whoever has these tags, those that links joined included; in the order of the log.
pub(super) fn of(
    as_of: &AsOf<'_>,
    policies: &BTreeMap<Hash, Policy>,
    tags: &[EpochTag],
) -> Result<Vec<ToCome>, StandingError> {
    let mut seen: BTreeSet<Place> = BTreeSet::new();
    let mut found: Vec<&Record> = Vec::new();
    let mut next: Vec<&Record> = tags.iter().flat_map(|tag| as_of.records().holding(*tag)).collect();
    while let Some(record) = next.pop() {
        // What is void, and what is about it alone, never begins.
        if !as_of.counts(record) || as_of.is_void(record) || !seen.insert(record.place) {
            continue;
        }
        next.extend(as_of.records().about(record.id));
        if record.effective_at.is_some() && !as_of.has_begun(record) && begins(as_of, policies, record)? {
            found.push(record);
        }
    }
    found.sort_unstable_by_key(|record| record.place);
    Ok(found.into_iter().map(ToCome::of).collect())
}

/// Whether anything of a record is left when it begins: a term may be over by then, a ruling have followed.
fn begins(as_of: &AsOf<'_>, policies: &BTreeMap<Hash, Policy>, record: &Record) -> Result<bool, StandingError> {
    let (Some(measure), Some(hash)) = (&record.measure, record.policy) else { return Ok(true) };
    let then = AsOf::new(as_of.records(), as_of.size(), record.starts);
    Ok(!then.phase(record, measure, policy_of(policies, record, hash)?).is_over())
}

impl ToCome {
    fn of(record: &Record) -> Self {
        Self {
            record: record.id,
            kind: record.kind,
            phase: NotBegun::ToCome,
            measure: record.measure.as_ref().map(|measure| measure.kind),
            scopes: record.measure.as_ref().map(|measure| measure.scopes.clone()).unwrap_or_default(),
            starts_at: record.starts,
            until: record.measure.as_ref().and_then(|measure| measure.until).or(record.until),
            about: record.about.to_vec(),
        }
    }
}
