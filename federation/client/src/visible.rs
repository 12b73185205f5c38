//! Text from other hands, made visible: nothing in it moves a cursor, hides, turns a line around or passes for a line
//! of our own.
//!
//! What acts on a terminal or shows nothing is written out as `\u{…}`; letters, marks, digits, punctuation and symbols
//! of any script stay as they are. [`super::output`] applies it to all that a program prints; whoever puts text of a
//! foreign document among lines of its own uses [`Visible`] besides, which leaves no line end either.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
};

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// Marks in a row that still belong to one letter: Tibetan stacks four, nothing that people read has more.
const MOST_MARKS: usize = 4;

/// A text on one line: line ends are written out too.
#[derive(Debug, Clone, Copy)]
pub struct Visible<'a>(pub &'a str);

impl fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&escaped(self.0, |_| false, text_escape))
    }
}

/// A text as it is printed: line ends stay, all else that would act or hide is written out.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n', text_escape)
}

/// A text whose further lines are indented, so that none of them passes for a line of ours.
pub fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| Visible(line).to_string()).collect();
    lines.join("\n      ")
}

/// JSON that says the same, with `\uXXXX` for what would act or hide: it only ever stands within its strings.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    escaped(
        json,
        |c| c == '\n',
        |c, out| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string doesn't fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

fn text_escape(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c => out.extend(c.escape_unicode()),
    }
}

fn escaped(text: &str, stays: impl Fn(char) -> bool, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    // Printable ASCII is most of what is printed.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    // How many marks stand on the letter before; without one a mark has nothing to stand on.
    let mut marks = None;
    for c in text.chars() {
        let category = c.general_category();
        let is_mark = matches!(category, GeneralCategory::NonspacingMark | GeneralCategory::SpacingMark);
        let shows = match marks {
            _ if stays(c) => true,
            Some(count) if is_mark => count < MOST_MARKS && !hides(c, category),
            _ => !is_mark && !hides(c, category),
        };
        marks = match marks {
            Some(count) if is_mark && shows => Some(count + 1),
            _ => (shows && carries_marks(category)).then_some(0),
        };
        if shows {
            out.push(c);
        } else {
            escape(c, &mut out);
        }
    }
    Cow::Owned(out)
}

fn carries_marks(category: GeneralCategory) -> bool {
    use GeneralCategory as Of;
    matches!(
        category,
        Of::UppercaseLetter
            | Of::LowercaseLetter
            | Of::TitlecaseLetter
            | Of::ModifierLetter
            | Of::OtherLetter
            | Of::DecimalNumber
            | Of::SpacingMark
    )
}

/// Whether a character acts instead of being seen, or leaves nothing to see.
fn hides(c: char, category: GeneralCategory) -> bool {
    use GeneralCategory as Of;
    match category {
        Of::Control
        | Of::Format
        | Of::LineSeparator
        | Of::ParagraphSeparator
        | Of::PrivateUse
        | Of::Unassigned
        | Of::Surrogate
        // Rings and slashes around what stands before.
        | Of::EnclosingMark => true,
        // Two spaces are typed by people: the common one, and the one of a Chinese line.
        Of::SpaceSeparator => !matches!(c, ' ' | '\u{3000}'),
        // Letters and marks that are drawn as nothing, or over what stands before, in any of the other categories.
        _ => matches!(
            c,
            '\u{34f}'
                | '\u{334}'..='\u{338}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{20d2}'..='\u{20d3}'
                | '\u{20d8}'..='\u{20da}'
                | '\u{20e5}'..='\u{20eb}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{ffa0}'
                | '\u{16fe4}'
                | '\u{1d159}'
                | '\u{e0100}'..='\u{e01ef}'
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_stays_as_it_is() {
        for text in [
            "刘某某（艺名：小刘） 第十批，2026年12月1日起",
            "《网络主播警示和复出规则》第五条；NB-11、NB-18 → 拒绝",
            "Ελένη O’Brien — “Zoë” naïve… №5 ½ €",
            "བསྟན་འཛིན་",
            "ئابدۇللا",
            "m\u{300} ḿ",
            "全角　空格",
            "𠮷野家 㐀 🎤",
        ] {
            assert_eq!(visible(text), text);
            assert_eq!(Visible(text).to_string(), text);
        }
    }

    #[test]
    fn what_acts_or_hides_is_written_out() {
        for c in "\u{0}\u{7}\u{8}\u{b}\u{1b}\u{7f}\u{85}\u{9b}\u{a0}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{2003}\u{200b}\u{200d}\
                  \u{200e}\u{2028}\u{2029}\u{202e}\u{2060}\u{2066}\u{2069}\u{2800}\u{3164}\u{feff}\u{fe0f}\u{fff9}\u{e000}\u{fdd0}\
                  \u{378}\u{e0041}\u{e0100}\u{f0000}\u{10fffd}\u{301}\u{20dd}\u{336}"
            .chars()
        {
            let text = format!("刘。{c}某");
            let shown = visible(&text);
            assert!(!shown.contains(c), "{c:?}");
            assert_eq!(shown, format!("刘。\\u{{{:x}}}某", u32::from(c)));
        }
    }

    #[test]
    fn no_line_of_foreign_text_passes_for_one_of_ours() {
        assert_eq!(visible("one\ntwo"), "one\ntwo");
        assert_eq!(Visible("one\r\n\ttwo").to_string(), "one\\r\\n\\ttwo");
        assert_eq!(indented("one\r\ntwo\u{1b}[2J"), "one\n      two\\u{1b}[2J");
        assert_eq!(format!("{:<4}|", Visible("a")), "a   |");
    }

    #[test]
    fn marks_stand_on_a_letter_and_in_a_bounded_number() {
        assert_eq!(visible("\u{301}a"), "\\u{301}a");
        assert_eq!(visible(&format!("a{}", "\u{301}".repeat(5))), format!("a{}\\u{{301}}", "\u{301}".repeat(4)));
        assert_eq!(visible("\u{200b}\u{301}"), "\\u{200b}\\u{301}");
    }

    #[test]
    fn escaped_json_says_the_same() {
        let value = serde_json::json!({"刘\u{1b}[8m": "a\u{202e}\u{e0041}\u{200b}\n\"\\"});
        let json = serde_json::to_string_pretty(&value).unwrap();
        let shown = visible_json(&json);
        assert!(shown.chars().all(|c| !matches!(c, '\u{202e}' | '\u{e0041}' | '\u{200b}')), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }
}
