//! Attempts to push, and where workers stand since: written in batches, off the sending path.
//!
//! What an attempt means is `delivery`'s to decide.

use callboard_federation::encoding::{EndpointId, Time};
use sqlx::QueryBuilder;

use super::{
    Store, StoreError,
    append::{ROWS, column},
    endpoints::{Standing, endpoint_id},
    measured, reading, to_i64, to_u64,
    transaction::Writing,
    writing,
};

const MOVE: [&str; 2] = [
    "WITH moved (id, generation, state, reason, next_index, failures, failing_since, retry_at) AS (",
    ") UPDATE endpoint SET state = moved.state, reason = moved.reason, next_index = moved.next_index, \
     failures = moved.failures, failing_since = moved.failing_since, retry_at = moved.retry_at FROM moved \
     WHERE endpoint.id = moved.id AND endpoint.generation = moved.generation",
];
const UNNEST_MOVE: &str = "UPDATE endpoint SET state = moved.state, reason = moved.reason, next_index = moved.next_index, \
    failures = moved.failures, failing_since = moved.failing_since, retry_at = moved.retry_at \
    FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[], \
    $8::BIGINT[]) AS moved (id, generation, state, reason, next_index, failures, failing_since, retry_at) \
    WHERE endpoint.id = moved.id AND endpoint.generation = moved.generation";
const INSERT_ATTEMPTS: &str = "INSERT INTO attempt \
    (endpoint, log_index, part, is_last, attempted_at, took_millis, status, is_taken, answer) ";
const UNNEST_ATTEMPTS: &str = "INSERT INTO attempt \
    (endpoint, log_index, part, is_last, attempted_at, took_millis, status, is_taken, answer) \
    SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[], \
    $7::BIGINT[], $8::BIGINT[], $9::TEXT[])";
const ATTEMPTS: &str = "SELECT endpoint, log_index, part, is_last, attempted_at, took_millis, status, is_taken, answer \
    FROM attempt WHERE endpoint = $1 AND attempted_at < $2 ORDER BY attempted_at DESC LIMIT $3";
const DELIVERED: &str = "SELECT endpoint.member, attempt.log_index, MIN(attempt.attempted_at + attempt.took_millis) \
    FROM attempt JOIN endpoint ON endpoint.id = attempt.endpoint \
    WHERE attempt.log_index >= $1 AND attempt.log_index < $2 AND attempt.is_taken = 1 AND attempt.is_last = 1 \
    GROUP BY endpoint.member, attempt.log_index";
const COUNT_ATTEMPTS: &str = "SELECT COUNT(*) FROM attempt";
const FORGET: &str = "DELETE FROM attempt WHERE attempted_at < $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ATTEMPTS, DELIVERED, COUNT_ATTEMPTS, FORGET];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[UNNEST_MOVE, UNNEST_ATTEMPTS];

/// An attempt to push one part of a docket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttempt {
    /// Where to.
    pub endpoint: EndpointId,
    /// The docket's index; `None` of a test.
    pub index: Option<u64>,
    /// The part, from 0.
    pub part: u64,
    /// Whether it is the docket's last part.
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

/// How far a worker came, to be kept.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Of which generation the worker is.
    pub generation: u64,
    /// Where it stands.
    pub standing: Standing,
}

type AttemptRow = (Vec<u8>, i64, i64, i64, i64, i64, Option<i64>, i64, String);

impl Store {
    /// Keeps what workers did: attempts, and where each stands now, in two statements whatever their number.
    pub async fn keep_attempts(&self, attempts: &[StoredAttempt], moved: &[Moved]) -> Result<(), StoreError> {
        let kept = measured("keep-attempts", async {
            let mut transaction = self.begin_as_writer().await?;
            for chunk in attempts.chunks(ROWS) {
                transaction.insert_attempts(chunk).await?;
            }
            for chunk in moved.chunks(ROWS) {
                transaction.move_lanes(chunk).await?;
            }
            transaction.commit().await
        });
        self.noted(kept.await)
    }

    /// The attempts of an endpoint before an instant, the newest first.
    pub async fn attempts_before(
        &self,
        endpoint: EndpointId,
        before: Time,
        limit: u64,
    ) -> Result<Vec<StoredAttempt>, StoreError> {
        let rows: Vec<AttemptRow> = reading!(self, pool => sqlx::query_as(ATTEMPTS)
            .bind(endpoint.as_bytes().as_slice())
            .bind(before.as_millis())
            .bind(to_i64(limit))
            .fetch_all(pool)
            .await?);
        rows.into_iter().map(read_attempt).collect()
    }

    /// When each member first had each docket of the entries from `from` to before `to`, whole: member, index, instant.
    pub async fn delivered(&self, from: u64, to: u64) -> Result<Vec<(String, u64, Time)>, StoreError> {
        let rows: Vec<(String, i64, i64)> = reading!(self, pool =>
            sqlx::query_as(DELIVERED).bind(to_i64(from)).bind(to_i64(to)).fetch_all(pool).await?);
        let read = |(member, index, at)| Ok((member, to_u64(index, "attempt")?, Time::from_millis(at)));
        rows.into_iter().map(read).collect()
    }

