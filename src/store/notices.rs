//! Dockets with a public text that isn't erased: what the public is shown.

use callboard_federation::encoding::{Hash, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
    to_u64,
};

const PUBLISHED: &str = "SELECT log_index, payload_hash, logged_at, records, publication FROM docket \
    WHERE publication IS NOT NULL AND log_index >= $1 AND log_index < $2 ORDER BY log_index DESC LIMIT $3";
const OLDEST: &str = "SELECT log_index FROM docket WHERE publication IS NOT NULL ORDER BY log_index LIMIT 1";
const COUNT: &str = "SELECT COUNT(*) FROM docket WHERE publication IS NOT NULL AND log_index < $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUBLISHED, OLDEST, COUNT];

/// A docket with its public text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredNotice {
    pub index: u64,
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    pub logged_at: Time,
    pub records: u64,
    /// The public text's bytes.
    pub publication: Vec<u8>,
}

from_row!(StoredNotice, "docket", |row| Self {
    index: row.get("log_index")?,
    docket: row.get("payload_hash")?,
    logged_at: row.get("logged_at")?,
    records: row.get("records")?,
    publication: row.get("publication")?,
});

impl Store {
    /// Those among the entries from `from` to before `to`, the newest first.
    pub async fn notices(&self, from: u64, to: u64, rows: u64) -> Result<Vec<StoredNotice>, StoreError> {
        self.rows(PUBLISHED, &values![from, to, rows]).await
    }

    /// The index of the oldest.
    pub async fn oldest_notice(&self) -> Result<Option<u64>, StoreError> {
        let oldest: Option<(i64,)> = self.row(OLDEST, &[]).await?;
        oldest.map(|(index,)| to_u64(index, "docket")).transpose()
    }

    /// How many there are among the entries before `size`.
    pub async fn notice_count(&self, size: u64) -> Result<u64, StoreError> {
        let (count,): (i64,) = self.one(COUNT, &values![size]).await?;
        to_u64(count, "docket")
    }
}
