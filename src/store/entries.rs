//! Reading the log back: entries with all that they disclose, leaves alone, and the listing of dockets.

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
};

use super::{
    Store, StoreError,
    column::{from_row, query_as, values},
    reading, to_i64, to_u64,
};

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

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ENTRIES, ITEMS, LEAVES, INDEX_OF, PUBLICATION, DOCKETS_AFTER, DOCKETS];

/// An entry with all that it discloses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    pub index: u64,
    pub leaf: Vec<u8>,
    /// The docket's envelope as JSON; an entry of anchors has none.
    pub envelope: Option<Vec<u8>>,
    /// The statements in the order of the items; an erased one is `None`.
    pub items: Vec<Option<Vec<u8>>>,
    pub publication: Option<Vec<u8>>,
    /// The index of the newest entry that erased an item: who is shown this line without that entry takes the item for
    /// withheld.
    pub erased_by: Option<u64>,
}

/// A docket in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocket {
    pub index: u64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    pub docket_id: DocketId,
    pub logged_at: Time,
    pub records: u64,
    /// SHA-256 of its public text.
    pub publication: Option<Hash>,
}

/// A docket by what its items are, without statements and signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketItems {
    pub index: u64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    pub logged_at: Time,
    /// The records in the order of the items, and their kinds.
    pub items: Vec<(RecordId, Kind)>,
}

struct StoredItem {
    index: u64,
    statement: Option<Vec<u8>>,
    erased_by: Option<u64>,
}

from_row!(StoredEntry, "docket", |row| Self {
    index: row.get("log_index")?,
    leaf: row.get("leaf")?,
    envelope: row.get("envelope")?,
    items: Vec::new(),
    publication: row.get("publication")?,
    erased_by: None,
});

from_row!(StoredItem, "record", |row| Self {
    index: row.get("log_index")?,
    statement: row.get("statement")?,
    erased_by: row.get("erased_by")?,
});

from_row!(StoredDocket, "docket", |row| Self {
    index: row.get("log_index")?,
    payload_hash: row.get("payload_hash")?,
    docket_id: row.get("docket_id")?,
    logged_at: row.get("logged_at")?,
    records: row.get("records")?,
    publication: row.get("publication_hash")?,
});

from_row!(DocketItems, "docket", |row| Self {
    index: row.get("log_index")?,
    payload_hash: row.get("payload_hash")?,
    logged_at: row.get("logged_at")?,
    items: Vec::new(),
});

impl Store {
    /// The entries from `from` to before `to`, in order, all as they are at one instant.
    pub async fn entries(&self, from: u64, to: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let values = &values![from, to];
        let snapshot = if self.is_shared() { POSTGRES_SNAPSHOT } else { SNAPSHOT };
        let (mut entries, items): (Vec<StoredEntry>, Vec<StoredItem>) = reading!(self, pool => {
            let mut transaction = pool.begin_with(snapshot).await?;
            let entries = query_as(ENTRIES, values).fetch_all(&mut *transaction).await?;
            let items = query_as(ITEMS, values).fetch_all(&mut *transaction).await?;
            transaction.commit().await?;
            (entries, items)
        });
        let mut items = items.into_iter().peekable();
        for entry in &mut entries {
            while let Some(item) = items.next_if(|item| item.index == entry.index) {
                entry.items.push(item.statement);
                entry.erased_by = entry.erased_by.max(item.erased_by);
            }
        }
        Ok(entries)
    }

    /// The leaves from `from` to before `to`, in order.
    pub async fn leaves(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let leaves: Vec<(Vec<u8>,)> = self.rows(LEAVES, &values![from, to]).await?;
        Ok(leaves.into_iter().map(|(leaf,)| leaf).collect())
    }

    /// The entry of the docket whose payload has this hash.
    pub async fn docket(&self, payload: Hash) -> Result<Option<StoredEntry>, StoreError> {
        let Some((index,)) = self.row::<(i64,)>(INDEX_OF, &values![&payload]).await? else { return Ok(None) };
        let index = to_u64(index, "docket")?;
        Ok(self.entries(index, index + 1).await?.pop())
    }

    /// The dockets among the entries from `from` to before `to`, in order, by what their items are.
    pub async fn docket_items(&self, from: u64, to: u64) -> Result<Vec<DocketItems>, StoreError> {
        let mut dockets: Vec<DocketItems> = self.rows(DOCKETS, &values![from, to]).await?;
        let mut places = self.places(from, to).await?.into_iter().peekable();
        for docket in &mut dockets {
            while let Some(place) = places.next_if(|place| place.index <= docket.index) {
                docket.items.push((place.id, place.kind));
            }
        }
        Ok(dockets)
    }

    /// The public text of this hash among the entries before `size`, unless all records of its docket were erased.
    pub async fn publication(&self, hash: Hash, size: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let publication: Option<(Vec<u8>,)> = self.row(PUBLICATION, &values![&hash, size]).await?;
        Ok(publication.map(|(text,)| text))
    }

    /// Dockets after the index `after`, in order.
    pub async fn dockets_after(&self, after: Option<u64>, limit: u64) -> Result<Vec<StoredDocket>, StoreError> {
        self.rows(DOCKETS_AFTER, &values![after.map_or(-1, to_i64), limit]).await
    }
}