    /// How many attempts are kept.
    pub async fn count_attempts(&self) -> Result<u64, StoreError> {
        to_u64(reading!(self, pool => sqlx::query_scalar(COUNT_ATTEMPTS).fetch_one(pool).await?), "attempt")
    }

    /// Forgets attempts that began before an instant; how many.
    pub async fn forget_attempts_before(&self, at: Time) -> Result<u64, StoreError> {
        Ok(writing!(self, pool => sqlx::query(FORGET).bind(at.as_millis()).execute(pool).await?.rows_affected()))
    }
}

impl Writing {
    async fn insert_attempts(&mut self, attempts: &[StoredAttempt]) -> Result<(), StoreError> {
        let index = |attempt: &StoredAttempt| attempt.index.map_or(-1, to_i64);
        match self {
            Self::Sqlite(transaction) => {
                let mut insert = QueryBuilder::new(INSERT_ATTEMPTS);
                insert.push_values(attempts, |mut row, attempt| {
                    row.push_bind(attempt.endpoint.as_bytes().as_slice())
                        .push_bind(index(attempt))
                        .push_bind(to_i64(attempt.part))
                        .push_bind(i64::from(attempt.is_last))
                        .push_bind(attempt.at.as_millis())
                        .push_bind(to_i64(attempt.millis))
                        .push_bind(attempt.status.map(i64::from))
                        .push_bind(i64::from(attempt.is_taken))
                        .push_bind(attempt.answer.as_str());
                });
                insert.build().persistent(false).execute(&mut **transaction).await?;
            }
            Self::Postgres(transaction) => {
                sqlx::query(UNNEST_ATTEMPTS)
                    .bind(column(attempts, |attempt| attempt.endpoint.as_bytes().as_slice()))
                    .bind(column(attempts, index))
                    .bind(column(attempts, |attempt| to_i64(attempt.part)))
                    .bind(column(attempts, |attempt| i64::from(attempt.is_last)))
                    .bind(column(attempts, |attempt| attempt.at.as_millis()))
                    .bind(column(attempts, |attempt| to_i64(attempt.millis)))
                    .bind(column(attempts, |attempt| attempt.status.map(i64::from)))
                    .bind(column(attempts, |attempt| i64::from(attempt.is_taken)))
                    .bind(column(attempts, |attempt| attempt.answer.as_str()))
                    .execute(&mut **transaction)
                    .await?;
            }
        }
        Ok(())
    }

    /// A worker whose endpoint was changed or deleted since moves nothing.
    async fn move_lanes(&mut self, moved: &[Moved]) -> Result<(), StoreError> {
        let (since, retry) = (
            |moved: &Moved| moved.standing.failing_since.map(Time::as_millis),
            |moved: &Moved| moved.standing.retry_at.map(Time::as_millis),
        );
        match self {
            Self::Sqlite(transaction) => {
                let mut update = QueryBuilder::new(MOVE[0]);
                update.push_values(moved, |mut row, moved| {
                    row.push_bind(moved.endpoint.as_bytes().as_slice())
                        .push_bind(to_i64(moved.generation))
                        .push_bind(moved.standing.state.as_str())
                        .push_bind(moved.standing.reason.as_deref())
                        .push_bind(to_i64(moved.standing.next_index))
                        .push_bind(to_i64(moved.standing.failures))
                        .push_bind(since(moved))
                        .push_bind(retry(moved));
                });
                update.push(MOVE[1]);
                update.build().persistent(false).execute(&mut **transaction).await?;
            }
            Self::Postgres(transaction) => {
                sqlx::query(UNNEST_MOVE)
                    .bind(column(moved, |moved| moved.endpoint.as_bytes().as_slice()))
                    .bind(column(moved, |moved| to_i64(moved.generation)))
                    .bind(column(moved, |moved| moved.standing.state.as_str()))
                    .bind(column(moved, |moved| moved.standing.reason.as_deref()))
                    .bind(column(moved, |moved| to_i64(moved.standing.next_index)))
                    .bind(column(moved, |moved| to_i64(moved.standing.failures)))
                    .bind(column(moved, since))
                    .bind(column(moved, retry))
                    .execute(&mut **transaction)
                    .await?;
            }
        }
        Ok(())
    }
}

fn read_attempt(row: AttemptRow) -> Result<StoredAttempt, StoreError> {
    let (endpoint, index, part, is_last, at, millis, status, is_taken, answer) = row;
    Ok(StoredAttempt {
        endpoint: endpoint_id(&endpoint)?,
        index: u64::try_from(index).ok(),
        part: to_u64(part, "attempt")?,
        is_last: is_last != 0,
        at: Time::from_millis(at),
        millis: to_u64(millis, "attempt")?,
        status: status.and_then(|status| u16::try_from(status).ok()),
        is_taken: is_taken != 0,
        answer,
    })
}
