//! Dates and terms as people write them, in the policy's zone.

use callboard_client::table::day::read_day;
use callboard_federation::encoding::Time;
use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use unicode_normalization::UnicodeNormalization as _;

/// What a date cell says: a whole day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// The day, from its first instant to its last.
    Day(Date),
    Clock(DateTime),
    /// An instant, written as the formats write it.
    Instant(Time),
}

impl When {
    /// Reads `2026-07-01`, `2026/7/1`, `2026.7.1`, `20260701`, `2026年7月1日`, each with a clock time behind it, or an
    /// instant; digits of any width.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text: String = text.trim().nfkc().collect();
        if let Ok(instant) = text.parse() {
            return Some(Self::Instant(instant));
        }
        let (day, clock) = match text.split_once(['T', ' ']) {
            Some((day, clock)) => (day, Some(clock.trim())),
            None => match text.split_once('日') {
                Some((_, clock)) if !clock.is_empty() => (text.strip_suffix(clock)?, Some(clock)),
                _ => (text.as_str(), None),
            },
        };
        let day = read_day(day)?;
        Some(match clock {
            None => Self::Day(day),
            Some(clock) => Self::Clock(day.to_datetime(clock.parse().ok()?)),
        })
    }

    /// Whether it is a midnight that was written with its clock time: the end of the day before, or a program's way to
    /// write the whole day.
    pub(super) fn is_midnight(self) -> bool {
        matches!(self, Self::Clock(clock) if clock.time() == jiff::civil::Time::midnight())
    }

    pub(super) fn start(self, zone: &TimeZone) -> Option<Time> {
        match self {
            Self::Day(day) => instant(day.to_datetime(jiff::civil::Time::midnight()), zone),
            Self::Clock(clock) => instant(clock, zone),
            Self::Instant(instant) => Some(instant),
        }
    }

    /// The instant at which it is over: of a day, the first of the next.
    pub(super) fn end(self, zone: &TimeZone) -> Option<Time> {
        match self {
            Self::Day(day) => Self::Day(day.tomorrow().ok()?).start(zone),
            _ => self.start(zone),
        }
    }

    /// Its last instant: of a day, a millisecond before the next.
    pub(super) fn last(self, zone: &TimeZone) -> Option<Time> {
        match self {
            Self::Day(_) => self.end(zone).map(|end| end.plus_millis(-1)),
            _ => self.start(zone),
        }
    }
}

