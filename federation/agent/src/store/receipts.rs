//! Dockets that a receipt is due for, and the receipts; in `book.sqlite`, beside what they wait for.

use callboard_federation::encoding::{Hash, Time};

use super::{
    Database, StoreError,
    column::{Scalar, stored},
    integer,
};

const OWE: &str = "INSERT OR IGNORE INTO receipt (docket, log_index, effective_at) VALUES ($1, $2, $3)";
// The log was looked through so far, the last record is in effect, and nobody whom the docket concerns waits for the
// hook.
const DONE: &str = "SELECT docket FROM receipt WHERE envelope IS NULL AND filed_at IS NULL \
    AND log_index < (SELECT size FROM told WHERE one = 1) AND effective_at <= $2 \
    AND NOT EXISTS (SELECT 1 FROM concern WHERE concern.log_index = receipt.log_index) ORDER BY log_index LIMIT $1";
const SIGN: &str = "INSERT INTO receipt (docket, log_index, envelope, effective_at) VALUES ($1, $2, $3, 0) \
    ON CONFLICT (docket) DO UPDATE SET envelope = $3, filed_at = NULL";
const UNFILED: &str = "SELECT docket, envelope FROM receipt WHERE filed_at IS NULL AND envelope IS NOT NULL \
    ORDER BY log_index LIMIT $1";
const FILED: &str = "UPDATE receipt SET filed_at = $3 WHERE docket = $1 AND envelope = $2";
const AGAIN: &str = "UPDATE receipt SET filed_at = NULL WHERE envelope IS NOT NULL AND filed_at < $1";
const BEFORE: &str = "SELECT docket, log_index AS \"index\", effective_at, envelope, filed_at, \
    (SELECT COUNT(*) FROM concern WHERE concern.log_index = receipt.log_index) AS people FROM receipt \
    WHERE log_index < $1 AND (filed_at IS NULL OR NOT $2) ORDER BY log_index DESC LIMIT $3";
const OWED: &str = "SELECT COUNT(*) FROM receipt WHERE filed_at IS NULL";
const OLDEST_OWED: &str = "SELECT MIN(effective_at) FROM receipt WHERE filed_at IS NULL AND effective_at > 0 \
    AND effective_at <= $1";

/// A docket that a receipt is due for or was signed of.
#[derive(Debug, Clone)]
pub struct StoredReceipt {
    pub docket: Hash,
    pub index: u64,
    /// When its last record is in effect; of no meaning once a receipt is signed.
    pub effective_at: Time,
    pub envelope: Option<String>,
    pub filed_at: Option<Time>,
    /// Of how many people the hook hasn't taken what the docket changed.
    pub people: u64,
}

stored!(StoredReceipt, "a docket's hash", docket, index, effective_at, envelope, filed_at, people);

#[derive(Debug, PartialEq, Eq)]
pub struct UnfiledReceipt {
    pub docket: Hash,
    pub envelope: String,
}

stored!(UnfiledReceipt, "a docket's hash", docket, envelope);

#[derive(Debug, Clone)]
pub struct ReceiptStore(Database);

impl ReceiptStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// When the oldest docket took effect that a receipt is owed for.
    pub async fn oldest_owed(&self, now: Time) -> Result<Option<Time>, StoreError> {
        let Scalar(at) = sqlx::query_as(OLDEST_OWED).bind(now.as_millis()).fetch_one(&self.0.reader).await?;
        Ok(at)
    }

    /// Notes that receipts are due for dockets, each with its index and when its last record is in effect; those that
    /// are known stay as they are.
    pub async fn owe(&self, dockets: &[(Hash, u64, Time)]) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for (docket, index, effective_at) in dockets {
            let owe =
                sqlx::query(OWE).bind(&docket.as_bytes()[..]).bind(integer(*index)).bind(effective_at.as_millis());
            owe.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Dockets in effect without a receipt for which the hook has taken every call; `limit` at most.
    pub async fn done(&self, now: Time, limit: u32) -> Result<Vec<Hash>, StoreError> {
        let rows = sqlx::query_as(DONE).bind(limit).bind(now.as_millis()).fetch_all(&self.0.writer).await?;
        Ok(rows.into_iter().map(|Scalar(docket)| docket).collect())
    }

    /// Keeps a receipt that was signed, before it is filed.
    pub async fn sign(&self, docket: Hash, index: u64, envelope: &str) -> Result<(), StoreError> {
        let query = sqlx::query(SIGN).bind(&docket.as_bytes()[..]).bind(integer(index)).bind(envelope);
        query.execute(&self.0.writer).await?;
        Ok(())
    }

    /// Receipts that are signed and not filed, by docket; `limit` at most.
    pub async fn unfiled(&self, limit: u32) -> Result<Vec<UnfiledReceipt>, StoreError> {
        Ok(sqlx::query_as(UNFILED).bind(limit).fetch_all(&self.0.reader).await?)
    }

    /// Notes that the registry took a receipt, unless another was signed meanwhile.
    pub async fn filed(&self, docket: Hash, envelope: &str, at: Time) -> Result<(), StoreError> {
        let query = sqlx::query(FILED).bind(&docket.as_bytes()[..]).bind(envelope).bind(at.as_millis());
        query.execute(&self.0.writer).await?;
        Ok(())
    }

    /// Has every receipt filed again that was filed before `at`: the registry was restored then, and may lack it.
    pub async fn file_again(&self, at: Time) -> Result<u64, StoreError> {
        let again = sqlx::query(AGAIN).bind(at.as_millis()).execute(&self.0.writer).await?;
        Ok(again.rows_affected())
    }

    /// The newest dockets before an index, or of all, each with its receipt; only those that are owed, or all; `limit`
    /// at most.
    pub async fn before(&self, index: Option<u64>, owed: bool, limit: u32) -> Result<Vec<StoredReceipt>, StoreError> {
        let query = sqlx::query_as(BEFORE).bind(index.map_or(i64::MAX, integer)).bind(owed).bind(limit);
        Ok(query.fetch_all(&self.0.reader).await?)
    }

    /// How many dockets have no receipt that the registry took.
    pub async fn owed(&self) -> Result<u64, StoreError> {
        let Scalar(count) = sqlx::query_as(OWED).fetch_one(&self.0.reader).await?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_restored_registry_is_told_again_what_it_was_told_before_and_once() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_book(directory.path()).await.unwrap();
        let store = ReceiptStore::new(database.clone());
        let (before, restored, after) = (Time::from_seconds(100), Time::from_seconds(200), Time::from_seconds(201));
        for (number, at) in [(1, before), (2, after)] {
            let docket = Hash::of(&[number]);
            store.sign(docket, u64::from(number), "{}").await.unwrap();
            store.filed(docket, "{}", at).await.unwrap();
        }
        assert!(store.unfiled(9).await.unwrap().is_empty());
        assert_eq!(store.file_again(restored).await.unwrap(), 1);
        assert_eq!(
            store.unfiled(9).await.unwrap(),
            [UnfiledReceipt { docket: Hash::of(&[1]), envelope: "{}".to_owned() }]
        );
        store.filed(Hash::of(&[1]), "{}", after).await.unwrap();
        assert_eq!(store.file_again(restored).await.unwrap(), 0, "it was told since");
        database.close().await;
    }
}
