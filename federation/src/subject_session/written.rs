//! What a person writes in a session: a text that shows what it says, and no more than a statement holds.

use serde::{Deserialize, Serialize};

use super::{FilingKind, FilingOutcome, SessionId};
use crate::{
    encoding::{FilingId, RecordId, Time},
    zh_en,
};

/// The most characters of a text, as a rejoinder has them (formats §4).
pub const MAX_CHARACTERS: usize = 4_000;
/// The most bytes of it.
pub const MAX_BYTES: usize = 12_000;

/// What is sealed to the secretariat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filing {
    /// The format's version, 1.
    pub v: u64,
    /// Its id.
    pub id: FilingId,
    /// In which session.
    pub session: SessionId,
    /// What it is.
    pub kind: FilingKind,
    /// Which record it is about.
    pub about: RecordId,
    /// What the person says.
    pub text: String,
}

/// What is sealed to the person, and to the secretariat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingAnswer {
    /// The format's version, 1.
    pub v: u64,
    /// To which filing.
    pub filing: FilingId,
    /// What becomes of it.
    pub outcome: FilingOutcome,
    /// The reasons.
    pub text: String,
    /// When it was written.
    pub at: Time,
}

/// Why a text isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is written.
    #[error("{}", zh_en!("请写明内容", "write something"))]
    Empty,
    /// Too long.
    #[error("{}", zh_en!("最多{MAX_CHARACTERS}个字符、{MAX_BYTES}字节：现有{characters}个字符、{bytes}字节",
        "at most {MAX_CHARACTERS} characters and {MAX_BYTES} bytes: there are {characters} characters, {bytes} bytes"))]
    Long {
        /// How many there are.
        characters: usize,
        /// How many there are.
        bytes: usize,
    },
    /// A character that acts and doesn't show, such as one that turns the direction of writing.
    #[error("{}", zh_en!("第{at}个字符不可见，或改变书写方向（U+{code:04X}）：请删去",
        "character {at} doesn't show, or turns the direction of writing (U+{code:04X}): take it out"))]
    Hidden {
        /// Which, from 1.
        at: usize,
        /// Its code point.
        code: u32,
    },
}

/// Whether a text is one that is taken: it isn't empty, not too long, and nothing in it acts or hides but line feeds.
///
/// # Errors
/// [`TextError`].
pub fn check_text(text: &str) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Empty);
    }
    let (characters, bytes) = (text.chars().count(), text.len());
    if characters > MAX_CHARACTERS || bytes > MAX_BYTES {
        return Err(TextError::Long { characters, bytes });
    }
    let hides = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(u32::from(c), 0x061c | 0x200e..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb | 0xe0000..=0xe007f)
    };
    match text.chars().enumerate().find(|(_, c)| hides(*c)) {
        Some((at, c)) => Err(TextError::Hidden { at: at + 1, code: u32::from(c) }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_at_most_four_thousand_characters_and_twelve_thousand_bytes() {
        assert_eq!(check_text(&"字".repeat(4_000)), Ok(()));
        assert_eq!(check_text(&"字".repeat(4_001)), Err(TextError::Long { characters: 4_001, bytes: 12_003 }));
        assert_eq!(check_text(&"x".repeat(4_001)), Err(TextError::Long { characters: 4_001, bytes: 4_001 }));
        assert_eq!(check_text(&"𠮷".repeat(3_001)), Err(TextError::Long { characters: 3_001, bytes: 12_004 }));
        assert_eq!(check_text(" \n "), Err(TextError::Empty));
    }

    #[test]
    fn what_turns_or_hides_is_refused_and_scripts_are_text() {
        for c in ['\u{202e}', '\u{2066}', '\u{200f}', '\u{61c}', '\0', '\r', '\t', '\u{feff}', '\u{e0041}'] {
            let text = format!("很好{c}");
            assert_eq!(check_text(&text), Err(TextError::Hidden { at: 3, code: u32::from(c) }));
        }
        // Letters of people's names and scripts join with U+200D; a script of a page is text as any other.
        for text in ["<script>alert(1)</script>", "第一行\n第二行", "สวัสดี", "क्‍ष", "👩‍👧"]
        {
            assert_eq!(check_text(text), Ok(()), "{text}");
        }
    }
}
