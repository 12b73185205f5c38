//! A transaction that writes: from its first statement nobody else's write comes between, on SQLite; on PostgreSQL rows
//! are locked by whoever reads them to decide. Dropped, it is rolled back.
//!
//! Nothing is run again by itself: SQLite has one writer that waits for its turn, and PostgreSQL's transactions are «read
//! committed» and lock in one order, so there is no serialisation to fail. Who hands in again is answered as before.

use sqlx::{Postgres, Sqlite, Transaction};

use super::{Engine, Store, StoreError};

/// A transaction that writes.
pub(super) enum Writing {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same text within a transaction of whichever engine.
macro_rules! writing_in {
    ($writing:expr, $transaction:ident => $body:expr) => {
        match $writing {
            $crate::store::transaction::Writing::Sqlite($transaction) => $body,
            $crate::store::transaction::Writing::Postgres($transaction) => $body,
        }
    };
}
pub(super) use writing_in;

impl Store {
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        Ok(match &self.engine {
            // A plain BEGIN takes the lock at the first write, and fails there if another process wrote since its read.
            Engine::Sqlite { writer, .. } => Writing::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres(pool) => Writing::Postgres(pool.begin().await?),
        })
    }
}

impl Writing {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(writing_in!(self, transaction => transaction.commit().await)?)
    }
}
