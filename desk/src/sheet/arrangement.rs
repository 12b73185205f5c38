//! What somebody says beside a file: which column is what, what holds for all rows, what is read in place of a cell, which
//! rows are left out. The file itself stays as it is.

use std::collections::{BTreeMap, BTreeSet};

use callboard_client::table::{
    Cell, Row as Cells,
    header::{self, plain},
};
use serde::{Deserialize, Serialize};

use super::column::{Column, Layout};

/// The index from which on columns stand that the file doesn't have: beyond any that a table may have.
const BESIDES: usize = 1_000;
/// What a start says where nobody says one.
const ON_LOGGING: &str = "on logging";

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub struct Arrangement {
    /// The number of the row of headers, where it isn't found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<u32>,
    /// What stands under these headers; `None`: it isn't read. What stands under others they say themselves.
    columns: BTreeMap<String, Option<Column>>,
    /// What holds for every row, where no column of the file says it.
    pub for_all: BTreeMap<Column, String>,
    /// What is read in place of a cell, by row.
    pub corrections: BTreeMap<u32, BTreeMap<Column, String>>,
    pub left_out: BTreeSet<u32>,
}

impl Arrangement {
    /// The column of a header.
    pub fn column(&self, title: &str) -> Option<Column> {
        match self.columns.get(&plain(title)) {
            Some(said) => *said,
            None => Column::of_header(title),
        }
    }

    /// Whether it is known what stands under a header: that it isn't read, perhaps.
    pub fn is_known(&self, title: &str) -> bool {
        self.columns.contains_key(&plain(title)) || Column::of_header(title).is_some() || header::is_ignored(title)
    }

    /// Says what stands under a header.
    pub fn say(&mut self, title: &str, column: Option<Column>) {
        let is_usual = column == Column::of_header(title) && (column.is_some() || header::is_ignored(title));
        if is_usual {
            self.columns.remove(&plain(title));
        } else {
            self.columns.insert(plain(title), column);
        }
    }

    /// The same of another file, whose rows are others.
    #[must_use]
    pub fn without_rows(&self) -> Self {
        Self { header: None, corrections: BTreeMap::new(), left_out: BTreeSet::new(), ..self.clone() }
    }

    /// What was said of headers.
    pub const fn said(&self) -> &BTreeMap<String, Option<Column>> {
        &self.columns
    }

    /// Where each column stands under a row of headers.
    pub(super) fn layout(&self, header: &Cells) -> Layout {
        let mut layout = Layout::read(header, |title| self.column(title));
        let is_left_out = |(_, title): &mut (usize, String)| self.columns.contains_key(&plain(title));
        let left_out: Vec<_> = layout.unknown.extract_if(.., is_left_out).collect();
        layout.ignored.extend(left_out);
        for (at, column) in (BESIDES..).zip(self.besides(&layout)) {
            layout.add(at, column, column.titles().1);
        }
        layout
    }

    /// The columns that the file doesn't have.
    fn besides(&self, layout: &Layout) -> BTreeSet<Column> {
        let for_all = self.for_all.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(column, _)| *column);
        let corrected = self.corrections.values().flat_map(BTreeMap::keys).copied();
        for_all.chain(corrected).filter(|column| layout.index(*column).is_none()).collect()
    }

    /// A row as it is read.
    pub(super) fn arranged(&self, layout: &Layout, row: &Cells) -> Cells {
        let mut row = row.clone();
        let besides = layout.columns().filter(|(at, _)| is_besides(*at));
        for (at, column) in besides {
            let for_all = self.for_all.get(&column).map(String::as_str);
            let text = for_all.or((column == Column::EffectiveAt).then_some(ON_LOGGING));
            row.put(at, Cell::of_text(text.unwrap_or_default()));
        }
        for (column, text) in self.corrections.get(&row.number).into_iter().flatten() {
            if let Some(at) = layout.index(*column) {
                row.put(at, Cell::of_text(text));
            }
        }
        row
    }

    /// Whether something else is read in place of a cell.
    pub(super) fn is_corrected(&self, row: u32, column: Column) -> bool {
        self.corrections.get(&row).is_some_and(|corrections| corrections.contains_key(&column))
    }
}

/// Whether the file doesn't have a column of this index.
pub(super) const fn is_besides(index: usize) -> bool {
    index >= BESIDES
}
