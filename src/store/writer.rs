//! Who may write: one node at a time, and how another takes over.
//!
//! What nobody gets past is the head row: it names the epoch and the node that writes, and whatever moves it names both
//! too, in one transaction. SQLite has a lock of the operating system besides, on a file beside the database: it holds
//! on one machine, so the file must not lie on a network's disk. PostgreSQL has an advisory lock, which is a hint and
//! nothing more: it keeps a second `serve` from taking over unasked, and if it is lost two nodes are as safe as before.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use callboard_federation::encoding::Hash;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool};
use tokio::task::JoinHandle;

pub use super::term::{NodeId, Term};
use super::{Engine, LogHead, Store, StoreError, column::values, measured, to_u64, transaction::WriteTransaction};

/// How long a start waits for a node that is just ending; a server notices within it that a process was killed.
const HINT_WITHIN: Duration = Duration::from_secs(5);
/// How often it looks meanwhile.
const HINT_LOOK: Duration = Duration::from_millis(100);
/// How often the connection that holds the hint is used, so that nothing between takes it for dead.
const HINT_USED: Duration = Duration::from_secs(10);

/// PostgreSQL: waits for whoever writes outside the head row ([`STILL_OURS`]), too.
const LOCK_HEAD: &str = "SELECT epoch, writer, size, root, logged_at FROM head WHERE one = 1 FOR UPDATE";
const TAKE_OVER: &str = "UPDATE head SET origin = $1, epoch = epoch + 1, writer = $2 WHERE one = 1 AND origin IN ('', $1) \
    RETURNING epoch, writer, size, root, logged_at";
/// PostgreSQL: held to the end of its transaction, so that none takes over before; it doesn't wait for an append.
const STILL_OURS: &str = "SELECT epoch FROM head WHERE one = 1 AND epoch = $1 AND writer = $2 FOR KEY SHARE";
const EPOCH: &str = "SELECT epoch FROM head WHERE one = 1";
const TRY_HINT: &str = "SELECT pg_try_advisory_lock($1)";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[TAKE_OVER, EPOCH];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[LOCK_HEAD, STILL_OURS, TRY_HINT];

/// What this node holds as the one that writes.
#[derive(Debug, Default)]
pub(super) struct WriterTenure(Mutex<TenureState>);

#[derive(Debug, Default)]
struct TenureState {
    term: Option<Term>,
    /// SQLite: open and locked.
    file: Option<File>,
    /// PostgreSQL: keeps the hint.
    hint: Option<JoinHandle<()>>,
}

impl WriterTenure {
    fn held(&self) -> MutexGuard<'_, TenureState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn end(&self) {
        let TenureState { hint, .. } = std::mem::take(&mut *self.held());
        if let Some(hint) = hint {
            hint.abort();
        }
    }
}

impl Store {
    /// Holds what tells other nodes that this one writes, before it takes over. `takes_over` doesn't wait for the hint
    /// that another node lives.
    ///
    /// # Errors
    /// `Locked` or `Busy` if another seems to write.
    pub async fn hold_writer_lock(&self, origin: &str, takes_over: bool) -> Result<(), StoreError> {
        let mut held = TenureState::default();
        match &self.engine {
            Engine::Sqlite { path, .. } => held.file = Some(lock(path)?),
            Engine::Postgres(pool) => held.hint = hold_hint(pool, origin, takes_over).await?,
        }
        *self.tenure.held() = held;
        Ok(())
    }

    /// Becomes the node that writes the log of `origin`; gives the head as it is from then on. Whoever wrote before
    /// finds out at its next write.
    ///
    /// # Errors
    /// `Origin` if the database is another registry's.
    pub async fn take_over(&self, origin: &str, node: NodeId) -> Result<LogHead, StoreError> {
        let head = measured("take-over", async {
            let mut transaction = self.begin().await?;
            if let WriteTransaction::Postgres(transaction) = &mut transaction {
                transaction.execute(LOCK_HEAD).await?;
            }
            let head = transaction.row(TAKE_OVER, &values![origin, &node.to_string()]).await?;
            let head: LogHead = head.ok_or(StoreError::Origin)?;
            transaction.commit().await?;
            Ok(head)
        })
        .await?;
        self.tenure.held().term = Some(head.term);
        Ok(head)
    }

    /// Which take-over is this node's own; `None` if it only reads.
    pub fn term(&self) -> Option<Term> {
        self.tenure.held().term
    }

    /// Begins a transaction beside the head row, of the node that writes: none takes over before it has ended.
    ///
    /// # Errors
    /// `Fenced` if another has taken over.
    pub(super) async fn begin_as_writer(&self) -> Result<WriteTransaction, StoreError> {
        let mut transaction = self.begin().await?;
        let (WriteTransaction::Postgres(_), Some(own)) = (&transaction, self.term()) else { return Ok(transaction) };
        let ours: Option<(i64,)> = transaction.row(STILL_OURS, &values![own.epoch, &own.node.to_string()]).await?;
        if ours.is_none() {
            let (by,) = transaction.one(EPOCH, &[]).await?;
            return Err(StoreError::Fenced { own: own.epoch, by: to_u64(by, "head")? });
        }
        Ok(transaction)
    }
}

/// Takes the lock beside a database's file. It is the operating system's: it ends with this process, however that ends.
fn lock(database: &Path) -> Result<File, StoreError> {
    let path = lock_path(database);
    let open = || File::options().create(true).truncate(false).write(true).open(&path);
    let file = open().map_err(|source| StoreError::LockFile { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path)),
        Err(TryLockError::Error(source)) => Err(StoreError::LockFile { path, source }),
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// Holds the advisory lock on a connection of its own, as long as that lives; `None` if another's is passed over.
async fn hold_hint(pool: &PgPool, origin: &str, takes_over: bool) -> Result<Option<JoinHandle<()>>, StoreError> {
    let mut connection = pool.connect_options().connect().await?;
    // Of this database alone, as advisory locks are; the registry's name keeps it apart from others' use of them.
    let key = Hash::of(format!("callboard writer {origin}").as_bytes());
    let key = key.as_bytes().first_chunk().copied().map_or(0, i64::from_be_bytes);
    let began = tokio::time::Instant::now();
    while !try_hint(&mut connection, key).await? {
        if takes_over {
            tracing::warn!("taking over from a node that seems to live: it will sign nothing more");
            return Ok(None);
        }
        if began.elapsed() > HINT_WITHIN {
            return Err(StoreError::Busy);
        }
        tokio::time::sleep(HINT_LOOK).await;
    }
    Ok(Some(tokio::spawn(async move {
        while connection.ping().await.is_ok() {
            tokio::time::sleep(HINT_USED).await;
        }
        // Another may start and take over now: we are told by the head row.
        tracing::warn!("the connection is lost by which other nodes see that this one lives");
    })))
}

async fn try_hint(connection: &mut PgConnection, key: i64) -> Result<bool, StoreError> {
    Ok(sqlx::query_scalar(TRY_HINT).bind(key).fetch_one(connection).await?)
}
