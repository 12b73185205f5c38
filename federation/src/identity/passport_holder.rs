//! `passport-holder`: who holds a passport, by issuer, name and birth: it outlives a renewal.
//!
//! The name stands in the letters of the machine-readable line (ICAO Doc 9303). Soft: people share names and birthdays.

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::{
    IdentityError, IdentityKind, chinese_id,
    digits::{is_digits, is_letters},
    documents::is_issuer,
};

/// The most characters of a name in the line.
const MAX_NAME: usize = 39;

/// Issuer, name and birth of a folded text, each as it stands in the value.
pub(super) fn compact(text: &str) -> Zeroizing<String> {
    let mut compacted = Zeroizing::new(String::with_capacity(text.len()));
    for (at, part) in text.split(':').enumerate() {
        if at > 0 {
            compacted.push(':');
        }
        if at == 1 { name(part, &mut compacted) } else { plain(part, &mut compacted) }
    }
    compacted
}

/// Upper case, without apostrophes; what parts names is one `<`.
fn name(text: &str, to: &mut String) {
    let start = to.len();
    let mut is_parted = false;
    for c in text.chars().filter(|c| !matches!(c, '\'' | '\u{2019}')) {
        if c.is_whitespace() || matches!(c, '-' | '<') {
            is_parted = to.len() > start;
        } else {
            if is_parted {
                to.push('<');
            }
            is_parted = false;
            to.push(c.to_ascii_uppercase());
        }
    }
    if let Some((cut, _)) = to[start..].char_indices().nth(MAX_NAME) {
        to.truncate(start + cut);
    }
    if to[start..].ends_with('<') {
        to.pop();
    }
}

fn plain(text: &str, to: &mut String) {
    let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
    to.extend(kept.map(|c| c.to_ascii_uppercase()));
}

/// The value of a compacted text.
pub(super) fn read(text: &str) -> Result<String, IdentityError> {
    let shape = IdentityError::Shape(IdentityKind::PassportHolder);
    let mut parts = text.split(':');
    let (Some(issuer), Some(name), Some(birth), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(shape);
    };
    let is_name = !name.is_empty() && name.split('<').all(|part| !part.is_empty() && is_letters(part));
    if !is_issuer(issuer) || !is_name || birth.len() != 8 || !is_digits(birth) {
        return Err(shape);
    }
    chinese_id::date(birth).map(|_| text.to_owned()).ok_or(IdentityError::Date)
}

/// The text of a passport's issuer, a name and a birth.
pub(super) fn text(passport: &str, name: &str, birth: Date) -> Zeroizing<String> {
    let issuer = passport.split(':').next().unwrap_or_default();
    Zeroizing::new(format!("{issuer}:{name}:{}", birth.strftime("%Y%m%d")))
}

/// The birth in a value.
pub(super) fn date_of_birth(value: &str) -> Option<Date> {
    chinese_id::date(value.rsplit(':').next()?)
}
