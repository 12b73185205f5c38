//! Enterprises that a measure holds for, told from the verified log.

use std::cmp::Reverse;

use callboard_api::agent::{
    answer::View,
    enterprises::{EnterpriseMeasure, EnterprisePage, EnterprisesBefore},
};
use callboard_federation::{
    encoding::Time,
    records::Record,
    standing::{Action, Reason},
    statement::{EpochTag, Subject, SubjectType},
};

use super::{ApiError, App, Call};
use crate::{check::decision::measure_words, replica::VerifiedLog};

/// Measures of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (100, 1_000);

/// A measure that has effect on an enterprise; where it was logged is read of the file.
struct InEffect<'a> {
    record: &'a Record,
    action: Action,
    reason: Reason,
}

pub(super) async fn list(app: App, call: Call<(), EnterprisesBefore>) -> Result<EnterprisePage, ApiError> {
    let EnterprisesBefore { before, limit } = call.query;
    let limit = limit.unwrap_or(PAGE.0).clamp(1, PAGE.1) as usize;
    let (as_of, mut found) = told(&app, before.unwrap_or(u64::MAX))?;
    let cut = found.get(limit - 1).map(|last| last.index);
    let end = cut.map_or(found.len(), |cut| found.partition_point(|one| one.index >= cut));
    let next = cut.filter(|_| end < found.len());
    found.truncate(end);
    for one in &mut found {
        one.publication = app.replica.publication(one.index).await?;
    }
    Ok(EnterprisePage { enterprises: found, next, as_of })
}

/// Those of dockets before an index, without what appeared in public: the newest docket first.
fn told(app: &App, before: u64) -> Result<(View, Vec<EnterpriseMeasure>), ApiError> {
    let (log, now) = (app.replica.read(), app.clock.now());
    let as_of = log.fresh(now, app.current.max_staleness)?;
    let is_one = |subject: &Subject| subject.r#type == SubjectType::Enterprise;
    let of_one = |record: &&Record| record.measure.is_some() && record.subject.as_ref().is_some_and(is_one);
    let records = log.records(0, as_of.size.min(before)).filter(of_one);
    let mut found: Vec<_> = records.filter_map(|record| in_effect(&log, &as_of, record, now)).collect();
    found.sort_by_key(|one| Reverse(one.record.place.index));
    let tell = |InEffect { record, action, reason }: InEffect<'_>| EnterpriseMeasure {
        index: record.place.index,
        starts_at: record.starts,
        action,
        words: measure_words(reason.measure, record.policy.and_then(|policy| log.replay().policies().get(&policy))),
        reason,
        publication: None,
    };
    let found = found.into_iter().map(tell).collect();
    Ok((as_of, found))
}

fn in_effect<'a>(log: &VerifiedLog<'_>, as_of: &View, record: &'a Record, now: Time) -> Option<InEffect<'a>> {
    let tags: Vec<EpochTag> = record.hard_tags().collect();
    let standing = log.standing(&tags, as_of, now);
    let standing = standing.inspect_err(|error| tracing::error!(%error, "a standing can't be told")).ok()?;
    let action = standing.action;
    let reason = standing.reasons.into_iter().find(|reason| reason.record == record.id)?;
    Some(InEffect { record, action, reason })
}
