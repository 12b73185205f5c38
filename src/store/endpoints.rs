//! Endpoints: where dockets are pushed to, and how far each has come in the log.
//!
//! A worker owns the moving columns of its endpoint ([`super::attempts`]) as long as its generation is the row's.

pub use callboard_api::registry::endpoints::EndpointState;
use callboard_federation::encoding::{EndpointId, Time};
use sqlx::FromRow;

use super::{Store, StoreError, reading, to_array, to_i64, to_u64, transaction::writing_in, writing};

/// The columns of a row, in the order of [`Row`].
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, member, url, kinds, secret, old_secret, old_secret_until, state, reason, generation, next_index, ",
            "failures, failing_since, retry_at, created_at FROM endpoint ",
            $rest
        )
    };
}

const ALL: &str = columns!("ORDER BY id");
const OF_MEMBER: &str = columns!("WHERE member = $1 ORDER BY id");
const ONE: &str = columns!("WHERE id = $1");
const INSERT: &str = "INSERT INTO endpoint (id, member, url, kinds, secret, state, generation, next_index, failures, \
    created_at) VALUES ($1, $2, $3, $4, $5, 'active', 0, $6, 0, $7)";
// The generation moves on: what the worker of the row before still writes is dropped.
const UPDATE: &str = "UPDATE endpoint SET url = $2, kinds = $3, secret = $4, old_secret = $5, old_secret_until = $6, \
    state = $7, reason = $8, generation = generation + 1, next_index = $9, failures = 0, failing_since = NULL, \
    retry_at = NULL WHERE id = $1 AND generation = $10";
const DELETE: &str = "DELETE FROM endpoint WHERE id = $1";
const FORGET_ATTEMPTS: &str = "DELETE FROM attempt WHERE endpoint = $1";
#[cfg(test)]
pub(super) const SQL: &[&str] = &[ALL, OF_MEMBER, ONE, INSERT, UPDATE, DELETE, FORGET_ATTEMPTS];

fn state_of(word: &str) -> Result<EndpointState, StoreError> {
    EndpointState::from_word(word).ok_or(StoreError::Unreadable("endpoint"))
}

/// Where a worker stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is sent to.
    pub state: EndpointState,
    /// Why not, where the registry decided so.
    pub reason: Option<String>,
    /// The first entry of the log that it hasn't got.
    pub next_index: u64,
    /// How often the next one failed.
    pub failures: u64,
    /// Since when nothing was taken.
    pub failing_since: Option<Time>,
    /// When it is tried again.
    pub retry_at: Option<Time>,
}

impl StoredEndpoint {
    /// A new endpoint that is sent to, from an entry of the log on.
    pub fn new(id: EndpointId, member: &str, url: &str, secret: &[u8; 32], next_index: u64, created_at: Time) -> Self {
        let (state, reason, failing_since, retry_at) = (EndpointState::Active, None, None, None);
        Self {
            id,
            member: member.to_owned(),
            url: url.to_owned(),
            kinds: String::new(),
            secret: secret.to_vec(),
            old_secret: None,
            generation: 0,
            standing: Standing { state, reason, next_index, failures: 0, failing_since, retry_at },
            created_at,
        }
    }
}

/// An endpoint as it is kept. It holds secrets: there is no `Debug`.
#[derive(Clone)]
pub struct StoredEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Whose it is.
    pub member: String,
    /// Where it is.
    pub url: String,
    /// The kinds of statements that it wants, separated by spaces; empty for all.
    pub kinds: String,
    /// What messages are signed with, 32 bytes.
    pub secret: Vec<u8>,
    /// The secret before, and until when messages are signed with it too.
    pub old_secret: Option<(Vec<u8>, Time)>,
    /// How often its owner changed it.
    pub generation: u64,
    /// Where its worker stands.
    pub standing: Standing,
    /// When it was made.
    pub created_at: Time,
}

#[derive(FromRow)]
struct Row {
    id: Vec<u8>,
    member: String,
    url: String,
    kinds: String,
    secret: Vec<u8>,
    old_secret: Option<Vec<u8>>,
    old_secret_until: Option<i64>,
    state: String,
    reason: Option<String>,
    generation: i64,
    next_index: i64,
    failures: i64,
    failing_since: Option<i64>,
    retry_at: Option<i64>,
    created_at: i64,
}

