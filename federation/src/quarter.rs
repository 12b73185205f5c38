//! Quarters of the civil year, by the clock of Beijing: the periods of which figures are told and declarations are made.

use std::{fmt, str::FromStr};

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{encoding::Time, zh_en};

/// A quarter, such as `2026-Q3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quarter {
    year: i16,
    /// 1 to 4.
    number: i8,
}

/// A text that is no quarter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("季度应写作 2026-Q3", "a quarter is written as 2026-Q3"))]
pub struct QuarterError;

/// The first and last years that are counted: beyond them nobody kept a log, and times have no text.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=9998;
/// The offset of Beijing, in hours; it has been the same since 1991.
const BEIJING: i8 = 8;

impl Quarter {
    /// The quarter of a year.
    ///
    /// # Errors
    /// Neither the year nor the number is one that is counted.
    pub fn new(year: i16, number: i8) -> Result<Self, QuarterError> {
        if YEARS.contains(&year) && (1..=4).contains(&number) { Ok(Self { year, number }) } else { Err(QuarterError) }
    }

    /// The quarter in which an instant lies; of an instant that no quarter holds the nearest one.
    pub fn of(at: Time) -> Self {
        let date = TimeZone::fixed(jiff::tz::offset(BEIJING)).to_datetime(at.timestamp()).date();
        let year = date.year().clamp(*YEARS.start(), *YEARS.end());
        Self { year, number: (date.month() - 1) / 3 + 1 }
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        Date::new(self.year, self.number * 3 - 2, 1).unwrap_or(Date::ZERO)
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.next().first_day().yesterday().unwrap_or(Date::ZERO)
    }

    /// When it begins.
    pub fn begins(self) -> Time {
        let midnight = self.first_day().at(0, 0, 0, 0);
        let begins = TimeZone::fixed(jiff::tz::offset(BEIJING)).to_timestamp(midnight);
        Time::from_millis(begins.map_or(0, jiff::Timestamp::as_millisecond))
    }

    /// When it is over.
    pub fn ends(self) -> Time {
        self.next().begins()
    }

    /// The one behind it.
    #[must_use]
    pub const fn next(self) -> Self {
        match self.number {
            4 => Self { year: self.year + 1, number: 1 },
            number => Self { year: self.year, number: number + 1 },
        }
    }

    /// This one and those before it, to the first that is counted.
    pub fn and_earlier(self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |quarter| Some(quarter.before()).filter(|one| YEARS.contains(&one.year)))
    }

    /// The one before it.
    #[must_use]
    pub const fn before(self) -> Self {
        match self.number {
            1 => Self { year: self.year - 1, number: 4 },
            number => Self { year: self.year, number: number - 1 },
        }
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.number)
    }
}

impl FromStr for Quarter {
    type Err = QuarterError;

    fn from_str(text: &str) -> Result<Self, QuarterError> {
        let (year, number) = text.split_once("-Q").ok_or(QuarterError)?;
        let quarter = Self::new(year.parse().map_err(|_| QuarterError)?, number.parse().map_err(|_| QuarterError)?)?;
        // One text of each: no signs, no other zeros.
        if quarter.to_string() == text { Ok(quarter) } else { Err(QuarterError) }
    }
}

impl TryFrom<String> for Quarter {
    type Error = QuarterError;

    fn try_from(text: String) -> Result<Self, QuarterError> {
        text.parse()
    }
}

impl From<Quarter> for String {
    fn from(quarter: Quarter) -> Self {
        quarter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_quarter_begins_at_midnight_in_beijing() {
        let third: Quarter = "2026-Q3".parse().unwrap();
        assert_eq!(third.begins(), "2026-06-30T16:00:00.000Z".parse().unwrap());
        assert_eq!(third.ends(), "2026-09-30T16:00:00.000Z".parse().unwrap());
        assert_eq!(
            (third.first_day().to_string(), third.last_day().to_string()),
            ("2026-07-01".into(), "2026-09-30".into())
        );
        assert_eq!((third.before().to_string(), third.next().next().to_string()), ("2026-Q2".into(), "2027-Q1".into()));
        assert_eq!(Quarter::of("2026-12-31T16:00:00.000Z".parse().unwrap()).to_string(), "2027-Q1");
    }

    #[test]
    fn those_before_a_quarter_end_with_the_first_that_is_counted() {
        let second: Quarter = "2000-Q2".parse().unwrap();
        assert_eq!(second.and_earlier().map(String::from).collect::<Vec<_>>(), ["2000-Q2", "2000-Q1"]);
    }

    #[test]
    fn what_is_no_quarter_is_refused() {
        for text in ["", "2026", "2026-Q0", "2026-Q5", "26-Q1", "+2026-Q1", "2026-q1", "2026-Q01", "1999-Q4", "9999-Q1"]
        {
            assert!(text.parse::<Quarter>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn each_instant_lies_in_its_quarter_and_in_no_other(millis in 946_684_800_000_i64..253_000_000_000_000) {
            let at = Time::from_millis(millis);
            let quarter = Quarter::of(at);
            prop_assert!(quarter.begins() <= at && at < quarter.ends());
            prop_assert_eq!(quarter.next().before(), quarter);
            prop_assert_eq!(quarter.to_string().parse(), Ok(quarter));
        }
    }
}
