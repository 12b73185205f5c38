//! The committee's spreadsheet: identities, names, measures, terms, violations and reasons, one row a subject.
//!
//! Read strictly: a spreadsheet program alters what it holds (long numbers lose digits, dates become numbers), and what is
//! read here is signed. All that is wrong is told at once, each with row, column and how to mend it, never the value. Only
//! the first worksheet is read. What becomes of the rows is `draft`; how identities are normalised is
//! `callboard_federation::identity`.

mod civil;
mod column;
mod csv_file;
mod fault;
mod grid;
mod person;
mod row;
mod template;
mod word;
mod xlsx_file;

use std::fmt;

use callboard_federation::{docket::MAX_ITEMS, encoding::Time, policy::Policy};
use jiff::tz::TimeZone;

pub use column::Column;
pub use fault::{Fault, Place, Wrong};
pub use row::Row;
pub use template::{TemplateError, csv_template, xlsx_template};

use super::language::Language;
use column::{Layout, REQUIRED};
use grid::{Cell, Grid};
use row::RowReader;

/// The most bytes of a file that is read as a sheet: 1,000 rows with their reasons have a tenth of it.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// What a sheet is read against.
pub struct Rules<'a> {
    /// The policy that its rows are decided under.
    pub policy: &'a Policy,
    /// The zone of its dates: the policy's.
    pub zone: TimeZone,
    /// Whether the rows are interims, not rulings.
    pub is_interim: bool,
    /// When what says no start takes effect.
    pub now: Time,
    /// How many live epochs there are: each identity has a tag under each.
    pub live_epochs: usize,
    /// Rows about minors that were approved.
    pub minors_approved: &'a [u32],
    /// Whether something is published with the docket.
    pub is_published: bool,
}

/// How a sheet is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV in UTF-8.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Format {
    /// The format that a file's name says.
    pub fn of_path(path: &std::path::Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        if extension.eq_ignore_ascii_case("csv") {
            Some(Self::Csv)
        } else if extension.eq_ignore_ascii_case("xlsx") {
            Some(Self::Xlsx)
        } else {
            None
        }
    }
}

/// The instant at which a day, a clock time of the zone, or an instant begins, written as in a sheet.
pub fn read_start(text: &str, zone: &TimeZone) -> Option<Time> {
    civil::When::read(text)?.start(zone)
}

/// The instant at which it is over: of a day, the first of the next.
pub fn read_end(text: &str, zone: &TimeZone) -> Option<Time> {
    civil::When::read(text)?.end(zone)
}

/// Why a file gives no rows.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// More bytes than a sheet has.
    #[error("the file has more than {} MiB", MAX_BYTES >> 20)]
    TooLong,
    /// The file isn't UTF-8.
    #[error("the CSV is not UTF-8: save it as «CSV UTF-8», or as XLSX")]
    Utf8,
    /// Not CSV.
    #[error("the CSV can't be read: cells are separated by commas, quotes closed")]
    Csv,
    /// Not a workbook.
    #[error("the file can't be read as a workbook: save it as XLSX, without a password")]
    Workbook,
    /// Things are wrong in the sheet.
    #[error("{0}")]
    Faults(Faults),
}

/// All that is wrong in a sheet, in the order of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// A line for each.
    pub fn text(&self, language: Language) -> String {
        let lines: Vec<String> = self.0.iter().map(|fault| fault.text(language)).collect();
        lines.join("\n")
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::En))
    }
}

/// Reads the rows of a sheet.
///
/// # Errors
/// [`SheetError`]; of what is wrong in the sheet itself, all at once.
pub fn read(bytes: &[u8], format: Format, rules: &Rules<'_>) -> Result<Vec<Row>, SheetError> {
    if bytes.len() > MAX_BYTES {
        return Err(SheetError::TooLong);
    }
    let grid = match format {
        Format::Csv => csv_file::read(bytes)?,
        Format::Xlsx => xlsx_file::read(bytes)?,
    };
    read_grid(&grid, rules).map_err(|faults| SheetError::Faults(Faults(faults)))
}

fn read_grid(grid: &Grid, rules: &Rules<'_>) -> Result<Vec<Row>, Vec<Fault>> {
    let Some(((header_row, headers), below)) = grid.rows.split_first() else {
        return Err(vec![Fault { place: Place::SHEET, wrong: Wrong::NoRows }]);
    };
    let mut faults = Vec::new();
    let layout = read_headers(*header_row, headers, below, &mut faults);
    for &(row, index) in &grid.merged {
        faults.push(Fault {
            place: Place { row: Some(row), index: Some(index), column: layout.at(index) },
            wrong: Wrong::Merged,
        });
    }
    if below.is_empty() {
        faults.push(Fault { place: Place::SHEET, wrong: Wrong::NoRows });
    }
    if below.len() > MAX_ITEMS {
        faults.push(Fault { place: Place::SHEET, wrong: Wrong::TooManyRows });
    }
    // Rows under headers that aren't understood would only repeat that.
    if !faults.is_empty() {
        return Err(faults);
    }

    let mut reader = RowReader::new(rules, &layout);
    let mut rows = Vec::with_capacity(below.len());
    for (number, cells) in below {
        if grid::is_empty(cells) {
            let place = Place { row: Some(*number), index: None, column: None };
            reader.faults.push(Fault { place, wrong: Wrong::EmptyRow });
        } else {
            rows.extend(reader.read(*number, cells));
        }
    }
    if reader.faults.is_empty() { Ok(rows) } else { Err(reader.faults) }
}

fn read_headers(row: u32, headers: &[Cell], below: &[(u32, Vec<Cell>)], faults: &mut Vec<Fault>) -> Layout {
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(headers.len());
    for (index, header) in headers.iter().enumerate() {
        let column = if let Cell::Text(header) = header { Column::of_header(header) } else { None };
        let place = Place { row: Some(row), index: Some(index), column };
        let is_used = || below.iter().any(|(_, cells)| cells.get(index).is_some_and(|cell| *cell != Cell::Empty));
        if column.is_none() && (*header != Cell::Empty || is_used()) {
            faults.push(Fault { place, wrong: Wrong::UnknownColumn });
        } else if column.is_some() && columns.contains(&column) {
            faults.push(Fault { place, wrong: Wrong::RepeatedColumn });
        }
        columns.push(column);
    }
    let layout = Layout::new(columns);
    let pairs = layout.identities().into_iter().map(Column::Kind);
    let kinds_alone = (1..=column::MAX_IDENTITIES)
        .filter(|number| layout.index(Column::Kind(*number)).is_some())
        .map(Column::Identity);
    let mut missing: Vec<Column> = REQUIRED.into_iter().chain(pairs).chain(kinds_alone).collect();
    missing.retain(|column| layout.index(*column).is_none());
    missing.dedup();
    let place = |column| Place { row: None, index: None, column: Some(column) };
    faults.extend(missing.into_iter().map(|column| Fault { place: place(column), wrong: Wrong::MissingColumn }));
    layout
}

#[cfg(test)]
mod tests;
