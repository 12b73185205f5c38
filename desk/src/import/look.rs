//! What a file says as it is arranged now: what is wrong with it, or its rows and what is odd about them.

use callboard_client::table::Note;
use callboard_federation::{
    encoding::Time,
    policy::{Policy, Words},
};

use super::{
    Import, ImportHeading, RowsAre,
    oddity::{Confirmable, Oddity, is_plain, oddities},
};
use crate::{
    Error,
    sheet::{Confirmations, Finding, FindingKind, Findings, Grid, Row, Rules, Sheet, zone_of},
};

/// A file as it is read now.
pub struct Look<'a> {
    pub grid: Grid<'a>,
    pub read: Read,
    /// What waits for somebody who confirms it; those of rows that are read.
    confirmable: Confirmable,
}

pub enum Read {
    /// What is wrong; at least one.
    Faults(Vec<Finding>),
    Rows(ReadRows),
}

pub struct ReadRows {
    pub rows: Vec<Row>,
    pub oddities: Vec<Oddity>,
    /// The columns that aren't read.
    pub unread: Vec<Words>,
}

/// Looks at a file, under a policy.
///
/// # Errors
/// If it is no table, or has no headers.
pub fn look<'a>(import: &'a Import, policy: &Policy, now: Time, live_epochs: usize) -> Result<Look<'a>, Error> {
    let grid = Grid::open(&import.file.0, &import.arrangement)?;
    let zone = zone_of(policy)?;
    let &ImportHeading { rows, is_published, .. } = &import.heading;
    let (is_interim, takes_past) = (rows == RowsAre::Interims, rows == RowsAre::Imports);
    let read = |confirmed: Confirmations<'_>| {
        grid.read(&Rules { policy, zone: zone.clone(), is_interim, now, live_epochs, confirmed, is_published })
    };
    // What only waits for somebody who confirms it is told beside the rest, once nothing is wrong.
    let first = read(Confirmations { takes_past, ..Confirmations::default() });
    let confirmable = match &first {
        Err(Error::Sheet(Findings(findings))) => confirmable(findings),
        _ => Confirmable::default(),
    };
    let comments: Vec<u32> = confirmable.comments.iter().map(|(row, _)| *row).collect();
    let second = if confirmable.minors.is_empty() && comments.is_empty() {
        first
    } else {
        let (minors_approved, comments_read) = (confirmable.minors.as_slice(), comments.as_slice());
        read(Confirmations { minors_approved, comments_read, takes_past })
    };
    let read = match second {
        Ok(Sheet { rows, notes }) => Read::Rows(ReadRows {
            oddities: oddities(&rows, &confirmable, &notes),
            unread: notes.iter().filter(|note| is_plain(note)).map(Note::words).collect(),
            rows,
        }),
        Err(Error::Sheet(Findings(findings))) => Read::Faults(findings),
        Err(error) => return Err(error),
    };
    Ok(Look { grid, read, confirmable })
}

fn confirmable(findings: &[Finding]) -> Confirmable {
    let mut confirmable = Confirmable::default();
    for finding in findings {
        match (&finding.wrong, finding.place.row) {
            (FindingKind::MinorNotApproved, Some(row)) => confirmable.minors.push(row),
            (FindingKind::Commented { row, text }, _) => confirmable.comments.push((*row, text.clone())),
            _ => {}
        }
    }
    confirmable
}

impl Look<'_> {
    /// The rows about minors; that they are decided on is approved by whoever confirms it.
    pub fn minors(&self) -> &[u32] {
        &self.confirmable.minors
    }

    /// The rows with comments.
    pub fn commented(&self) -> Vec<u32> {
        self.confirmable.comments.iter().map(|(row, _)| *row).collect()
    }
}

impl ReadRows {
    /// What nobody confirmed yet.
    pub fn unseen<'s>(&'s self, import: &Import) -> Vec<&'s Oddity> {
        self.oddities.iter().filter(|oddity| !import.seen.contains(&oddity.mark)).collect()
    }
}
