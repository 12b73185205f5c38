//! `cn-id`: 18 characters of GB 11643's number space, or the permanent resident card of before 2023.

use jiff::civil::Date;

use super::{IdentityInvalid, IdentityKind};

/// The weights of the 17 digits before the check character (ISO 7064, MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder.
const CHECKS: &[u8; 11] = b"10X98765432";
/// Sequences of a number of 15 digits that were given to people born before 1900.
const BORN_BEFORE_1900: [&str; 4] = ["996", "997", "998", "999"];

pub(super) fn read(text: &str) -> Result<String, IdentityInvalid> {
    let bytes = text.as_bytes();
    let are_digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        18 if are_digits(&bytes[..17]) && (are_digits(&bytes[17..]) || bytes[17] == b'X') && bytes[0] != b'0' => {
            check_date(text)?;
            if bytes[17] == check(&bytes[..17]) { Ok(text.to_owned()) } else { Err(IdentityInvalid::Checksum) }
        }
        15 if are_digits(bytes) && bytes[0] != b'0' => {
            let century = if BORN_BEFORE_1900.contains(&&text[12..]) { "18" } else { "19" };
            let upgraded = format!("{}{century}{}", &text[..6], &text[6..]);
            check_date(&upgraded)?;
            let check = char::from(check(upgraded.as_bytes()));
            Ok(upgraded + &check.to_string())
        }
        15 if bytes[..3].iter().all(u8::is_ascii_uppercase) && are_digits(&bytes[3..]) => Ok(text.to_owned()),
        _ => Err(IdentityInvalid::Shape(IdentityKind::CnId)),
    }
}

pub(super) fn date_of_birth(value: &str) -> Option<Date> {
    let number = |from: usize, to: usize| value.get(from..to)?.parse::<i16>().ok();
    let small = |from, to| number(from, to).and_then(|n| i8::try_from(n).ok());
    let year = number(6, 10).filter(|year| (1800..=2099).contains(year))?;
    if value.len() == 18 { Date::new(year, small(10, 12)?, small(12, 14)?).ok() } else { None }
}

fn check_date(text: &str) -> Result<(), IdentityInvalid> {
    // 17 digits while a number of 15 is upgraded: the check character is still to come.
    let padded = format!("{text:0<18}");
    date_of_birth(&padded).map(drop).ok_or(IdentityInvalid::Date)
}

fn check(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS[(sum % 11) as usize]
}
