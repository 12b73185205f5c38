//! How the text of a CSV file is encoded: UTF-8, GB18030 (and so GBK and GB2312), UTF-16 of either order.

use std::{
    borrow::Cow,
    io::{self, BufRead, Read},
};

use encoding_rs::GB18030;

/// An encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Encoding {
    /// UTF-8
    #[value(name = "utf-8")]
    Utf8,
    /// GB18030, and so GBK and GB2312
    #[value(name = "gb18030")]
    Gb18030,
    /// UTF-16, the low byte first
    #[value(name = "utf-16le")]
    Utf16Le,
    /// UTF-16, the high byte first
    #[value(name = "utf-16be")]
    Utf16Be,
}

impl Encoding {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
        }
    }

    /// UTF-16, by its mark or by the zeros of its Latin characters.
    pub(super) fn of_units(head: &[u8]) -> Option<Self> {
        match head {
            [0xff, 0xfe, ..] => return Some(Self::Utf16Le),
            [0xfe, 0xff, ..] => return Some(Self::Utf16Be),
            _ => {}
        }
        let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
        let (even, odd) = (zeros(0), zeros(1));
        // A zero here and there is a character that nobody sees, and named as one; 一 has one where Latin has none.
        let is_mostly = |here: usize, there: usize| here * 10 > head.len() && here > 4 * there;
        match (even, odd) {
            _ if is_mostly(odd, even) => Some(Self::Utf16Le),
            _ if is_mostly(even, odd) => Some(Self::Utf16Be),
            _ => None,
        }
    }
}

/// Text in UTF-16, given as UTF-8. What isn't Unicode becomes U+FFFD, which no column takes unsaid.
pub(super) struct Units<R> {
    from: R,
    is_big: bool,
    high: Option<u16>,
    ready: Vec<u8>,
    given: usize,
}

impl<R: Read> Units<R> {
    pub(super) fn new(from: R, encoding: Encoding) -> Self {
        Self { from, is_big: encoding == Encoding::Utf16Be, high: None, ready: Vec::new(), given: 0 }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.from.by_ref().take(8_192).read_to_end(&mut bytes)?;
        let (is_big, high) = (self.is_big, self.high.take());
        let units = bytes.chunks(2).map(|unit| match (unit, is_big) {
            ([low, high], false) => u16::from_le_bytes([*low, *high]),
            ([high, low], true) => u16::from_be_bytes([*high, *low]),
            // Half a unit at the end.
            _ => u16::from_be_bytes([0xff, 0xfd]),
        });
        let mut units: Vec<u16> = high.into_iter().chain(units).collect();
        if bytes.len() == 8_192 && units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
            self.high = units.pop();
        }
        let mut text = String::new();
        text.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        (self.ready, self.given) = (text.into_bytes(), 0);
        Ok(())
    }
}

impl<R: Read> Read for Units<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let part = self.fill_buf()?;
        let length = part.len().min(into.len());
        into[..length].copy_from_slice(&part[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Units<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given == self.ready.len() {
            self.fill()?;
        }
        Ok(&self.ready[self.given..])
    }

    fn consume(&mut self, length: usize) {
        self.given += length;
    }
}

/// What the fields of a sample are in, as far as they agree: those that can't be UTF-8, and those that hardly are anything
/// else.
pub(super) fn agreed(sample: &[u8]) -> Option<Encoding> {
    let fields = sample.split(|byte| matches!(byte, b',' | b';' | b'\t' | b'\n' | b'\r' | b'"'));
    let (mut is_utf_8, mut is_other) = (false, false);
    for field in fields {
        match std::str::from_utf8(field) {
            Ok(text) => is_utf_8 |= is_hardly_other(text),
            // A sample ends where it ends.
            Err(error) => is_other |= error.error_len().is_some(),
        }
    }
    match (is_utf_8, is_other) {
        (true, false) => Some(Encoding::Utf8),
        (false, true) => Some(Encoding::Gb18030),
        _ => None,
    }
}

/// Whether what reads as UTF-8 is hardly text in GB18030 as well: it has characters of three bytes or more. Planes 4 to 16
/// have none that anyone writes; what reads as one of those is two characters of GB18030.
fn is_hardly_other(text: &str) -> bool {
    text.chars().any(|c| c.len_utf8() > 2 && c < '\u{40000}')
}

/// What the fields of a file have been in so far: the first beyond ASCII tells.
#[derive(Clone, Copy)]
pub(super) struct Fields(pub(super) Option<Encoding>);

impl Fields {
    /// A field as text; else what it was expected in. A file that was pasted together from two would be read half wrong.
    pub(super) fn text<'a>(&mut self, bytes: &'a [u8]) -> Result<Cow<'a, str>, Encoding> {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (text.is_ascii() || self.0 != Some(Encoding::Gb18030))
        {
            if !text.is_ascii() {
                let known = *self.0.get_or_insert(Encoding::Utf8);
                if known != Encoding::Utf8 && text.contains(char::REPLACEMENT_CHARACTER) {
                    return Err(known);
                }
            }
            return Ok(Cow::Borrowed(text));
        }
        if self.0.is_some_and(|encoding| encoding != Encoding::Gb18030) {
            return Err(Encoding::Utf8);
        }
        self.0 = Some(Encoding::Gb18030);
        let is_other = std::str::from_utf8(bytes).is_ok_and(is_hardly_other);
        match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
            Some(text) if !is_other => Ok(text),
            _ => Err(Encoding::Gb18030),
        }
    }
}
