//! The committee's spreadsheet: identities, names, measures, terms, violations and reasons, one row a subject.
//!
//! Read strictly: a spreadsheet program alters what it holds (long numbers lose digits, dates become numbers) and hides what
//! it likes (rows, columns, worksheets), and what is read here is signed. What means one thing is taken however it is
//! written; all that is wrong is told at once, each with row, column and how to mend it, never the value. How a file becomes
//! cells, and what is odd about them, is `callboard_client::table`'s; what becomes of the rows is `draft`; how identities
//! are normalised is `callboard_federation::identity`.

mod civil;
mod column;
mod finding;
mod imposed;
pub mod one_row;
mod person;
mod row;
mod template;
mod word;

use std::collections::HashSet;

use callboard_client::table::{Cell, Comment, Limits, Note, Odd, Oddity, Row as Cells, Table, TableError, header};
use callboard_federation::{docket::MAX_ITEMS, encoding::Time, identity::reader::first_unseen, policy::Policy, zh_en};
use jiff::tz::TimeZone;

pub use column::Column;
pub use finding::{Finding, FindingKind, Findings, Place};
pub use row::Row;
pub use template::template;

use super::error::Error;
use column::{Layout, REQUIRED, identities};
use row::RowReader;

/// What a sheet is read against.
pub struct Rules<'a> {
    pub policy: &'a Policy,
    /// The zone of its dates: the policy's.
    pub zone: TimeZone,
    /// Whether the rows are interims, not rulings.
    pub is_interim: bool,
    /// When what takes effect on logging does, as far as drafting can know.
    pub now: Time,
    /// How many live epochs there are: each identity has a tag under each.
    pub live_epochs: usize,
    pub confirmed: Confirmations<'a>,
    /// Whether something is published with the docket.
    pub is_published: bool,
}

/// What somebody looked at, and confirms by the numbers of its rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Confirmations<'a> {
    /// Rows about minors that were approved.
    pub minors_approved: &'a [u32],
    /// Rows whose comments were read.
    pub comments_read: &'a [u32],
    /// Whether a measure may begin before it is drafted: in a sandbox alone, whose people have a past.
    pub takes_past: bool,
}

pub struct Sheet {
    pub rows: Vec<Row>,
    /// What isn't read.
    pub notes: Vec<Note>,
}

/// The instant at which a day, a clock time of the zone, or an instant begins, written as in a sheet.
pub fn read_start(text: &str, zone: &TimeZone) -> Option<Time> {
    civil::When::read(text)?.start(zone)
}

/// The instant at which it is over: of a day, the first of the next.
pub fn read_end(text: &str, zone: &TimeZone) -> Option<Time> {
    civil::When::read(text)?.end(zone)
}

/// Reads the rows of a sheet; what kind of file it is its bytes tell.
///
/// # Errors
/// Of what is wrong in the sheet itself, all at once.
pub fn read(bytes: &[u8], rules: &Rules<'_>) -> Result<Sheet, Error> {
    let is_header = |title: &str| Column::of_header(title).is_some() || header::is_ignored(title);
    let mut table = Table::open(bytes, None, Limits::SHEET, is_header).map_err(no_table)?;
    let Some(header) = table.header.take() else {
        let wrong =
            if table.next_row().map_err(no_table)?.is_some() { FindingKind::NoHeader } else { FindingKind::NoRows };
        let mut faults = vec![Finding { place: Place::SHEET, wrong }];
        faults.extend(table.oddities.iter().map(|oddity| Finding::odd(oddity, None)));
        return Err(Error::Sheet(Findings(faults)));
    };
    let layout = Layout::read(&header, Column::of_header);
    let (mut rows, mut notes) = (Vec::new(), std::mem::take(&mut table.notes));
    let people: Vec<usize> = columns_of_people(&layout);
    while rows.len() <= MAX_ITEMS
        && let Some(row) = table.next_row().map_err(no_table)?
    {
        if header::is_totals(&row, people.iter().copied()) {
            notes.push(Note::Totals { row: row.number });
        } else {
            rows.push(row);
        }
    }
    let is_filled = |column: usize| rows.iter().any(|row| *row.cell(column) != Cell::Empty);
    notes.extend(layout.left_out().filter(|(at, _)| is_filled(*at)).map(|(_, title)| Note::Column(title.to_owned())));

    let mut faults = faults_of_table(&table.oddities, &layout);
    faults.extend(faults_of_comments(&table.comments, &layout, rules.confirmed.comments_read));
    let before = faults.len();
    faults.extend(faults_of_headers(&layout));
    let are_headers_read = faults.len() == before;
    faults.extend(faults_of_rows(&header, &rows, &layout));
    // Rows under headers that aren't understood would only repeat that.
    let mut read = Vec::with_capacity(rows.len());
    if are_headers_read && rows.len() <= MAX_ITEMS {
        let mut reader = RowReader::new(rules, &layout);
        read.extend(rows.iter().filter_map(|row| reader.read(row)));
        faults.append(&mut reader.faults);
    }
    // What is odd about a cell comes first: what it says besides is looked at once that is mended.
    let is_odd = |fault: &Finding| matches!(fault.wrong, FindingKind::Odd(_));
    let place = |fault: &Finding| (fault.place.row, fault.place.index);
    let odd: HashSet<_> = faults.iter().filter(|fault| is_odd(fault)).map(place).collect();
    let mut told = HashSet::new();
    faults.retain(|fault| {
        let is_besides = !is_odd(fault) && fault.place.index.is_some() && odd.contains(&place(fault));
        !is_besides && told.insert((place(fault), fault.place.column, fault.wrong.words().zh))
    });
    if faults.is_empty() { Ok(Sheet { rows: read, notes }) } else { Err(Error::Sheet(Findings(faults))) }
}

