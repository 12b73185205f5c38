//! The cells of a sheet as its file holds them, before anyone asks what they mean. Files are read in `csv_file` and
//! `xlsx_file`.

use jiff::civil::DateTime;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing, or spaces alone.
    Empty,
    /// Text, trimmed.
    Text(String),
    /// A number, which a spreadsheet keeps to 15 digits.
    Number,
    /// A number that is shown as a date.
    Date(DateTime),
    /// A yes or no, a duration: nothing that a sheet asks for.
    Other,
    /// A formula that failed.
    Error,
}

impl Cell {
    /// The cell of a text.
    pub(super) fn of_text(text: &str) -> Self {
        match text.trim() {
            "" => Self::Empty,
            text => Self::Text(text.to_owned()),
        }
    }
}

/// The first table of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Grid {
    /// The rows from the first that isn't empty to the last, each with its number as a spreadsheet shows it, from 1.
    pub(super) rows: Vec<(u32, Vec<Cell>)>,
    /// Where merged cells begin: row from 1, column from 0.
    pub(super) merged: Vec<(u32, usize)>,
}

impl Grid {
    /// A grid of these rows, without empty ones before and after.
    pub(super) fn new(mut rows: Vec<(u32, Vec<Cell>)>, merged: Vec<(u32, usize)>) -> Self {
        while rows.last().is_some_and(|(_, cells)| is_empty(cells)) {
            rows.pop();
        }
        let first = rows.iter().position(|(_, cells)| !is_empty(cells)).unwrap_or(rows.len());
        rows.drain(..first);
        Self { rows, merged }
    }
}

/// Whether nothing stands in a row.
pub(super) fn is_empty(cells: &[Cell]) -> bool {
    cells.iter().all(|cell| *cell == Cell::Empty)
}
