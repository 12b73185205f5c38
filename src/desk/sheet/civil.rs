//! Dates and terms as people write them, in the policy's zone.

use callboard_federation::encoding::Time;
use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// What a date cell says: a whole day, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// The day, from its first instant to its last.
    Day(Date),
    /// A clock time of the zone.
    Clock(DateTime),
    /// An instant, written as the formats write it.
    Instant(Time),
}

impl When {
    /// Reads `2026-07-01`, `2026/7/1`, `2026年7月1日`, each with a clock time behind it, or an instant.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Ok(instant) = text.parse() {
            return Some(Self::Instant(instant));
        }
        let (day, clock) = match text.split_once(['T', ' ']) {
            Some((day, clock)) => (day, Some(clock.trim())),
            None => match text.split_once('日') {
                Some((_, clock)) if !clock.is_empty() => (text.strip_suffix(clock)?, Some(clock)),
                _ => (text, None),
            },
        };
        let day = read_day(day)?;
        Some(match clock {
            None => Self::Day(day),
            Some(clock) => Self::Clock(day.to_datetime(clock.parse().ok()?)),
        })
    }

    /// What a cell that is shown as a date says; midnight is the whole day.
    pub(super) fn of_cell(cell: DateTime) -> Self {
        if cell.time() == jiff::civil::Time::midnight() { Self::Day(cell.date()) } else { Self::Clock(cell) }
    }

    /// The instant at which it begins.
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

fn read_day(text: &str) -> Option<Date> {
    let text = text.strip_suffix('日').unwrap_or(text);
    let mut parts = text.split(['-', '/', '年', '月']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, most: usize| part.bytes().all(|b| b.is_ascii_digit()) && (1..=most).contains(&part.len());
    if parts.next().is_some() || year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn instant(clock: DateTime, zone: &TimeZone) -> Option<Time> {
    zone.to_timestamp(clock).ok().map(|instant| Time::from_millis(instant.as_millisecond()))
}

/// Reads a term: `P5Y`, `P3M`, `P30D`, `5年`, `3个月`, `30天`, `30日`, `5 years`, `3 months`, `30 days`; from 1.
pub(super) fn read_term(text: &str) -> Option<Span> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let (compact, is_iso) = compact.strip_prefix('p').map_or((compact.as_str(), false), |rest| (rest, true));
    let unit = compact.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: i64 = compact[..compact.len() - unit.len()].parse().ok().filter(|number| *number > 0)?;
    let span = Span::new();
    match (is_iso, unit) {
        (true, "y") | (false, "年" | "year" | "years") => span.try_years(number),
        (true, "m") | (false, "个月" | "月" | "month" | "months") => span.try_months(number),
        (true, "d") | (false, "天" | "日" | "day" | "days") => span.try_days(number),
        _ => return None,
    }
    .ok()
}

/// The instant a term after `start`, by the calendar of the zone.
pub(super) fn after(start: Time, term: Span, zone: &TimeZone) -> Option<Time> {
    let end = start.timestamp().to_zoned_datetime(zone.clone()).checked_add(term).ok()?;
    Some(Time::from_millis(end.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    #[test]
    fn a_day_is_the_same_however_it_is_written() {
        let day = When::Day(jiff::civil::date(2026, 7, 1));
        for text in ["2026-07-01", "2026/7/1", "2026年7月1日", "2026-7-1"] {
            assert_eq!(When::read(text), Some(day), "{text}");
        }
        for text in ["2026-02-29", "26-07-01", "2026-07", "2026-07-01-01", "07/01/2026", "2026.07.01", "20260701", ""] {
            assert_eq!(When::read(text), None, "{text}");
        }
        let noon = When::Clock(jiff::civil::date(2026, 7, 1).at(12, 0, 0, 0));
        for text in ["2026-07-01 12:00", "2026-07-01T12:00:00", "2026年7月1日12:00"] {
            assert_eq!(When::read(text), Some(noon), "{text}");
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
    fn a_term_follows_the_calendar() {
        let start = When::read("2024-02-29").unwrap().start(&shanghai()).unwrap();
        for (term, end) in [
            ("P5Y", "2029-02-27T16:00:00.000Z"),
            ("5年", "2029-02-27T16:00:00.000Z"),
            ("5 years", "2029-02-27T16:00:00.000Z"),
            ("3个月", "2024-05-28T16:00:00.000Z"),
            ("30天", "2024-03-29T16:00:00.000Z"),
        ] {
            let end_found = after(start, read_term(term).unwrap(), &shanghai()).unwrap();
            assert_eq!(end_found.to_string(), end, "{term}");
        }
        for wrong in ["0年", "5", "五年", "P", "PT5H", "-1年", "1年2个月", "99999999年"] {
            assert!(read_term(wrong).is_none(), "{wrong}");
        }
    }
}
