//! What the token service last told of the member's points; in `book.sqlite`, so that a restart doesn't forget it.

use callboard_api::agent::checks::Quota;
use callboard_service::store::column::Columns;
use sqlx::{Executor, Sqlite, sqlite::SqliteRow};

use super::{Database, StoreError, integer};

const KEEP: &str = "INSERT INTO quota (one, per_day, points_left, resets_at, told_at) VALUES (1, $1, $2, $3, $4) \
    ON CONFLICT (one) DO UPDATE SET per_day = $1, points_left = $2, resets_at = $3, told_at = $4";
const LAST: &str = "SELECT per_day, points_left AS \"left\", resets_at, told_at FROM quota WHERE one = 1";

#[derive(Debug, Clone)]
pub struct QuotaStore(Database);

impl QuotaStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Keeps what was told last, in place of what was told before.
    pub async fn keep(&self, quota: &Quota) -> Result<(), StoreError> {
        keep(&self.0.writer, quota).await
    }

    pub async fn last(&self) -> Result<Option<Quota>, StoreError> {
        let row = sqlx::query(LAST).fetch_optional(&self.0.reader).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

fn read(row: &SqliteRow) -> sqlx::Result<Quota> {
    let row = Columns { row, table: "points below zero" };
    Ok(Quota {
        per_day: row.get("per_day")?,
        left: row.get("left")?,
        resets_at: row.get("resets_at")?,
        told_at: row.get("told_at")?,
    })
}

/// The same within a transaction, so that what points bought and what is left of them is one commit.
pub(super) async fn keep(executor: impl Executor<'_, Database = Sqlite>, quota: &Quota) -> Result<(), StoreError> {
    let query = sqlx::query(KEEP).bind(quota.per_day.map(integer)).bind(integer(quota.left));
    query.bind(quota.resets_at.as_millis()).bind(quota.told_at.as_millis()).execute(executor).await?;
    Ok(())
}
