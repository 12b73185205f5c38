//! `cn-id`: 18 characters of GB 11643's number space, or the permanent resident card of before 2023.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{Candidate, IdentityError, IdentityKind, Sex, digits::is_digits};

/// The weights of the 17 digits before the check character (ISO 7064, MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character for each remainder.
const CHECKS: &[u8; 11] = b"10X98765432";
/// Sequences of a number of 15 digits that were given to people born before 1900.
const BORN_BEFORE_1900: [&str; 4] = ["996", "997", "998", "999"];

/// The value of a text, and what of it a person must confirm.
pub(super) fn read(text: &str) -> Result<Candidate, IdentityError> {
    let bytes = text.as_bytes();
    match bytes.len() {
        18 if is_digits(&text[..17]) && (is_digits(&text[17..]) || bytes[17] == b'X') && bytes[0] != b'0' => {
            date(&text[6..14]).ok_or(IdentityError::Date)?;
            if bytes[17] != check(&bytes[..17]) {
                return Err(IdentityError::Checksum);
            }
            // A spreadsheet keeps 15 digits of a number and writes zeros behind; one such in eleven passes its check.
            let doubt = text.ends_with("000").then_some(IdentityError::Rounded);
            Ok(Candidate { value: text.to_owned(), doubt })
        }
        15 if is_digits(text) && bytes[0] != b'0' => {
            let century = if BORN_BEFORE_1900.contains(&&text[12..]) { "18" } else { "19" };
            let mut upgraded = Zeroizing::new(String::with_capacity(18));
            upgraded.extend([&text[..6], century, &text[6..]]);
            date(&upgraded[6..14]).ok_or(IdentityError::Date)?;
            let check = check(upgraded.as_bytes());
            upgraded.push(char::from(check));
            Ok(Candidate { value: std::mem::take(&mut upgraded), doubt: Some(IdentityError::Fifteen) })
        }
        15 if bytes[..3].iter().all(u8::is_ascii_uppercase) && is_digits(&text[3..]) => {
            Ok(Candidate { value: text.to_owned(), doubt: None })
        }
        _ => Err(IdentityError::Shape(IdentityKind::CnId)),
    }
}

/// The date of birth of a normalised number; the card of 15 characters carries none.
pub(super) fn date_of_birth(value: &str) -> Option<Date> {
    if value.len() == 18 { date(value.get(6..14)?) } else { None }
}

/// The sex that the last digit of the sequence tells: odd for men.
pub(super) fn sex(value: &str) -> Option<Sex> {
    let sequence = value.as_bytes().get(16).filter(|_| value.len() == 18)?;
    Some(if sequence % 2 == 1 { Sex::Male } else { Sex::Female })
}

/// A real day of the years 1800 to 2099, of 8 digits.
pub(super) fn date(digits: &str) -> Option<Date> {
    if !is_digits(digits) || digits.len() != 8 {
        return None;
    }
    let year = digits.get(..4)?.parse().ok().filter(|year| (1800..=2099).contains(year))?;
    Date::new(year, digits.get(4..6)?.parse().ok()?, digits.get(6..8)?.parse().ok()?).ok()
}

fn check(digits: &[u8]) -> u8 {
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    CHECKS[(sum % 11) as usize]
}
