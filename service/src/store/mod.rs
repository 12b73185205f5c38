//! What the stores of all services have in common: how columns are read, and how a file of SQLite is kept open. Which
//! tables there are, and what stands in them, is each service's own.

pub mod column;

use sqlx::{Connection as _, SqliteConnection, sqlite::SqlitePoolOptions};

/// Connections to a file of this machine: one doesn't go stale, so it is neither asked before each use nor replaced.
pub fn file_pool() -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_release(|connection, _| Box::pin(is_reusable(connection)))
}

/// Whether a connection that comes back can be used again. SQLite ends a transaction by itself when the disk is full or
/// a write fails, and the driver goes on counting it: each `BEGIN` would be refused from then on, so another takes its
/// place.
pub async fn is_reusable(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // A rollback may be on its way; when this answers, it has been tried.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}
