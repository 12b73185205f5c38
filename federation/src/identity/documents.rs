//! Travel permits, passports, accounts: kinds without a check digit.

/// Holders' letters of permits of Hong Kong and Macau residents.
const LETTERS: [u8; 2] = [b'H', b'M'];

/// `H` or `M` and 8 digits for life, the 2 digits of a reissue cut; or 8 digits.
pub(super) fn travel_permit(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let are_digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    match bytes.len() {
        8 if are_digits(bytes) => Some(text.to_owned()),
        9 | 11 if LETTERS.contains(&bytes[0]) && are_digits(&bytes[1..]) => Some(text[..9].to_owned()),
        _ => None,
    }
}

/// Three letters of the issuer, a colon, 5 to 12 letters and digits.
pub(super) fn passport(text: &str) -> Option<String> {
    let (issuer, number) = text.split_once(':')?;
    let shaped = issuer.len() == 3
        && issuer.bytes().all(|b| b.is_ascii_uppercase())
        && (5..=12).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    shaped.then(|| text.to_owned())
}

/// A member's id, a colon, whatever the member calls the account.
pub(super) fn account(text: &str) -> Option<String> {
    let (member, account) = text.split_once(':')?;
    let is_id = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!member.is_empty() && member.bytes().all(is_id) && !account.is_empty()).then(|| text.to_owned())
}
