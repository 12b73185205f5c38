//! The registry's store: all SQL, one aggregate one file, SQLite and PostgreSQL behind one [`Store`].
//!
//! In reading order: [`schema`] and `pooler` are what is refused at a start; [`writer`] is who may write; `column` says
//! how our types stand in columns, `transaction` how statements run, `batch` how many rows are one statement;
//! [`append`] is how the log grows, and the only write that decides anything; [`entries`], [`records`] read it;
//! [`anchors`], [`shares`], [`cosignatures`], [`nonces`] are what else is kept of it; [`endpoints`] and [`attempts`]
//! what is pushed, [`receipts`] what members say of it, [`drafts`] what seats are asked to sign, [`reports`] what is brought before
//! the committee, [`identity_requests`] and [`recipients`] what that asks of members, [`cases`] what leads to a docket, [`jobs`] when jobs ran;
//! [`counts`] counts, [`figures`] what is counted of reports and cases, [`bans_declared`] what members declare beside it. What may be appended is the ledger's to decide. SQL stands in full beside its function; one test
//! prepares all of it on both engines.

pub mod anchors;
pub mod append;
pub mod attempts;
pub mod bans_declared;
mod batch;
pub mod cases;
mod column;
pub mod cosignatures;
pub mod counts;
pub mod drafts;
pub mod endpoints;
pub mod entries;
pub mod error;
pub mod figures;
pub mod identity_requests;
pub mod jobs;
pub mod nonces;
mod outages;
mod pooler;
pub mod public_reports;
pub mod receipts;
pub mod recipients;
pub mod records;
pub mod report_keys;
pub mod reports;
mod restored;
pub mod schema;
pub mod shares;
mod term;
mod transaction;
pub mod writer;

use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

pub use anchors::{AnchorsOfDay, StoredAnchor};
pub use append::{AppendTransaction, LogHead, NewAnchor, NewDocket, NewEntry, NewEntryContent, NewRecord};
use callboard_client::create_new;
use callboard_service::store::file_pool;
pub use cosignatures::StoredCosignature;
pub use counts::StoreCounts;
pub use entries::{DocketItems, StoredDocket, StoredEntry};
pub use error::StoreError;
pub use records::{RecordPlace, StoredRecord};
pub use shares::RecordWithoutShare;
use sqlx::{
    Executor as _, PgPool, SqlitePool,
    postgres::PgPoolOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
pub use term::{NodeId, Term};

/// How long a writer of SQLite waits for another process: longer than any transaction of ours.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers of SQLite at once: they cost a file handle each, and two cores serve no more.
const SQLITE_READERS: u32 = 8;
/// Connections to PostgreSQL of one node.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a caller waits for a connection to PostgreSQL before it is told that there is none.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// The store on one of its engines, and whether this node writes it.
#[derive(Debug, Clone)]
pub struct Store {
    engine: Engine,
    tenure: Arc<writer::WriterTenure>,
    /// Why the last write outside the log failed; `None` if it didn't.
    failing: Arc<Mutex<Option<&'static str>>>,
    /// What couldn't be written, and is held in memory meanwhile.
    unstored_nonces: Arc<Mutex<nonces::UnstoredNonces>>,
    uncounted_shares: Arc<Mutex<shares::UncountedShares>>,
}

#[derive(Debug, Clone)]
enum Engine {
    /// One file: one writer, many readers.
    Sqlite { writer: SqlitePool, reader: SqlitePool, path: PathBuf },
    /// A server, or several behind one address.
    Postgres(PgPool),
}

/// Runs the same text on whichever engine it is; `$pool` reads.
macro_rules! reading {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.engine {
            $crate::store::Engine::Sqlite { reader: $pool, .. } => $body,
            $crate::store::Engine::Postgres($pool) => $body,
        }
    };
}

/// The same, where `$pool` writes.
macro_rules! writing {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.engine {
            $crate::store::Engine::Sqlite { writer: $pool, .. } => $body,
            $crate::store::Engine::Postgres($pool) => $body,
        }
    };
}
pub(crate) use {reading, writing};

