//! Figures: what the association did in a quarter, counted, and published so that no count from 1 to 4 can be had back.
//!
//! A quarter is counted once it is a day over, once: what it counts doesn't change any more. The quarters don't overlap, no
//! count stands in two tables that could be subtracted from one another, and each table goes through
//! `callboard_rules::suppression`. In reading order: [`reports`] came, [`cases`] decided, [`declared`] is what members say
//! of themselves. Not here: what is sealed, which nobody can count.

mod cases;
mod declared;
mod reports;

use std::{collections::BTreeMap, sync::Arc};

use callboard_api::registry::figures::{
    CaseFigures, Elapsed, Figure, Figures, FiguresBetween, Hidden, MemberFigures, PeriodFigures, ReportFigures,
};
use callboard_federation::{encoding::Time, members::Member, quarter::Quarter};
use callboard_rules::suppression::Published;
use tokio::sync::Mutex;

use super::{Ledger, LedgerError};

/// A quarter is counted so long after it is over: by then everything that came in it is written down.
const SETTLES_HOURS: i64 = 24;
/// The most quarters of an answer: five years.
const MOST_QUARTERS: usize = 20;
/// Quarters that are told unless others are asked for: a year.
const USUAL_QUARTERS: u32 = 4;
/// Of how many quarters that are over a declaration is asked.
const ASKED_QUARTERS: usize = 4;
/// Fewer have no median, which would be about one of them; and half as many no nine of ten, which would be the longest.
const MEDIAN_OF: usize = 5;
const P90_OF: usize = 10;
const HOUR_MILLIS: i64 = 3_600_000;

/// The quarters that were counted. Whoever asks while one is counted waits.
#[derive(Default)]
pub struct CountedQuarters(Mutex<BTreeMap<Quarter, Arc<CountedQuarter>>>);

/// What a quarter's figures are made of, and never changes.
struct CountedQuarter {
    reports: ReportFigures,
    cases: CaseFigures,
    /// Who was bound at its end, what each reported, and nothing yet of what it declares.
    members: Vec<MemberFigures>,
}

impl Ledger {
    /// The figures of the quarters between two days that are over.
    pub async fn figures(&self, between: FiguresBetween) -> Result<Figures, LedgerError> {
        let mut periods = Vec::new();
        let began = self.replay().history().logged_at.first().copied();
        for quarter in quarters(between, self.clock.now()) {
            // Of what was before the log there are no figures, rather than zeros.
            if began.is_some_and(|began| began < quarter.ends()) {
                periods.push(self.figures_of(quarter).await?);
            }
        }
        Ok(Figures { periods })
    }

    async fn figures_of(&self, period: Quarter) -> Result<PeriodFigures, LedgerError> {
        let counted = self.counted(period).await?;
        let declared = declared::figures(&counted.members, &self.store().bans_declared(period).await?);
        let CountedQuarter { reports, cases, .. } = &*counted;
        let (from, to, reports, cases) = (period.begins(), period.ends(), reports.clone(), cases.clone());
        Ok(PeriodFigures { period, from, to, reports, cases, declared })
    }

    async fn counted(&self, period: Quarter) -> Result<Arc<CountedQuarter>, LedgerError> {
        // Everyone may ask, and it is more work than most questions: once, and one at a time.
        let mut counted = self.counted_quarters.0.lock().await;
        if let Some(known) = counted.get(&period) {
            return Ok(known.clone());
        }
        let (from, to) = (period.begins(), period.ends());
        let came = reports::Came::of(&self.store().report_steps(from, to).await?, to);
        let cases = cases::figures(&self.store().case_facts(from, to).await?);
        let bound = self.bound_at_end(period);
        let by_member = came.by_member(bound.iter().map(|member| member.member.as_str()));
        let members = bound.iter().zip(by_member).map(|(member, reports)| MemberFigures {
            member: member.member.to_string(),
            name: member.name.clone(),
            bans: None,
            declared_at: None,
            declarations: 0,
            reports,
        });
        let quarter = Arc::new(CountedQuarter { members: members.collect(), reports: came.figures(), cases });
        counted.insert(period, quarter.clone());
        Ok(quarter)
    }

    /// Who was bound when a quarter was over.
    fn bound_at_end(&self, period: Quarter) -> Vec<Member> {
        let replay = self.replay();
        let lists = replay.history().members.iter();
        let list = lists.rev().find(|(since, _)| *since < period.ends());
        list.map_or_else(Vec::new, |(_, list)| list.members.clone())
    }

