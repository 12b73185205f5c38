//! `replica.sqlite`: the lines of the feed, and the newest checkpoint that they bear out.
//!
//! What they say is [`crate::replica`]'s; nothing here is believed when it is read again.

use std::path::Path;

use callboard_federation::encoding::Hash;
use sqlx::migrate::Migrator;

use super::{Database, StoreError, column::stored, integer};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/replica");

const CLAIM: &str = "INSERT INTO log (one, genesis, confirmed) VALUES (1, $1, 0) ON CONFLICT DO NOTHING";
const GENESIS: &str = "SELECT genesis FROM log WHERE one = 1";
const HEAD: &str = "SELECT confirmed, note, witnessed FROM log WHERE one = 1";
const SIZE: &str = "SELECT COUNT(*) AS lines, COALESCE(MAX(entry) + 1, 0) AS size FROM line";
const APPEND: &str = "INSERT INTO line (entry, line) VALUES ($1, $2)";
const LINES: &str = "SELECT line FROM line WHERE entry >= $1 AND entry < $2 ORDER BY entry";
const REWRITE: &str = "UPDATE line SET line = $2 WHERE entry = $1";
const PURGE: &str = "PRAGMA wal_checkpoint(TRUNCATE)";
const TRUNCATE: &str = "DELETE FROM line WHERE entry >= $1";
const CONFIRM: &str = "UPDATE log SET confirmed = $1, note = $2, witnessed = COALESCE($3, witnessed) WHERE one = 1";

#[derive(Debug, Clone)]
pub struct ReplicaStore {
    database: Database,
}

/// What the lines are known to be under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Entries below it are under a root that the log signed.
    pub confirmed: u64,
    pub note: Option<String>,
    /// The newest note that enough witnesses cosigned.
    pub witnessed: Option<String>,
}

stored!(Head, "a size", confirmed, note, witnessed);

impl ReplicaStore {
    /// Opens the file for the log that `genesis` pins.
    pub async fn open(path: &Path, genesis: &Hash) -> Result<Self, StoreError> {
        let database = Database::open(path, &MIGRATIONS).await?;
        let store = Self { database };
        match store.claim(genesis).await {
            Ok(()) => Ok(store),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    async fn claim(&self, genesis: &Hash) -> Result<(), StoreError> {
        sqlx::query(CLAIM).bind(&genesis.as_bytes()[..]).execute(&self.database.writer).await?;
        let of: Vec<u8> = sqlx::query_scalar(GENESIS).fetch_one(&self.database.writer).await?;
        if of == genesis.as_bytes() { Ok(()) } else { Err(StoreError::Foreign("another log")) }
    }

    /// Closes it, so that the file can be moved.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// How many lines there are; they have no gap.
    pub async fn size(&self) -> Result<u64, StoreError> {
        let (lines, size): (i64, i64) = sqlx::query_as(SIZE).fetch_one(&self.database.reader).await?;
        let size = u64::try_from(size).ok().filter(|_| lines == size);
        size.ok_or(StoreError::Foreign("lines with a gap"))
    }

    pub async fn head(&self) -> Result<Head, StoreError> {
        Ok(sqlx::query_as(HEAD).fetch_one(&self.database.reader).await?)
    }

    /// The lines from `from` to before `to`.
    pub async fn lines(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar(LINES).bind(integer(from)).bind(integer(to));
        Ok(query.fetch_all(&self.database.reader).await?)
    }

    /// Appends lines from index `from` on, all or none.
    pub async fn append(&self, from: u64, lines: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut transaction = self.database.writer.begin().await?;
        for (index, line) in (from..).zip(lines) {
            sqlx::query(APPEND).bind(integer(index)).bind(&line[..]).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Puts a line without erased statements in place of the one that had them.
    pub async fn rewrite(&self, index: u64, line: &[u8]) -> Result<(), StoreError> {
        sqlx::query(REWRITE).bind(integer(index)).bind(line).execute(&self.database.writer).await?;
        Ok(())
    }

    /// Empties the write-ahead log, where what was replaced still stands; while someone reads, the next time will do.
    pub async fn purge(&self) -> Result<(), StoreError> {
        sqlx::query(PURGE).execute(&self.database.writer).await?;
        Ok(())
    }

    /// Drops the lines from `size` on: no root of the log bears them out.
    pub async fn truncate(&self, size: u64) -> Result<(), StoreError> {
        sqlx::query(TRUNCATE).bind(integer(size)).execute(&self.database.writer).await?;
        Ok(())
    }

    /// Notes that the entries below `size` are under the root of `note`, and whether enough witnesses cosigned it.
    pub async fn confirm(&self, size: u64, note: &str, is_witnessed: bool) -> Result<(), StoreError> {
        let witnessed = is_witnessed.then_some(note);
        sqlx::query(CONFIRM).bind(integer(size)).bind(note).bind(witnessed).execute(&self.database.writer).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_disk_is_an_error_and_nothing_is_half_there() {
        let directory = tempfile::tempdir().unwrap();
        let store = ReplicaStore::open(&directory.path().join("replica.sqlite"), &Hash::of(b"genesis")).await.unwrap();
        store.append(0, &[b"zero".to_vec(), b"one".to_vec()]).await.unwrap();
        let full = "PRAGMA max_page_count = 20";
        sqlx::query(full).execute(&store.database.writer).await.unwrap();
        let error = store.append(2, &[b"two".to_vec(), vec![0; 1 << 20]]).await.unwrap_err();
        assert!(!error.is_of_the_file() && callboard_client::runtime::error_chain(&error).contains("full"), "{error}");
        assert_eq!((store.size().await.unwrap(), store.lines(0, 9).await.unwrap().len()), (2, 2));
        store.append(2, &[b"two".to_vec()]).await.unwrap();
        assert_eq!(store.size().await.unwrap(), 3);
    }

    #[tokio::test]
    async fn a_gap_or_another_log_makes_the_file_foreign() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("replica.sqlite");
        let store = ReplicaStore::open(&path, &Hash::of(b"genesis")).await.unwrap();
        store.append(1, &[b"one".to_vec()]).await.unwrap();
        assert!(store.size().await.unwrap_err().is_of_the_file());
        store.close().await;
        let other = ReplicaStore::open(&path, &Hash::of(b"another")).await;
        assert!(other.unwrap_err().is_of_the_file());
    }
}
