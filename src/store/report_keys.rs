//! Report keys: the latest of each seat, as the seat signed it.

use callboard_federation::encoding::{Hash, KeyId, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
};

const ALL: &str = "SELECT seat, published_at, taken_at, payload_hash, envelope FROM report_key ORDER BY seat";
const PUT: &str = "INSERT INTO report_key (seat, published_at, taken_at, payload_hash, envelope) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (seat) DO UPDATE SET published_at = excluded.published_at, \
    taken_at = excluded.taken_at, payload_hash = excluded.payload_hash, envelope = excluded.envelope \
    WHERE report_key.published_at < excluded.published_at";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ALL, PUT];

/// A seat's report key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReportKey {
    pub seat: KeyId,
    /// When, by the seat's clock.
    pub published_at: Time,
    pub taken_at: Time,
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

from_row!(StoredReportKey, "report_key", |row| Self {
    seat: row.get("seat")?,
    published_at: row.get("published_at")?,
    taken_at: row.get("taken_at")?,
    payload_hash: row.get("payload_hash")?,
    envelope: row.get("envelope")?,
});

impl Store {
    /// Keeps a report key, unless one as late is kept; whether it is.
    pub async fn put_report_key(&self, key: &StoredReportKey) -> Result<bool, StoreError> {
        let kept = measured("keep-report-key", async {
            let StoredReportKey { seat, published_at, taken_at, payload_hash, envelope } = key;
            let mut transaction = self.begin_as_writer().await?;
            let values = values![seat, *published_at, *taken_at, payload_hash, envelope];
            let is_taken = transaction.execute(PUT, &values).await? > 0;
            transaction.commit().await?;
            Ok(is_taken)
        });
        self.note_outcome(kept.await)
    }

    /// The latest report key of each seat that ever published one: as many as there were seats.
    pub async fn report_keys(&self) -> Result<Vec<StoredReportKey>, StoreError> {
        self.rows(ALL, &values![]).await
    }
}
