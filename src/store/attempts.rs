//! Attempts to push, and where workers stand since: written in batches, off the sending path.
//!
//! What an attempt means is `delivery`'s to decide.

use callboard_federation::encoding::{EndpointId, Time};

use super::{
    Store, StoreError,
    batch::{Batch, batch},
    column::{from_row, values},
    endpoints::EndpointStatus,
    measured, to_i64, to_u64,
};

/// A worker whose endpoint was changed or deleted since moves nothing.
const MOVE: Batch = batch!(
    "WITH moved (id, generation, state, reason, next_index, failures, failing_since, retry_at) AS (",
    "$1::BYTEA[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[], $8::BIGINT[]",
    ") UPDATE endpoint SET state = moved.state, reason = moved.reason, next_index = moved.next_index, \
     failures = moved.failures, failing_since = moved.failing_since, retry_at = moved.retry_at FROM moved \
     WHERE endpoint.id = moved.id AND endpoint.generation = moved.generation"
);
const INSERT_ATTEMPTS: Batch = batch!(
    "INSERT INTO attempt (endpoint, log_index, part, is_last, attempted_at, took_millis, status, is_taken, answer) ",
    "$1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[], $8::BIGINT[], \
     $9::TEXT[]"
);
const ATTEMPTS: &str = "SELECT endpoint, log_index, part, is_last, attempted_at, took_millis, status, is_taken, answer \
    FROM attempt WHERE endpoint = $1 AND attempted_at < $2 ORDER BY attempted_at DESC LIMIT $3";
const DELIVERED: &str = "SELECT endpoint.member, attempt.log_index, \
    MIN(attempt.attempted_at + attempt.took_millis) AS delivered_at \
    FROM attempt JOIN endpoint ON endpoint.id = attempt.endpoint \
    WHERE attempt.log_index >= $1 AND attempt.log_index < $2 AND attempt.is_taken = 1 AND attempt.is_last = 1 \
    GROUP BY endpoint.member, attempt.log_index";
const COUNT_ATTEMPTS: &str = "SELECT COUNT(*) FROM attempt";
const FORGET: &str = "DELETE FROM attempt WHERE attempted_at < $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ATTEMPTS, DELIVERED, COUNT_ATTEMPTS, FORGET];

#[cfg(test)]
pub(super) const BATCHES: &[Batch] = &[MOVE, INSERT_ATTEMPTS];

/// An attempt to push one part of a docket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttempt {
    pub endpoint: EndpointId,
    /// The docket's index; `None` of a test.
    pub index: Option<u64>,
    /// The part, from 0.
    pub part: u64,
    pub is_last: bool,
    /// When it began.
    pub at: Time,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// Whether that counts as delivered.
    pub is_taken: bool,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
}

#[derive(Debug, Clone)]
pub struct EndpointUpdate {
    pub endpoint: EndpointId,
    /// Of which generation the worker is.
    pub generation: u64,
    pub status: EndpointStatus,
}

from_row!(StoredAttempt, "attempt", |row| Self {
    endpoint: row.get("endpoint")?,
    // A test is of no docket.
    index: row.get::<i64>("log_index")?.try_into().ok(),
    part: row.get("part")?,
    is_last: row.get("is_last")?,
    at: row.get("attempted_at")?,
    millis: row.get("took_millis")?,
    status: row.get("status")?,
    is_taken: row.get("is_taken")?,
    answer: row.get("answer")?,
});

impl Store {
    /// Keeps what workers did: attempts, and where each stands now, in two statements whatever their number.
    pub async fn keep_attempts(
        &self,
        attempts: &[StoredAttempt],
        updates: &[EndpointUpdate],
    ) -> Result<(), StoreError> {
        let kept = measured("keep-attempts", async {
            let mut transaction = self.begin_as_writer().await?;
            INSERT_ATTEMPTS
                .execute(&mut transaction, attempts, |attempt| {
                    let StoredAttempt { endpoint, index, part, is_last, at, millis, status, is_taken, answer } =
                        attempt;
                    let index = index.map_or(-1, to_i64);
                    values![endpoint, index, *part, *is_last, *at, *millis, *status, *is_taken, answer]
                })
                .await?;
            MOVE.execute(&mut transaction, updates, |EndpointUpdate { endpoint, generation, status }| {
                let EndpointStatus { state, reason, next_index, failures, failing_since, retry_at } = status;
                let reason = reason.as_ref();
                values![endpoint, *generation, *state, reason, *next_index, *failures, *failing_since, *retry_at]
            })
            .await?;
            transaction.commit().await
        });
        self.note_outcome(kept.await)
    }

    /// The attempts of an endpoint before an instant, the newest first.
    pub async fn attempts_before(
        &self,
        endpoint: EndpointId,
        before: Time,
        limit: u64,
    ) -> Result<Vec<StoredAttempt>, StoreError> {
        self.rows(ATTEMPTS, &values![&endpoint, before, limit]).await
    }

    /// When each member first had each docket of the entries from `from` to before `to`, whole: member, index, instant.
    pub async fn delivered(&self, from: u64, to: u64) -> Result<Vec<(String, u64, Time)>, StoreError> {
        let rows: Vec<(String, i64, i64)> = self.rows(DELIVERED, &values![from, to]).await?;
        let read = |(member, index, at)| Ok((member, to_u64(index, "attempt")?, Time::from_millis(at)));
        rows.into_iter().map(read).collect()
    }

    pub async fn count_attempts(&self) -> Result<u64, StoreError> {
        let (count,) = self.one(COUNT_ATTEMPTS, &[]).await?;
        to_u64(count, "attempt")
    }

    /// Forgets attempts that began before an instant; how many.
    pub async fn forget_attempts_before(&self, at: Time) -> Result<u64, StoreError> {
        self.execute(FORGET, &values![at]).await
    }
}
