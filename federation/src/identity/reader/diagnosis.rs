//! What a text that has not the shape of its kind may be: what is missing, what is too much, what it is instead.

use jiff::civil::Date;

use super::{cut_birth, same_member};
use crate::identity::{
    Identity, IdentityError, IdentityKind, digits::is_digits, documents::is_issuer, invalid::Character,
};

/// What parts several identities in one place.
const BETWEEN: [char; 7] = [',', ';', '/', '|', '、', '，', '；'];

/// Says more of an error that normalising gave; `compact` is what the kind's rule was asked about.
pub(super) fn explain(
    kind: IdentityKind,
    text: &str,
    compact: &str,
    error: IdentityError,
    today: Date,
) -> IdentityError {
    match error {
        IdentityError::Date if kind == IdentityKind::CnId && cut_birth(compact, today).is_some() => IdentityError::Cut,
        IdentityError::Checksum if compact.ends_with("000") => IdentityError::LastDigitsLost,
        IdentityError::Shape(_) => instead(kind, text, compact),
        error => error,
    }
}

/// Whether more than one identity of the kind stands in it.
pub(super) fn are_several(kind: IdentityKind, text: &str) -> bool {
    let is_account = matches!(kind, IdentityKind::PlatformAccount | IdentityKind::NetIdentityCode);
    // An account may have a space, a slash or a bar in it.
    let parts_two = |c: char| match c {
        '/' | '|' => !is_account,
        '\n' => true,
        c => BETWEEN.contains(&c) || (c.is_whitespace() && !is_account),
    };
    if !text.contains(parts_two) {
        return false;
    }
    let parts = text.split(parts_two);
    let read: Vec<&str> = parts.filter(|part| Identity::read(kind, part).is_ok()).collect();
    read.len() > 1 && (!is_account || read.iter().all(|part| same_member(read[0], part)))
}

fn instead(kind: IdentityKind, text: &str, compact: &str) -> IdentityError {
    use IdentityKind::{CnId, CnUscc, HmtTravelPermit, NetIdentityCode, Passport, PassportHolder, PlatformAccount};
    if compact.contains(['*', '#']) {
        return IdentityError::Masked;
    }
    if let Some(other) = other_kind(kind, text) {
        return IdentityError::OtherKind(other);
    }
    match kind {
        Passport => match compact.split_once(':') {
            Some((issuer, _)) if is_issuer(issuer) => IdentityError::Shape(kind),
            _ => IdentityError::NoIssuer,
        },
        PlatformAccount | NetIdentityCode => IdentityError::NoMember,
        PassportHolder => IdentityError::Shape(kind),
        CnId | HmtTravelPermit | CnUscc if compact.contains(':') => IdentityError::Label,
        CnId | HmtTravelPermit | CnUscc => letter_for_digit(kind, text, compact)
            .or_else(|| length(kind, compact))
            .unwrap_or(IdentityError::Shape(kind)),
    }
}

/// The kind of document that it is, beyond doubt: 8 digits may be the rest of anything.
fn other_kind(kind: IdentityKind, text: &str) -> Option<IdentityKind> {
    let documents = [IdentityKind::CnId, IdentityKind::HmtTravelPermit, IdentityKind::Passport, IdentityKind::CnUscc];
    documents.into_iter().filter(|other| *other != kind).find(|other| {
        let is_telling = *other != IdentityKind::HmtTravelPermit || text.starts_with(['H', 'M', 'h', 'm']);
        is_telling && Identity::normalise(*other, text, false).is_ok()
    })
}

/// A letter that was typed for a digit, if the digit makes it an identity.
fn letter_for_digit(kind: IdentityKind, text: &str, compact: &str) -> Option<IdentityError> {
    let digit = |c: char| match c {
        'O' | 'o' => Some('0'),
        'I' | 'i' | 'L' | 'l' if kind != IdentityKind::CnUscc || !matches!(c, 'L' | 'l') => Some('1'),
        'Z' | 'z' if kind == IdentityKind::CnUscc => Some('2'),
        'S' | 's' if kind == IdentityKind::CnUscc => Some('5'),
        _ => None,
    };
    let digits: String = compact.chars().map(|c| digit(c).unwrap_or(c)).collect();
    Identity::read(kind, &digits).ok()?;
    let (at, found) = text.chars().enumerate().find(|(_, c)| digit(*c).is_some())?;
    Some(IdentityError::LookAlike(Character { found, at: at + 1 }, digit(found)?))
}

/// How many characters are missing or too many.
fn length(kind: IdentityKind, compact: &str) -> Option<IdentityError> {
    let differs = |length: usize, of: usize| match length {
        _ if length < of => Some(IdentityError::Missing { count: of - length, of }),
        _ if length > of => Some(IdentityError::Extra { count: length - of, of }),
        _ => None,
    };
    match kind {
        IdentityKind::CnId => {
            let digits = compact.strip_suffix('X').unwrap_or(compact);
            if !is_digits(digits) {
                None
            } else if digits.starts_with('0') && matches!(compact.len(), 15 | 18) {
                Some(IdentityError::Padded)
            } else {
                differs(compact.len(), 18)
            }
        }
        IdentityKind::HmtTravelPermit => {
            let letters = compact.trim_end_matches(|c: char| c.is_ascii_digit());
            let digits = compact.len() - letters.len();
            match (letters, digits) {
                ("", 7) => Some(IdentityError::LostZero),
                ("", _) => differs(digits, 8),
                // One less than with the reissue, or one more than without.
                ("H" | "M", 9) => None,
                ("H" | "M", _) if digits > 10 => differs(compact.len(), 11),
                ("H" | "M" | "HA" | "MA", _) => differs(compact.len(), 9),
                _ => None,
            }
        }
        IdentityKind::CnUscc if compact.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) => {
            differs(compact.len(), 18)
        }
        _ => None,
    }
}
