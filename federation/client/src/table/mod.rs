//! Tables that people keep, read in one way by desk and agent: workbooks (XLSX), and CSV in UTF-8, GB18030 and UTF-16.
//!
//! In reading order: what is read is bounded before it is unpacked or laid out ([`Limits`]); a file becomes rows of
//! [`Cell`]s, and beside them what a reader of the page could not see or would not expect ([`Oddity`], [`Comment`],
//! [`Note`]); [`header`] finds the row of headers and says which column is what; [`findings`] tells what is wrong,
//! equal faults in one line. What a cell means is the desk's (`desk/sheet`) and the agent's (`cli/sheet`) to say.
//! Nothing here repeats a cell.

pub mod day;
mod encoding;
mod error;
pub mod findings;
pub mod header;
mod oddity;
mod separated;
mod workbook;

use std::{collections::VecDeque, io::Read, sync::Arc};

use jiff::civil::{Date, DateTime};

pub use encoding::Encoding;
pub use error::TableError;
pub use oddity::{Comment, Note, Odd, Oddity};
pub use workbook::HELP as HELP_SHEETS;

use separated::CsvRows;

/// The most bytes of a workbook. A list of a hundred thousand people has a third of it.
pub const MAX_WORKBOOK: u64 = 32 << 20;
/// What the first look at a file takes: room for titles and headers.
const HEAD: u64 = 64 << 10;
/// The rows among which the headers are looked for: more than any title takes.
const HEADER_WITHIN: usize = 30;

/// How much is laid out, at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows in which something stands.
    pub rows: usize,
    /// Cells in which something stands.
    pub cells: usize,
    /// Bytes of a workbook's parts, unpacked.
    pub unpacked: u64,
}

impl Limits {
    /// Of a sheet of the desk: what a docket holds, several times over.
    pub const SHEET: Self = Self { rows: 4_000, cells: 200_000, unpacked: 48 << 20 };
    /// Of a list of people in a workbook; a longer one comes as CSV, which is read row by row.
    pub const LIST: Self = Self { rows: 200_000, cells: 2_000_000, unpacked: 256 << 20 };
}

/// The columns that a row may have: twice what any table needs.
pub(crate) const MAX_COLUMNS: usize = 256;
/// The most characters of a cell, as spreadsheet programs have it.
pub(crate) const MAX_TEXT: usize = 32_767;

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing, or spaces alone.
    Empty,
    /// Text, trimmed.
    Text(Arc<str>),
    /// A number, of which a spreadsheet keeps 15 digits.
    Number(f64),
    /// A day, shown as one.
    Day(Date),
    /// A day with a clock time, shown as both.
    Clock(DateTime),
    /// A yes or no, a duration: nothing that people are described by.
    Other,
    /// A formula that failed.
    Error,
}

impl Cell {
    /// The cell of a text.
    pub fn of_text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.into()),
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// One row, as far as something stands in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u32,
    cells: Vec<(usize, Cell)>,
}

impl Row {
    /// A row of these cells, each with its column from 0, ascending.
    pub(crate) fn new(number: u32, cells: Vec<(usize, Cell)>) -> Self {
        Self { number, cells }
    }

    /// The cell of a column.
    pub fn cell(&self, column: usize) -> &Cell {
        match self.cells.binary_search_by_key(&column, |(at, _)| *at) {
            Ok(at) => &self.cells[at].1,
            Err(_) => &Cell::Empty,
        }
    }

    /// The cells in which something stands, each with its column.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &Cell)> {
        self.cells.iter().filter(|(_, cell)| *cell != Cell::Empty).map(|(at, cell)| (*at, cell))
    }

    /// Puts a cell in the place of the one of a column.
    pub fn put(&mut self, column: usize, cell: Cell) {
        match self.cells.binary_search_by_key(&column, |(at, _)| *at) {
            Ok(at) => self.cells[at].1 = cell,
            Err(at) => self.cells.insert(at, (column, cell)),
        }
    }

    /// Whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        self.filled().next().is_none()
    }
}

enum Source<R: Read> {
    CsvRows(Box<CsvRows<R>>),
    Workbook(std::vec::IntoIter<Row>),
}

