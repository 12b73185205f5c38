//! One record: where it stands, and its statement as long as it isn't erased.

use callboard_federation::{encoding::RecordId, statement::Kind};

use super::{Store, StoreError, reading, to_i64, to_u64};

const RECORD: &str = "SELECT log_index, item_position, kind, statement, erased_by FROM record WHERE id = $1";

const PLACES: &str = "SELECT log_index, item_position, id, kind FROM record \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, item_position";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[RECORD, PLACES];

/// Where a record stands, as its row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredPlace {
    /// The index of its docket's entry.
    pub index: u64,
    /// The position of its item, from 0.
    pub position: u32,
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The index of its docket's entry.
    pub index: u64,
    /// The position of its item, from 0.
    pub position: u32,
    /// Its kind.
    pub kind: Kind,
    /// The statement's bytes; `None` once it was erased.
    pub statement: Option<Vec<u8>>,
    /// The index of the entry that erased it.
    pub erased_by: Option<u64>,
}

type RecordRow = (i64, i64, String, Option<Vec<u8>>, Option<i64>);

impl Store {
    /// The record of this id.
    pub async fn record(&self, id: RecordId) -> Result<Option<StoredRecord>, StoreError> {
        let id = id.as_bytes().as_slice();
        let row: Option<RecordRow> =
            reading!(self, pool => sqlx::query_as(RECORD).bind(id).fetch_optional(pool).await?);
        let Some((index, position, kind, statement, erased_by)) = row else { return Ok(None) };
        Ok(Some(StoredRecord {
            index: to_u64(index, "record")?,
            position: u32::try_from(position).map_err(|_| StoreError::Unreadable("record"))?,
            kind: Kind::from_word(&kind).ok_or(StoreError::Unreadable("record"))?,
            statement,
            erased_by: erased_by.map(|index| to_u64(index, "record")).transpose()?,
        }))
    }

    /// Where the records of the entries from `from` to before `to` stand, in order.
    pub async fn places(&self, from: u64, to: u64) -> Result<Vec<StoredPlace>, StoreError> {
        let (from, to) = (to_i64(from), to_i64(to));
        let rows: Vec<(i64, i64, Vec<u8>, String)> =
            reading!(self, pool => sqlx::query_as(PLACES).bind(from).bind(to).fetch_all(pool).await?);
        let unreadable = StoreError::Unreadable("record");
        let read = |(index, position, id, kind): (i64, i64, Vec<u8>, String)| {
            Some(StoredPlace {
                index: u64::try_from(index).ok()?,
                position: u32::try_from(position).ok()?,
                id: RecordId::from_bytes(id.try_into().ok()?).ok()?,
                kind: Kind::from_word(&kind)?,
            })
        };
        rows.into_iter().map(read).collect::<Option<_>>().ok_or(unreadable)
    }
}
