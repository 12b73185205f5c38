//! The committee's spreadsheet: identities, names, measures, terms, violations and reasons, one row a subject.
//!
//! Read strictly: a spreadsheet program alters what it holds (long numbers lose digits, dates become numbers) and hides what
//! it likes (rows, columns, worksheets), and what is read here is signed. What means one thing is taken however it is
//! written; all that is wrong is told at once, each with row, column and how to mend it, never the value. How a file becomes
//! cells, and what is odd about them, is `callboard_client::table`'s; what becomes of the rows is `draft`; how identities
//! are normalised is `callboard_federation::identity`. What somebody says beside a file is its [`Arrangement`].

mod arrangement;
mod civil;
mod column;
mod finding;
mod grid;
mod imposed;
pub mod one_row;
mod person;
mod row;
mod template;
mod word;

use callboard_client::table::Note;
use callboard_federation::{encoding::Time, policy::Policy, zh_en};
use jiff::tz::TimeZone;

pub use arrangement::Arrangement;
pub use column::Column;
pub use finding::{Finding, FindingKind, Findings, Place};
pub use grid::{FOR_ALL, FileCell, FileColumn, Grid, first_rows};
pub use row::Row;
pub use template::template;

use super::error::Error;

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
    /// Whether a measure may begin before it is drafted: of what is taken over without a case, and in a sandbox, whose
    /// people have a past.
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
    Grid::open(bytes, &Arrangement::default())?.read(rules)
}

/// The zone of a policy's dates.
pub fn zone_of(policy: &Policy) -> Result<TimeZone, Error> {
    TimeZone::get(&policy.zone).map_err(|_| {
        Error::other("zone", || zh_en!("本机不认识该规则的时区", "this machine doesn't know the policy's time zone"))
    })
}

#[cfg(test)]
mod tests;
