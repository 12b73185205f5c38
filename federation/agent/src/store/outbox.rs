//! What the platform's hook hasn't taken yet, and how far the log was looked through; in `book.sqlite`.

use callboard_federation::encoding::{CheckId, Time};
use sqlx::QueryBuilder;

use super::{Database, StoreError, book::of_bytes};
use crate::book::key::Lookup;

const CURSOR: &str = "SELECT size FROM told WHERE one = 1";
const MOVE_CURSOR: &str = "UPDATE told SET size = $1 WHERE one = 1";
// In the order of the log for each account: what comes later waits for what came before.
const DUE: &str = "SELECT id, log_index, account, sealed, attempts FROM outbox AS next WHERE due_at <= $1 AND NOT EXISTS \
    (SELECT 1 FROM outbox AS before WHERE before.account = next.account AND before.log_index < next.log_index) \
    ORDER BY due_at LIMIT $2";
const TAKEN: &str = "DELETE FROM outbox WHERE id = $1";
const POSTPONE: &str = "UPDATE outbox SET attempts = attempts + 1, due_at = $2 WHERE id = $1";
const STATE: &str = "SELECT COUNT(*), MIN(due_at) FROM outbox";

/// The rows of the outbox.
#[derive(Debug, Clone)]
pub struct OutboxStore(Database);

/// A call that is owed to the hook.
#[derive(Debug, Clone)]
pub struct Owed {
    /// Its id, the same in every attempt.
    pub id: CheckId,
    /// The index of the docket that it tells of.
    pub log_index: u64,
    /// By what the account is found in the book.
    pub account: Lookup,
    /// What is told, encrypted.
    pub sealed: Vec<u8>,
    /// How often it was tried.
    pub attempts: u32,
}

impl OutboxStore {
    /// The rows of a file.
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Up to which size the log was looked through.
    pub async fn cursor(&self) -> Result<u64, StoreError> {
        let size: i64 = sqlx::query_scalar(CURSOR).fetch_one(&self.0.reader).await?;
        Ok(size.unsigned_abs())
    }

    /// Owes these calls, and moves the cursor with them.
    pub async fn owe(&self, calls: &[Owed], size: u64, now: Time) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for chunk in calls.chunks(1_000) {
            let mut insert = QueryBuilder::new("INSERT INTO outbox (id, log_index, account, sealed, due_at) ");
            insert.push_values(chunk, |mut row, owed| {
                row.push_bind(&owed.id.as_bytes()[..])
                    .push_bind(i64::try_from(owed.log_index).unwrap_or(i64::MAX))
                    .push_bind(&owed.account[..])
                    .push_bind(&owed.sealed)
                    .push_bind(now.as_millis());
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        sqlx::query(MOVE_CURSOR).bind(size).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Calls that are due, `limit` at most: of each account the first alone.
    pub async fn due(&self, now: Time, limit: u32) -> Result<Vec<Owed>, StoreError> {
        type Row = (Vec<u8>, i64, Vec<u8>, Vec<u8>, i64);
        let rows: Vec<Row> = sqlx::query_as(DUE).bind(now.as_millis()).bind(limit).fetch_all(&self.0.reader).await?;
        let owed = |(id, log_index, account, sealed, attempts): Row| {
            let id = id.try_into().ok().and_then(|id| CheckId::from_bytes(id).ok());
            Ok(Owed {
                id: id.ok_or(StoreError::Foreign("an id"))?,
                log_index: log_index.unsigned_abs(),
                account: of_bytes(account)?,
                sealed,
                attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
            })
        };
        rows.into_iter().map(owed).collect()
    }

    /// The hook took it.
    pub async fn taken(&self, id: CheckId) -> Result<(), StoreError> {
        sqlx::query(TAKEN).bind(&id.as_bytes()[..]).execute(&self.0.writer).await?;
        Ok(())
    }

    /// The hook didn't: it is tried again at an instant.
    pub async fn postpone(&self, id: CheckId, due_at: Time) -> Result<(), StoreError> {
        sqlx::query(POSTPONE).bind(&id.as_bytes()[..]).bind(due_at.as_millis()).execute(&self.0.writer).await?;
        Ok(())
    }

    /// How many calls are owed, and when the next is due.
    pub async fn state(&self) -> Result<(u64, Option<Time>), StoreError> {
        let (count, next): (i64, Option<i64>) = sqlx::query_as(STATE).fetch_one(&self.0.reader).await?;
        Ok((count.unsigned_abs(), next.map(Time::from_millis)))
    }
}
