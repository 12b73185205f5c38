//! What the platform's hook was told of whom, what it is owed, and how far the log was looked through; in `book.sqlite`.
//!
//! A row of `watch` is a person of whom a check says anything but that nothing stands, or may say so later: what a check
//! would answer *now*, what the hook was *said*, the *call* that it hasn't taken. Owed is what differs. A row of `concern` is
//! a docket that moved a person, until the hook has taken what it changed; receipts wait for it.

use callboard_federation::encoding::{CheckId, Time};
use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::{
    Database, Lookup, StoreError,
    column::{Scalar, stored},
    integer,
};

const CURSOR: &str = "SELECT size, live FROM told WHERE one = 1";
const MOVE_CURSOR: &str = "UPDATE told SET size = $1, live = $2 WHERE one = 1";
pub(super) const MARK: &str = " ON CONFLICT (account) DO UPDATE SET due_at = 0, mark = mark + 1, gone = 0";
const MARK_TOLD: &str = "UPDATE watch SET due_at = 0, mark = mark + 1 \
    WHERE (now IS NOT NULL OR said IS NOT NULL) AND gone = 0";
const MARK_ALL: &str = "INSERT INTO watch (account) SELECT lookup FROM account WHERE true";
const DUE: &str = "SELECT account, mark FROM watch WHERE due_at <= $1 OR since > $1 ORDER BY due_at LIMIT $2";
const WAITING: &str = "SELECT COUNT(*) FROM watch WHERE due_at <= $1 OR since > $1";
const KEEP: &str = "UPDATE watch SET due_at = $3, since = $4, decision = $5, now = $6 WHERE account = $1 AND mark = $2";
const IS_SAID: &str = "SELECT 1 FROM watch WHERE account = $1 AND now IS said AND call IS NULL";
const SETTLE: &str = "DELETE FROM concern WHERE account = $1 AND log_index < $2 AND effective_at <= $3";
// What waits for a docket's effect is looked at again then, whether or not the standing changes.
const WAIT: &str = "UPDATE watch SET due_at = MIN(due_at, \
    COALESCE((SELECT MIN(effective_at) FROM concern WHERE account = $1 AND effective_at > $3), due_at)) \
    WHERE account = $1 AND mark = $2";
const DROP: &str = "DELETE FROM watch WHERE account = $1 AND mark = $2 AND now IS NULL AND said IS NULL \
    AND call IS NULL AND due_at = 9223372036854775807 AND since = -9223372036854775808 \
    AND NOT EXISTS (SELECT 1 FROM concern WHERE account = $1)";
// What the hook was said of an account stays: whoever has it next may be another, of whom it must be said otherwise.
const UNWATCH: [&str; 3] = [
    "UPDATE watch SET gone = 1, mark = mark + 1, decision = 'allow', now = NULL, due_at = 9223372036854775807, \
        since = -9223372036854775808 WHERE account = $1",
    "DELETE FROM watch WHERE account = $1 AND said IS NULL AND call IS NULL",
    "DELETE FROM concern WHERE account = $1",
];
/// Of whom the hook was told nothing of this yet.
const FRESH: &str = "SELECT account, said, call, call_hash, accepted_until, now FROM watch \
    WHERE call IS NULL AND now IS NOT said AND gone = 0 AND account > $1 ORDER BY account LIMIT $2";
/// What was tried, and is not taken.
const TRIED: &str = "SELECT account, said, call, call_hash, accepted_until, now FROM watch \
    WHERE call IS NOT NULL AND gone = 0 AND account > $1 ORDER BY account LIMIT $2";
const BEGIN: &str = "UPDATE watch SET call = $2, call_hash = $3, call_size = $4, call_at = $5, accepted_until = NULL \
    WHERE account = $1";
const CALLED: &str = "SELECT account, call_size, call_at FROM watch WHERE call = $1";
// Looked at again: it may have changed meanwhile, and a row of whom nothing stands any more goes.
const TAKEN: &str = "UPDATE watch SET said = call_hash, call = NULL, call_hash = NULL, accepted_until = NULL, due_at = 0, \
    mark = mark + 1 WHERE call = $1";
