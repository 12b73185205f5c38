//! Texts that were a number in some program, which keeps 15 to 17 digits of it.

use crate::identity::{IdentityError, IdentityKind, digits::is_digits};

/// What is wrong with a text that was a number; it is folded and trimmed.
pub(super) fn was_a_number(kind: IdentityKind, text: &str) -> Option<IdentityError> {
    let number = text.rsplit(':').next().unwrap_or(text).trim();
    if is_scientific(kind, number) {
        Some(IdentityError::Scientific)
    } else if is_decimal(number) {
        Some(IdentityError::Decimal)
    } else if has_separators(number) {
        Some(IdentityError::Separators)
    } else {
        None
    }
}

/// `4.40308E+17`, `4E17`; of kinds that have letters and digits in any order only what has a sign or a point.
fn is_scientific(kind: IdentityKind, text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_bare = whole == mantissa && power == exponent;
    let is_number = !whole.is_empty() && is_digits(whole) && is_digits(fraction);
    let has_digits_alone = matches!(kind, IdentityKind::CnId | IdentityKind::HmtTravelPermit | IdentityKind::CnUscc);
    is_number && (1..=3).contains(&power.len()) && is_digits(power) && (has_digits_alone || !is_bare)
}

/// `440308199901101512.0`
fn is_decimal(text: &str) -> bool {
    let Some((whole, fraction)) = text.split_once('.') else { return false };
    !whole.is_empty() && is_digits(whole) && fraction.bytes().all(|b| b == b'0')
}

/// `440,308,199,901,101,512`, with or without `.0`
fn has_separators(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let mut count = 0;
    let has_groups = groups.all(|group| {
        count += 1;
        group.len() == 3 && is_digits(group)
    });
    (1..=3).contains(&first.len()) && is_digits(first) && has_groups && count > 0 && is_digits(fraction)
}
