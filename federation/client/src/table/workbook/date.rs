//! A number that is shown as a date: the day that a reader sees, or why it can't be told.
//!
//! Programs that reckon in instants write a day as its midnight of another zone: 16:00 of the day before, or 00:00:43,
//! since the clocks of Shanghai were off by as much before 1901. What less than a minute adds to what is shown is
//! dropped; more is odd, since the day that was meant may be the next.

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime, Time},
};

use super::format::Parts;
use crate::table::{Cell, Odd};

const SECONDS_OF_DAY: f64 = 86_400.0;
/// The last day that there is, 9999-12-31.
const LAST: f64 = 2_958_466.0;
/// A day of 1900 that there never was; the days before it are off by one.
const FEBRUARY_29: i64 = 60;
/// The days between the two ways to count.
const OF_1904: i64 = 1_462;

/// The cell of a number of days, and what is odd about it.
pub(super) fn of_number(days: f64, is_1904: bool, shown: Option<Parts>) -> (Cell, Option<Odd>) {
    if !(0.0..LAST).contains(&days) {
        return (Cell::Other, None);
    }
    #[expect(clippy::cast_possible_truncation, reason = "held between 0 and the last day, in seconds")]
    let seconds = (days * SECONDS_OF_DAY).round() as i64;
    let (day, clock) = (seconds / 86_400, seconds % 86_400);
    let day = if is_1904 { day + OF_1904 } else { day };
    let day = match day {
        // A clock time alone.
        0 | FEBRUARY_29 if !is_1904 => None,
        day if day < FEBRUARY_29 && !is_1904 => jiff::civil::date(1899, 12, 31).checked_add(day.days()).ok(),
        day => jiff::civil::date(1899, 12, 30).checked_add(day.days()).ok(),
    };
    day.map_or((Cell::Other, None), |day| of_day(day, clock, shown))
}

/// The cell of a date that is written as text in the file.
pub(super) fn of_iso(text: &str, shown: Option<Parts>) -> (Cell, Option<Odd>) {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let when = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|day| day.to_datetime(Time::midnight())));
    match when {
        Ok(when) => {
            let clock = when.duration_since(when.start_of_day()).as_secs();
            of_day(when.date(), clock, shown)
        }
        Err(_) => (Cell::Other, None),
    }
}

fn of_day(day: Date, clock: i64, shown: Option<Parts>) -> (Cell, Option<Odd>) {
    let shown = shown.unwrap_or_default();
    if !shown.is_whole() {
        return (Cell::Day(day), Some(Odd::NotWhole));
    }
    if shown.hour && shown.minute {
        // To the minute, as it may be shown.
        let clock = day.to_datetime(Time::midnight()).checked_add((clock / 60).minutes());
        return (clock.map_or(Cell::Other, Cell::Clock), None);
    }
    (Cell::Day(day), (clock >= 60).then_some(Odd::StrayClock))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Parts = Parts { year: true, month: true, day: true, hour: false, minute: false, is_other: false };

    #[test]
    fn a_day_is_the_one_that_the_cell_shows() {
        let day = Cell::Day(date(2031, 12, 1));
        assert_eq!(of_number(48_183.0, false, Some(DAY)), (day.clone(), None));
        assert_eq!(of_number(48_183.0 - 1_462.0, true, Some(DAY)), (day.clone(), None));
        // 43 seconds after midnight, and 16:00 of the day before.
        assert_eq!(of_number(48_183.000_497_685, false, Some(DAY)), (day.clone(), None));
        let before = Cell::Day(date(2031, 11, 30));
        assert_eq!(of_number(48_182.666_666_667, false, Some(DAY)), (before.clone(), Some(Odd::StrayClock)));
        assert_eq!(of_number(48_182.999_502_315, false, Some(DAY)), (before.clone(), Some(Odd::StrayClock)));
        assert_eq!(of_iso("2031-12-01T00:00:43", Some(DAY)), (day.clone(), None));
        assert_eq!(of_iso("2031-11-30T16:00:00.000Z", Some(DAY)), (before, Some(Odd::StrayClock)));
        assert_eq!(of_iso("2031-12-01", Some(DAY)), (day, None));
        let clock = Parts { hour: true, minute: true, ..DAY };
        let noon = Cell::Clock(date(2031, 12, 1).at(12, 0, 0, 0));
        assert_eq!(of_number(48_183.5, false, Some(clock)), (noon.clone(), None));
        assert_eq!(of_number(48_183.500_3, false, Some(clock)), (noon, None));
        let month = Parts { day: false, ..DAY };
        assert_eq!(of_number(48_183.0, false, Some(month)).1, Some(Odd::NotWhole));
    }

    #[test]
    fn what_is_no_day_of_the_calendar_is_none() {
        assert_eq!(of_number(1.0, false, Some(DAY)).0, Cell::Day(date(1900, 1, 1)));
        assert_eq!(of_number(61.0, false, Some(DAY)).0, Cell::Day(date(1900, 3, 1)));
        for number in [60.0, 0.5, -1.0, 2_958_466.0, f64::NAN, f64::INFINITY] {
            assert_eq!(of_number(number, false, Some(DAY)).0, Cell::Other, "{number}");
        }
        assert_eq!(of_iso("yesterday", Some(DAY)).0, Cell::Other);
    }
}
