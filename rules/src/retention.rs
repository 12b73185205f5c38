//! Retention: until when what a matter left behind is kept, once the matter is over. Pure; what is erased then, and from
//! when it counts, is the registry's.

use callboard_federation::{encoding::Time, policy::Policy};
use jiff::{Span, tz::TimeZone};
use serde::Deserialize;

use super::decide::part;

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    case_years: u32,
    minors_case_years: u32,
}

/// What several instruments say: the shortest counts.
#[derive(Debug, Clone, Default)]
pub struct Retention(Vec<(Raw, TimeZone)>);

impl Retention {
    /// What these policies say of it; those that say nothing keep what they keep.
    pub fn of<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Self {
        let of = |policy: &Policy| Some((part(policy, "retention")?, TimeZone::get(&policy.zone).ok()?));
        Self(policies.into_iter().filter_map(of).collect())
    }

    /// Until when a matter's files are kept that was over at an instant; `None` where no instrument says so.
    pub fn ends(&self, over_at: Time, of_a_minor: bool) -> Option<Time> {
        let years = |raw: &Raw| if of_a_minor { raw.minors_case_years } else { raw.case_years };
        self.0.iter().filter_map(|(raw, zone)| moved(over_at, i64::from(years(raw)), zone)).min()
    }

    /// The latest instant at which something may have been over whose time has ended by now.
    pub fn over_before(&self, now: Time) -> Option<Time> {
        let years = |raw: &Raw| i64::from(raw.case_years.min(raw.minors_case_years));
        self.0.iter().filter_map(|(raw, zone)| moved(now, -years(raw), zone)).max()
    }
}

/// So many years later, by the calendar of the zone.
fn moved(at: Time, years: i64, zone: &TimeZone) -> Option<Time> {
    let civil = zone.to_datetime(at.timestamp()).checked_add(Span::new().try_years(years).ok()?).ok()?;
    Some(Time::from_millis(zone.to_timestamp(civil).ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn the_shortest_of_the_instruments_counts_and_a_minors_is_shorter() {
        let usual = ALL[3].document().unwrap().value;
        let strict = read(&ALL[3].text.replace("caseYears = 3", "caseYears = 2")).unwrap().value;
        let silent = read(&ALL[3].text.replace("[decide.retention]", "[decide.other]")).unwrap().value;
        let over_at = time("2024-02-29T04:00:00.000Z");
        let ends = |policies: &[&Policy], minor| Retention::of(policies.iter().copied()).ends(over_at, minor);
        assert_eq!(ends(&[&usual], false), Some(time("2027-02-28T04:00:00.000Z")));
        assert_eq!(ends(&[&usual], true), Some(time("2025-02-28T04:00:00.000Z")));
        assert_eq!(ends(&[&usual, &strict, &silent], false), Some(time("2026-02-28T04:00:00.000Z")));
        assert_eq!(ends(&[&silent], false), None);
        assert_eq!(ends(&[], true), None);
        let begins = Retention::of([&usual]).over_before(time("2027-02-28T04:00:00.000Z"));
        assert_eq!(begins, Some(time("2026-02-28T04:00:00.000Z")));
        assert_eq!(Retention::of([&silent]).over_before(over_at), None);
    }
}
