//! Somebody applies to return: in the policy's window, with what it asks for, and with reports while it is tried. A case
//! of its own hears it. Implements `docs/formats.md` §15, «Return».

use std::collections::BTreeSet;

use callboard_federation::{
    docket::Of,
    encoding::{RecordId, Time},
    policy::Policy,
    records::Records,
    return_window::{Applicant, NoReturn, ReturnTerms, ReturnWindow},
    roster::RuleKey,
    statement::Kind,
};
use jiff::{Span, civil::Date};

use super::{
    Case, Taken,
    act::{Application, EvidenceKind, Filer},
    error::Why,
    item::{Item, ItemState, MAX_NOTICE_DAYS},
    law::Law,
    number::ItemNumber,
};

/// What is owed while somebody who returned is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probation {
    /// Its last day.
    pub ends: Date,
    /// By when the next report is due; none once the last one is there.
    pub report_by: Option<Date>,
    /// Whether that day is over.
    pub is_late: bool,
}

/// Whether somebody may apply so, at that time.
pub(super) fn check(application: &Application, policy: &Policy, at: Time, law: &Law<'_>) -> Result<(), Why> {
    if let Some(record) = law.records.and_then(|records| records.get(application.record)) {
        let imposed = record.measure.as_ref().filter(|_| record.kind == Kind::Ruling);
        let is_so = imposed
            .is_some_and(|measure| measure.kind == application.measure && measure.until == application.until)
            && record.starts == application.since;
        if !is_so {
            return Err(Why::ReturnRecord(application.record));
        }
    }
    if application.filed_at > at || application.filed_at.plus_days(MAX_NOTICE_DAYS) < at {
        return Err(Why::NoticeTime);
    }
    let terms = ReturnTerms::of(policy).ok_or(Why::PolicyTerms("decide.return"))?;
    let applicant = if application.by == Filer::Unit { Applicant::Unit } else { Applicant::Person };
    if !terms.by.contains(&applicant) {
        return Err(Why::ReturnBy);
    }
    let window = ReturnWindow::of(policy, application.measure, application.since, application.until).map_err(
        |none| match none {
            NoReturn::Bar => Why::ReturnBar,
            NoReturn::Expires => Why::ReturnExpires,
            NoReturn::Nothing => Why::ReturnNothing,
            NoReturn::Unknown => Why::PolicyTerms("decide.return"),
        },
    )?;
    let zone = jiff::tz::TimeZone::get(&policy.zone).map_err(|_| Why::PolicyTerms("zone"))?;
    let on = zone.to_datetime(application.filed_at.timestamp()).date();
    if on < window.first {
        return Err(Why::ReturnEarly(window.first));
    }
    match window.last {
        Some(last) if on > last && !terms.late => Err(Why::ReturnLate(last)),
        _ => Ok(()),
    }
}

const fn is_reinstatement(key: RuleKey) -> bool {
    matches!(key.kind, Kind::Reinstatement)
}

impl Case {
    /// A case that hears an application decides reinstatements, and nothing else.
    pub(super) fn check_returns(&self, item: &Item, number: ItemNumber) -> Result<(), Why> {
        let is_else = self.application.is_some() && !item.decides.iter().all(|key| is_reinstatement(*key));
        if is_else { Err(Why::ReturnDecides(number)) } else { Ok(()) }
    }

    /// The kinds of evidence that the policy asks for and an item lacks.
    pub fn lacks_evidence(&self, number: ItemNumber) -> Vec<EvidenceKind> {
        let Some(item) = self.items.get(&number).filter(|_| self.application.is_some()) else { return Vec::new() };
        self.terms.return_asks.iter().copied().filter(|kind| !item.evidence.contains(kind)).collect()
    }

    pub(super) fn check_asked(&self, number: ItemNumber) -> Result<(), Why> {
        self.lacks_evidence(number).first().map_or(Ok(()), |kind| Err(Why::ReturnAsks(number, kind.phrase())))
    }

    /// A report of how it goes, while whoever returned is tried.
    pub(super) fn report_probation(
        &mut self,
        items: &[ItemNumber],
        reported_at: Time,
        taken: &Taken<'_>,
    ) -> Result<(), Why> {
        if self.application.is_none() {
            return Err(Why::ReturnNone);
        }
        self.check_decided(items, reported_at)?;
        self.check_messenger(items, reported_at, taken)?;
        self.each(items, |item| {
            item.probation_reports.insert(reported_at);
        });
        Ok(())
    }

    /// What is owed of an item while whoever returned is tried, as the log has the reinstatement.
    pub fn probation(&self, number: ItemNumber, at: Time, law: &Law<'_>) -> Option<Probation> {
        let application = self.application.as_ref()?;
        let item = self.items.get(&number).filter(|item| item.state == ItemState::Issued)?;
        let (since, until) = reinstated(law.records?, application.record)?;
        let (began, ends) = (self.terms.date(since), self.terms.date(until.plus_millis(-1)));
        let months = self.terms.probation_report_months?;
        let on = self.terms.date(at);
        let days: BTreeSet<Date> = item.probation_reports.iter().map(|at| self.terms.date(*at)).collect();
        // One report a span: the first that no report fell into, or that isn't over.
        let report_by = (1_u32..).map_while(|span| {
            let due = |count: u32| began.checked_add(Span::new().months(i64::from(months.saturating_mul(count)))).ok();
            let (from, to) = (due(span.saturating_sub(1))?, due(span)?.min(ends));
            (from < ends).then_some((from, to))
        });
        let report_by =
            report_by.filter(|(from, to)| !days.iter().any(|day| day > from && day <= to)).map(|(_, to)| to);
        let report_by = report_by.min();
        Some(Probation { ends, report_by, is_late: report_by.is_some_and(|by| on > by) })
    }
}

/// Since when, and until when, the reinstatement of a record tries somebody.
fn reinstated(records: &Records, record: RecordId) -> Option<(Time, Time)> {
    let mut reinstated = records.about(record).filter(|about| about.kind == Kind::Reinstatement);
    reinstated.find_map(|about| Some((about.starts, about.until?)))
}

/// Whether an item decides that somebody who returned fell back.
pub fn is_relapse(item: &Item) -> bool {
    item.decides.iter().any(|key| key.kind == Kind::End && key.of == Some(Of::About(Kind::Reinstatement)))
}
