//! Reports: by when the secretariat is to say what becomes of one. Pure; what became of it is the registry's and the
//! desk's.

use callboard_federation::{encoding::Time, policy::Policy, report::ReportKind};
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::{calendar::Calendar, decide::part};

/// By when a report is to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    At(Time),
    /// The calendar of the policy doesn't cover the days that would be counted.
    CalendarUnknown,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    triage_working_days: u32,
    not_this_person_hours: u32,
    court_hours: u32,
    /// Where a policy is older than the public's reports, a minor's waits as long as any other.
    minors_hours: Option<u32>,
    #[serde(default)]
    names_to: Vec<String>,
}

/// Which holders alone are to read a reporter's name, by these policies; none where all of the secretariat are.
pub fn names_to<'p>(policies: impl IntoIterator<Item = &'p Policy>) -> Vec<String> {
    let of = |policy: &Policy| part::<Raw>(policy, "reports").map(|raw| raw.names_to);
    policies.into_iter().filter_map(of).find(|holders| !holders.is_empty()).unwrap_or_default()
}

/// Of each instrument the version that is in force at an instant: of those that took effect last, the one whose name
/// sorts last.
pub fn in_force<'p>(policies: impl IntoIterator<Item = &'p Policy>, at: Time) -> Vec<&'p Policy> {
    let mut in_force: Vec<&Policy> = Vec::new();
    for policy in policies.into_iter().filter(|policy| policy.effective_from <= at) {
        match in_force.iter_mut().find(|other| other.instrument == policy.instrument) {
            Some(other) => {
                let order = |policy: &Policy| (policy.effective_from, policy.version.clone());
                if order(other) < order(policy) {
                    *other = policy;
                }
            }
            None => in_force.push(policy),
        }
    }
    in_force
}

/// When a report that was received then is due, by the strictest of these policies; `None` if none says so.
///
/// Hours count from the instant. Working days count from the day after it, in the policy's zone, and the last of them
/// is over at midnight.
pub fn due<'p>(kind: ReportKind, received_at: Time, policies: impl IntoIterator<Item = &'p Policy>) -> Option<Due> {
    let after = |hours: u32| Due::At(received_at.plus_hours(i64::from(hours)));
    let of = |policy: &Policy| {
        let raw: Raw = part(policy, "reports")?;
        Some(match kind {
            ReportKind::NotThisPerson => after(raw.not_this_person_hours),
            ReportKind::Court => after(raw.court_hours),
            ReportKind::PublicMinor if raw.minors_hours.is_some() => after(raw.minors_hours.unwrap_or_default()),
            ReportKind::Violation
            | ReportKind::Authority
            | ReportKind::Paper
            | ReportKind::Public
            | ReportKind::PublicMinor => {
                end_of_working_day(policy, received_at, raw.triage_working_days).map_or(Due::CalendarUnknown, Due::At)
            }
        })
    };
    earliest(policies.into_iter().filter_map(of))
}

/// The first of several: what a calendar doesn't cover is the last.
pub(super) fn earliest(dues: impl Iterator<Item = Due>) -> Option<Due> {
    dues.min_by_key(|due| match due {
        Due::At(at) => (false, Some(*at)),
        Due::CalendarUnknown => (true, None),
    })
}

