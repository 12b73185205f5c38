//! Characters that no identity has: which, and where.

use unicode_normalization::UnicodeNormalization as _;

use super::table::table;
use crate::identity::{
    IdentityKind,
    invalid::{Character, IdentityInvalid},
};

/// Han characters that are numbers: alone they are digits in words, not a label.
const HAN_NUMBERS: &str = "零一二三四五六七八九十";

/// The first character that no identity of the kind has; the text is trimmed.
pub(super) fn first_strange(kind: IdentityKind, text: &str) -> Option<IdentityInvalid> {
    text.chars().enumerate().find_map(|(at, found)| {
        let character = Character { found, at: at + 1 };
        // An account may have any character of ASCII, and a name its apostrophe.
        if table().quotes.contains(found) && (kind.is_hard() || at == 0) {
            return Some(IdentityInvalid::Apostrophe(character));
        }
        is_strange(kind, found).then(|| named(character, text))
    })
}

fn named(character: Character, text: &str) -> IdentityInvalid {
    let code = u32::from(character.found);
    if let Some(like) = table().look_alikes.get(&character.found) {
        IdentityInvalid::LookAlike(character, *like)
    } else if table().unseen.iter().any(|(first, last)| (*first..=*last).contains(&code)) {
        IdentityInvalid::Unseen(character)
    } else if is_han(character.found) && text.chars().any(|c| is_han(c) && !HAN_NUMBERS.contains(c)) {
        IdentityInvalid::Label
    } else {
        IdentityInvalid::OtherCharacter(character)
    }
}

/// Whether normalising leaves something that is none of U+0020 to U+007E.
fn is_strange(kind: IdentityKind, c: char) -> bool {
    let is_dropped = |c: char| match kind {
        IdentityKind::PlatformAccount | IdentityKind::NetIdentityCode => false,
        IdentityKind::PassportHolder => c.is_whitespace() || c == '\u{2019}',
        _ => c.is_whitespace(),
    };
    !c.nfkc().all(|c| (' '..='~').contains(&c) || is_dropped(c))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