impl Row {
    fn read(self) -> Result<StoredEndpoint, StoreError> {
        let number = |value| to_u64(value, "endpoint");
        Ok(StoredEndpoint {
            id: endpoint_id(&self.id)?,
            member: self.member,
            url: self.url,
            kinds: self.kinds,
            secret: self.secret,
            old_secret: self.old_secret.zip(self.old_secret_until.map(Time::from_millis)),
            generation: number(self.generation)?,
            standing: Standing {
                state: state_of(&self.state)?,
                reason: self.reason,
                next_index: number(self.next_index)?,
                failures: number(self.failures)?,
                failing_since: self.failing_since.map(Time::from_millis),
                retry_at: self.retry_at.map(Time::from_millis),
            },
            created_at: Time::from_millis(self.created_at),
        })
    }
}

pub(super) fn endpoint_id(bytes: &[u8]) -> Result<EndpointId, StoreError> {
    EndpointId::from_bytes(to_array(bytes, "endpoint")?).map_err(|_| StoreError::Unreadable("endpoint"))
}

impl Store {
    /// Every endpoint.
    pub async fn endpoints(&self) -> Result<Vec<StoredEndpoint>, StoreError> {
        let rows: Vec<Row> = reading!(self, pool => sqlx::query_as(ALL).fetch_all(pool).await?);
        rows.into_iter().map(Row::read).collect()
    }

    /// The endpoints of a member.
    pub async fn endpoints_of(&self, member: &str) -> Result<Vec<StoredEndpoint>, StoreError> {
        let rows: Vec<Row> = reading!(self, pool => sqlx::query_as(OF_MEMBER).bind(member).fetch_all(pool).await?);
        rows.into_iter().map(Row::read).collect()
    }

    /// One endpoint.
    pub async fn endpoint(&self, id: EndpointId) -> Result<Option<StoredEndpoint>, StoreError> {
        let id = id.as_bytes().as_slice();
        let row: Option<Row> = reading!(self, pool => sqlx::query_as(ONE).bind(id).fetch_optional(pool).await?);
        row.map(Row::read).transpose()
    }

    /// Keeps a new endpoint.
    pub async fn put_endpoint(&self, endpoint: &StoredEndpoint) -> Result<(), StoreError> {
        writing!(self, pool => sqlx::query(INSERT)
            .bind(endpoint.id.as_bytes().as_slice())
            .bind(&endpoint.member)
            .bind(&endpoint.url)
            .bind(&endpoint.kinds)
            .bind(&endpoint.secret)
            .bind(to_i64(endpoint.standing.next_index))
            .bind(endpoint.created_at.as_millis())
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Changes an endpoint as it was read; `false` if somebody else changed it since. Its failures are forgotten.
    pub async fn change_endpoint(&self, endpoint: &StoredEndpoint) -> Result<bool, StoreError> {
        let (old, until) = endpoint.old_secret.as_ref().map(|(old, until)| (old, until.as_millis())).unzip();
        let changed = writing!(self, pool => sqlx::query(UPDATE)
            .bind(endpoint.id.as_bytes().as_slice())
            .bind(&endpoint.url)
            .bind(&endpoint.kinds)
            .bind(&endpoint.secret)
            .bind(old)
            .bind(until)
            .bind(endpoint.standing.state.as_str())
            .bind(&endpoint.standing.reason)
            .bind(to_i64(endpoint.standing.next_index))
            .bind(to_i64(endpoint.generation))
            .execute(pool)
            .await?
            .rows_affected());
        Ok(changed == 1)
    }

    /// Forgets an endpoint and its attempts.
    pub async fn delete_endpoint(&self, id: EndpointId) -> Result<(), StoreError> {
        let mut transaction = self.begin_as_writer().await?;
        for sql in [FORGET_ATTEMPTS, DELETE] {
            writing_in!(&mut transaction, transaction =>
                sqlx::query(sql).bind(id.as_bytes().as_slice()).execute(&mut **transaction).await.map(drop))?;
        }
        transaction.commit().await
    }
}
