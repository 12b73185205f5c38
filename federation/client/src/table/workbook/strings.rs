//! Texts of a workbook: shared ones, those within cells, and comments. Formatted parts, escapes, struck parts.

use std::sync::Arc;

use super::{archive::Part, palette::Palette, styles::Font, xml::Piece};
use crate::table::{MAX_TEXT, TableError};

/// A text, and how its parts are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct RichText {
    /// The text.
    pub(super) text: Arc<str>,
    /// Whether a part is struck out.
    pub(super) is_struck: bool,
    /// Whether a part can't be seen on white.
    pub(super) is_faint: bool,
    /// Whether it has more characters than a cell.
    pub(super) is_too_long: bool,
}

/// Reads the part of shared texts.
pub(super) fn shared(xml: &mut Part<'_>, palette: &Palette) -> Result<Vec<RichText>, TableError> {
    let mut texts = Vec::new();
    while let Some(piece) = xml.next()? {
        if let Piece::Start(element) = piece
            && element.name() == "si"
        {
            texts.push(read(xml, "si", palette)?);
        }
    }
    Ok(texts)
}

/// Reads a text up to where the element `end` ends.
pub(super) fn read(xml: &mut Part<'_>, end: &str, palette: &Palette) -> Result<RichText, TableError> {
    let mut rich = RichText::default();
    let (mut text, mut run) = (String::new(), Font::default());
    let (mut is_text, mut is_spoken, mut is_run) = (false, false, false);
    while let Some(piece) = xml.next()? {
        match piece {
            Piece::Start(element) => match element.name() {
                "t" | "text" => is_text = true,
                // How a word is spoken stands beside it.
                "rPh" => is_spoken = true,
                "r" => (run, is_run) = (Font::default(), true),
                _ if is_run => run.take(&element, palette)?,
                _ => {}
            },
            Piece::End(name) => match name.as_str() {
                name if name == end => break,
                "t" | "text" => is_text = false,
                "rPh" => is_spoken = false,
                "r" => is_run = false,
                _ => {}
            },
            Piece::Text(part) if is_text && !is_spoken => {
                if text.len() + part.len() > 4 * MAX_TEXT {
                    rich.is_too_long = true;
                } else {
                    text.push_str(&part);
                }
                let is_seen = !part.trim().is_empty();
                rich.is_struck |= is_seen && run.is_struck;
                rich.is_faint |= is_seen && run.is_faint();
            }
            Piece::Text(_) => {}
        }
    }
    let text = unescaped(&text);
    rich.is_too_long |= text.chars().count() > MAX_TEXT;
    rich.text = text.trim().into();
    Ok(rich)
}

/// A text with the characters that XML can't hold, which a workbook writes as `_x0000_`; line ends as one.
pub(super) fn unescaped(text: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let code = escape.get(2..6).filter(|_| escape.as_bytes().get(6) == Some(&b'_'));
        let read = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        let (read, length) = read.map_or(("_x".to_owned(), 2), |c| (c.to_string(), 7));
        plain.push_str(&read);
        rest = &escape[length..];
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn what_xml_cant_hold_is_read_as_a_spreadsheet_shows_it() {
        for (written, read) in [
            ("理_x0000_由", "理\0由"),
            ("a_x000D_\nb", "a\nb"),
            ("_x005F_x0000_", "_x0000_"),
            ("_xyz", "_xyz"),
            ("_x00", "_x00"),
            ("_xD800_", "_xD800_"),
        ] {
            assert_eq!(unescaped(written), read);
        }
    }
}
