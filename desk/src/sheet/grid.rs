//! A file as it is laid out under an [`Arrangement`]: where each column stands, and its rows as they are in the file. From here
//! it is read, or shown to whoever mends it.

use std::collections::HashSet;

use callboard_client::table::{Cell, Comment, Limits, Note, Odd, Oddity, Row as Cells, Table, TableError, header};
use callboard_federation::{docket::MAX_ITEMS, identity::reader::first_unseen, zh_en};

use super::{
    Error, Rules, Sheet,
    arrangement::{Arrangement, is_besides},
    column::{Column, Layout, MAX_IDENTITIES, REQUIRED, identities},
    finding::{Finding, FindingKind, Findings, Place},
    row::RowReader,
};

/// How many rows are shown to whoever says which is that of headers.
const FIRST_ROWS: usize = 12;

/// What may be said for all rows.
pub const FOR_ALL: [Column; 6] =
    [Column::Kind(1), Column::Measure, Column::Scopes, Column::EffectiveAt, Column::Term, Column::Violations];

pub struct Grid<'a> {
    arrangement: &'a Arrangement,
    header: Cells,
    layout: Layout,
    /// Those that are left out, too.
    rows: Vec<Cells>,
    oddities: Vec<Oddity>,
    comments: Vec<Comment>,
    notes: Vec<Note>,
}

/// A column of a file, as somebody is asked what it is.
pub struct FileColumn {
    /// Its index, from 0.
    pub index: usize,
    pub title: String,
    /// What it is; `None`: it isn't read.
    pub column: Option<Column>,
    /// Whether it is known what it is.
    pub is_known: bool,
    /// What stands first in it.
    pub sample: Option<String>,
}

/// What stands in a cell of a file.
pub enum FileCell<'c> {
    Text(&'c str),
    /// No text, a number perhaps: as it is shown.
    Other(String),
}

impl<'a> Grid<'a> {
    /// Lays a file out; what kind of file it is its bytes tell.
    ///
    /// # Errors
    /// If it is no table, or no row of headers is found.
    pub fn open(bytes: &[u8], arrangement: &'a Arrangement) -> Result<Self, Error> {
        let is_header = |title: &str| arrangement.is_known(title);
        let table = Table::open_at(bytes, None, Limits::SHEET, arrangement.header, is_header);
        let mut table = table.map_err(|error| match error {
            TableError::TooMany if bytes.starts_with(b"PK") => {
                Error::Sheet(Findings(vec![Finding { place: Place::SHEET, wrong: FindingKind::TooManyRows }]))
            }
            error => no_table(error),
        })?;
        let Some(header) = table.header.take() else {
            let wrong =
                if table.next_row().map_err(no_table)?.is_some() { FindingKind::NoHeader } else { FindingKind::NoRows };
            let mut faults = vec![Finding { place: Place::SHEET, wrong }];
            faults.extend(table.oddities.iter().map(|oddity| Finding::odd(oddity, None)));
            return Err(Error::Sheet(Findings(faults)));
        };
        let layout = arrangement.layout(&header);
        let (mut rows, mut notes) = (Vec::new(), std::mem::take(&mut table.notes));
        let people: Vec<usize> = columns_of_people(&layout);
        let most = MAX_ITEMS + arrangement.left_out.len();
        while rows.len() <= most
            && let Some(row) = table.next_row().map_err(no_table)?
        {
            if header::is_totals(&row, people.iter().copied()) {
                notes.push(Note::Totals { row: row.number });
            } else {
                rows.push(row);
            }
        }
        let is_filled = |column: usize| rows.iter().any(|row| *row.cell(column) != Cell::Empty);
        notes.extend(
            layout.left_out().filter(|(at, _)| is_filled(*at)).map(|(_, title)| Note::Column(title.to_owned())),
        );
        let (oddities, comments) = (table.oddities, table.comments);
        Ok(Self { arrangement, header, layout, rows, oddities, comments, notes })
    }

