//! The log of checks' rows, in `book.sqlite`: a row a commit, and the anchors.

use std::collections::VecDeque;

use callboard_federation::encoding::{CheckId, Hash, Time};
use sqlx::QueryBuilder;

use super::{
    Database, Lookup, StoreError,
    column::{Scalar, stored},
    integer,
};

const APPEND: &str = "INSERT INTO batch (first, count, first_id, last_id, logged_at, leaves, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
// The last row that begins at or before the place, and those after it.
const LEAVES: &str = "SELECT first, leaves FROM batch \
    WHERE first >= COALESCE((SELECT MAX(first) FROM batch WHERE first <= $1), 0) AND first + count > $1 \
    ORDER BY first LIMIT $2";
const WITH_ID: &str = "SELECT first, sealed FROM batch WHERE last_id >= $1 AND first_id <= $1 ORDER BY last_id";
const AT: &str = "SELECT first, sealed FROM batch WHERE first = (SELECT MAX(first) FROM batch WHERE first <= $1)";
const BLINDED: &str = "SELECT place FROM blinded WHERE account = $1 ORDER BY place";
const FORGET: &str = "UPDATE batch SET sealed = NULL WHERE sealed IS NOT NULL AND logged_at < $1";
const FORGET_BLINDED: &str = "DELETE FROM blinded WHERE place < \
    COALESCE((SELECT MIN(first) FROM batch WHERE sealed IS NOT NULL), (SELECT MAX(first + count) FROM batch), 0)";
const ANCHOR_OVER: &str = "SELECT MIN(size) FROM anchor WHERE size > $1 AND refused IS NULL";
const LAST_ANCHOR: &str =
    "SELECT size, root, at, envelope, posted_at, log_index FROM anchor ORDER BY size DESC LIMIT 1";
const ANCHOR_OF: &str = "SELECT size, root, at, envelope, posted_at, log_index FROM anchor WHERE size = $1";
const UNSETTLED: &str = "SELECT size, root, at, envelope, posted_at, log_index FROM anchor \
    WHERE log_index IS NULL AND refused IS NULL ORDER BY size";
const SETTLED: &str = "SELECT size, root, at, envelope, posted_at, log_index FROM anchor \
    WHERE log_index IS NOT NULL ORDER BY log_index, size";
const KEEP_ANCHOR: &str = "INSERT INTO anchor (size, root, at, envelope) VALUES ($1, $2, $3, $4)";
const REFUSE_ANCHOR: &str = "UPDATE anchor SET refused = $2 WHERE size = $1";
// An anchor that was taken since covers what a refused one was to.
const REFUSED_ANCHOR: &str = "SELECT refused FROM anchor WHERE size = (SELECT MAX(size) FROM anchor)";
const SETTLE_ANCHOR: &str = "UPDATE anchor SET posted_at = COALESCE(posted_at, $2), log_index = $3 WHERE size = $1";

#[derive(Debug, Clone)]
pub struct CheckStore(Database);

/// A commit of checks.
pub struct NewBatch {
    /// The place of the first.
    pub first: u64,
    pub count: u64,
    /// The smallest id among them.
    pub first_id: CheckId,
    pub last_id: CheckId,
    /// When the last was asked.
    pub at: Time,
    /// The leaves' hashes, 32 bytes each.
    pub leaves: Vec<u8>,
    /// The lines, encrypted.
    pub sealed: Vec<u8>,
}