fn instant(clock: DateTime, zone: &TimeZone) -> Option<Time> {
    zone.to_timestamp(clock).ok().map(|instant| Time::from_millis(instant.as_millisecond()))
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Term {
    Of(Span),
    /// Without an end, as somebody wrote.
    Endless,
}

const ENDLESS: [&str; 8] = ["长期", "长期有效", "永久", "永久有效", "无期限", "不设期限", "indefinite", "permanent"];

pub(super) fn is_endless(text: &str) -> bool {
    ENDLESS.contains(&compact(text).as_str())
}

/// Reads a term: `P5Y`, `5年`, `五年`, `3个月`, `1年6个月`, `一年半`, `30天`, `5 years`, `3 months`, `30 days`, `长期`; from 1.
pub(super) fn read_term(text: &str) -> Option<Term> {
    if is_endless(text) {
        return Some(Term::Endless);
    }
    let text = compact(text);
    let (mut rest, is_iso) = text.strip_prefix('p').map_or((text.as_str(), false), |rest| (rest, true));
    let (mut span, mut last_unit) = (Span::new(), 0);
    while !rest.is_empty() {
        // «一年半», «半年»
        if let Some(after) = rest.strip_prefix('半') {
            let is_of_year = matches!(after, "" if last_unit == 1) || after == "年" && last_unit == 0;
            span = span.try_months(6).ok().filter(|_| is_of_year && !is_iso)?;
            return Some(Term::Of(span));
        }
        let (number, after) = read_number(rest)?;
        let (unit, after) = read_unit(after, is_iso)?;
        // The largest unit first, each once.
        if number == 0 || unit <= last_unit {
            return None;
        }
        span = match unit {
            1 => span.try_years(number),
            2 => span.try_months(number),
            3 => span.try_weeks(number),
            _ => span.try_days(number),
        }
        .ok()?;
        (rest, last_unit) = (after, unit);
    }
    (last_unit > 0).then_some(Term::Of(span))
}

fn compact(text: &str) -> String {
    text.nfkc().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// A number in digits or in Chinese, to 99, and what follows.
fn read_number(text: &str) -> Option<(i64, &str)> {
    let after = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if after.len() < text.len() {
        return Some((text[..text.len() - after.len()].parse().ok()?, after));
    }
    let (mut tens, mut ones, mut rest, mut has_ten) = (0, None, text, false);
    while let Some(c) = rest.chars().next() {
        let digit = match c {
            '两' => Some(2),
            c => "零一二三四五六七八九".chars().position(|digit| digit == c),
        };
        match (c, digit) {
            ('十', _) if !has_ten => {
                (tens, ones, has_ten) = (ones.take().unwrap_or(1), None, true);
            }
            (_, Some(digit)) if ones.is_none() => ones = i64::try_from(digit).ok(),
            _ => break,
        }
        rest = &rest[c.len_utf8()..];
    }
    (has_ten || ones.is_some()).then(|| (tens * 10 + ones.unwrap_or_default(), rest))
}

/// A unit, from the largest: years 1, months 2, weeks 3, days 4; and what follows.
fn read_unit(text: &str, is_iso: bool) -> Option<(u8, &str)> {
    const ISO: [(&str, u8); 4] = [("y", 1), ("m", 2), ("w", 3), ("d", 4)];
    const WORDS: [(&str, u8); 18] = [
        ("年", 1),
        ("years", 1),
        ("year", 1),
        ("个月", 2),
        ("个整月", 2),
        ("月", 2),
        ("months", 2),
        ("month", 2),
        ("周", 3),
        ("个星期", 3),
        ("星期", 3),
        ("weeks", 3),
        ("week", 3),
        ("个自然日", 4),
        ("天", 4),
        ("日", 4),
        ("days", 4),
        ("day", 4),
    ];
    let units: &[(&str, u8)] = if is_iso { &ISO } else { &WORDS };
    units.iter().find_map(|(word, unit)| text.strip_prefix(word).map(|after| (*unit, after)))
}

/// The instant at which a term is over that begins with a day: whole days, by the calendar of the zone.
pub(super) fn after(first: Date, term: Span, zone: &TimeZone) -> Option<Time> {
    When::Day(first.checked_add(term).ok()?).start(zone)
}

pub(super) fn day_of(instant: Time, zone: &TimeZone) -> Date {
    zone.to_datetime(instant.timestamp()).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn a_clock_time_stands_behind_a_day() {
        let noon = When::Clock(date(2026, 7, 1).at(12, 0, 0, 0));
        for text in ["2026-07-01 12:00", "2026-07-01T12:00:00", "2026年7月1日12:00", "2026.7.1 12:00"] {
            assert_eq!(When::read(text), Some(noon), "{text}");
        }
        for text in ["2026-07-01 25:00", "2026-07-01T", "2026-07-01 noon", "7月1日"] {
            assert_eq!(When::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_over_with_the_first_instant_of_the_next() {
        let day = When::read("2026-07-01").unwrap();
        assert_eq!(day.start(&shanghai()).unwrap().to_string(), "2026-06-30T16:00:00.000Z");
        assert_eq!(day.end(&shanghai()).unwrap().to_string(), "2026-07-01T16:00:00.000Z");
        assert_eq!(day.last(&shanghai()).unwrap().to_string(), "2026-07-01T15:59:59.999Z");
    }

    #[test]
    fn a_term_follows_the_calendar_in_whole_days() {
        for (terms, last) in [
            (["P5Y", "5年", "五年", "５ 年", "5 years"].as_slice(), date(2031, 6, 30)),
            (
                &["1年6个月", "一年六个月", "一年半", "18个月", "十八个月", "P1Y6M", "1 year 6 months"],
                date(2027, 12, 31),
            ),
            (&["半年", "6个月", "六个月"], date(2026, 12, 31)),
            (&["30天", "三十日", "P30D", "30 days"], date(2026, 7, 30)),
            (&["2周", "两周", "14天"], date(2026, 7, 14)),
        ] {
            for term in terms {
                let Some(Term::Of(span)) = read_term(term) else { panic!("{term}") };
                let end = after(date(2026, 7, 1), span, &shanghai()).unwrap();
                assert_eq!(day_of(end.plus_millis(-1), &shanghai()), last, "{term}");
            }
        }
        for term in ["长期", "永久", " 长 期 ", "Permanent", "indefinite"] {
            assert!(matches!(read_term(term), Some(Term::Endless)), "{term}");
        }
        for wrong in [
            "0年",
            "5",
            "五",
            "P",
            "PT5H",
            "-1年",
            "6个月1年",
            "1年1年",
            "99999999年",
            "",
            "半",
            "半月",
            "1年半月",
            "五年长期",
            "十十年",
        ] {
            assert!(read_term(wrong).is_none(), "{wrong}");
        }
    }
}
