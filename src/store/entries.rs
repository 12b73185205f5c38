//! Reading the log back: entries with all that they disclose, leaves alone, and the listing of dockets.

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
};

use super::{Store, StoreError, reading, to_array, to_i64, to_u64};

const ENTRIES: &str = "SELECT log_index, leaf, envelope, publication FROM docket \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index";
const ITEMS: &str = "SELECT log_index, statement, erased_by FROM record \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, item_position";
const LEAVES: &str = "SELECT leaf FROM docket WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index";
const INDEX_OF: &str = "SELECT log_index FROM docket WHERE payload_hash = $1";
const PUBLICATION: &str = "SELECT publication FROM docket \
    WHERE publication_hash = $1 AND log_index < $2 AND publication IS NOT NULL ORDER BY log_index LIMIT 1";
const DOCKETS_AFTER: &str = "SELECT log_index, payload_hash, docket_id, logged_at, records, publication_hash \
    FROM docket WHERE log_index > $1 AND payload_hash IS NOT NULL ORDER BY log_index LIMIT $2";

/// Two statements see the same: an erasure between them would show half of itself.
const SNAPSHOT: &str = "BEGIN";
const POSTGRES_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const DOCKETS: &str = "SELECT log_index, payload_hash, logged_at FROM docket \
    WHERE log_index >= $1 AND log_index < $2 AND payload_hash IS NOT NULL ORDER BY log_index";
const IDS: &str = "SELECT log_index, id, kind FROM record \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, item_position";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ENTRIES, ITEMS, LEAVES, INDEX_OF, PUBLICATION, DOCKETS_AFTER, DOCKETS, IDS];

/// An entry with all that it discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its index.
    pub index: u64,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// The docket's envelope as JSON; an entry of anchors has none.
    pub envelope: Option<Vec<u8>>,
    /// The statements in the order of the items; an erased one is `None`.
    pub items: Vec<Option<Vec<u8>>>,
    /// The public text.
    pub publication: Option<Vec<u8>>,
    /// The index of the newest entry that erased an item: who is shown this line without that entry takes the item for
    /// withheld.
    pub erased_by: Option<u64>,
}

/// A docket in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocket {
    /// The index of its entry.
    pub index: u64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// Its id.
    pub docket_id: DocketId,
    /// When it was logged.
    pub logged_at: Time,
    /// How many records it has.
    pub records: u64,
    /// SHA-256 of its public text.
    pub publication: Option<Hash>,
}

/// A docket by what its items are, without statements and signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketItems {
    /// The index of its entry.
    pub index: u64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// When it was logged.
    pub logged_at: Time,
    /// The records in the order of the items, and their kinds.
    pub items: Vec<(RecordId, Kind)>,
}

type EntryRow = (i64, Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>);
type ItemRow = (i64, Option<Vec<u8>>, Option<i64>);
type DocketRow = (i64, Vec<u8>, Vec<u8>, i64, i64, Option<Vec<u8>>);

impl Store {
    /// The entries from `from` to before `to`, in order, all as they are at one instant.
    pub async fn entries(&self, from: u64, to: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let (from, to) = (to_i64(from), to_i64(to));
        let snapshot = if self.is_shared() { POSTGRES_SNAPSHOT } else { SNAPSHOT };
        let (rows, items): (Vec<EntryRow>, Vec<ItemRow>) = reading!(self, pool => {
            let mut transaction = pool.begin_with(snapshot).await?;
            let rows = sqlx::query_as(ENTRIES).bind(from).bind(to).fetch_all(&mut *transaction).await?;
            let items = sqlx::query_as(ITEMS).bind(from).bind(to).fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            (rows, items)
        });
        let mut items = items.into_iter().peekable();
        let mut entries = Vec::with_capacity(rows.len());
        for (index, leaf, envelope, publication) in rows {
            let (mut of_entry, mut erased_by) = (Vec::new(), None);
            while let Some((_, statement, erased)) = items.next_if(|(of, ..)| *of == index) {
                of_entry.push(statement);
                erased_by = erased_by.max(erased);
            }
            entries.push(StoredEntry {
                index: to_u64(index, "docket")?,
                leaf,
                envelope,
                items: of_entry,
                publication,
                erased_by: erased_by.map(|index| to_u64(index, "record")).transpose()?,
            });
        }
        Ok(entries)
    }

