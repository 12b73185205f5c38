//! A term in words: how long, from which day through which, in the policy's zone.
//!
//! A term is told in whole days, the last one included: the days that are shown are those on which the standing holds
//! (`docs/formats.md` §10 has the first instant after them). Where something begins or ends within a day, the clock time
//! stands beside it.

use callboard_federation::encoding::Time;
use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::numeral;
use crate::language::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    At(Time),
    /// From when it is logged, which is to come; a length is counted from this instant.
    WhenLogged(Time),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    starts: Start,
    until: Option<Time>,
}

/// The last day, or the clock time at which it is over.
enum Last {
    Day(Date),
    Clock(DateTime),
}

/// How long, where that is so many months or days.
enum Length {
    Months(u64),
    Days(u64),
}

impl Start {
    /// What takes effect at an instant, in a docket of another: whatever isn't to come then begins with the logging.
    pub fn drafted(effective_at: Time, issued_at: Time) -> Self {
        if effective_at > issued_at { Self::At(effective_at) } else { Self::WhenLogged(effective_at) }
    }
}

impl Term {
    /// From `starts` until just before `until`.
    pub const fn new(starts: Start, until: Option<Time>) -> Self {
        Self { starts, until }
    }

    /// Whether it has no end.
    pub const fn is_open(&self) -> bool {
        self.until.is_none()
    }

    pub fn text(&self, zone: &TimeZone, language: Language) -> String {
        let from = self.from(zone, language);
        let Some(last) = self.until.map(|until| last(until, zone)) else {
            return match language {
                Language::Zh => format!("长期（未设终止日期），{from}起"),
                Language::En => format!("open (no end date is set), {from}"),
            };
        };
        let length = self.length(zone).map(|length| length.text(language));
        let length = match (length, self.starts, language) {
            (None, ..) => String::new(),
            (Some(length), Start::At(_), language) => format!("{length}{}", language.pick("，", ", ")),
            // The logging is to come, so the whole length is that from when it was drafted.
            (Some(length), Start::WhenLogged(at), Language::Zh) => {
                format!("{length}（自{}起算），", day_text(date(at, zone), language))
            }
            (Some(length), Start::WhenLogged(at), Language::En) => {
                format!("{length} counted from {}, ", day_text(date(at, zone), language))
            }
        };
        match (language, last) {
            (Language::Zh, Last::Day(day)) => format!("{length}{from}起至{}止", day_text(day, language)),
            (Language::Zh, Last::Clock(clock)) => format!("{length}{from}起至{}止", clock_text(clock, language)),
            (Language::En, Last::Day(day)) => format!("{length}{from} through {}", day_text(day, language)),
            (Language::En, Last::Clock(clock)) => format!("{length}{from} until {}", clock_text(clock, language)),
        }
    }

    fn from(&self, zone: &TimeZone, language: Language) -> String {
        match (self.starts, language) {
            (Start::WhenLogged(_), Language::Zh) => "自登记之日".to_owned(),
            (Start::WhenLogged(_), Language::En) => "from when it is logged".to_owned(),
            (Start::At(at), Language::Zh) => format!("自{}", instant_text(at, zone, language)),
            (Start::At(at), Language::En) => format!("from {}", instant_text(at, zone, language)),
        }
    }

    /// The first and the last day, where both are whole.
    #[cfg(test)]
    fn days(&self, zone: &TimeZone) -> Option<(Date, Date)> {
        let Start::At(at) = self.starts else { return None };
        match (self.until.map(|until| last(until, zone)), zone.to_datetime(at.timestamp())) {
            (Some(Last::Day(last)), first) if is_midnight(first) => Some((first.date(), last)),
            _ => None,
        }
    }

    fn length(&self, zone: &TimeZone) -> Option<Length> {
        let (first, end) = match self.starts {
            Start::At(at) => (zone.to_datetime(at.timestamp()), zone.to_datetime(self.until?.timestamp())),
            // Counted in days: the clock of the drafting is of no interest.
            Start::WhenLogged(at) => (date(at, zone).into(), zone.to_datetime(self.until?.timestamp())),
        };
        let months =
            (i64::from(end.year()) - i64::from(first.year())) * 12 + i64::from(end.month()) - i64::from(first.month());
        // A month that is too short for the day ends with its last: 30 November and three months.
        if months > 0 && first.checked_add(Span::new().months(months)).is_ok_and(|after| after == end) {
            return Some(Length::Months(months.unsigned_abs()));
        }
        let days = first.date().until(end.date()).ok()?.get_days();
        (days > 0 && first.time() == end.time()).then(|| Length::Days(u64::from(days.unsigned_abs())))
    }
}

