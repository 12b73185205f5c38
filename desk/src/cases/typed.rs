//! What people type in the forms of a case: numbers of persons, and instants.

use callboard_federation::{encoding::Time, zh_en};
use callboard_rules::case::number::ItemNumber;

use crate::{Error, civil_day, letter::earlier_record::zone_of};

/// The most numbers of a run: those of a case.
const MAX_ITEMS: u32 = 1_000;

/// Numbers such as `1-3、7`, in their order.
///
/// # Errors
/// It isn't written so.
pub fn items(text: &str) -> Result<Vec<ItemNumber>, Error> {
    let wrong =
        || Error::other("case-items", || zh_en!("请填写第几人，如 1-3、7", "write numbers of items, such as 1-3, 7"));
    let mut numbers = Vec::new();
    for part in text.split([',', '，', '、', ' ', ';', '；']).map(str::trim).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once(['-', '–', '~', '至']).unwrap_or((part, part));
        let read = |typed: &str| typed.trim().parse::<ItemNumber>().map_err(|_| wrong());
        let (first, last) = (read(first)?, read(last)?);
        if last < first || last - first >= MAX_ITEMS {
            return Err(wrong());
        }
        numbers.extend(first..=last);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}

/// The instant of a day and a time of day, by the clock of Beijing.
///
/// # Errors
/// It is none.
pub fn instant(day: &str, clock: &str) -> Result<Time, Error> {
    let wrong = || Error::other("case-time", || zh_en!("请填写时刻，如 14:30", "a time of day is written as 14:30"));
    let begins = civil_day::begins(day)?;
    let (hours, minutes) = clock.trim().split_once([':', '：']).ok_or_else(wrong)?;
    let read = |typed: &str| typed.trim().parse::<i64>().map_err(|_| wrong());
    let (hours, minutes) = (read(hours)?, read(minutes)?);
    if !(0..24).contains(&hours) || !(0..60).contains(&minutes) {
        return Err(wrong());
    }
    Ok(begins.plus_millis((hours * 60 + minutes) * 60_000))
}

/// An instant as the two fields of a form have it.
pub fn day_and_clock(at: Time) -> (String, String) {
    let there = zone_of(None).to_datetime(at.timestamp());
    (there.date().to_string(), format!("{:02}:{:02}", there.hour(), there.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_typed_alone_and_in_runs() {
        assert_eq!(items(" 1-3、7，9 8").unwrap(), [1, 2, 3, 7, 8, 9]);
        assert_eq!(items("2至3,2").unwrap(), [2, 3]);
        assert_eq!(items("").unwrap(), Vec::<ItemNumber>::new());
        for wrong in ["x", "3-1", "1-", "1-4000000000", "-1"] {
            assert_eq!(items(wrong).unwrap_err().code(), "case-items", "{wrong}");
        }
    }

    #[test]
    fn an_instant_is_typed_as_a_day_and_a_time_and_shown_so_again() {
        let at = instant("2026-12-01", "07：05").unwrap();
        assert_eq!(at.to_string(), "2026-11-30T23:05:00.000Z");
        assert_eq!(day_and_clock(at), ("2026-12-01".to_owned(), "07:05".to_owned()));
        assert_eq!(instant("2026-12-01", "24:00").unwrap_err().code(), "case-time");
    }
}
