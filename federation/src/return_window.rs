//! From which day, and until which, somebody may apply to return: read of a policy, for desks, registry, auditors and agents
//! alike. What is asked of an application beside its day is the rules'. Implements `docs/formats.md` §15, «Return».

use jiff::{Span, civil::Date, tz::TimeZone};
use serde::Deserialize;

use crate::{
    encoding::Time,
    policy::{OnTermEnd, Policy},
    statement::MeasureKind,
};

/// What a policy says of applications to return: its part `decide.return`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ReturnTerms {
    /// Who may apply: `person`, who may be represented, and `unit`.
    pub by: Vec<Applicant>,
    /// So many months before the term ends one may apply.
    pub months_before_end: u32,
    /// Of what has no end: so many months after it took effect.
    pub open_term_months: u32,
    /// Whether one may still apply once the term is over.
    pub late: bool,
    /// The kinds of evidence that are at hand before the panel sits.
    pub asks: Vec<String>,
    /// How often a report is due during probation.
    pub probation_report_months: Option<u32>,
}

/// Who may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Applicant {
    /// The person, or who acts for it.
    Person,
    /// The unit that it belongs to.
    Unit,
}

impl Default for ReturnTerms {
    fn default() -> Self {
        Self {
            by: vec![Applicant::Person, Applicant::Unit],
            months_before_end: 3,
            open_term_months: 12,
            late: true,
            asks: Vec::new(),
            probation_report_months: None,
        }
    }
}

/// The longest that each count of months may be: as long as the longest window of a procedure.
pub const MAX_MONTHS: u32 = 120;

/// The days on which one may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnWindow {
    /// The first.
    pub first: Date,
    /// The last day of the term; none where it has no end.
    pub last: Option<Date>,
}

/// Why nobody applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoReturn {
    /// It is for good: it may be appealed, and nothing else.
    Bar,
    /// It ends by itself.
    Expires,
    /// It keeps nobody from anything.
    Nothing,
    /// A day that no calendar has, or a zone that there isn't.
    Unknown,
}

impl ReturnTerms {
    /// Those of a policy: the defaults, where it says nothing. `None` where it says something else.
    pub fn of(policy: &Policy) -> Option<Self> {
        let Some(part) = policy.decide.get("return") else { return Some(Self::default()) };
        let terms = Self::deserialize(part.as_object()?).ok()?;
        let months = [Some(terms.months_before_end), Some(terms.open_term_months), terms.probation_report_months];
        let is_bounded = months.iter().flatten().all(|months| *months <= MAX_MONTHS);
        (is_bounded && terms.probation_report_months != Some(0) && !terms.by.is_empty()).then_some(terms)
    }
}

impl ReturnWindow {
    /// The first instant of its first day, by the clock of its policy.
    pub fn opens_at(&self, policy: &Policy) -> Option<Time> {
        let zone = TimeZone::get(&policy.zone).ok()?;
        let start = zone.to_timestamp(self.first.at(0, 0, 0, 0)).ok()?;
        Some(Time::from_millis(start.as_millisecond()))
    }