    /// Reads its rows.
    ///
    /// # Errors
    /// Of what is wrong in it, all at once.
    pub fn read(&self, rules: &Rules<'_>) -> Result<Sheet, Error> {
        let layout = &self.layout;
        let kept = self.rows.iter().filter(|row| !self.is_left_out(row.number));
        let rows: Vec<Cells> = kept.map(|row| self.arrangement.arranged(layout, row)).collect();
        let mut faults = self.faults_of_table();
        faults.extend(self.faults_of_comments(rules.confirmed.comments_read));
        let before = faults.len();
        faults.extend(faults_of_headers(layout));
        let are_headers_read = faults.len() == before;
        faults.extend(self.faults_of_rows(&rows));
        // Rows under headers that aren't understood would only repeat that.
        let mut read = Vec::with_capacity(rows.len());
        if are_headers_read && rows.len() <= MAX_ITEMS {
            let mut reader = RowReader::new(rules, layout);
            read.extend(rows.iter().filter_map(|row| reader.read(row)));
            faults.append(&mut reader.faults);
        }
        // What is odd about a cell comes first: what it says besides is looked at once that is mended.
        let is_odd = |fault: &Finding| matches!(fault.wrong, FindingKind::Odd(_));
        let place = |fault: &Finding| (fault.place.row, fault.place.index);
        let odd: HashSet<_> = faults.iter().filter(|fault| is_odd(fault)).map(place).collect();
        let mut told = HashSet::new();
        for fault in &mut faults {
            fault.place = self.place_of(fault.place);
        }
        faults.retain(|fault| {
            let is_besides = !is_odd(fault) && fault.place.index.is_some() && odd.contains(&place(fault));
            !is_besides && told.insert((place(fault), fault.place.column, fault.wrong.words().zh))
        });
        if faults.is_empty() {
            Ok(Sheet { rows: read, notes: self.notes.clone() })
        } else {
            Err(Error::Sheet(Findings(faults)))
        }
    }

    /// The columns of the file, each with what stands first in it.
    pub fn columns(&self) -> Vec<FileColumn> {
        let column = |(index, cell): (usize, &Cell)| {
            let title = cell.text().unwrap_or_default().to_owned();
            let sample = self.rows.iter().map(|row| row.cell(index)).find(|cell| **cell != Cell::Empty);
            FileColumn {
                index,
                column: self.arrangement.column(&title),
                is_known: self.arrangement.is_known(&title),
                sample: sample.map(shown),
                title,
            }
        };
        self.header.filled().map(column).collect()
    }

    /// The columns that are read, in the order of the file; what holds for all rows behind them.
    pub fn read_columns(&self) -> impl Iterator<Item = Column> {
        self.layout.columns().map(|(_, column)| column)
    }

    /// What the file doesn't say, and may be said for all rows.
    pub fn unsaid(&self) -> Vec<Column> {
        let has = |column| self.layout.index(column).is_some_and(|at| !is_besides(at));
        let is_kind_said = || self.layout.title(Column::Identity(1)).and_then(header::implied_kind).is_some();
        let is_said = |column: Column| match column {
            Column::Kind(_) => has(column) || is_kind_said(),
            Column::Term => has(column) || has(Column::Until),
            _ => has(column),
        };
        FOR_ALL.into_iter().filter(|column| !is_said(*column)).collect()
    }

    /// The number of the row of headers.
    pub const fn header(&self) -> u32 {
        self.header.number
    }

    /// The numbers of its rows, those that are left out too.
    pub fn rows(&self) -> impl Iterator<Item = u32> {
        self.rows.iter().map(|row| row.number)
    }

