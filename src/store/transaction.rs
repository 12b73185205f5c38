//! How statements run: alone, or in a transaction that writes. From its first statement nobody else's write comes
//! between, on SQLite; on PostgreSQL rows are locked by whoever reads them to decide. Dropped, it is rolled back.
//!
//! Nothing is run again by itself: SQLite has one writer that waits for its turn, and PostgreSQL's transactions are
//! «read committed» and lock in one order, so there is no serialisation to fail. Who submits again is answered as
//! before.

use sqlx::{Postgres, Sqlite, Transaction};

use super::{
    Engine, Store, StoreError,
    column::{StoredRow, Value, query, query_as},
    reading, writing,
};

pub(super) enum WriteTransaction {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same text within a transaction of whichever engine.
macro_rules! writing_in {
    ($writing:expr, $transaction:ident => $body:expr) => {
        match $writing {
            WriteTransaction::Sqlite($transaction) => $body,
            WriteTransaction::Postgres($transaction) => $body,
        }
    };
}

impl Store {
    pub(super) async fn begin(&self) -> Result<WriteTransaction, StoreError> {
        Ok(match &self.engine {
            // A plain BEGIN takes the lock at the first write, and fails there if another process wrote since its read.
            Engine::Sqlite { writer, .. } => WriteTransaction::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Engine::Postgres(pool) => WriteTransaction::Postgres(pool.begin().await?),
        })
    }

    pub(super) async fn rows<T: StoredRow>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, StoreError> {
        Ok(reading!(self, pool =>
            query_as(sql, values).fetch_all(pool).await?))
    }

    pub(super) async fn row<T: StoredRow>(
        &self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(reading!(self, pool =>
            query_as(sql, values).fetch_optional(pool).await?))
    }

    /// The row that a statement always has.
    pub(super) async fn one<T: StoredRow>(&self, sql: &'static str, values: &[Value<'_>]) -> Result<T, StoreError> {
        self.row(sql, values).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs a statement that writes; how many rows it changed.
    pub(super) async fn execute(&self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(writing!(self, pool =>
            query(sql, values).execute(pool).await?.rows_affected()))
    }
}

impl WriteTransaction {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        Ok(writing_in!(self, transaction => transaction.commit().await)?)
    }

    pub(super) async fn rows<T: StoredRow>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, StoreError> {
        Ok(writing_in!(self, transaction =>
            query_as(sql, values).fetch_all(&mut **transaction).await?))
    }

    pub(super) async fn row<T: StoredRow>(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Option<T>, StoreError> {
        Ok(writing_in!(self, transaction =>
            query_as(sql, values).fetch_optional(&mut **transaction).await?))
    }

    /// The row that a statement always has.
    pub(super) async fn one<T: StoredRow>(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<T, StoreError> {
        self.row(sql, values).await?.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// Runs a statement that writes; how many rows it changed.
    pub(super) async fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(writing_in!(self, transaction =>
            query(sql, values).execute(&mut **transaction).await?.rows_affected()))
    }
}
