//! What an agent keeps in SQLite: all SQL of the agent, one file a database or aggregate.
//!
//! Replica and book are two files, since one is anyone's and the other is the platform's. What is kept, and why, stands with
//! whoever keeps it.

pub mod replica;

use std::{path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// How long a writer waits for another process: longer than any transaction of ours.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers at once: they cost a file handle each.
const READERS: u32 = 4;

/// Why a database doesn't do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine's own error: damaged, full, locked.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It can't be brought to the form that this program knows.
    #[error(transparent)]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// It is of another log, or not as this program writes it.
    #[error("the database is of another log, or not as this program writes it")]
    Foreign,
}

impl StoreError {
    /// Whether the file itself is at fault, so that a new one would do.
    pub fn is_of_the_file(&self) -> bool {
        let database = |error: &sqlx::Error| {
            // CORRUPT, NOTADB: anything else (full, not to be written, busy) a new file wouldn't mend.
            let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
            matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::RowNotFound)
                || code.and_then(|code| code.parse::<u32>().ok()).is_some_and(|code| matches!(code & 0xff, 11 | 26))
                || error.as_database_error().is_some_and(|error| error.message().starts_with("no such "))
        };
        match self {
            Self::Foreign => true,
            Self::Database(error) | Self::Migrate(sqlx::migrate::MigrateError::Execute(error)) => database(error),
            Self::Migrate(error) => matches!(
                error,
                sqlx::migrate::MigrateError::ExecuteMigration(..)
                    | sqlx::migrate::MigrateError::VersionMissing(_)
                    | sqlx::migrate::MigrateError::VersionMismatch(_)
                    | sqlx::migrate::MigrateError::Dirty(_)
            ),
        }
    }
}

/// One database: one connection that writes, several that read.
#[derive(Debug, Clone)]
pub struct Pools {
    /// The one that writes.
    pub writer: SqlitePool,
    /// Those that read.
    pub reader: SqlitePool,
}

impl Pools {
    /// Opens the file, makes it if it isn't there, and migrates it. What it commits is on disk when it returns; what it
    /// deletes is overwritten.
    pub async fn open(path: &Path, migrations: &Migrator) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let pool = || SqlitePoolOptions::new().test_before_acquire(false).idle_timeout(None).max_lifetime(None);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        migrations.run(&writer).await?;
        let reader = pool().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, reader })
    }

    /// Closes all connections; the file can then be moved.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
