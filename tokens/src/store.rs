//! All SQL of the token service: what was taken, what was spent, what was evaluated, what was last known.
//!
//! One file with one connection: each answered batch is one short transaction. WAL with `synchronous = NORMAL`: a crash
//! of the process loses nothing; a loss of power may lose the last moments, which give a member some points and an
//! auditor some batches less, and can't be brought about from outside.

use std::{path::Path, time::Duration};

use callboard_client::create_new;
use callboard_federation::{
    encoding::{Hash, KeyId, Time},
    request::{Nonce, WINDOW_SECONDS},
    tag::Epoch,
    zh_en,
};
use callboard_service::{
    from_row,
    store::{column::UnreadableRowError, is_reusable},
};
use serde::Serialize;
use sqlx::{
    AssertSqlSafe, Sqlite, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous},
};

use super::quota::{Payment, QuotaUsage};

/// The file's name in the service's directory.
pub(super) const FILE: &str = "tokens.sqlite";
/// How long to wait for another process that holds the file, such as a backup.
const BUSY: Duration = Duration::from_secs(5);
/// The steps of the schema, in order; `user_version` counts those taken.
const STEPS: [&str; 1] = [include_str!("store/schema.sql")];
/// The schema's version: that of a file that took all steps.
const SCHEMA_VERSION: usize = STEPS.len();

const NONCE_TAKEN: &str = "SELECT 1 FROM nonces WHERE keyid = $1 AND nonce = $2";
const FORGET_NONCES: &str = "DELETE FROM nonces WHERE until_ms < $1";
const SPENT: &str = "\
SELECT 0 AS until_ms, COALESCE(SUM(quota), 0) AS points, COALESCE(SUM(points), 0) AS everything \
FROM spent WHERE asker = $1 AND day = $2 \
UNION ALL SELECT until_ms, points, 0 FROM granted WHERE asker = $1 AND until_ms > $3";
// Two statements that go to the engine's thread together, since a hop costs more than a row; the second is `SPENT`.
const CLAIM: &str = "\
INSERT INTO nonces (keyid, nonce, until_ms) VALUES ($4, $5, $6); \
SELECT 0 AS until_ms, COALESCE(SUM(quota), 0) AS points, COALESCE(SUM(points), 0) AS everything \
FROM spent WHERE asker = $1 AND day = $2 \
UNION ALL SELECT until_ms, points, 0 FROM granted WHERE asker = $1 AND until_ms > $3";
const KEEP: &str = "\
INSERT INTO spent (asker, day, keyid, points, quota) VALUES ($1, $2, $3, $4, $5) \
ON CONFLICT (asker, day, keyid) DO UPDATE SET points = points + excluded.points, quota = quota + excluded.quota; \
INSERT INTO batches (keyid, epoch, at_ms, points, root) VALUES ($3, $6, $7, $4, $8)";
const BATCHES: &str = "\
SELECT batch, keyid, epoch, at_ms, points, root FROM batches \
WHERE batch > $1 AND at_ms >= $2 AND at_ms < $3 AND ($4 IS NULL OR keyid = $4) ORDER BY batch LIMIT $5";
const FORGET_BATCHES: &str = "DELETE FROM batches WHERE at_ms < $1";
const SPEND_GRANT: &str = "\
INSERT INTO granted (asker, until_ms, points) VALUES ($1, $2, $3) \
ON CONFLICT (asker, until_ms) DO UPDATE SET points = points + excluded.points";
const KEEP_DOCUMENT: &str = "\
INSERT INTO documents (kind, file) VALUES ($1, $2) ON CONFLICT (kind) DO UPDATE SET file = excluded.file";
const DOCUMENT: &str = "SELECT file FROM documents WHERE kind = $1";

/// What stands in place of a grant's end where the day's quota is told.
const OF_TODAY: Time = Time::from_millis(0);