/// A file that is no table: its words are the table's, so that no cause stands behind them.
#[expect(clippy::needless_pass_by_value, reason = "it maps an error")]
fn no_table(error: TableError) -> Error {
    let words = error.words();
    Error::other("no-table", || zh_en!(("{}。尚未生成文件", words.zh), ("{}; nothing was drafted", words.en)))
}

/// The columns by which a row is somebody's.
fn columns_of_people(layout: &Layout) -> Vec<usize> {
    let numbers = 1..=column::MAX_IDENTITIES;
    numbers
        .flat_map(|number| [Column::Kind(number), Column::Identity(number)])
        .filter_map(|of| layout.index(of))
        .collect()
}

/// What the table holds that its page doesn't show.
fn faults_of_table(oddities: &[Oddity], layout: &Layout) -> Vec<Finding> {
    let is_read = |oddity: &&Oddity| oddity.matters(|column| layout.at(column).is_some());
    oddities.iter().filter(is_read).map(|oddity| Finding::odd(oddity, Some(layout))).collect()
}

fn faults_of_comments(comments: &[Comment], layout: &Layout, read: &[u32]) -> Vec<Finding> {
    let place = |row, index: Option<usize>| Place { row: Some(row), index, column: index.and_then(|at| layout.at(at)) };
    let unread = comments.iter().filter(|comment| !read.contains(&comment.row)).map(|comment| Finding {
        place: place(comment.row, Some(comment.column)),
        wrong: FindingKind::Commented { row: comment.row, text: comment.text.clone() },
    });
    let needless = read.iter().filter(|row| !comments.iter().any(|comment| comment.row == **row));
    unread.chain(needless.map(|row| Finding { place: place(*row, None), wrong: FindingKind::NotCommented })).collect()
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
    let kinds_alone = (1..=column::MAX_IDENTITIES)
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

/// Gaps between rows, what stands under no header, and characters that nobody sees.
fn faults_of_rows(header: &Cells, rows: &[Cells], layout: &Layout) -> Vec<Finding> {
    let mut faults = Vec::new();
    let place = |row, index: Option<usize>| Place { row, index, column: index.and_then(|at| layout.at(at)) };
    match rows.len() {
        0 => faults.push(Finding { place: Place::SHEET, wrong: FindingKind::NoRows }),
        many if many > MAX_ITEMS => faults.push(Finding { place: Place::SHEET, wrong: FindingKind::TooManyRows }),
        _ => {}
    }
    let mut last = header.number;
    for row in std::iter::once(header).chain(rows) {
        if row.number > last + 1 {
            faults.push(Finding { place: place(Some(last + 1), None), wrong: FindingKind::EmptyRow });
        }
        last = row.number;
        for (at, cell) in row.filled() {
            if !layout.has_header(at) {
                faults.push(Finding { place: place(Some(row.number), Some(at)), wrong: FindingKind::NoHeaderAbove });
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

#[cfg(test)]
mod tests;
