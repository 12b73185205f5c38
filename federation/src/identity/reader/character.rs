//! Characters that no identity has: which, and where.

use unicode_normalization::UnicodeNormalization as _;

use super::table::table;
use crate::identity::{
    IdentityKind,
    invalid::{Character, IdentityError},
};

/// Han characters that are numbers: alone they are digits in words, not a label.
const HAN_NUMBERS: &str = "零一二三四五六七八九十";

/// The first character that no identity of the kind has; the text is trimmed.
pub(super) fn first_strange(kind: IdentityKind, text: &str) -> Option<IdentityError> {
    text.chars().enumerate().find_map(|(at, found)| {
        let character = Character { found, at: at + 1 };
        // An account may have any character of ASCII, and a name its apostrophe.
        if table().quotes.contains(found) && (kind.is_hard() || at == 0) {
            return Some(IdentityError::Apostrophe(character));
        }
        is_strange(kind, found).then(|| named(character, text))
    })
}

/// Whether a character can be seen, or is white space that a line may hold.
fn is_seen(c: char) -> bool {
    let code = u32::from(c);
    !table().unseen.iter().any(|(first, last)| (*first..=*last).contains(&code))
}

/// The first character of a text that can't be seen: a control, a mark of direction, one without width. Line ends and
/// tabs are seen by what they do, and so is what joins pictures of faces and their like to one.
pub fn first_unseen(text: &str) -> Option<Character> {
    const JOINER: char = '\u{200d}';
    let mut before = ' ';
    text.chars().enumerate().find_map(|(at, found)| {
        let is_picture = !before.is_alphanumeric() && u32::from(before) >= 0x2000;
        let is_joined = is_picture && (found == JOINER || matches!(found, '\u{fe0e}' | '\u{fe0f}'));
        let is_line = matches!(found, '\n' | '\r' | '\t');
        before = found;
        (!is_seen(found) && !is_line && !is_joined).then_some(Character { found, at: at + 1 })
    })
}

fn named(character: Character, text: &str) -> IdentityError {
    if let Some(like) = table().look_alikes.get(&character.found) {
        IdentityError::LookAlike(character, *like)
    } else if !is_seen(character.found) {
        IdentityError::Unseen(character)
    } else if is_han(character.found) && text.chars().any(|c| is_han(c) && !HAN_NUMBERS.contains(c)) {
        IdentityError::Label
    } else {
        IdentityError::OtherCharacter(character)
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