/// What each connection to PostgreSQL asks for, whatever the server's defaults are. A commit is on disk when it
/// returns: the log may not sign what a crash takes back. A node that hangs or lost its network gives the head row's
/// lock back.
const SESSION: &str = "SET synchronous_commit = on; SET idle_in_transaction_session_timeout = '30s'";
const PING: &str = "SELECT size FROM head WHERE one = 1";

impl Store {
    /// Opens `sqlite:PATH` (made, if it isn't there, and migrated) or `postgres://…`, which [`schema::migrate`] made.
    ///
    /// # Errors
    /// `TransactionPooler`, `SchemaBehind`, `SchemaAhead` or `MissingPrivilege` of a PostgreSQL that can't be served
    /// from.
    pub async fn open(address: &str) -> Result<Self, StoreError> {
        if is_postgres(address) {
            let options = pooler::options(address)?;
            pooler::refuse(&options).await?;
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(CONNECT_WITHIN)
                .after_connect(|connection, _| Box::pin(async { connection.execute(SESSION).await.map(drop) }))
                .connect_with(options)
                .await?;
            schema::check(&mut *pool.acquire().await?).await?;
            return Ok(Self::of(Engine::Postgres(pool)));
        }
        let path = address.strip_prefix("sqlite:").ok_or(StoreError::Address)?;
        create_new::close(Path::new(path))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is erased is gone from the file too.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let writer = file_pool().max_connections(1).connect_with(options.clone()).await?;
        schema::MIGRATIONS.run(&writer).await?;
        let reader = file_pool().max_connections(SQLITE_READERS).connect_with(options.read_only(true)).await?;
        Ok(Self::of(Engine::Sqlite { writer, reader, path: path.into() }))
    }

    fn of(engine: Engine) -> Self {
        Self {
            engine,
            tenure: Arc::default(),
            failing: Arc::default(),
            unstored_nonces: Arc::default(),
            uncounted_shares: Arc::default(),
        }
    }

    /// Why the last write outside the log failed, if it did; of the log's own writes the ledger knows.
    pub fn failing(&self) -> Option<&'static str> {
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a file of this machine holds it; `None` on a server.
    pub fn file(&self) -> Option<&Path> {
        match &self.engine {
            Engine::Sqlite { path, .. } => Some(path),
            Engine::Postgres(_) => None,
        }
    }

    /// Notes whether a write went well.
    fn note_outcome<T>(&self, done: Result<T, StoreError>) -> Result<T, StoreError> {
        let why = match &done {
            Ok(_) => None,
            Err(StoreError::Unavailable(why)) => Some(*why),
            Err(_) => return done,
        };
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) = why;
        done
    }

    /// Whether nodes of other machines may have this store too.
    pub const fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    pub async fn ping(&self) -> Result<(), StoreError> {
        reading!(self, pool => sqlx::query(PING).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Ends every connection, once what runs on it has ended, and gives the right to write back.
    pub async fn close(&self) {
        match &self.engine {
            Engine::Sqlite { writer, reader, .. } => {
                reader.close().await;
                writer.close().await;
            }
            Engine::Postgres(pool) => pool.close().await,
        }
        self.tenure.end();
    }
}

pub fn is_postgres(address: &str) -> bool {
    address.starts_with("postgres:") || address.starts_with("postgresql:")
}

async fn measured<T>(name: &'static str, act: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    let began = Instant::now();
    let done = act.await;
    let outcome = if done.is_ok() { "done" } else { "failed" };
    metrics::histogram!("callboard_registry_store_transaction_seconds", "name" => name, "outcome" => outcome)
        .record(began.elapsed());
    done
}

fn to_i64(number: u64) -> i64 {
    // The formats' numbers are below 2^53.
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn to_u64(number: i64, table: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Unreadable(table))
}

#[cfg(test)]
mod tests;
