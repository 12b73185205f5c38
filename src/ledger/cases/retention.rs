//! Reports whose time is over: what they say is erased; times, states, codes and who did what stay, so that figures and
//! whoever filed one still have their answer.
//!
//! A report's time counts from when it was over: dismissed, or accepted and its case closed with no measure of it left, or
//! merged into one of which that is so. Nothing of a case is erased here.

use std::{collections::BTreeSet, sync::Arc};

use callboard_api::registry::reports::KeptReport;
use callboard_federation::{
    encoding::{CaseId, Time, from_json},
    event::{CaseState, Event},
    records::Record,
    replay::Replay,
    report::{ReportKind, ReportState},
    standing::AsOf,
};
use callboard_rules::{case::act::Act, reports::in_force, retention::Retention};

use super::{LedgerError, PAGE, kept_event};
use crate::ledger::Ledger;

/// Reports that are looked at before more are read.
const REPORTS: u64 = 500;
/// The most reports that one goes on as part of, one into the next: people join a few.
const MAX_MERGED: usize = 100;

/// When a matter was over, and whether it was about somebody under 18 at the conduct.
struct Over {
    at: Time,
    of_a_minor: bool,
}

/// What a case left in the log.
#[derive(Default)]
struct Left {
    of_a_minor: bool,
    /// The indexes of its dockets.
    dockets: BTreeSet<u64>,
}

impl Ledger {
    /// Erases what reports say whose time is over, by the shortest term of the instruments in force; how many.
    pub async fn erase_reports(self: &Arc<Self>) -> Result<u64, LedgerError> {
        let now = self.clock.now();
        let retention = {
            let replay = self.replay();
            Retention::of(in_force(replay.policies().values(), now))
        };
        let Some(before) = retention.over_before(now) else { return Ok(0) };
        let (mut erased, mut after) = (0, None);
        loop {
            let page = self.store().reports_kept(before, after, REPORTS).await?;
            let Some(last) = page.last() else { return Ok(erased) };
            after = Some((last.report.changed_at, last.report.id));
            for stored in &page {
                let over = self.over(&stored.report, now).await?;
                let ends = over.and_then(|over| retention.ends(over.at, over.of_a_minor));
                if ends.is_some_and(|ends| ends <= now) {
                    // One that changed meanwhile is looked at again the next night.
                    erased += u64::from(self.store().erase_report(stored, now).await?);
                }
            }
        }
    }

    /// When a report was over; `None` while it isn't.
    async fn over(self: &Arc<Self>, report: &KeptReport, now: Time) -> Result<Option<Over>, LedgerError> {
        let (mut report, mut at, mut of_a_minor) = (report.clone(), report.changed_at, false);
        for _ in 0..MAX_MERGED {
            at = at.max(report.changed_at);
            of_a_minor |= report.kind == ReportKind::PublicMinor;
            let over = Over { at, of_a_minor };
            report = match report.state {
                ReportState::Received | ReportState::Asked => return Ok(None),
                ReportState::Dismissed => return Ok(Some(over)),
                ReportState::Accepted => match report.case {
                    Some(case) => return self.over_with_case(case, over, now).await,
                    None => return Ok(Some(over)),
                },
                ReportState::Merged => {
                    let Some(into) = report.into else { return Ok(Some(over)) };
                    let Some(stored) = self.store().report(into).await? else { return Ok(Some(over)) };
                    stored.report
                }
            };
        }
        Ok(None)
    }

    /// The same of a report that a case took up.
    async fn over_with_case(self: &Arc<Self>, id: CaseId, over: Over, now: Time) -> Result<Option<Over>, LedgerError> {
        // Where a case was named that isn't here, there is nothing to wait for.
        let Some(case) = self.store().case(id).await? else { return Ok(Some(over)) };
        if case.state != CaseState::Closed {
            return Ok(None);
        }
        let left = self.left_by(id).await?;
        let replay = self.replay();
        let as_of = AsOf::new(replay.records(), self.size(), now);
        let measures = replay.records().iter().filter(|record| left.dockets.contains(&record.place.index));
        let mut at = over.at.max(case.changed_at);
        for record in measures {
            let Some(ended) = ended_at(record, &as_of, &replay) else { return Ok(None) };
            at = at.max(ended);
        }
        Ok(Some(Over { at, of_a_minor: over.of_a_minor || left.of_a_minor }))
    }

    /// Read off the events that were taken: each was judged then.
    async fn left_by(&self, id: CaseId) -> Result<Left, LedgerError> {
        let (mut left, mut from) = (Left::default(), 0);
        loop {
            let page = self.store().case_events(id, from, PAGE).await?;
            if page.is_empty() {
                return Ok(left);
            }
            from += page.len() as u64;
            for stored in &page {
                let unreadable = || LedgerError::UnreadableCase { case: id };
                let envelope = kept_event(stored)?.event;
                let event: Event = from_json(&envelope.payload.0).map_err(|_| unreadable())?;
                match Act::read(&event).map_err(|_| unreadable())?.0 {
                    Act::ItemAdded { minor, .. } => left.of_a_minor |= minor,
                    Act::Issued { docket, .. } => {
                        left.dockets.extend(self.replay().history().dockets.get(&docket).map(|logged| logged.index));
                    }
                    _ => {}
                }
            }
        }
    }
}

/// When nothing of what a record imposes was left any more; `None` while something is. What imposes nothing was over when
/// it began.
fn ended_at(record: &Record, as_of: &AsOf<'_>, replay: &Replay) -> Option<Time> {
    let Some(measure) = &record.measure else { return Some(record.starts) };
    let policy = record.policy.and_then(|hash| replay.policies().get(&hash));
    let is_over = as_of.is_void(record) || policy.is_some_and(|policy| as_of.phase(record, measure, policy).is_over());
    let until = measure.until.filter(|until| *until <= as_of.at());
    let said = as_of.records().about(record.id).map(|about| about.starts).max();
    is_over.then(|| until.max(said).map_or(record.starts, |ended| ended.max(record.starts)))
}
