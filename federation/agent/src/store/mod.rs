//! The agent's own files: all its SQL, one aggregate one file, each over one SQLite file.
//!
//! [`replica`] is what the log disclosed, and can be had again; the other file is the platform's, and can't. So they are
//! two, and only the first is ever set aside. What is kept, and why, stands with whoever keeps it.

pub mod book;
pub mod checks;
mod column;
pub mod notifications;
pub mod quota;
pub mod receipts;
pub mod replica;
pub mod reports;

use std::{path::Path, time::Duration};

use callboard_client::create_new;
use callboard_federation::zh_en;
use callboard_service::store::{column::UnreadableRowError, file_pool};
use serde::Serialize;
use sqlx::{
    SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// How long a writer waits for another process: longer than any transaction of ours.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers of one file at once: they cost a file handle each.
const READERS: u32 = 4;

/// All of `book.sqlite` but the log of checks.
const ERASE_PEOPLE: &str = "BEGIN IMMEDIATE;
    DELETE FROM identity; DELETE FROM tag; DELETE FROM account; DELETE FROM held; DELETE FROM details;
    DELETE FROM watch; DELETE FROM concern; DELETE FROM report; DELETE FROM receipt;
    DELETE FROM own_report; DELETE FROM recipient;
    COMMIT";

/// A keyed hash by which rows are found; 16 bytes of HMAC-SHA256 ([`crate::book::key`]).
pub type Lookup = [u8; 16];

/// One SQLite file: one connection that writes, some that read.
#[derive(Debug, Clone)]
pub struct Database {
    pub(crate) writer: SqlitePool,
    pub(crate) reader: SqlitePool,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The engine's own error: damaged, full, locked.
    #[error("{}", zh_en!("会员端的存储", "the agent's store"))]
    Sqlite(#[source] sqlx::Error),
    /// The file is another program's, or of a later version of this one.
    #[error("{}", zh_en!("会员端的存储无法升级到本版本", "the agent's store can't be brought to this version"))]
    Migrate(#[from] MigrateError),
    #[error(transparent)]
    OpenToOthers(#[from] create_new::OpenToOthers),
    /// It is of another log, or a row isn't what was written.
    #[error("{}", zh_en!("会员端的存储中有不应有的内容：{_0}", "the agent's store holds what it should not: {_0}"))]
    Foreign(&'static str),
}

/// What ails a store, as far as it matters to whoever mends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    DiskFull,
    /// The agent may not write, or not open it.
    NotWritable,
    /// It isn't what was written.
    Damaged,
    DiskFails,
    Busy,
    Other,
}

impl Trouble {
    pub const fn said(self) -> &'static str {
        match self {
            Self::DiskFull => "the disk of the agent's directory is full",
            Self::NotWritable => "the agent may not write its files: owner, mode or mount are others than before",
            Self::Damaged => "the agent's store is damaged, or of another version",
            Self::DiskFails => "the disk of the agent's directory fails",
            Self::Busy => "another process holds the agent's store",
            Self::Other => "the agent's store does not take it",
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        UnreadableRowError::table_of(&error).map_or(Self::Sqlite(error), Self::Foreign)
    }
}

impl StoreError {
    pub fn trouble(&self) -> Trouble {
        if self.is_of_the_file() {
            return Trouble::Damaged;
        }
        let (Self::Sqlite(error) | Self::Migrate(MigrateError::Execute(error))) = self else { return Trouble::Other };
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        // Primary result codes of SQLite.
        match code.map(|code| code & 0xff) {
            Some(13) => Trouble::DiskFull,
            Some(3 | 8 | 14 | 23) => Trouble::NotWritable,
            Some(10) => Trouble::DiskFails,
            Some(5 | 6) => Trouble::Busy,
            _ => Trouble::Other,
        }
    }

    /// Whether the file itself is at fault, so that a new one would do: not a full disk, nor a busy file.
    pub fn is_of_the_file(&self) -> bool {
        let is_damaged = |error: &sqlx::Error| {
            // CORRUPT, NOTADB, and what they are extended by; a table or column that isn't there.
            let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
            matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::RowNotFound)
                || code.is_some_and(|code| matches!(code & 0xff, 11 | 26))
                || error.as_database_error().is_some_and(|error| error.message().starts_with("no such "))
        };
        match self {
            Self::Foreign(_) => true,
            Self::OpenToOthers(_) => false,
            Self::Sqlite(error) | Self::Migrate(MigrateError::Execute(error)) => is_damaged(error),
            Self::Migrate(error) => matches!(
                error,
                MigrateError::ExecuteMigration(..)
                    | MigrateError::VersionMissing(_)
                    | MigrateError::VersionMismatch(_)
                    | MigrateError::Dirty(_)
            ),
        }
    }
}

impl Database {
    /// Opens a file, made if it isn't there, and brings it to this version. What it commits is on disk when it returns;
    /// what it deletes is overwritten.
    pub(crate) async fn open(path: &Path, migrator: &Migrator) -> Result<Self, StoreError> {
        create_new::close(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY_TIMEOUT);
        let writer = file_pool().max_connections(1).connect_with(options.clone()).await?;
        migrator.run(&writer).await?;
        let reader = file_pool().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, reader })
    }

    /// Opens `book.sqlite` in the agent's directory: the tag book, the log of checks, what the hook was told.
    pub async fn open_book(directory: &Path) -> Result<Self, StoreError> {
        Self::open(&directory.join("book.sqlite"), &sqlx::migrate!("./migrations/book")).await
    }

    /// Erases the platform's people and all that was said of them: what stays is the log of checks, whose lines are
    /// encrypted, its anchors, and where in it an account's checks are.
    pub(crate) async fn erase_people(&self) -> Result<(), StoreError> {
        sqlx::raw_sql(ERASE_PEOPLE).execute(&self.writer).await?;
        // What is deleted is overwritten; what the journal had of it goes with this.
        sqlx::raw_sql("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.writer).await?;
        Ok(())
    }

    /// Closes the file: nothing of it is left in memory or in the journal, and it can be moved.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

/// A number as SQLite counts.
fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_was_full_takes_rows_again_once_there_is_space() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_book(directory.path()).await.unwrap();
        sqlx::raw_sql("CREATE TABLE filler (bytes BLOB)").execute(&database.writer).await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&database.writer).await.unwrap();
        let limit = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(limit)).execute(&database.writer).await.unwrap();
        let insert = async || {
            let mut transaction = database.writer.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT INTO filler VALUES (zeroblob(100000))").execute(&mut *transaction).await?;
            transaction.commit().await
        };
        let full = insert().await.unwrap_err();
        assert_eq!(
            full.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("13"),
            "{full}"
        );
        assert_eq!(StoreError::from(full).trouble(), Trouble::DiskFull);
        let read_only = sqlx::query("INSERT INTO filler VALUES (1)").execute(&database.reader).await.unwrap_err();
        assert_eq!(StoreError::from(read_only).trouble(), Trouble::NotWritable);
        let nowhere = Database::open_book(&directory.path().join("nowhere")).await.unwrap_err();
        assert_eq!(nowhere.trouble(), Trouble::NotWritable, "no file can be opened there");
        std::fs::write(directory.path().join("other"), "none of ours".repeat(100)).unwrap();
        let other = Database::open(&directory.path().join("other"), &sqlx::migrate!("./migrations/book")).await;
        assert_eq!(other.unwrap_err().trouble(), Trouble::Damaged);
        // Another connection knows no limit: there is space again.
        for _ in 0..3 {
            insert().await.unwrap();
        }
        let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM filler").fetch_one(&database.reader).await.unwrap();
        assert_eq!(rows, 3);
        database.close().await;
    }
}