    /// A cell of the file; of a column that it doesn't have, what holds for all rows.
    pub fn cell(&self, row: u32, column: Column) -> FileCell<'_> {
        let at = self.layout.index(column).filter(|at| !is_besides(*at));
        let row = self.rows.iter().find(|other| other.number == row);
        if at.is_none() {
            return FileCell::Text(self.arrangement.for_all.get(&column).map_or("", String::as_str));
        }
        match row.zip(at).map(|(row, at)| row.cell(at)) {
            None | Some(Cell::Empty) => FileCell::Text(""),
            Some(Cell::Text(text)) => FileCell::Text(text),
            Some(cell) => FileCell::Other(shown(cell)),
        }
    }

    fn is_left_out(&self, row: u32) -> bool {
        self.arrangement.left_out.contains(&row)
    }

    /// A place as somebody finds it: what holds for all rows stands in none.
    fn place_of(&self, place: Place) -> Place {
        let Place { row, column, .. } = place;
        if !place.index.is_some_and(is_besides) {
            return place;
        }
        let is_corrected = row.zip(column).is_some_and(|(row, column)| self.arrangement.is_corrected(row, column));
        let is_for_all = column.is_some_and(|column| self.arrangement.for_all.contains_key(&column));
        Place { row: row.filter(|_| is_corrected || !is_for_all), index: None, column }
    }

    /// What the table holds that its page doesn't show, but for rows that are left out and cells that are read otherwise.
    fn faults_of_table(&self) -> Vec<Finding> {
        let layout = &self.layout;
        let is_settled = |oddity: &&Oddity| {
            let column = oddity.column.and_then(|at| layout.at(at));
            let is_corrected = oddity
                .row
                .zip(column)
                .is_some_and(|(row, column)| oddity.odd.is_of_cell() && self.arrangement.is_corrected(row, column));
            // What is odd about several rows isn't settled by one of them.
            let is_of_row = oddity.odd.is_of_cell() || oddity.odd == Odd::HiddenRow;
            is_corrected || is_of_row && oddity.row.is_some_and(|row| self.is_left_out(row))
        };
        let is_read = |oddity: &&Oddity| oddity.matters(|column| layout.at(column).is_some());
        let open = self.oddities.iter().filter(is_read).filter(|oddity| !is_settled(oddity));
        open.map(|oddity| Finding::odd(oddity, Some(layout))).collect()
    }

    fn faults_of_comments(&self, read: &[u32]) -> Vec<Finding> {
        let place = |row, index: Option<usize>| Place {
            row: Some(row),
            index,
            column: index.and_then(|at| self.layout.at(at)),
        };
        let comments = || self.comments.iter().filter(move |comment| !self.is_left_out(comment.row));
        let unread = comments().filter(|comment| !read.contains(&comment.row)).map(|comment| Finding {
            place: place(comment.row, Some(comment.column)),
            wrong: FindingKind::Commented { row: comment.row, text: comment.text.clone() },
        });
        let needless = read.iter().filter(|row| !comments().any(|comment| comment.row == **row));
        unread
            .chain(needless.map(|row| Finding { place: place(*row, None), wrong: FindingKind::NotCommented }))
            .collect()
    }

    /// Gaps between rows, what stands under no header, and characters that nobody sees; `rows` as they are read.
    fn faults_of_rows(&self, rows: &[Cells]) -> Vec<Finding> {
        let (header, layout) = (&self.header, &self.layout);
        let mut faults = Vec::new();
        let place = |row, index: Option<usize>| Place { row, index, column: index.and_then(|at| layout.at(at)) };
        match rows.len() {
            0 => faults.push(Finding { place: Place::SHEET, wrong: FindingKind::NoRows }),
            many if many > MAX_ITEMS => faults.push(Finding { place: Place::SHEET, wrong: FindingKind::TooManyRows }),
            _ => {}
        }
        let mut last = header.number;
        for row in self.rows.iter().map(|row| row.number) {
            if let Some(empty) = (last + 1..row).find(|empty| !self.is_left_out(*empty)) {
                faults.push(Finding { place: place(Some(empty), None), wrong: FindingKind::EmptyRow });
            }
            last = row;
        }
        for row in std::iter::once(header).chain(rows) {
            for (at, cell) in row.filled() {
                if !layout.has_header(at) {
                    faults
                        .push(Finding { place: place(Some(row.number), Some(at)), wrong: FindingKind::NoHeaderAbove });
                }
                let text = cell.text().unwrap_or_default();
                // Of identities their own reader tells it, which knows what to do about it.
                let is_told = layout.at(at).is_some_and(Column::is_identity) && row.number != header.number;
                let unseen = first_unseen(text).filter(|_| !is_told).map(Odd::Unseen);
                let formula = text.starts_with('=').then_some(Odd::Formula);
                let odd = unseen.into_iter().chain(formula);
                faults.extend(
                    odd.map(|odd| Finding { place: place(Some(row.number), Some(at)), wrong: FindingKind::Odd(odd) }),
                );
            }
        }
        faults
    }
}