/// An answered batch, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredBatch {
    /// The id of the key that signed the request.
    pub keyid: KeyId,
    pub epoch: Epoch,
    /// When it was answered.
    pub at: Time,
    pub points: u64,
    /// The RFC 6962 root over the blinded points, in their order.
    pub root: Hash,
}

/// Which batches.
#[derive(Debug, Clone, Copy)]
pub struct BatchFilter {
    /// Those of this key alone.
    pub keyid: Option<KeyId>,
    /// Those answered at this instant or later.
    pub from: Time,
    /// Those answered before.
    pub until: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}", zh_en!("身份代码服务的存储：{_0}", "the token service's store: {_0}"))]
    Engine(#[source] sqlx::Error),
    #[error(transparent)]
    OpenToOthers(#[from] callboard_client::create_new::OpenToOthers),
    #[error("{}", zh_en!("身份代码服务的存储为版本{found}，本程序只认到版本{known}",
        "the token service's store has version {found}, this program knows {known}"))]
    Newer { found: i64, known: usize },
    #[error("{}", zh_en!("{_0} 中有一行不成立", "a row of {_0} that can't be"))]
    Row(&'static str),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        UnreadableRowError::table_of(&error).map_or(Self::Engine(error), Self::Row)
    }
}

/// A batch with its number.
struct BatchRow(i64, StoredBatch);

from_row!(
    BatchRow,
    "batches",
    |row| Self(
        row.get("batch")?,
        StoredBatch {
            keyid: row.get("keyid")?,
            epoch: row.get("epoch")?,
            at: row.get("at_ms")?,
            points: row.get("points")?,
            root: row.get("root")?,
        }
    ),
    SqliteRow
);

/// Points that an account was given: of the day's quota, or of the grant that ends then; and all of today.
struct UsageRow {
    /// The grant's end, or [`OF_TODAY`].
    until: Time,
    points: u64,
    everything: u64,
}

from_row!(
    UsageRow,
    "spent",
    |row| Self { until: row.get("until_ms")?, points: row.get("points")?, everything: row.get("everything")? },
    SqliteRow
);

#[derive(Clone)]
pub(super) struct Store(SqlitePool);

#[derive(Debug, Clone)]
pub(super) struct Account {
    /// A member's id, or a seat's key id.
    pub(super) asker: String,
    pub(super) keyid: KeyId,
    pub(super) now: Time,
    /// The UTC day of `now`.
    pub(super) day: i64,
}

/// One answered batch, as it is kept for an auditor.
#[derive(Debug, Clone)]
pub(super) struct NewBatch {
    pub(super) epoch: Epoch,
    pub(super) points: u64,
    pub(super) root: Hash,
}

/// What an account has had: of quotas, and today in all.
#[derive(Debug, Clone)]
pub(super) struct AccountUsage {
    pub(super) spent: QuotaUsage,
    pub(super) points_today: u64,
}

