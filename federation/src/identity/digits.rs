//! What kinds ask of characters.

/// Whether all are digits `0` to `9`; also of no characters at all.
pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether all are letters `A` to `Z`.
pub(super) fn is_letters(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_uppercase())
}