/// The first rows of a file in which no row of headers is found, each with its number.
///
/// # Errors
/// If it is no table.
pub fn first_rows(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, Error> {
    let mut table = Table::open(bytes, None, Limits::SHEET, |_| false).map_err(no_table)?;
    let mut rows = Vec::new();
    while rows.len() < FIRST_ROWS
        && let Some(row) = table.next_row().map_err(no_table)?
    {
        rows.push((row.number, row.filled().map(|(_, cell)| shown(cell)).collect()));
    }
    Ok(rows)
}

/// A cell as somebody recognises it.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Other | Cell::Error => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Clock(clock) => clock.strftime("%Y-%m-%d %H:%M").to_string(),
    }
}

/// A file that is no table: its words are the table's, so that no cause stands behind them.
#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn no_table(error: TableError) -> Error {
    let words = error.words();
    Error::other("no-table", || zh_en!(("{}。尚未生成文件", words.zh), ("{}; nothing was drafted", words.en)))
}

/// The columns by which a row is somebody's.
fn columns_of_people(layout: &Layout) -> Vec<usize> {
    let numbers = 1..=MAX_IDENTITIES;
    numbers
        .flat_map(|number| [Column::Kind(number), Column::Identity(number)])
        .filter_map(|of| layout.index(of))
        .filter(|at| !is_besides(*at))
        .collect()
}

fn faults_of_headers(layout: &Layout) -> Vec<Finding> {
    let place = |index, column| Place { row: Some(layout.row), index: Some(index), column };
    let unknown = layout
        .unknown
        .iter()
        .map(|(at, title)| Finding { place: place(*at, None), wrong: FindingKind::UnknownColumn(title.clone()) });
    let repeated = layout.repeated.iter();
    let repeated =
        repeated.map(|(at, column)| Finding { place: place(*at, Some(*column)), wrong: FindingKind::RepeatedColumn });
    let numbers = identities(layout);
    let has_kind = |number: &u8| {
        let title = layout.title(Column::Identity(*number)).unwrap_or_default();
        layout.index(Column::Kind(*number)).is_some() || header::implied_kind(title).is_some()
    };
    let kinds = numbers.iter().filter(|number| !has_kind(number)).map(|number| Column::Kind(*number));
    let kinds_alone = (1..=MAX_IDENTITIES)
        .filter(|number| layout.index(Column::Kind(*number)).is_some() && !numbers.contains(number))
        .map(Column::Identity);
    let has_end = [Column::Term, Column::Until].iter().any(|column| layout.index(*column).is_some());
    let needed = REQUIRED.into_iter().filter(|column| layout.index(*column).is_none());
    let mut missing: Vec<Column> = needed.chain(kinds).chain(kinds_alone).collect();
    missing.extend((!has_end).then_some(Column::Term));
    missing.dedup();
    let missing = missing.into_iter().map(|column| Finding {
        place: Place { row: None, index: None, column: Some(column) },
        wrong: FindingKind::MissingColumn,
    });
    unknown.chain(repeated).chain(missing).collect()
}
