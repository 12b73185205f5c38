//! `replica.sqlite`: the lines of the feed as they came, and the checkpoints that bear them out.

use std::path::Path;

use callboard_federation::encoding::Hash;
use sqlx::{QueryBuilder, Row as _};

use super::{Database, StoreError};

const HEAD: &str = "SELECT size, note, witnessed FROM head WHERE one = 1";
const BEGIN: &str = "INSERT INTO head (one, genesis, size) VALUES (1, $1, 0) ON CONFLICT DO NOTHING";
const LINES: &str = "SELECT line FROM line WHERE idx >= $1 AND idx < $2 ORDER BY idx";
const REPLACE: &str = "UPDATE line SET line = $2 WHERE idx = $1";
const TRUNCATE: &str = "DELETE FROM line WHERE idx >= $1";
const ADVANCE: &str = "UPDATE head SET size = $1, note = $2, witnessed = $3 WHERE one = 1";
/// Bound by SQLite's limit of variables; lines are some ten kilobytes and more.
const AT_ONCE: usize = 256;

/// The lines, and how far they are borne out.
#[derive(Debug, Clone)]
pub struct ReplicaStore(Database);

/// How far the lines are borne out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// How many lines the newest checkpoint covers.
    pub size: u64,
    /// The newest checkpoint's note.
    pub note: Option<String>,
    /// The newest witnessed checkpoint's note.
    pub witnessed: Option<String>,
}

impl ReplicaStore {
    /// Opens the file for the log that `genesis` pins.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if it is of another log.
    pub async fn open(path: &Path, genesis: Hash) -> Result<(Self, Head), StoreError> {
        let database = Database::open(path, &sqlx::migrate!("./migrations/replica")).await?;
        sqlx::query(BEGIN).bind(genesis.to_string()).execute(&database.writer).await?;
        let of: String =
            sqlx::query_scalar("SELECT genesis FROM head WHERE one = 1").fetch_one(&database.writer).await?;
        if of != genesis.to_string() {
            database.close().await;
            return Err(StoreError::Corrupt("another log"));
        }
        let store = Self(database);
        let head = store.head().await?;
        // What no checkpoint covered before the end came is asked for again.
        store.truncate(head.size).await?;
        Ok((store, head))
    }

    /// How far the lines are borne out.
    pub async fn head(&self) -> Result<Head, StoreError> {
        let row = sqlx::query(HEAD).fetch_one(&self.0.writer).await?;
        let size = u64::try_from(row.try_get::<i64, _>(0)?).map_err(|_| StoreError::Corrupt("a size"))?;
        Ok(Head { size, note: row.try_get(1)?, witnessed: row.try_get(2)? })
    }

    /// The lines from `from` to before `to`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if there are fewer.
    pub async fn lines(&self, from: u64, to: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar(LINES).bind(integer(from)).bind(integer(to));
        let lines: Vec<Vec<u8>> = query.fetch_all(&self.0.reader).await?;
        if lines.len() as u64 == to.saturating_sub(from) { Ok(lines) } else { Err(StoreError::Corrupt("a gap")) }
    }

    /// Adds lines from `from` on, in one transaction.
    pub async fn append(&self, from: u64, lines: &[Vec<u8>]) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for (chunk, start) in lines.chunks(AT_ONCE).zip((from..).step_by(AT_ONCE)) {
            let mut insert = QueryBuilder::new("INSERT INTO line (idx, line) ");
            insert.push_values(chunk.iter().zip(start..), |mut row, (line, index)| {
                row.push_bind(integer(index)).push_bind(line);
            });
            insert.build().execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Puts what is left of an entry, after an erasure, in the place of what was disclosed.
    pub async fn replace(&self, index: u64, line: &[u8]) -> Result<(), StoreError> {
        sqlx::query(REPLACE).bind(integer(index)).bind(line).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Drops the lines from `size` on.
    pub async fn truncate(&self, size: u64) -> Result<(), StoreError> {
        sqlx::query(TRUNCATE).bind(integer(size)).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Keeps how far the lines are borne out.
    pub async fn advance(&self, head: &Head) -> Result<(), StoreError> {
        let query = sqlx::query(ADVANCE).bind(integer(head.size)).bind(&head.note).bind(&head.witnessed);
        query.execute(&self.0.writer).await?;
        Ok(())
    }

    /// Closes the file.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

/// An index as SQLite counts; the log has fewer entries than that.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