/// A table that is being read: its row of headers, and the rows below, one after another.
pub struct Table<R: Read> {
    source: Source<R>,
    ahead: VecDeque<Row>,
    /// The row of headers; `None`: there is none.
    pub header: Option<Row>,
    /// What a reader of the page could not see or would not expect.
    pub oddities: Vec<Oddity>,
    /// What somebody wrote beside cells.
    pub comments: Vec<Comment>,
    /// What is left out, and said.
    pub notes: Vec<Note>,
}

impl<R: Read> Table<R> {
    /// Begins to read. What kind of file it is its bytes tell; `encoding` where the guess of a CSV file's would be
    /// wrong. `is_header` knows the headers: the row that has most of them, at least two, is theirs.
    ///
    /// # Errors
    /// [`TableError`], as far as the file as a whole can't be read.
    pub fn open(
        from: R,
        encoding: Option<Encoding>,
        limits: Limits,
        is_header: impl Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        Self::open_at(from, encoding, limits, None, is_header)
    }

    /// As [`Self::open`]; `header` is the number of the row of headers, where somebody says which it is.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_at(
        mut from: R,
        encoding: Option<Encoding>,
        limits: Limits,
        header: Option<u32>,
        is_header: impl Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        let mut head = Vec::new();
        from.by_ref().take(HEAD).read_to_end(&mut head)?;
        if let Some(error) = error::other_format(&head) {
            return Err(error);
        }
        let mut table = if head.starts_with(b"PK") {
            from.by_ref().take(MAX_WORKBOOK + 1 - head.len() as u64).read_to_end(&mut head)?;
            if head.len() as u64 > MAX_WORKBOOK {
                return Err(TableError::TooLong);
            }
            let sheet = workbook::read(&head, limits)?;
            Self {
                source: Source::Workbook(sheet.rows.into_iter()),
                ahead: VecDeque::new(),
                header: None,
                oddities: sheet.oddities,
                comments: sheet.comments,
                notes: sheet.notes,
            }
        } else {
            let separated = CsvRows::open(head, from, encoding, &is_header)?;
            Self {
                source: Source::CsvRows(Box::new(separated)),
                ahead: VecDeque::new(),
                header: None,
                oddities: Vec::new(),
                comments: Vec::new(),
                notes: Vec::new(),
            }
        };
        table.find_header(header, is_header)?;
        Ok(table)
    }

    fn find_header(&mut self, said: Option<u32>, is_header: impl Fn(&str) -> bool) -> Result<(), TableError> {
        let mut first = Vec::with_capacity(HEADER_WITHIN);
        while first.len() < HEADER_WITHIN
            && let Some(row) = self.advance()?
        {
            first.push(row);
        }
        let known = |row: &Row| row.filled().filter(|(_, cell)| cell.text().is_some_and(&is_header)).count();
        let most = first.iter().map(known).max().filter(|most| *most > 1);
        let header = match said {
            Some(number) => first.iter().position(|row| row.number == number),
            None => most.and_then(|most| first.iter().position(|row| known(row) == most)),
        };
        if let Some(at) = header {
            self.ahead = first.split_off(at + 1).into();
            self.header = first.pop();
        } else {
            self.ahead = first.into();
        }
        // What stands above the headers may be laid out as it likes, as far as it can be seen.
        let header = self.header.as_ref().map_or(0, |row| row.number);
        self.oddities.retain(|oddity| !oddity.odd.is_of_layout() || oddity.row.is_none_or(|row| row >= header));
        Ok(())
    }

    /// The next row below the headers in which something stands; `None` at the end.
    ///
    /// # Errors
    /// [`TableError`], of CSV alone.
    pub fn next_row(&mut self) -> Result<Option<Row>, TableError> {
        match self.ahead.pop_front() {
            Some(row) => Ok(Some(row)),
            None => self.advance(),
        }
    }

    fn advance(&mut self) -> Result<Option<Row>, TableError> {
        loop {
            let next = match &mut self.source {
                Source::CsvRows(rows) => rows.next_row()?,
                Source::Workbook(rows) => rows.next(),
            };
            if next.as_ref().is_none_or(|row| !row.is_empty()) {
                return Ok(next);
            }
        }
    }
}

#[cfg(test)]
mod tests;