const ACCEPTED: &str = "UPDATE watch SET accepted_until = $2 WHERE call = $1";
const OWED: &str = "SELECT COUNT(*) FROM watch WHERE (now IS NOT said OR call IS NOT NULL) AND gone = 0";
const OLDEST_CALL: &str = "SELECT MIN(call_at) FROM watch WHERE call IS NOT NULL AND gone = 0";
const IS_OWED: &str = "SELECT 1 FROM watch WHERE account = $1 AND (now IS NOT said OR call IS NOT NULL)";
const CONCERNS: &str = "SELECT log_index FROM concern WHERE account = $1 ORDER BY log_index";
// Whoever is to be looked at again may be among them.
const DECIDED: &str = "SELECT account FROM watch WHERE gone = 0 AND (decision <> 'allow' OR due_at <= $3 OR since > $3) \
    AND account > $1 ORDER BY account LIMIT $2";
const ALL: &str = "SELECT lookup FROM account WHERE lookup > $1 ORDER BY lookup LIMIT $2";
const REPORT: &str = "INSERT OR IGNORE INTO report (log_index, people) VALUES ($1, $2)";
const TRIM_REPORT: &str = "DELETE FROM report WHERE log_index <= (SELECT MAX(log_index) FROM report) - $1";
const REPORTED: &str = "SELECT log_index, people FROM report ORDER BY log_index DESC LIMIT $1";
/// Rows of one statement.
const AT_ONCE: usize = 1_000;

#[derive(Debug, Clone)]
pub struct HookStore(Database);

pub struct Concern {
    pub account: Lookup,
    pub log_index: u64,
    /// When its last record that concerns the person is in effect.
    pub effective_at: Time,
}

/// A person to be looked at again.
#[derive(Debug, Clone, Copy)]
pub struct WatchEntry {
    pub account: Lookup,
    /// How often it was marked: what is found out is kept only if it wasn't again meanwhile.
    pub mark: i64,
}

pub struct CurrentState {
    pub due: WatchEntry,
    pub decision: &'static str,
    /// Keyed hash of what a check would answer; `None`: `allow`, and nothing stands or is to come.
    pub now: Option<Lookup>,
    pub until: Option<Time>,
    pub since: Option<Time>,
}

/// A person of whom the hook is owed a call.
#[derive(Debug, Clone)]
pub struct OpenCall {
    pub account: Lookup,
    /// Keyed hash of what it took last.
    pub said: Option<Lookup>,
    /// The call that was made and isn't taken, and what it says.
    pub call: Option<(CheckId, Option<Lookup>)>,
    /// Until when the hook, which took it on, has time to report that it is done; unless something else is to be said.
    pub accepted_until: Option<Time>,
}

pub struct NewCall {
    pub account: Lookup,
    /// Its id: another as soon as it says something else.
    pub id: CheckId,
    /// Keyed hash of what it says.
    pub says: Option<Lookup>,
    pub size: u64,
    pub at: Time,
}

struct OpenCallRow {
    account: Lookup,
    said: Option<Lookup>,
    call: Option<CheckId>,
    call_hash: Option<Lookup>,
    accepted_until: Option<Time>,
    now: Option<Lookup>,
}

stored!(OpenCallRow, "a lookup", account, said, call, call_hash, accepted_until, now);
stored!(WatchEntry, "a lookup", account, mark);

impl From<OpenCallRow> for OpenCall {
    fn from(row: OpenCallRow) -> Self {
        let is_same = row.call.is_some() && row.call_hash == row.now;
        Self {
            account: row.account,
            said: row.said,
            call: row.call.map(|id| (id, row.call_hash)),
            accepted_until: row.accepted_until.filter(|_| is_same),
        }
    }
}

/// A call that was made: at which size of the log, and at which instant.
struct CallRow {
    account: Lookup,
    call_size: u64,
    call_at: Time,
}

stored!(CallRow, "a lookup", account, call_size, call_at);

/// How many people a docket concerns, where the hook isn't called.
pub struct StoredReport {
    pub log_index: u64,
    pub people: u64,
}

stored!(StoredReport, "a report", log_index, people);

