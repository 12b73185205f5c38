//! The agent's own files: all its SQL, one aggregate one file, each over one SQLite file.
//!
//! [`replica`] is what the log disclosed, and can be had again; the other file is the platform's, and can't. So they are
//! two, and only the first is ever thrown away.

pub mod book;
pub mod checks;
pub mod outbox;
pub mod replica;

use std::path::Path;

use sqlx::{
    SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

/// Readers of one file at once.
const READERS: u32 = 4;

/// One SQLite file: one connection that writes, some that read.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) writer: SqlitePool,
    pub(crate) reader: SqlitePool,
}

/// Why a file doesn't give or take.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite says no.
    #[error("the agent's store")]
    Sqlite(#[from] sqlx::Error),
    /// The file is another program's, or of a later version of this one.
    #[error("the agent's store can't be brought to this version")]
    Migrate(#[from] MigrateError),
    /// A row isn't what was written.
    #[error("the agent's store holds what nobody wrote: {0}")]
    Corrupt(&'static str),
}

impl StoreError {
    /// Whether the file itself is damaged, or no SQLite file, rather than the disk full or the file busy.
    pub fn is_damage(&self) -> bool {
        // SQLITE_CORRUPT and SQLITE_NOTADB, and what they are extended by.
        let is_damaged = |error: &sqlx::Error| {
            let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
            code.is_some_and(|code| matches!(code & 0xff, 11 | 26))
        };
        match self {
            Self::Sqlite(error) => is_damaged(error) || matches!(error, sqlx::Error::ColumnDecode { .. }),
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => is_damaged(error),
            Self::Migrate(_) | Self::Corrupt(_) => true,
        }
    }
}

impl Database {
    /// Opens a file, made if it isn't there, and brings it to this version. A commit is on disk when it returns.
    pub(crate) async fn open(path: &Path, migrator: &Migrator) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        migrator.run(&writer).await?;
        let reader = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, reader })
    }

    /// Opens `book.sqlite` in the agent's directory: the tag book, the log of checks, the hook's outbox.
    pub async fn open_book(directory: &Path) -> Result<Self, StoreError> {
        Self::open(&directory.join("book.sqlite"), &sqlx::migrate!("./migrations/book")).await
    }

    /// Closes the file: nothing of it is left in memory or in the journal.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}
