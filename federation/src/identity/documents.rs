//! Travel permits, passports, accounts: kinds without a check digit.

use super::digits::{is_digits, is_letters};
use crate::members::MemberId;

/// `H` or `M` and 8 digits for life, the 2 digits of a reissue cut; `HA` or `MA` and 7 digits; or 8 digits.
pub(super) fn travel_permit(text: &str) -> Option<String> {
    let after = |letters: &str| text.strip_prefix(letters).filter(|rest| is_digits(rest));
    let is_taiwan = text.len() == 8 && is_digits(text);
    let is_chinese = ["H", "M"].into_iter().filter_map(after).any(|digits| matches!(digits.len(), 8 | 10));
    let is_foreign = ["HA", "MA"].into_iter().filter_map(after).any(|digits| digits.len() == 7);
    (is_taiwan || is_chinese || is_foreign).then(|| text.chars().take(9).collect())
}

/// Three letters of the issuer, a colon, 5 to 12 letters and digits.
pub(super) fn passport(text: &str) -> Option<String> {
    let (issuer, number) = text.split_once(':')?;
    let shaped = is_issuer(issuer)
        && (5..=12).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    shaped.then(|| text.to_owned())
}

/// Whether it has the shape of ISO 3166 alpha-3.
pub(super) fn is_issuer(text: &str) -> bool {
    text.len() == 3 && is_letters(text)
}

/// A member's id, a colon, whatever the member calls the account or is told as a code.
pub(super) fn account(text: &str) -> Option<String> {
    let (member, account) = text.split_once(':')?;
    let shaped = MemberId::try_from(member.to_owned()).is_ok() && !account.is_empty();
    shaped.then(|| text.to_owned())
}