impl Length {
    fn text(&self, language: Language) -> String {
        match (self, language) {
            (Self::Days(days), Language::Zh) => format!("{}日", numeral::zh(*days)),
            (Self::Days(days), Language::En) => counted(*days, "day"),
            (Self::Months(months), Language::Zh) => {
                let (years, months) = (months / 12, months % 12);
                let years = if years > 0 { format!("{}年", numeral::zh(years)) } else { String::new() };
                let months = if months > 0 { format!("{}个月", numeral::zh(months)) } else { String::new() };
                format!("{years}{months}")
            }
            (Self::Months(months), Language::En) => {
                let (years, months) = (months / 12, months % 12);
                let parts = [(years, "year"), (months, "month")].into_iter().filter(|(count, _)| *count > 0);
                parts.map(|(count, unit)| counted(count, unit)).collect::<Vec<_>>().join(" and ")
            }
        }
    }
}

fn counted(count: u64, unit: &str) -> String {
    format!("{} {unit}{}", numeral::en(count), if count == 1 { "" } else { "s" })
}

fn last(until: Time, zone: &TimeZone) -> Last {
    let civil = zone.to_datetime(until.timestamp());
    match civil.date().yesterday() {
        Ok(day) if is_midnight(civil) => Last::Day(day),
        _ => Last::Clock(civil),
    }
}

fn is_midnight(civil: DateTime) -> bool {
    civil.time() == jiff::civil::Time::midnight()
}

pub(super) fn date(at: Time, zone: &TimeZone) -> Date {
    zone.to_datetime(at.timestamp()).date()
}

/// A day: 2026年12月1日, 1 December 2026.
pub fn day_text(day: Date, language: Language) -> String {
    match language {
        Language::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => day.strftime("%-d %B %Y").to_string(),
    }
}

/// A clock time of a day; seconds where there are some.
pub fn clock_text(clock: DateTime, language: Language) -> String {
    let day = day_text(clock.date(), language);
    let seconds = if clock.second() == 0 { "" } else { ":%S" };
    let clock = clock.strftime(&format!("%H:%M{seconds}")).to_string();
    format!("{day} {clock}")
}

/// An instant: its day, where that begins with it, else with the clock time.
pub fn instant_text(at: Time, zone: &TimeZone, language: Language) -> String {
    let civil = zone.to_datetime(at.timestamp());
    if is_midnight(civil) { day_text(civil.date(), language) } else { clock_text(civil, language) }
}