/// One batch being booked: all of it is kept, or nothing.
pub(super) struct Booking(Transaction<'static, Sqlite>);

impl Store {
    /// Opens the store of a directory, or makes it.
    pub(super) async fn open(dir: &Path) -> Result<Self, StoreError> {
        create_new::close(&dir.join(FILE))?;
        let options = SqliteConnectOptions::new()
            .filename(dir.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY);
        // One file on this machine: a connection that was good stays so, and asking it first would cost a hop.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .after_release(|connection, _| Box::pin(is_reusable(connection)));
        let store = Self(pool.connect_with(options).await?);
        store.migrate().await?;
        Ok(store)
    }

    async fn migrate(&self) -> Result<(), StoreError> {
        let mut step = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let found: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *step).await?;
        let taken = usize::try_from(found).ok().filter(|taken| *taken <= SCHEMA_VERSION);
        let taken = taken.ok_or(StoreError::Newer { found, known: SCHEMA_VERSION })?;
        for sql in &STEPS[taken..] {
            sqlx::raw_sql(*sql).execute(&mut *step).await?;
        }
        // A pragma takes no parameters.
        let sql = AssertSqlSafe(format!("PRAGMA user_version = {SCHEMA_VERSION}"));
        sqlx::raw_sql(sql).execute(&mut *step).await?;
        Ok(step.commit().await?)
    }

    /// What the account has had, `None` if the nonce was taken: a look before the work, which [`Self::claim`] repeats.
    pub(super) async fn usage(&self, account: &Account, nonce: &Nonce) -> Result<Option<AccountUsage>, StoreError> {
        let mut connection = self.0.acquire().await?;
        let taken = sqlx::query(NONCE_TAKEN).bind(bytes(&account.keyid)).bind(&nonce.0[..]);
        if taken.fetch_optional(&mut *connection).await?.is_some() {
            return Ok(None);
        }
        let spent = sqlx::query_as(SPENT).bind(&account.asker).bind(account.day).bind(account.now.as_millis());
        Ok(Some(AccountUsage::of(spent.fetch_all(&mut *connection).await?)))
    }

    /// Begins a booking: takes the nonce, `None` if it was taken before, and says what the account has had.
    ///
    /// The one writer waits here; nothing is kept before [`Booking::keep`]. A nonce is remembered as long as `created`
    /// lets the request count, and the same again for a clock that was set back.
    pub(super) async fn claim(
        &self,
        account: &Account,
        nonce: &Nonce,
        created: Time,
    ) -> Result<Option<(Booking, AccountUsage)>, StoreError> {
        let mut booking = self.0.begin_with("BEGIN IMMEDIATE").await?;
        let until = created.plus_millis(2 * WINDOW_SECONDS * 1000);
        let claim = sqlx::query_as(CLAIM).bind(&account.asker).bind(account.day).bind(account.now.as_millis());
        let claim = claim.bind(bytes(&account.keyid)).bind(&nonce.0[..]).bind(until.as_millis());
        match claim.fetch_all(&mut *booking).await {
            Ok(rows) => Ok(Some((Booking(booking), AccountUsage::of(rows)))),
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets nonces of requests that count no longer anyway.
    pub(super) async fn forget_nonces(&self, now: Time) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET_NONCES).bind(now.as_millis()).execute(&self.0).await?.rows_affected())
    }

    pub(super) async fn forget_batches(&self, before: Time) -> Result<u64, StoreError> {
        Ok(sqlx::query(FORGET_BATCHES).bind(before.as_millis()).execute(&self.0).await?.rows_affected())
    }

    /// Batches after the number `after`, in the order in which they were answered, each with its number.
    pub(super) async fn batches(
        &self,
        wanted: &BatchFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, StoredBatch)>, StoreError> {
        let query = sqlx::query_as(BATCHES).bind(after).bind(wanted.from.as_millis()).bind(wanted.until.as_millis());
        let query = query.bind(wanted.keyid.as_ref().map(bytes)).bind(limit);
        let rows: Vec<BatchRow> = query.fetch_all(&self.0).await?;
        Ok(rows.into_iter().map(|BatchRow(number, batch)| (number, batch)).collect())
    }

    /// Keeps the last good proof file of a kind.
    pub(super) async fn keep_document(&self, kind: &'static str, file: &[u8]) -> Result<(), StoreError> {
        sqlx::query(KEEP_DOCUMENT).bind(kind).bind(file).execute(&self.0).await?;
        Ok(())
    }

    /// The last good proof file of a kind.
    pub(super) async fn document(&self, kind: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(sqlx::query_scalar(DOCUMENT).bind(kind).fetch_optional(&self.0).await?)
    }

    pub(super) async fn close(&self) {
        self.0.close().await;
    }
}

