//! Instants in one spelling, `YYYY-MM-DDThh:mm:ss.sssZ`: text order is time order.

use std::{fmt, str::FromStr};

use callboard_language::zh_en;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::bytes::text_of;

/// An instant in UTC, in milliseconds since 1970 (years 0000 to 9999).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A text that isn't `YYYY-MM-DDThh:mm:ss.sssZ`, or no such instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("时间应写成 YYYY-MM-DDThh:mm:ss.sssZ", "not an instant written YYYY-MM-DDThh:mm:ss.sssZ"))]
pub struct TimeError;

/// 0000-01-01T00:00:00.000Z, the first instant with four digits of year.
const FIRST: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z, the last.
const LAST: i64 = 253_402_300_799_999;

impl Time {
    /// The instant `millis` milliseconds after 1970-01-01T00:00Z; outside the years 0000–9999 the nearest within.
    pub const fn from_millis(millis: i64) -> Self {
        Self(if millis < FIRST {
            FIRST
        } else if millis > LAST {
            LAST
        } else {
            millis
        })
    }

    /// The instant `seconds` seconds after 1970-01-01T00:00Z.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since 1970-01-01T00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00Z, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `millis` later (earlier, if negative).
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self::from_millis(self.0.saturating_add(millis))
    }

    /// The instant `hours` later.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        self.plus_millis(hours.saturating_mul(3_600_000))
    }

    /// The instant `days` × 24 h later.
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_millis(days.saturating_mul(86_400_000))
    }

    /// The UTC day, since 1970-01-01.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// The same instant for civil arithmetic.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or_default()
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let civil = TimeZone::UTC.to_datetime(self.timestamp());
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            civil.year(),
            civil.month(),
            civil.day(),
            civil.hour(),
            civil.minute(),
            civil.second(),
            civil.millisecond()
        )
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let bytes: &[u8; 24] = text.as_bytes().try_into().map_err(|_| TimeError)?;
        for (at, byte) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'.'), (23, b'Z')] {
            if bytes[at] != byte {
                return Err(TimeError);
            }
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0_i16, |sum, byte| match byte {
                b'0'..=b'9' => Ok(sum * 10 + i16::from(byte - b'0')),
                _ => Err(TimeError),
            })
        };
        let small = |from, to| number(from, to).and_then(|n| i8::try_from(n).map_err(|_| TimeError));
        let date = civil::Date::new(number(0, 4)?, small(5, 7)?, small(8, 10)?).map_err(|_| TimeError)?;
        let time =
            civil::Time::new(small(11, 13)?, small(14, 16)?, small(17, 19)?, i32::from(number(20, 23)?) * 1_000_000)
                .map_err(|_| TimeError)?;
        let instant = TimeZone::UTC.to_timestamp(date.to_datetime(time)).map_err(|_| TimeError)?;
        Ok(Self(instant.as_millisecond()))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_has_one_spelling() {
        let text = "2026-02-28T23:59:59.007Z";
        assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        for wrong in [
            "2026-02-29T00:00:00.000Z",
            "2026-02-28T23:59:60.000Z",
            "2026-02-28T24:00:00.000Z",
            "2026-02-28T23:59:59Z",
            "2026-02-28T23:59:59.000+",
            "2026-02-28t23:59:59.000Z",
        ] {
            assert_eq!(wrong.parse::<Time>(), Err(TimeError), "{wrong}");
        }
    }
}