/// The clock of Beijing, by which the association goes.
pub fn beijing() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// An instant, in whole minutes, by the clock of Beijing.
pub fn time_text(at: Time) -> String {
    let minute = Time::from_millis(at.as_millis().div_euclid(60_000) * 60_000);
    instant_text(minute, &beijing(), Language::spoken())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use callboard_federation::{
        encoding::{Hash, Octets},
        records::{Place, Record, Records},
        standing::standing,
        statement::{
            Act, Basis, Details, EpochTag, Imposition, Measure, MeasureKind, PolicyRef, Statement, Subject, SubjectTag,
            SubjectType,
        },
        tag::{Epoch, Tag},
    };
    use proptest::prelude::*;

    use super::*;
    use crate::tests::{noon, policy};

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn a_term_reads_in_whole_days_the_last_one_included() {
        let start = Start::At(at("2026-11-30T16:00:00.000Z"));
        for (until, zh, en) in [
            (
                Some("2031-11-30T16:00:00.000Z"),
                "五年，自2026年12月1日起至2031年11月30日止",
                "five years, from 1 December 2026 through 30 November 2031",
            ),
            (
                Some("2028-05-31T16:00:00.000Z"),
                "一年六个月，自2026年12月1日起至2028年5月31日止",
                "one year and six months, from 1 December 2026 through 31 May 2028",
            ),
            (
                Some("2026-12-30T16:00:00.000Z"),
                "三十日，自2026年12月1日起至2026年12月30日止",
                "30 days, from 1 December 2026 through 30 December 2026",
            ),
            (
                Some("2026-12-31T04:30:00.000Z"),
                "自2026年12月1日起至2026年12月31日 12:30止",
                "from 1 December 2026 until 31 December 2026 12:30",
            ),
            (None, "长期（未设终止日期），自2026年12月1日起", "open (no end date is set), from 1 December 2026"),
        ] {
            let term = Term::new(start, until.map(at));
            assert_eq!(
                (term.text(&shanghai(), Language::Zh), term.text(&shanghai(), Language::En)),
                (zh.into(), en.into())
            );
        }
    }

    #[test]
    fn what_is_not_to_come_begins_with_the_logging() {
        let issued = at("2026-07-01T04:00:00.000Z");
        let term = Term::new(Start::drafted(issued, issued), Some(at("2031-06-30T16:00:00.000Z")));
        assert_eq!(term.text(&shanghai(), Language::Zh), "五年（自2026年7月1日起算），自登记之日起至2031年6月30日止");
        assert_eq!(
            term.text(&shanghai(), Language::En),
            "five years counted from 1 July 2026, from when it is logged through 30 June 2031"
        );
        let open = Term::new(Start::drafted(issued, issued), None);
        assert_eq!(open.text(&shanghai(), Language::Zh), "长期（未设终止日期），自登记之日起");
    }

    /// A ruling whose standing is asked.
    fn ruling(effective_at: Time, until: Time) -> Records {
        let tag = SubjectTag { epoch: Epoch::new(1).unwrap(), tag: Tag::from_bytes([7; 32]), soft: false };
        let policy = policy();
        let statement = Statement {
            id: callboard_federation::encoding::Id::new(noon(), [1; 10]),
            salt: Octets([0; 32]),
            act: Act::Ruling {
                imposed: Imposition {
                    effective_at,
                    subject: Subject { r#type: SubjectType::Person, tags: vec![tag] },
                    measure: Measure { kind: MeasureKind::Restriction, scopes: Vec::new(), until: Some(until) },
                    basis: Basis {
                        policy: PolicyRef { instrument: String::new(), version: String::new(), sha256: policy.hash },
                        procedure: Hash::of(b"case"),
                    },
                    details: Details {
                        nonce: Octets([0; 12]),
                        ciphertext: callboard_federation::encoding::Base64(Vec::new()),
                        commit: Hash::of(b"key"),
                        share: Hash::of(b"share"),
                        wraps: Vec::new(),
                    },
                },
                about: Vec::new(),
            },
        };
        let mut records = Records::default();
        // Logged before it takes effect.
        records.insert(Record::new(Place { index: 1, position: 0 }, Time::from_seconds(0), &statement));
        records
    }

    proptest! {
        /// The days that a letter shows are exactly those on which the standing holds, from their first instant to their last.
        #[test]
        fn the_days_shown_are_those_on_which_the_standing_holds(
            zone in proptest::sample::select(vec!["Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "UTC"]),
            first in 0..4_000_i64,
            length in 1..3_000_i64,
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let day = |ahead: i64| jiff::civil::date(2020, 1, 1).checked_add(Span::new().days(ahead)).unwrap();
            let begins = |day: Date| Time::from_millis(zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).unwrap().as_millisecond());
            let (effective_at, until) = (begins(day(first)), begins(day(first + length)));
            let shown = Term::new(Start::At(effective_at), Some(until)).days(&zone);
            // A day that a change of the clock begins at one o'clock isn't told as whole.
            prop_assume!(shown.is_some());
            let (from, to) = shown.unwrap();
            let (records, policy) = (ruling(effective_at, until), policy());
            let policies = BTreeMap::from([(policy.hash, policy.value)]);
            let tag = EpochTag { epoch: Epoch::new(1).unwrap(), tag: Tag::from_bytes([7; 32]) };
            let holds = |at: Time| !standing(&records, &policies, &[tag], 2, at).unwrap().reasons.is_empty();
            for ahead in [first - 1, first, first + length / 2, first + length - 1, first + length] {
                let (begin, end) = (begins(day(ahead)), begins(day(ahead + 1)).plus_millis(-1));
                let is_shown = from <= day(ahead) && day(ahead) <= to;
                prop_assert_eq!((holds(begin), holds(end)), (is_shown, is_shown), "{}", day(ahead));
            }
        }
    }
}
