//! One record: where it stands, and its statement as long as it isn't erased.

use callboard_federation::{encoding::RecordId, statement::Kind};

use super::{
    Store, StoreError,
    column::{from_row, values},
};

const RECORD: &str = "SELECT log_index, item_position, kind, statement, erased_by FROM record WHERE id = $1";

const PLACES: &str = "SELECT log_index, item_position, id, kind FROM record \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, item_position";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[RECORD, PLACES];

/// Where a record stands, as its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordPlace {
    pub index: u64,
    /// The position of its item, from 0.
    pub position: u32,
    pub id: RecordId,
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    pub index: u64,
    /// The position of its item, from 0.
    pub position: u32,
    pub kind: Kind,
    /// The statement's bytes; `None` once it was erased.
    pub statement: Option<Vec<u8>>,
    /// The index of the entry that erased it.
    pub erased_by: Option<u64>,
}

from_row!(RecordPlace, "record", |row| Self {
    index: row.get("log_index")?,
    position: row.get("item_position")?,
    id: row.get("id")?,
    kind: row.get("kind")?,
});

from_row!(StoredRecord, "record", |row| Self {
    index: row.get("log_index")?,
    position: row.get("item_position")?,
    kind: row.get("kind")?,
    statement: row.get("statement")?,
    erased_by: row.get("erased_by")?,
});

impl Store {
    pub async fn record(&self, id: RecordId) -> Result<Option<StoredRecord>, StoreError> {
        self.row(RECORD, &values![&id]).await
    }

    /// Where the records of the entries from `from` to before `to` stand, in order.
    pub async fn places(&self, from: u64, to: u64) -> Result<Vec<RecordPlace>, StoreError> {
        self.rows(PLACES, &values![from, to]).await
    }
}