impl Booking {
    /// Spends, keeps the batch, and commits; a seat pays nothing.
    pub(super) async fn keep(
        mut self,
        account: &Account,
        payment: Option<&Payment>,
        batch: &NewBatch,
    ) -> Result<(), StoreError> {
        for (until, part) in payment.into_iter().flat_map(|payment| &payment.grants) {
            let spend = sqlx::query(SPEND_GRANT).bind(&account.asker).bind(until.as_millis()).bind(integer(*part)?);
            spend.execute(&mut *self.0).await?;
        }
        let quota = integer(payment.map_or(0, |payment| payment.today))?;
        let keep = sqlx::query(KEEP).bind(&account.asker).bind(account.day).bind(bytes(&account.keyid));
        let keep = keep.bind(integer(batch.points)?).bind(quota).bind(integer(batch.epoch.number())?);
        keep.bind(account.now.as_millis()).bind(bytes(&batch.root)).execute(&mut *self.0).await?;
        Ok(self.0.commit().await?)
    }
}

impl AccountUsage {
    fn of(rows: Vec<UsageRow>) -> Self {
        let mut usage = Self { spent: QuotaUsage::default(), points_today: 0 };
        for UsageRow { until, points, everything } in rows {
            if until == OF_TODAY {
                (usage.spent.today, usage.points_today) = (points, everything);
            } else {
                usage.spent.grants.push((until, points));
            }
        }
        usage
    }
}

fn bytes(hash: &Hash) -> &[u8] {
    hash.as_bytes()
}

fn integer(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Row("counts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_that_was_full_takes_batches_again_once_there_is_space() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.0).await.unwrap();
        let limit = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(limit)).execute(&store.0).await.unwrap();
        let now = Time::from_millis(1_800_000_000_000);
        let account = |number: u32| Account {
            asker: format!("member {number}"),
            keyid: Hash::of(&number.to_be_bytes()),
            now,
            day: now.day(),
        };
        let batch = NewBatch { epoch: Epoch::new(1).unwrap(), points: 1, root: Hash::of(b"root") };
        let book = async |number: u32| {
            let nonce = callboard_federation::encoding::Octets(u128::from(number).to_be_bytes());
            let (booking, _) = store.claim(&account(number), &nonce, now).await?.unwrap();
            booking.keep(&account(number), None, &batch).await
        };
        // Until the last page is full; each booking then fails, and the connection with it.
        let mut booked = 0;
        let full = loop {
            match book(booked).await {
                Ok(()) => booked += 1,
                Err(full) => break full,
            }
        };
        let StoreError::Engine(full) = full else { panic!("{full:?}") };
        assert_eq!(
            full.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("13"),
            "{full}"
        );
        // Another connection knows no limit: there is space again.
        for number in 0..3 {
            book(booked + number).await.unwrap();
        }
        store.close().await;
    }

    #[tokio::test]
    async fn a_store_has_the_version_of_this_program_and_one_of_a_later_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        for later in [0, 1] {
            let store = Store::open(directory.path()).await.unwrap();
            let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&store.0).await.unwrap();
            assert_eq!(usize::try_from(version), Ok(SCHEMA_VERSION));
            let sql = AssertSqlSafe(format!("PRAGMA user_version = {}", SCHEMA_VERSION + later));
            sqlx::raw_sql(sql).execute(&store.0).await.unwrap();
            store.close().await;
        }
        let refused = Store::open(directory.path()).await.err();
        assert!(matches!(refused, Some(StoreError::Newer { known: SCHEMA_VERSION, .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn a_row_that_is_not_ours_is_told_by_its_table() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).await.unwrap();
        let insert = "INSERT INTO batches (keyid, epoch, at_ms, points, root) VALUES (x'01', 1, 0, 1, x'02')";
        sqlx::raw_sql(insert).execute(&store.0).await.unwrap();
        let all = BatchFilter { keyid: None, from: Time::from_millis(0), until: Time::from_millis(1) };
        let told = store.batches(&all, 0, 1).await;
        assert!(matches!(told, Err(StoreError::Row("batches"))), "{told:?}");
        store.close().await;
    }
}
