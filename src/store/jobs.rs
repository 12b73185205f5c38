//! When each job last ran, and how it ended.

use callboard_federation::encoding::Time;

use super::{
    Store, StoreError,
    column::{from_row, values},
};

const PUT: &str = "INSERT INTO job (name, began_at, took_millis, done, error, next_at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (name) DO UPDATE SET began_at = $2, took_millis = $3, done = $4, error = $5, next_at = $6";
const ALL: &str = "SELECT name, began_at, took_millis, done, error, next_at FROM job ORDER BY name";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUT, ALL];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    pub name: String,
    pub began_at: Time,
    pub took_millis: u64,
    /// What it did, in words, or why it couldn't.
    pub outcome: Result<String, String>,
    /// When it runs next, as it was when it ended.
    pub next_at: Option<Time>,
}

from_row!(StoredJob, "job", |row| Self {
    name: row.get("name")?,
    began_at: row.get("began_at")?,
    took_millis: row.get("took_millis")?,
    outcome: match row.get("error")? {
        Some(error) => Err(error),
        None => Ok(row.get::<Option<_>>("done")?.unwrap_or_default()),
    },
    next_at: row.get("next_at")?,
});

impl Store {
    pub async fn put_job(&self, job: &StoredJob) -> Result<(), StoreError> {
        let StoredJob { name, began_at, took_millis, outcome, next_at } = job;
        let (done, error) = (outcome.as_ref().ok(), outcome.as_ref().err());
        let values = values![name, *began_at, *took_millis, done, error, *next_at];
        self.note_outcome(self.execute(PUT, &values).await).map(drop)
    }

    /// The last run of each job that ever ran.
    pub async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        self.rows(ALL, &[]).await
    }
}
