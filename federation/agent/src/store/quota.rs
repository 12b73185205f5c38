//! What the token service last told of the member's points; in `book.sqlite`, so that a restart doesn't forget it.

use callboard_federation::encoding::Time;
use serde::Serialize;
use sqlx::{Executor, Sqlite};
use utoipa::ToSchema;

use super::{Database, StoreError, column::stored, integer};

const KEEP: &str = "INSERT INTO quota (one, per_day, points_left, resets_at, told_at) VALUES (1, $1, $2, $3, $4) \
    ON CONFLICT (one) DO UPDATE SET per_day = $1, points_left = $2, resets_at = $3, told_at = $4";
const LAST: &str = "SELECT per_day, points_left AS \"left\", resets_at, told_at FROM quota WHERE one = 1";

/// What the token service last told of the member's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"perDay": 10000, "left": 9999, "resetsAt": "2026-11-26T00:00:00.000Z", "toldAt": "2026-11-25T08:00:00.000Z"}))]
pub struct Quota {
    /// Points a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_day: Option<u64>,
    /// Points left, grants among them.
    pub(crate) left: u64,
    /// When the day's points are whole again.
    #[schema(value_type = String)]
    pub(crate) resets_at: Time,
    /// When it was told.
    #[schema(value_type = String)]
    pub(crate) told_at: Time,
}

impl Quota {
    /// Whether what was told holds at `now`: the day isn't over.
    pub fn holds(&self, now: Time) -> bool {
        now < self.resets_at
    }
}

stored!(Quota, "points below zero", per_day, left, resets_at, told_at);

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
        Ok(sqlx::query_as(LAST).fetch_optional(&self.0.reader).await?)
    }
}

/// The same within a transaction, so that what points bought and what is left of them is one commit.
pub(super) async fn keep(executor: impl Executor<'_, Database = Sqlite>, quota: &Quota) -> Result<(), StoreError> {
    let query = sqlx::query(KEEP).bind(quota.per_day.map(integer)).bind(integer(quota.left));
    query.bind(quota.resets_at.as_millis()).bind(quota.told_at.as_millis()).execute(executor).await?;
    Ok(())
}