    /// The days on which one may apply to return from a measure that has effect since and until then.
    ///
    /// # Errors
    /// Nobody applies to return from it.
    pub fn of(policy: &Policy, measure: MeasureKind, since: Time, until: Option<Time>) -> Result<Self, NoReturn> {
        match measure {
            MeasureKind::Bar => return Err(NoReturn::Bar),
            MeasureKind::Notice | MeasureKind::Warning => return Err(NoReturn::Nothing),
            MeasureKind::Restriction | MeasureKind::Suspension => {}
        }
        let rule = policy.measures.get(&measure);
        if until.is_some() && rule.is_some_and(|rule| rule.on_term_end == OnTermEnd::Expires) {
            return Err(NoReturn::Expires);
        }
        let terms = ReturnTerms::of(policy).ok_or(NoReturn::Unknown)?;
        let zone = TimeZone::get(&policy.zone).map_err(|_| NoReturn::Unknown)?;
        let day = |at: Time| zone.to_datetime(at.timestamp()).date();
        let months = |count: u32| Span::new().months(i64::from(count));
        let window = match until {
            Some(until) => {
                let first = day(until).checked_sub(months(terms.months_before_end));
                // A term of less than that may be applied against from its first day on.
                first.map(|first| Self { first: first.max(day(since)), last: Some(day(until.plus_millis(-1))) })
            }
            None => day(since).checked_add(months(terms.open_term_months)).map(|first| Self { first, last: None }),
        };
        window.map_err(|_| NoReturn::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;
    use serde_json::{Map, json};

    use super::*;
    use crate::policy::{InterimRule, MeasureRule, UntilRule, Words};

    fn policy(decide: serde_json::Value, on_term_end: OnTermEnd) -> Policy {
        let words = || Words { zh: String::new(), en: String::new() };
        let rule = MeasureRule { until: UntilRule::Optional, scopes: Vec::new(), on_term_end };
        Policy {
            v: 1,
            instrument: "rules".to_owned(),
            version: "1".to_owned(),
            title: words(),
            effective_from: Time::from_seconds(0),
            zone: "Asia/Shanghai".to_owned(),
            words: BTreeMap::new(),
            measures: BTreeMap::from([(MeasureKind::Suspension, rule)]),
            interim: InterimRule { max_days: 90 },
            import: None,
            actions: BTreeMap::new(),
            violations: Vec::new(),
            decide: Map::from_iter([("return".to_owned(), decide)]),
        }
    }

    fn time(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn one_applies_from_three_months_before_the_end_to_the_last_day_by_the_clock_of_the_policy() {
        let policy = policy(json!({"mark": "R"}), OnTermEnd::RequiresReinstatement);
        let since = time("2021-12-31T16:00:00.000Z");
        let of = |until: Option<&str>| ReturnWindow::of(&policy, MeasureKind::Suspension, since, until.map(time));
        // Until 1 January 2027 in Shanghai: the last day of the term is 31 December.
        let window = of(Some("2026-12-31T16:00:00.000Z")).unwrap();
        assert_eq!(window, ReturnWindow { first: date(2026, 10, 1), last: Some(date(2026, 12, 31)) });
        assert_eq!(window.opens_at(&policy), Some(time("2026-09-30T16:00:00.000Z")));
        // Three months before the end of May there is no 31 February.
        assert_eq!(of(Some("2026-05-30T16:00:00.000Z")).unwrap().first, date(2026, 2, 28));
        assert_eq!(of(Some("2022-01-15T16:00:00.000Z")).unwrap().first, date(2022, 1, 1), "a term of two weeks");
        assert_eq!(of(None).unwrap(), ReturnWindow { first: date(2023, 1, 1), last: None });
    }

    #[test]
    fn nobody_applies_to_return_from_what_is_for_good_or_ends_by_itself() {
        let (since, until) = (time("2026-01-01T00:00:00.000Z"), Some(time("2027-01-01T00:00:00.000Z")));
        let expires = policy(json!({}), OnTermEnd::Expires);
        let of = |kind, until| ReturnWindow::of(&expires, kind, since, until).unwrap_err();
        assert_eq!(of(MeasureKind::Bar, None), NoReturn::Bar);
        assert_eq!(of(MeasureKind::Notice, None), NoReturn::Nothing);
        assert_eq!(of(MeasureKind::Suspension, until), NoReturn::Expires);
        assert!(ReturnWindow::of(&expires, MeasureKind::Suspension, since, None).is_ok(), "it never ends by itself");
    }

    #[test]
    fn what_a_policy_says_otherwise_is_read_and_what_is_no_number_of_months_isnt() {
        let of = |part| ReturnTerms::of(&policy(part, OnTermEnd::RequiresReinstatement));
        let read = of(json!({"monthsBeforeEnd": 6, "late": false, "asks": ["training"], "by": ["person"]})).unwrap();
        assert_eq!((read.months_before_end, read.open_term_months, read.late), (6, 12, false));
        for wrong in [
            json!({"monthsBeforeEnd": 121}),
            json!({"monthsBeforeEnd": "three"}),
            json!({"probationReportMonths": 0}),
            json!({"by": []}),
            json!([]),
        ] {
            assert_eq!(of(wrong.clone()), None, "{wrong}");
        }
    }
}