/// When the `count`th working day after an instant's own is over.
pub(super) fn end_of_working_day(policy: &Policy, from: Time, count: u32) -> Option<Time> {
    let zone = TimeZone::get(&policy.zone).ok()?;
    let first = zone.to_datetime(from.timestamp()).date();
    let last = Calendar::of(&policy.decide).ok()?.working_days_after(first, count).ok()?;
    let over = zone.to_timestamp(last.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    Some(Time::from_millis(over.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::{ALL, read};

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn due_of(kind: ReportKind, at: &str, policies: &[Policy]) -> Option<Due> {
        due(kind, time(at), policies)
    }

    #[test]
    fn working_days_are_over_at_midnight_in_shanghai_and_make_up_days_count() {
        let policies = [ALL[3].document().unwrap().value];
        // Friday, 2024-09-27, 23:59 in Shanghai; 09-29 is worked, 10-01 to 10-07 are not.
        let triage = due_of(ReportKind::Violation, "2024-09-27T15:59:00.000Z", &policies);
        assert_eq!(triage, Some(Due::At(time("2024-10-10T16:00:00.000Z"))));
        // A minute later it is Saturday there.
        let saturday = due_of(ReportKind::Paper, "2024-09-27T16:00:00.000Z", &policies);
        assert_eq!(saturday, triage);
    }

    #[test]
    fn a_stranger_and_a_court_are_answered_within_hours() {
        let policies = [ALL[3].document().unwrap().value];
        let received = "2026-12-31T12:00:00.000Z";
        assert_eq!(
            due_of(ReportKind::NotThisPerson, received, &policies),
            Some(Due::At(time("2027-01-03T12:00:00.000Z")))
        );
        assert_eq!(due_of(ReportKind::Court, received, &policies), Some(Due::At(time("2027-01-01T12:00:00.000Z"))));
    }

    #[test]
    fn what_the_public_reports_of_a_minor_is_answered_within_hours() {
        let policies = [ALL[3].document().unwrap().value];
        let received = "2024-09-27T15:59:00.000Z";
        let day_later = Some(Due::At(time("2024-09-28T15:59:00.000Z")));
        assert_eq!(due_of(ReportKind::PublicMinor, received, &policies), day_later);
        let triage = due_of(ReportKind::Violation, received, &policies);
        assert_eq!(due_of(ReportKind::Public, received, &policies), triage);
        let silent = read(&ALL[3].text.replace("minorsHours = 24", "")).unwrap().value;
        assert_eq!(due_of(ReportKind::PublicMinor, received, &[silent]), triage);
    }

    #[test]
    fn the_seats_that_read_names_are_those_of_the_policy_that_names_some() {
        let usual = ALL[3].document().unwrap().value;
        assert!(names_to([&usual]).is_empty());
        let few = ALL[3].text.replace("minorsHours = 24", "minorsHours = 24\nnamesTo = [\"secretary-2\"]");
        assert_eq!(names_to([&usual, &read(&few).unwrap().value]), ["secretary-2"]);
    }

    #[test]
    fn a_year_without_a_calendar_has_no_date_and_says_so() {
        let policies = [ALL[3].document().unwrap().value];
        let received = "2026-12-30T12:00:00.000Z";
        assert_eq!(due_of(ReportKind::Violation, received, &policies), Some(Due::CalendarUnknown));
        assert_eq!(due_of(ReportKind::Violation, received, &[]), None);
    }

    #[test]
    fn the_strictest_instrument_in_force_counts_and_one_that_is_silent_does_not() {
        let usual = ALL[3].document().unwrap().value;
        let strict = read(&ALL[3].text.replace("triageWorkingDays = 5", "triageWorkingDays = 1")).unwrap().value;
        let silent = read(&ALL[3].text.replace("[decide.reports]", "[decide.other]")).unwrap().value;
        let received = "2026-11-02T01:00:00.000Z";
        let one_day = Some(Due::At(time("2026-11-03T16:00:00.000Z")));
        assert_eq!(due_of(ReportKind::Violation, received, &[usual.clone(), strict, silent.clone()]), one_day);
        assert_eq!(due_of(ReportKind::Violation, received, &[silent]), None);
        let all: Vec<Policy> = ALL.iter().map(|source| source.document().unwrap().value).collect();
        let versions = |at: &str| {
            let mut names: Vec<_> = in_force(&all, time(at)).iter().map(|policy| policy.version.clone()).collect();
            names.sort();
            names
        };
        assert_eq!(versions("2021-12-01T00:00:00.000Z"), ["2020", "2021"]);
        assert_eq!(versions("2026-01-01T00:00:00.000Z"), ["2021", "2022"]);
    }
}
