//! A day as a form has it, `2027-01-01`, by the association's clock: the instant at which it begins, and back.

use callboard_federation::{encoding::Time, zh_en};
use jiff::civil::Date;

use crate::{Error, letter::earlier_record::zone_of};

/// The instant at which a day begins in Beijing.
///
/// # Errors
/// The text is no day.
pub fn begins(text: &str) -> Result<Time, Error> {
    let wrong = || Error::other("day", || zh_en!("请填写日期，如 2027-01-31", "a day is written as 2027-01-31"));
    let day: Date = text.trim().parse().map_err(|_| wrong())?;
    let begins = zone_of(None).to_timestamp(day.at(0, 0, 0, 0)).map_err(|_| wrong())?;
    Ok(Time::from_millis(begins.as_millisecond()))
}

/// The day on which an instant lies in Beijing.
pub fn of(at: Time) -> Date {
    zone_of(None).to_datetime(at.timestamp()).date()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_beijing() {
        let begins = begins(" 2027-01-01 ").unwrap();
        assert_eq!(begins.to_string(), "2026-12-31T16:00:00.000Z");
        assert_eq!(of(begins).to_string(), "2027-01-01");
        assert_eq!(of(begins.plus_millis(-1)).to_string(), "2026-12-31");
        assert_eq!(super::begins("2027年1月1日").err().map(|error| error.code()).as_deref(), Some("day"));
    }
}
