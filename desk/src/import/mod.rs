//! A committee's own file on its way to a draft: which column is what, what is mended, what is confirmed, what was drafted.
//!
//! Nothing of it is lost when a lid is closed: after each step all of it is kept in the home, sealed to the seat's own key
//! ([`store`]). In reading order: an [`Import`] and its [`Step`]s; [`habits`], what the next one need not ask; [`look`], what
//! the file says now; [`mending`], the rows that are to be mended; [`oddity`], what is confirmed one by one; [`drafting`].
//! How a file is read is [`super::sheet`]'s. Pages that ask and show are `callboard_desk_page::import`'s.

pub mod drafting;
pub mod habits;
pub mod look;
pub mod mending;
pub mod oddity;
pub mod store;

use std::collections::BTreeSet;

use callboard_federation::{docket::MAX_ITEMS, encoding::Base64, policy::Words};
use serde::{Deserialize, Serialize};

use self::habits::Habits;
use crate::{
    Error,
    sheet::{Arrangement, Finding, FindingKind, Findings, Grid, Place},
};

/// A file that is being imported, and all that was said of it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Import {
    v: u64,
    /// The bytes of the file.
    pub file: Base64,
    /// What the file is called; empty where cells were pasted.
    pub name: String,
    pub arrangement: Arrangement,
    pub heading: ImportHeading,
    /// Whether columns and heading were said.
    pub is_arranged: bool,
    /// What was confirmed, by its mark.
    pub seen: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drafted: Option<Drafted>,
}

/// What the rows decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowsAre {
    #[default]
    Rulings,
    Interims,
    /// What was decided before there was a registry: it is taken over without a case.
    Imports,
}

impl RowsAre {
    pub const ALL: [Self; 3] = [Self::Rulings, Self::Interims, Self::Imports];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Rulings => "rulings",
            Self::Interims => "interims",
            Self::Imports => "imports",
        }
    }
}

/// What holds for the whole docket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ImportHeading {
    /// The policy, `INSTRUMENT/VERSION`.
    pub policy: String,
    pub rows: RowsAre,
    /// The number of its letters; empty: none.
    pub number: String,
    /// Whether what it decides is published, names masked.
    pub is_published: bool,
}

/// What was drafted, and not sent yet.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Drafted {
    /// The bundle, sealed to who drafts.
    pub bundle: Base64,
    /// How many of what, in a line.
    pub headline: Words,
    /// What stands already for its people: each is confirmed before it is sent.
    pub listed: Vec<Words>,
}

/// What an import waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Which column is what, and what holds for all rows.
    Columns,
    /// Rows are mended and oddities confirmed.
    Rows,
    /// What was drafted is sent.
    Send,
}

impl Import {
    /// Begins with a file.
    pub fn of_file(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            v: 1,
            file: Base64(bytes),
            name: name.to_owned(),
            arrangement: Arrangement::default(),
            heading: ImportHeading::default(),
            is_arranged: false,
            seen: BTreeSet::new(),
            drafted: None,
        }
    }

    /// Begins with cells as a spreadsheet program copies them: tabs between them, whatever else stands in them.
    pub fn of_cells(text: &str) -> Self {
        let separator = if text.contains('\t') { "sep=\t\n" } else { "" };
        Self::of_file("", format!("{separator}{text}").into_bytes())
    }

    /// One that was just given, with what is said of the seat's files every time, and was of the file before it.
    ///
    /// # Errors
    /// If it is no table, or one of too many rows. That no row of headers is found is asked later.
    pub fn begun(mut self, before: Option<&Self>, habits: &Habits) -> Result<Self, Error> {
        habits.say(&mut self);
        if let Some(before) = before {
            self.arrangement = before.arrangement.without_rows();
            self.heading = before.heading.clone();
        }
        let is_asked = |fault: &Finding| fault.wrong == FindingKind::NoHeader;
        let count = Grid::open(&self.file.0, &self.arrangement).map(|grid| grid.rows().count());
        match count {
            Ok(count) if count > MAX_ITEMS => {
                Err(Error::Sheet(Findings(vec![Finding { place: Place::SHEET, wrong: FindingKind::TooManyRows }])))
            }
            Err(Error::Sheet(Findings(faults))) if faults.iter().any(is_asked) => Ok(self),
            Err(error) => Err(error),
            Ok(_) => Ok(self),
        }
    }

    pub const fn step(&self) -> Step {
        match (&self.drafted, self.is_arranged) {
            (Some(_), _) => Step::Send,
            (None, true) => Step::Rows,
            (None, false) => Step::Columns,
        }
    }

    /// Goes back: what was drafted is none any more. What it was drafted of stays.
    pub fn go_back_to(&mut self, step: Step) {
        if step != Step::Send {
            self.drafted = None;
        }
        if step == Step::Columns {
            self.is_arranged = false;
        }
    }
}

#[cfg(test)]
mod tests;