impl HookStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// Up to which size the log was looked through, and which epochs were live then.
    pub async fn cursor(&self) -> Result<(u64, String), StoreError> {
        let (size, live): (i64, String) = sqlx::query_as(CURSOR).fetch_one(&self.0.reader).await?;
        Ok((size.unsigned_abs(), live))
    }

    /// Marks the people whom dockets concern, `told`: everyone of whom anything was said, `all`: everyone; and moves
    /// the cursor with it.
    pub async fn look_through(
        &self,
        concerns: &[Concern],
        (told, all): (bool, bool),
        cursor: (u64, &str),
    ) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for chunk in concerns.chunks(AT_ONCE) {
            mark(&mut transaction, chunk.iter().map(|concern| &concern.account)).await?;
            let mut insert = QueryBuilder::new("INSERT OR REPLACE INTO concern (account, log_index, effective_at) ");
            insert.push_values(chunk, |mut row, concern| {
                row.push_bind(&concern.account[..])
                    .push_bind(integer(concern.log_index))
                    .push_bind(concern.effective_at.as_millis());
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        if told {
            sqlx::query(MARK_TOLD).execute(&mut *transaction).await?;
        }
        if all {
            let text: &'static str = MARK_ALL;
            QueryBuilder::<Sqlite>::new(text).push(MARK).build().persistent(false).execute(&mut *transaction).await?;
        }
        sqlx::query(MOVE_CURSOR).bind(integer(cursor.0)).bind(cursor.1).execute(&mut *transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// People to be looked at again: time may have changed what holds, a docket, or what is known of them.
    pub async fn due(&self, now: Time, limit: u32) -> Result<Vec<WatchEntry>, StoreError> {
        Ok(sqlx::query_as(DUE).bind(now.as_millis()).bind(limit).fetch_all(&self.0.writer).await?)
    }

    /// Keeps what was found out at a size of the log and an instant.
    pub async fn keep(&self, looked: &[CurrentState], gone: &[Lookup], size: u64, at: Time) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for CurrentState { due: WatchEntry { account, mark }, decision, now, until, since } in looked {
            let keep = sqlx::query(KEEP)
                .bind(&account[..])
                .bind(mark)
                .bind(until.map_or(i64::MAX, Time::as_millis))
                .bind(since.map_or(i64::MIN, Time::as_millis))
                .bind(decision)
                .bind(now.as_ref().map(|now| &now[..]));
            if keep.execute(&mut *transaction).await?.rows_affected() == 0 {
                continue;
            }
            let is_said: Option<i64> =
                sqlx::query_scalar(IS_SAID).bind(&account[..]).fetch_optional(&mut *transaction).await?;
            if is_said.is_some() {
                settle(&mut transaction, account, size, at).await?;
            }
            let wait = sqlx::query(WAIT).bind(&account[..]).bind(mark).bind(at.as_millis());
            wait.execute(&mut *transaction).await?;
            sqlx::query(DROP).bind(&account[..]).bind(mark).execute(&mut *transaction).await?;
        }
        for account in gone {
            unwatch(&mut transaction, account).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// People after this one of whom the hook is owed a call that was never made, in the order of their lookups.
    pub async fn fresh(&self, after: &Lookup, limit: u32) -> Result<Vec<OpenCall>, StoreError> {
        self.owed_by(FRESH, after, limit).await
    }

    /// People after this one of whom a call was made that isn't taken.
    pub async fn tried(&self, after: &Lookup, limit: u32) -> Result<Vec<OpenCall>, StoreError> {
        self.owed_by(TRIED, after, limit).await
    }

    async fn owed_by(&self, text: &'static str, after: &Lookup, limit: u32) -> Result<Vec<OpenCall>, StoreError> {
        let query = sqlx::query_as::<_, OpenCallRow>(text).bind(&after[..]).bind(limit);
        Ok(query.fetch_all(&self.0.writer).await?.into_iter().map(OpenCall::from).collect())
    }

    /// Keeps which calls are made, before they are: what the hook was said is in doubt from then on.
    pub async fn begin(&self, calls: &[NewCall]) -> Result<(), StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        for call in calls {
            let begin = sqlx::query(BEGIN)
                .bind(&call.account[..])
                .bind(&call.id.as_bytes()[..])
                .bind(call.says.as_ref().map(|says| &says[..]))
                .bind(integer(call.size))
                .bind(call.at.as_millis());
            begin.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The hook took a call; whether one of this id was made and not taken.
    pub async fn taken(&self, id: CheckId) -> Result<bool, StoreError> {
        let mut transaction = self.0.writer.begin().await?;
        let called = sqlx::query_as(CALLED).bind(&id.as_bytes()[..]);
        let called: Option<CallRow> = called.fetch_optional(&mut *transaction).await?;
        let Some(CallRow { account, call_size, call_at }) = called else { return Ok(false) };
        settle(&mut transaction, &account, call_size, call_at).await?;
        sqlx::query(TAKEN).bind(&id.as_bytes()[..]).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The hook took a call on, and has until then to report that it is done.
    pub async fn accepted(&self, id: CheckId, until: Time) -> Result<(), StoreError> {
        let accepted = sqlx::query(ACCEPTED).bind(&id.as_bytes()[..]).bind(until.as_millis());
        accepted.execute(&self.0.writer).await?;
        Ok(())
    }

    pub async fn owed(&self) -> Result<u64, StoreError> {
        let Scalar(count) = sqlx::query_as(OWED).fetch_one(&self.0.reader).await?;
        Ok(count)
    }

    /// As of when the oldest call was made that the hook hasn't taken.
    pub async fn oldest_call(&self) -> Result<Option<Time>, StoreError> {
        let Scalar(at) = sqlx::query_as(OLDEST_CALL).fetch_one(&self.0.reader).await?;
        Ok(at)
    }

    /// How many people are to be looked at.
    pub async fn waiting(&self, now: Time) -> Result<u64, StoreError> {
        let Scalar(count) = sqlx::query_as(WAITING).bind(now.as_millis()).fetch_one(&self.0.reader).await?;
        Ok(count)
    }

    pub async fn is_owed(&self, account: &Lookup) -> Result<bool, StoreError> {
        let owed: Option<i64> = sqlx::query_scalar(IS_OWED).bind(&account[..]).fetch_optional(&self.0.reader).await?;
        Ok(owed.is_some())
    }

    /// The dockets that concern a person and of which the hook hasn't taken what they changed.
    pub async fn concerns(&self, account: &Lookup) -> Result<Vec<u64>, StoreError> {
        let indexes = sqlx::query_as(CONCERNS).bind(&account[..]).fetch_all(&self.0.reader).await?;
        Ok(indexes.into_iter().map(|Scalar(index)| index).collect())
    }

    /// People after this one whom a check would not let pass, or with `all` everyone, in the order of their lookups.
    pub async fn people(&self, after: &Lookup, all: bool, now: Time, limit: u32) -> Result<Vec<Lookup>, StoreError> {
        let query = sqlx::query_as(if all { ALL } else { DECIDED }).bind(&after[..]).bind(limit);
        let query = if all { query } else { query.bind(now.as_millis()) };
        let rows = query.fetch_all(&self.0.reader).await?;
        Ok(rows.into_iter().map(|Scalar(account)| account).collect())
    }

    /// Notes how many people a docket concerns, where the hook is only to be told of later; of the last `keep` entries.
    pub async fn report(&self, index: u64, people: u64, keep: u64) -> Result<(), StoreError> {
        let report = sqlx::query(REPORT).bind(integer(index)).bind(integer(people));
        report.execute(&self.0.writer).await?;
        sqlx::query(TRIM_REPORT).bind(integer(keep)).execute(&self.0.writer).await?;
        Ok(())
    }

    pub async fn reported(&self, limit: u32) -> Result<Vec<StoredReport>, StoreError> {
        Ok(sqlx::query_as(REPORTED).bind(limit).fetch_all(&self.0.reader).await?)
    }
}

/// Marks people to be looked at again, in the transaction that changes what is known of them.
pub(super) async fn mark(
    transaction: &mut Transaction<'_, Sqlite>,
    accounts: impl Iterator<Item = &Lookup>,
) -> Result<(), StoreError> {
    let accounts: Vec<&Lookup> = accounts.collect();
    for chunk in accounts.chunks(AT_ONCE) {
        let mut insert = QueryBuilder::new("INSERT INTO watch (account) ");
        insert.push_values(chunk, |mut row, account| {
            row.push_bind(&account[..]);
        });
        insert.push(MARK);
        insert.build().persistent(false).execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Nobody is looked at any more under an account, and nothing is owed.
pub(super) async fn unwatch(transaction: &mut Transaction<'_, Sqlite>, account: &Lookup) -> Result<(), StoreError> {
    for text in UNWATCH {
        sqlx::query(text).bind(&account[..]).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn settle(
    transaction: &mut Transaction<'_, Sqlite>,
    account: &Lookup,
    size: u64,
    at: Time,
) -> Result<(), StoreError> {
    let settle = sqlx::query(SETTLE).bind(&account[..]).bind(integer(size)).bind(at.as_millis());
    settle.execute(&mut **transaction).await?;
    Ok(())
}
