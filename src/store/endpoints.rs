//! Endpoints: where dockets are pushed to, and how far each has come in the log.
//!
//! A worker owns the moving columns of its endpoint ([`super::attempts`]) as long as its generation is the row's.

pub use callboard_api::registry::endpoints::EndpointState;
use callboard_federation::encoding::{EndpointId, Time};

use super::{
    Store, StoreError,
    column::{from_row, values},
};

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointStatus {
    pub state: EndpointState,
    /// Why not, where the registry decided so.
    pub reason: Option<String>,
    /// The first entry of the log that it hasn't got.
    pub next_index: u64,
    /// How often the next one failed.
    pub failures: u64,
    /// Since when nothing was taken.
    pub failing_since: Option<Time>,
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
            status: EndpointStatus { state, reason, next_index, failures: 0, failing_since, retry_at },
            created_at,
        }
    }
}

/// It holds secrets, so it has no `Debug`.
#[derive(Clone)]
pub struct StoredEndpoint {
    pub id: EndpointId,
    pub member: String,
    pub url: String,
    /// The kinds of statements that it wants, separated by spaces; empty for all.
    pub kinds: String,
    /// What messages are signed with, 32 bytes.
    pub secret: Vec<u8>,
    /// The secret before, and until when messages are signed with it too.
    pub old_secret: Option<(Vec<u8>, Time)>,
    /// How often its owner changed it.
    pub generation: u64,
    pub status: EndpointStatus,
    pub created_at: Time,
}

from_row!(StoredEndpoint, "endpoint", |row| Self {
    id: row.get("id")?,
    member: row.get("member")?,
    url: row.get("url")?,
    kinds: row.get("kinds")?,
    secret: row.get("secret")?,
    old_secret: row.get::<Option<_>>("old_secret")?.zip(row.get("old_secret_until")?),
    generation: row.get("generation")?,
    status: EndpointStatus {
        state: row.get("state")?,
        reason: row.get("reason")?,
        next_index: row.get("next_index")?,
        failures: row.get("failures")?,
        failing_since: row.get("failing_since")?,
        retry_at: row.get("retry_at")?,
    },
    created_at: row.get("created_at")?,
});

impl Store {
    pub async fn endpoints(&self) -> Result<Vec<StoredEndpoint>, StoreError> {
        self.rows(ALL, &[]).await
    }

    pub async fn endpoints_of(&self, member: &str) -> Result<Vec<StoredEndpoint>, StoreError> {
        self.rows(OF_MEMBER, &values![member]).await
    }

    pub async fn endpoint(&self, id: EndpointId) -> Result<Option<StoredEndpoint>, StoreError> {
        self.row(ONE, &values![&id]).await
    }

    pub async fn put_endpoint(&self, endpoint: &StoredEndpoint) -> Result<(), StoreError> {
        let StoredEndpoint { id, member, url, kinds, secret, status, created_at, .. } = endpoint;
        let values = values![id, member, url, kinds, secret, status.next_index, *created_at];
        self.execute(INSERT, &values).await.map(drop)
    }

    /// Changes an endpoint as it was read; `false` if somebody else changed it since. Its failures are forgotten.
    pub async fn change_endpoint(&self, endpoint: &StoredEndpoint) -> Result<bool, StoreError> {
        let StoredEndpoint { id, url, kinds, secret, old_secret, generation, status, .. } = endpoint;
        let (old, until) = old_secret.as_ref().map(|(old, until)| (old, *until)).unzip();
        let EndpointStatus { state, reason, next_index, .. } = status;
        let values = values![id, url, kinds, secret, old, until, *state, reason.as_ref(), *next_index, *generation];
        Ok(self.execute(UPDATE, &values).await? == 1)
    }

    pub async fn delete_endpoint(&self, id: EndpointId) -> Result<(), StoreError> {
        let mut transaction = self.begin_as_writer().await?;
        for sql in [FORGET_ATTEMPTS, DELETE] {
            transaction.execute(sql, &values![&id]).await?;
        }
        transaction.commit().await
    }
}