    /// The quarters that are over, at whose end a member was bound, and which aren't among those that it declared of.
    pub fn quarters_not_declared(&self, member: &str, declared: &[Quarter]) -> Vec<Quarter> {
        let is_bound =
            |period: &Quarter| self.bound_at_end(*period).iter().any(|bound| bound.member.as_str() == member);
        let asked = Quarter::of(self.clock.now()).before().and_earlier().take(ASKED_QUARTERS);
        asked.filter(|period| !declared.contains(period)).filter(is_bound).collect()
    }
}

/// The quarters between two days that were counted by now, the newest first.
fn quarters(between: FiguresBetween, now: Time) -> Vec<Quarter> {
    let settled = Quarter::of(now.plus_hours(-SETTLES_HOURS)).before();
    let usual = (1..USUAL_QUARTERS).fold(settled, |quarter, _| quarter.before()).first_day();
    let FiguresBetween { from, to } = between;
    let last = to.unwrap_or(settled.last_day());
    let first = from.unwrap_or_else(|| usual.min(last.saturating_sub(jiff::Span::new().days(365))));
    settled
        .and_earlier()
        .skip_while(|quarter| quarter.last_day() > last)
        .take_while(|quarter| quarter.first_day() >= first)
        .take(MOST_QUARTERS)
        .collect()
}

/// How long it took, of lengths in milliseconds.
fn elapsed(mut millis: Vec<i64>) -> Elapsed {
    millis.sort_unstable();
    let hours = |at: usize| millis.get(at).map(|millis| millis.unsigned_abs().div_ceil(HOUR_MILLIS.unsigned_abs()));
    let rank = |tenths: usize| (millis.len() * tenths).div_ceil(10).saturating_sub(1);
    Elapsed {
        median_hours: hours(rank(5)).filter(|_| millis.len() >= MEDIAN_OF),
        p90_hours: hours(rank(9)).filter(|_| millis.len() >= P90_OF),
    }
}

const fn figure(published: Published) -> Figure {
    match published {
        Published::Shown(count) => Figure { count: Some(count), hidden: None },
        Published::UnderFive => Figure { count: None, hidden: Some(Hidden::UnderFive) },
        Published::Withheld => Figure { count: None, hidden: Some(Hidden::Withheld) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(from: Option<&str>, to: Option<&str>, now: &str) -> Vec<String> {
        let day = |day: Option<&str>| day.map(|day| day.parse().unwrap());
        let quarters = quarters(FiguresBetween { from: day(from), to: day(to) }, now.parse().unwrap());
        quarters.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_whole_quarters_that_are_a_day_over_are_told() {
        let now = "2026-12-01T00:00:00.000Z";
        assert_eq!(shown(None, None, now), ["2026-Q3", "2026-Q2", "2026-Q1", "2025-Q4"]);
        assert_eq!(shown(Some("2026-04-01"), None, now), ["2026-Q3", "2026-Q2"]);
        assert_eq!(shown(Some("2026-04-02"), Some("2026-09-30"), now), ["2026-Q3"]);
        assert_eq!(shown(Some("2026-04-01"), Some("2026-09-29"), now), ["2026-Q2"]);
        assert_eq!(shown(None, Some("2025-12-31"), now), ["2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1"]);
        assert!(shown(Some("2026-10-01"), Some("2099-12-31"), now).is_empty(), "it isn't over");
        assert!(shown(Some("2026-09-30"), Some("2026-01-01"), now).is_empty());
        assert_eq!(shown(Some("0001-01-01"), None, now).len(), MOST_QUARTERS);
        assert!(shown(None, Some("-009999-01-01"), now).is_empty());
        // 2026-Q4 ends at 16:00 of 31 December.
        assert_eq!(shown(Some("2026-10-01"), None, "2027-01-01T15:59:59.999Z"), [""; 0]);
        assert_eq!(shown(Some("2026-10-01"), None, "2027-01-01T16:00:00.000Z"), ["2026-Q4"]);
    }

    #[test]
    fn of_few_lengths_of_time_none_is_told() {
        let of = |count: i64| elapsed((1..=count).rev().map(|hours| hours * HOUR_MILLIS - 1).collect());
        assert_eq!(of(0), Elapsed::default());
        assert_eq!(of(4), Elapsed::default());
        assert_eq!(of(5), Elapsed { median_hours: Some(3), p90_hours: None });
        assert_eq!(of(10), Elapsed { median_hours: Some(5), p90_hours: Some(9) });
    }
}