    /// The leaves from `from` to before `to`, in order.
    pub async fn leaves(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let (from, to) = (to_i64(from), to_i64(to));
        Ok(reading!(self, pool => sqlx::query_scalar(LEAVES).bind(from).bind(to).fetch_all(pool).await?))
    }

    /// The entry of the docket whose payload has this hash.
    pub async fn docket(&self, payload: Hash) -> Result<Option<StoredEntry>, StoreError> {
        let payload = payload.as_bytes().as_slice();
        let index: Option<i64> =
            reading!(self, pool => sqlx::query_scalar(INDEX_OF).bind(payload).fetch_optional(pool).await?);
        let Some(index) = index else { return Ok(None) };
        let index = to_u64(index, "docket")?;
        Ok(self.entries(index, index + 1).await?.pop())
    }

    /// The dockets among the entries from `from` to before `to`, in order, by what their items are.
    pub async fn docket_items(&self, from: u64, to: u64) -> Result<Vec<DocketItems>, StoreError> {
        let (from, to) = (to_i64(from), to_i64(to));
        let rows: Vec<(i64, Vec<u8>, i64)> =
            reading!(self, pool => sqlx::query_as(DOCKETS).bind(from).bind(to).fetch_all(pool).await?);
        let ids: Vec<(i64, Vec<u8>, String)> =
            reading!(self, pool => sqlx::query_as(IDS).bind(from).bind(to).fetch_all(pool).await?);
        let mut ids = ids.into_iter().peekable();
        let mut dockets = Vec::with_capacity(rows.len());
        for (index, payload, logged_at) in rows {
            let mut items = Vec::new();
            while let Some((_, id, kind)) = ids.next_if(|(of, ..)| *of <= index) {
                let id = RecordId::from_bytes(to_array(&id, "record")?);
                let kind = Kind::ALL.into_iter().find(|known| known.as_str() == kind);
                items.push(id.ok().zip(kind).ok_or(StoreError::Unreadable("record"))?);
            }
            let payload_hash = Hash::from_bytes(to_array(&payload, "docket")?);
            let (index, logged_at) = (to_u64(index, "docket")?, Time::from_millis(logged_at));
            dockets.push(DocketItems { index, payload_hash, logged_at, items });
        }
        Ok(dockets)
    }

    /// The public text of this hash among the entries before `size`, unless all records of its docket were erased.
    pub async fn publication(&self, hash: Hash, size: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let hash = hash.as_bytes().as_slice();
        let size = to_i64(size);
        Ok(reading!(self, pool => sqlx::query_scalar(PUBLICATION).bind(hash).bind(size).fetch_optional(pool).await?))
    }

    /// Dockets after the index `after`, in order.
    pub async fn dockets_after(&self, after: Option<u64>, limit: u64) -> Result<Vec<StoredDocket>, StoreError> {
        let (after, limit) = (after.map_or(-1, to_i64), to_i64(limit));
        let rows: Vec<DocketRow> =
            reading!(self, pool => sqlx::query_as(DOCKETS_AFTER).bind(after).bind(limit).fetch_all(pool).await?);
        rows.into_iter()
            .map(|(index, payload, id, logged_at, records, publication)| {
                let hash = |bytes: &[u8]| to_array(bytes, "docket").map(Hash::from_bytes);
                Ok(StoredDocket {
                    index: to_u64(index, "docket")?,
                    payload_hash: hash(&payload)?,
                    docket_id: DocketId::from_bytes(to_array(&id, "docket")?)
                        .map_err(|_| StoreError::Unreadable("docket"))?,
                    logged_at: Time::from_millis(logged_at),
                    records: to_u64(records, "docket")?,
                    publication: publication.as_deref().map(hash).transpose()?,
                })
            })
            .collect()
    }
}
