//! When each job last ran, and how it ended.

use callboard_federation::encoding::Time;

use super::{Store, StoreError, reading, to_i64, to_u64, writing};

const PUT: &str = "INSERT INTO job (name, began_at, took_millis, done, error, next_at) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (name) DO UPDATE SET began_at = $2, took_millis = $3, done = $4, error = $5, next_at = $6";
const ALL: &str = "SELECT name, began_at, took_millis, done, error, next_at FROM job ORDER BY name";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUT, ALL];

/// The last run of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredJob {
    /// Its name.
    pub name: String,
    /// When it began.
    pub began_at: Time,
    /// How long it took, in milliseconds.
    pub took_millis: u64,
    /// What it did, in words, or why it couldn't.
    pub outcome: Result<String, String>,
    /// When it runs next, as it was when it ended.
    pub next_at: Option<Time>,
}

type Row = (String, i64, i64, Option<String>, Option<String>, Option<i64>);

impl Store {
    /// Keeps how a job ended.
    pub async fn put_job(&self, job: &StoredJob) -> Result<(), StoreError> {
        let put = async {
            writing!(self, pool => sqlx::query(PUT)
                .bind(&job.name)
                .bind(job.began_at.as_millis())
                .bind(to_i64(job.took_millis))
                .bind(job.outcome.as_ref().ok())
                .bind(job.outcome.as_ref().err())
                .bind(job.next_at.map(Time::as_millis))
                .execute(pool)
                .await
                .map(drop))?;
            Ok(())
        };
        self.noted(put.await)
    }

    /// The last run of each job that ever ran.
    pub async fn jobs(&self) -> Result<Vec<StoredJob>, StoreError> {
        let rows: Vec<Row> = reading!(self, pool => sqlx::query_as(ALL).fetch_all(pool).await?);
        let read = |(name, began_at, took_millis, done, error, next_at): Row| {
            let outcome = error.map_or_else(|| Ok(done.unwrap_or_default()), Err);
            Ok(StoredJob {
                name,
                began_at: Time::from_millis(began_at),
                took_millis: to_u64(took_millis, "job")?,
                outcome,
                next_at: next_at.map(Time::from_millis),
            })
        };
        rows.into_iter().map(read).collect()
    }
}