#[derive(Debug)]
pub struct StoredBatch {
    /// The place of the first.
    pub first: u64,
    /// The lines, encrypted; `None` once they are too old.
    pub sealed: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub struct StoredAnchor {
    /// How many checks it covers.
    pub size: u64,
    pub root: Hash,
    pub at: Time,
    pub envelope: String,
    /// When the registry took it.
    pub posted_at: Option<Time>,
    /// The index of the registry's entry that holds it.
    pub log_index: Option<u64>,
}

stored!(StoredAnchor, "an anchor", size, root, at, envelope, posted_at, log_index);
stored!(StoredBatch, "a batch", first, sealed);

struct LeavesRow {
    first: u64,
    leaves: Vec<u8>,
}

stored!(LeavesRow, "leaves", first, leaves);

impl CheckStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Appends a commit, with the accounts for which something was blinded.
    pub async fn append(&self, batch: &NewBatch, blinded: &[(Lookup, u64)]) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        let insert = sqlx::query(APPEND)
            .bind(integer(batch.first))
            .bind(integer(batch.count))
            .bind(&batch.first_id.as_bytes()[..])
            .bind(&batch.last_id.as_bytes()[..])
            .bind(batch.at.as_millis())
            .bind(&batch.leaves)
            .bind(&batch.sealed);
        insert.execute(&mut *transaction).await?;
        for chunk in blinded.chunks(1_000) {
            let mut insert = QueryBuilder::new("INSERT OR IGNORE INTO blinded (account, place) ");
            insert.push_values(chunk, |mut row, (account, place)| {
                row.push_bind(&account[..]).push_bind(integer(*place));
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The leaves from the row on that holds `from`, `rows` rows of them, each with the place of its first.
    pub async fn leaves(&self, from: u64, rows: u32) -> Result<VecDeque<(u64, Vec<Hash>)>, StoreError> {
        let query = sqlx::query_as(LEAVES).bind(integer(from)).bind(rows);
        let rows: Vec<LeavesRow> = query.fetch_all(&self.0.reader).await?;
        let leaves = |LeavesRow { first, leaves }| {
            let (leaves, []) = leaves.as_chunks::<32>() else { return Err(StoreError::Foreign("leaves")) };
            Ok((first, leaves.iter().map(|leaf| Hash::from_bytes(*leaf)).collect()))
        };
        rows.into_iter().map(leaves).collect()
    }

    /// The commits that may hold a check.
    pub async fn with_id(&self, id: CheckId) -> Result<Vec<StoredBatch>, StoreError> {
        Ok(sqlx::query_as(WITH_ID).bind(&id.as_bytes()[..]).fetch_all(&self.0.reader).await?)
    }

    pub async fn at(&self, place: u64) -> Result<Option<StoredBatch>, StoreError> {
        Ok(sqlx::query_as(AT).bind(integer(place)).fetch_optional(&self.0.reader).await?)
    }

    /// The places of an account's checks for which something was blinded.
    pub async fn blinded(&self, account: &Lookup) -> Result<Vec<u64>, StoreError> {
        let places = sqlx::query_as(BLINDED).bind(&account[..]).fetch_all(&self.0.reader).await?;
        Ok(places.into_iter().map(|Scalar(place)| place).collect())
    }

    pub async fn forget_before(&self, at: Time) -> Result<u64, StoreError> {
        let forgotten = sqlx::query(FORGET).bind(at.as_millis()).execute(&self.0.writer).await?.rows_affected();
        sqlx::query(FORGET_BLINDED).execute(&self.0.writer).await?;
        Ok(forgotten)
    }

    /// The size of the first anchor that covers a place.
    pub async fn anchor_over(&self, place: u64) -> Result<Option<u64>, StoreError> {
        let Scalar(size) = sqlx::query_as(ANCHOR_OVER).bind(integer(place)).fetch_one(&self.0.reader).await?;
        Ok(size)
    }

    pub async fn last_anchor(&self) -> Result<Option<StoredAnchor>, StoreError> {
        Ok(sqlx::query_as(LAST_ANCHOR).fetch_optional(&self.0.reader).await?)
    }

    pub async fn anchor(&self, size: u64) -> Result<Option<StoredAnchor>, StoreError> {
        Ok(sqlx::query_as(ANCHOR_OF).bind(integer(size)).fetch_optional(&self.0.reader).await?)
    }

    /// The anchors whose place in the registry's log isn't known yet, oldest first.
    pub async fn unsettled(&self) -> Result<Vec<StoredAnchor>, StoreError> {
        Ok(sqlx::query_as(UNSETTLED).fetch_all(&self.0.reader).await?)
    }

    /// The anchors whose place in the registry's log is known, in its order.
    pub async fn settled(&self) -> Result<Vec<StoredAnchor>, StoreError> {
        Ok(sqlx::query_as(SETTLED).fetch_all(&self.0.reader).await?)
    }

    /// Keeps an anchor that was signed, before it is handed in.
    pub async fn keep_anchor(&self, size: u64, root: Hash, at: Time, envelope: &str) -> Result<(), StoreError> {
        let query = sqlx::query(KEEP_ANCHOR).bind(integer(size)).bind(&root.as_bytes()[..]).bind(at.as_millis());
        query.bind(envelope).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Notes that the registry refused an anchor for good, and why.
    pub async fn refuse_anchor(&self, size: u64, why: &str) -> Result<(), StoreError> {
        sqlx::query(REFUSE_ANCHOR).bind(integer(size)).bind(why).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Why the registry refused the newest anchor, if it did.
    pub async fn refused_anchor(&self) -> Result<Option<String>, StoreError> {
        let refused: Option<Option<String>> = sqlx::query_scalar(REFUSED_ANCHOR).fetch_optional(&self.0.reader).await?;
        Ok(refused.flatten())
    }

    /// Notes that the registry took an anchor, and where its log holds it, once that is known.
    pub async fn settle_anchor(&self, size: u64, posted_at: Time, log_index: Option<u64>) -> Result<(), StoreError> {
        let query = sqlx::query(SETTLE_ANCHOR).bind(integer(size)).bind(posted_at.as_millis());
        query.bind(log_index.map(integer)).execute(&self.0.writer).await?;
        Ok(())
    }
}
