//! CSV: fields between commas, semicolons or tabs, as RFC 4180 quotes them.
//!
//! Read row by row. Rows are numbered as a spreadsheet shows them, whatever line ends stand in their fields; a field
//! has a bound; and a quotation mark that is never closed is named by its row instead of swallowing the rest: hence our
//! own loop over the bytes. No encoding that is read here has a comma or a quotation mark as part of another character.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use super::{
    Cell, MAX_COLUMNS, MAX_TEXT, Row, TableError,
    encoding::{Encoding, Fields, Units, agreed},
};

/// The separators that spreadsheet programs write.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// The most bytes of a field: a cell's characters in any encoding.
const MAX_FIELD: usize = 4 * MAX_TEXT;
/// The most bytes of a row.
const MAX_ROW: usize = 1 << 20;
/// The rows that tell the separator.
const SAMPLE: usize = 30;

/// The rows of a CSV file.
pub(super) struct CsvRows<R: Read> {
    records: Records<Input<R>>,
    fields: Fields,
}

enum Input<R: Read> {
    Bytes(BufReader<Chain<Cursor<Vec<u8>>, R>>),
    Units(Units<Chain<Cursor<Vec<u8>>, R>>),
}

/// Rows of fields, as bytes.
struct Records<B> {
    from: B,
    separator: u8,
    /// The number of the row that is read, from 1.
    number: u32,
    is_after_return: bool,
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing of the field was read.
    Start,
    Plain,
    Quoted,
    /// Behind a quotation mark that closes, or is the first of two.
    Closing,
}

impl<R: Read> CsvRows<R> {
    /// Begins to read behind `head`, which was read already.
    pub(super) fn open(
        mut head: Vec<u8>,
        rest: R,
        encoding: Option<Encoding>,
        is_header: impl Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        let encoding = encoding.or_else(|| Encoding::of_units(&head));
        let units = encoding.filter(|encoding| matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be));
        let mark: &[&[u8]] = if units.is_some() { &[b"\xff\xfe", b"\xfe\xff"] } else { &[b"\xef\xbb\xbf"] };
        if let Some(mark) = mark.iter().find(|mark| head.starts_with(mark)) {
            head.drain(..mark.len());
        }
        let mut sample = Vec::new();
        match units {
            Some(units) => Units::new(Cursor::new(&head), units).read_to_end(&mut sample)?,
            None => Read::read_to_end(&mut head.as_slice(), &mut sample)?,
        };
        let encoding = encoding.or_else(|| agreed(&sample));
        let said = said_separator(&sample);
        let separator = said.unwrap_or_else(|| separator_of(&sample, Fields(encoding), is_header));
        let chained = Cursor::new(head).chain(rest);
        let from = match units {
            Some(units) => Input::Units(Units::new(chained, units)),
            None => Input::Bytes(BufReader::with_capacity(1 << 16, chained)),
        };
        let mut records = Records::new(from, separator);
        if said.is_some() {
            // A spreadsheet doesn't show this row.
            records.advance()?;
            records.number = 0;
        }
        Ok(Self { records, fields: Fields(encoding) })
    }

    /// The next row, empty or not.
    pub(super) fn next_row(&mut self) -> Result<Option<Row>, TableError> {
        if !self.records.advance()? {
            return Ok(None);
        }
        let (row, mut cells) = (self.records.number, Vec::new());
        for (column, field) in self.records.fields().enumerate().filter(|(_, field)| !field.is_empty()) {
            let text = self.fields.text(field).map_err(|expected| TableError::Encoding { row, column, expected })?;
            cells.push((column, Cell::of_text(&text)));
        }
        Ok(Some(Row::new(row, cells)))
    }
}

impl<B: BufRead> Records<B> {
    const fn new(from: B, separator: u8) -> Self {
        Self { from, separator, number: 0, is_after_return: false, bytes: Vec::new(), ends: Vec::new() }
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| &self.bytes[start..*end])
    }

    /// Reads the next row; `false` at the end.
    fn advance(&mut self) -> Result<bool, TableError> {
        self.bytes.clear();
        self.ends.clear();
        self.number += 1;
        let (mut state, mut has_begun, mut is_over) = (State::Start, false, false);
        while !is_over {
            let buffer = self.from.fill_buf()?;
            if buffer.is_empty() {
                if state == State::Quoted {
                    return Err(TableError::Quote { row: self.number });
                }
                is_over = has_begun;
                if is_over {
                    break;
                }
                return Ok(false);
            }
            let mut used = 0;
            for &byte in buffer {
                used += 1;
                if std::mem::take(&mut self.is_after_return) && byte == b'\n' {
                    continue;
                }
                has_begun = true;
                state = match (state, byte) {
                    (State::Quoted, b'"') => State::Closing,
                    (State::Start, b'"') => State::Quoted,
                    (State::Closing, b'"') | (State::Quoted, _) => {
                        self.bytes.push(byte);
                        State::Quoted
                    }
                    (_, separator) if separator == self.separator => {
                        self.ends.push(self.bytes.len());
                        State::Start
                    }
                    (_, b'\r' | b'\n') => {
                        self.is_after_return = byte == b'\r';
                        is_over = true;
                        break;
                    }
                    _ => {
                        self.bytes.push(byte);
                        State::Plain
                    }
                };
            }
            self.from.consume(used);
            self.check(state)?;
        }
        self.ends.push(self.bytes.len());
        self.check(State::Start)?;
        Ok(true)
    }

    fn check(&self, state: State) -> Result<(), TableError> {
        let field = self.bytes.len() - self.ends.last().copied().unwrap_or_default();
        if field > MAX_FIELD && state == State::Quoted {
            return Err(TableError::Quote { row: self.number });
        }
        if self.ends.len() > MAX_COLUMNS {
            return Err(TableError::TooFar { row: self.number, column: MAX_COLUMNS });
        }
        if field > MAX_FIELD || self.bytes.len() > MAX_ROW { Err(TableError::TooMany) } else { Ok(()) }
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Bytes(from) => from.read(into),
            Self::Units(from) => from.read(into),
        }
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Bytes(from) => from.fill_buf(),
            Self::Units(from) => from.fill_buf(),
        }
    }

    fn consume(&mut self, length: usize) {
        match self {
            Self::Bytes(from) => from.consume(length),
            Self::Units(from) => from.consume(length),
        }
    }
}

/// The separator of a line `sep=;`, by which some programs tell it.
fn said_separator(sample: &[u8]) -> Option<u8> {
    match sample {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, b'\r' | b'\n', ..] => Some(*separator),
        _ => None,
    }
}

/// The separator under which most headers are found in one row; `,` where none are.
fn separator_of(sample: &[u8], fields: Fields, is_header: impl Fn(&str) -> bool) -> u8 {
    let known = |separator: u8| {
        let (mut records, mut fields, mut most) = (Records::new(sample, separator), fields, 0);
        // The last row of the sample may be broken off, which changes nothing.
        for _ in 0..SAMPLE {
            if !records.advance().unwrap_or(false) {
                break;
            }
            let here = records.fields().filter(|field| fields.text(field).is_ok_and(|text| is_header(text.trim())));
            most = most.max(here.count());
        }
        most
    };
    let counts = SEPARATORS.map(|separator| (separator, known(separator)));
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    counts.iter().find(|(_, count)| *count == most).map_or(b',', |(separator, _)| *separator)
}
