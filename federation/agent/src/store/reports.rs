//! What this platform reported, and the recipient to which the secretariat writes; in `book.sqlite`.

use callboard_api::registry::reports::KeptReport;
use callboard_federation::{
    encoding::{RecordId, ReportId, Time},
    report::{ReportCode, ReportKind, ReportState},
};
use callboard_service::from_row;
use sqlx::sqlite::SqliteRow;

use super::{
    Database, StoreError,
    column::{Scalar, stored},
};

const NEWEST_RECIPIENT: &str = "SELECT recipient, made_at, sealed, envelope, published_at FROM recipient \
    ORDER BY made_at DESC LIMIT 1";
const RECIPIENTS: &str =
    "SELECT recipient, made_at, sealed, envelope, published_at FROM recipient ORDER BY made_at DESC";
const KEEP_RECIPIENT: &str = "INSERT INTO recipient (recipient, made_at, sealed, envelope) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (recipient) DO UPDATE SET made_at = $2, envelope = $4, published_at = NULL";
const PUBLISHED: &str = "UPDATE recipient SET published_at = $2 WHERE recipient = $1";
// One that was replaced goes once no report is left that was made before it was.
const DROP_RECIPIENTS: &str = "DELETE FROM recipient WHERE made_at < (SELECT MAX(made_at) FROM recipient) - $1 \
    AND NOT EXISTS (SELECT 1 FROM own_report WHERE own_report.made_at < (SELECT MAX(made_at) FROM recipient))";

macro_rules! reports {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, record, code, made_at, summary, filed_at, failure, state, received_at, due_at, \
             calendar_unknown, changed_at FROM own_report ",
            $rest
        )
    };
}

const KEEP: &str = "INSERT OR IGNORE INTO own_report (id, kind, record, code, made_at, summary, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7)";
const ONE: &str = reports!("WHERE id = $1");
const BEFORE: &str = reports!("WHERE (made_at, id) < ($1, $2) ORDER BY made_at DESC, id DESC LIMIT $3");
const OPEN_BEFORE: &str = reports!(
    "WHERE (state IS NULL OR state IN ('received', 'asked')) AND (made_at, id) < ($1, $2) \
     ORDER BY made_at DESC, id DESC LIMIT $3"
);
const UNFILED: &str =
    "SELECT id, kind, record, sealed FROM own_report WHERE filed_at IS NULL ORDER BY made_at, id LIMIT $1";
const TOLD: &str = "UPDATE own_report SET filed_at = COALESCE(filed_at, $2), failure = NULL, state = $3, received_at = $4, \
    due_at = $5, calendar_unknown = $6, changed_at = $7 WHERE id = $1";
const FAILED: &str = "UPDATE own_report SET failure = $2 WHERE id = $1";
const DROP_UNFILED: &str = "DELETE FROM own_report WHERE id = $1 AND filed_at IS NULL";
const AGAIN: &str = "UPDATE own_report SET filed_at = NULL WHERE filed_at < $1 \
    AND (state IS NULL OR state IN ('received', 'asked'))";
const UNPUBLISH: &str = "UPDATE recipient SET published_at = NULL WHERE published_at < $1";
const OF_STATE: &str = "SELECT COUNT(*) FROM own_report WHERE state = $1";
const COUNT_UNFILED: &str = "SELECT COUNT(*) FROM own_report WHERE filed_at IS NULL";
const OLDEST_OPEN: &str = "SELECT MIN(received_at) FROM own_report WHERE state IN ('received', 'asked')";
const DROP_ENDED: &str =
    "DELETE FROM own_report WHERE state IN ('accepted', 'dismissed', 'merged') AND changed_at < $1";

/// A recipient of this member's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecipient {
    pub recipient: String,
    pub made_at: Time,
    /// Its identity, encrypted.
    pub sealed: Vec<u8>,
    /// What is published of it.
    pub envelope: String,
    pub published_at: Option<Time>,
}

stored!(StoredRecipient, "a recipient", recipient, made_at, sealed, envelope, published_at);

/// A report to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOwnReport {
    pub id: ReportId,
    pub kind: ReportKind,
    pub record: Option<RecordId>,
    pub code: ReportCode,
    pub made_at: Time,
    /// What it is about, encrypted.
    pub summary: Vec<u8>,
    /// As it is sent.
    pub sealed: Vec<u8>,
}

/// A report as it is kept, and as the registry last told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOwnReport {
    pub id: ReportId,
    pub kind: ReportKind,
    pub record: Option<RecordId>,
    pub code: ReportCode,
    pub made_at: Time,
    pub summary: Vec<u8>,
    pub filed_at: Option<Time>,
    pub failure: Option<String>,
    pub state: Option<ReportState>,
    pub received_at: Option<Time>,
    pub due_at: Option<Time>,
    pub calendar_unknown: bool,
    pub changed_at: Option<Time>,
}

/// A report that the registry hasn't taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfiledReport {
    pub id: ReportId,
    pub kind: ReportKind,
    pub record: Option<RecordId>,
    pub sealed: Vec<u8>,
}

from_row!(
    StoredOwnReport,
    "a report",
    |row| Self {
        id: row.get("id")?,
        kind: row.unless_unreadable("kind", ReportKind::from_word(&row.get::<String>("kind")?))?,
        record: row.get("record")?,
        code: row.parsed("code")?,
        made_at: row.get("made_at")?,
        summary: row.get("summary")?,
        filed_at: row.get("filed_at")?,
        failure: row.get("failure")?,
        state: row.get::<Option<String>>("state")?.as_deref().and_then(ReportState::from_word),
        received_at: row.get("received_at")?,
        due_at: row.get("due_at")?,
        calendar_unknown: row.get("calendar_unknown")?,
        changed_at: row.get("changed_at")?,
    },
    SqliteRow
);

from_row!(
    UnfiledReport,
    "a report",
    |row| Self {
        id: row.get("id")?,
        kind: row.unless_unreadable("kind", ReportKind::from_word(&row.get::<String>("kind")?))?,
        record: row.get("record")?,
        sealed: row.get("sealed")?,
    },
    SqliteRow
);

#[derive(Debug, Clone)]
pub struct ReportStore(Database);

impl ReportStore {
    pub const fn new(database: Database) -> Self {
        Self(database)
    }

    /// The recipient that is made last.
    pub async fn newest_recipient(&self) -> Result<Option<StoredRecipient>, StoreError> {
        Ok(sqlx::query_as(NEWEST_RECIPIENT).fetch_optional(&self.0.reader).await?)
    }

    /// Every recipient, the newest first.
    pub async fn recipients(&self) -> Result<Vec<StoredRecipient>, StoreError> {
        Ok(sqlx::query_as(RECIPIENTS).fetch_all(&self.0.reader).await?)
    }

    /// Keeps a recipient, or what is to be published of one that is kept.
    pub async fn keep_recipient(&self, new: &StoredRecipient) -> Result<(), StoreError> {
        let query = sqlx::query(KEEP_RECIPIENT).bind(&new.recipient).bind(new.made_at.as_millis());
        query.bind(&new.sealed).bind(&new.envelope).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Notes that the registry took a recipient.
    pub async fn published(&self, recipient: &str, at: Time) -> Result<(), StoreError> {
        sqlx::query(PUBLISHED).bind(recipient).bind(at.as_millis()).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Keeps a report before it is sent; whether it is new.
    pub async fn keep(&self, new: &NewOwnReport) -> Result<bool, StoreError> {
        let query = sqlx::query(KEEP).bind(&new.id.as_bytes()[..]).bind(new.kind.as_str());
        let query = query.bind(new.record.map(|record| record.as_bytes().to_vec())).bind(new.code.to_string());
        let query = query.bind(new.made_at.as_millis()).bind(&new.summary).bind(&new.sealed);
        Ok(query.execute(&self.0.writer).await?.rows_affected() > 0)
    }

    pub async fn report(&self, id: ReportId) -> Result<Option<StoredOwnReport>, StoreError> {
        Ok(sqlx::query_as(ONE).bind(&id.as_bytes()[..]).fetch_optional(&self.0.reader).await?)
    }

    /// Reports that were made before one, or all, the newest first; `limit` at most.
    pub async fn before(
        &self,
        before: Option<(Time, ReportId)>,
        open: bool,
        limit: u32,
    ) -> Result<Vec<StoredOwnReport>, StoreError> {
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or([0xff; 16], |(_, id)| *id.as_bytes());
        let query = sqlx::query_as(if open { OPEN_BEFORE } else { BEFORE }).bind(at).bind(id.to_vec()).bind(limit);
        Ok(query.fetch_all(&self.0.reader).await?)
    }

    /// Reports that the registry hasn't taken, the oldest first; `limit` at most.
    pub async fn unfiled(&self, limit: u32) -> Result<Vec<UnfiledReport>, StoreError> {
        Ok(sqlx::query_as(UNFILED).bind(limit).fetch_all(&self.0.reader).await?)
    }

    /// Notes what the registry told of a report.
    pub async fn told(&self, report: &KeptReport, now: Time) -> Result<(), StoreError> {
        let query = sqlx::query(TOLD).bind(&report.id.as_bytes()[..]).bind(now.as_millis());
        let query = query.bind(report.state.as_str()).bind(report.received_at.as_millis());
        let query = query.bind(report.due_at.map(Time::as_millis)).bind(report.calendar_unknown);
        query.bind(report.changed_at.as_millis()).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Notes why the registry didn't take a report.
    pub async fn failed(&self, id: ReportId, why: &str) -> Result<(), StoreError> {
        sqlx::query(FAILED).bind(&id.as_bytes()[..]).bind(why).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Drops a report that the registry never took.
    pub async fn drop_unfiled(&self, id: ReportId) -> Result<(), StoreError> {
        sqlx::query(DROP_UNFILED).bind(&id.as_bytes()[..]).execute(&self.0.writer).await?;
        Ok(())
    }

    /// Has what was sent before `at` sent again: the registry was restored then, and may lack it.
    pub async fn send_again(&self, at: Time) -> Result<u64, StoreError> {
        let again = sqlx::query(AGAIN).bind(at.as_millis()).execute(&self.0.writer).await?;
        let unpublished = sqlx::query(UNPUBLISH).bind(at.as_millis()).execute(&self.0.writer).await?;
        Ok(again.rows_affected() + unpublished.rows_affected())
    }

    /// How many reports are so far.
    pub async fn of_state(&self, state: ReportState) -> Result<u64, StoreError> {
        let Scalar(count) = sqlx::query_as(OF_STATE).bind(state.as_str()).fetch_one(&self.0.reader).await?;
        Ok(count)
    }

    /// How many reports the registry hasn't taken.
    pub async fn count_unfiled(&self) -> Result<u64, StoreError> {
        let Scalar(count) = sqlx::query_as(COUNT_UNFILED).fetch_one(&self.0.reader).await?;
        Ok(count)
    }

    /// When the registry had the oldest report that hasn't ended.
    pub async fn oldest_open(&self) -> Result<Option<Time>, StoreError> {
        let Scalar(at) = sqlx::query_as(OLDEST_OPEN).fetch_one(&self.0.reader).await?;
        Ok(at)
    }

    /// Drops reports that ended before `at`, and recipients that were replaced so long ago and are needed for none.
    pub async fn drop_ended(&self, at: Time, kept_millis: i64) -> Result<(), StoreError> {
        sqlx::query(DROP_ENDED).bind(at.as_millis()).execute(&self.0.writer).await?;
        sqlx::query(DROP_RECIPIENTS).bind(kept_millis).execute(&self.0.writer).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_seconds(1_800_000_000 + seconds)
    }

    fn report(number: u8) -> NewOwnReport {
        let id = ReportId::new(at(i64::from(number)), [number; 10]);
        let sealed = vec![number; 40];
        NewOwnReport {
            id,
            kind: ReportKind::Violation,
            record: None,
            code: ReportCode::of(id, &sealed),
            made_at: at(i64::from(number)),
            summary: vec![number],
            sealed,
        }
    }

    fn told(of: &NewOwnReport, state: ReportState, changed: i64) -> KeptReport {
        KeptReport {
            id: of.id,
            code: of.code,
            kind: of.kind,
            record: None,
            member: None,
            seat: None,
            received_at: of.made_at,
            due_at: None,
            calendar_unknown: true,
            changed_at: at(changed),
            state,
            into: None,
            case: None,
            erased_at: None,
            entries: Vec::new(),
            identity_requests: Vec::new(),
            files: Vec::new(),
            sealed: None,
        }
    }

    #[tokio::test]
    async fn a_report_is_sent_until_it_is_taken_and_goes_after_it_has_ended() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_book(directory.path()).await.unwrap();
        let store = ReportStore::new(database.clone());
        let reports = [1, 2, 3].map(report);
        for report in &reports {
            assert!(store.keep(report).await.unwrap());
            assert!(!store.keep(report).await.unwrap(), "once");
        }
        let unfiled: Vec<_> = store.unfiled(9).await.unwrap().into_iter().map(|report| report.id).collect();
        assert_eq!(unfiled, reports.each_ref().map(|report| report.id));
        store.failed(reports[0].id, "why").await.unwrap();
        assert_eq!(store.report(reports[0].id).await.unwrap().unwrap().failure.as_deref(), Some("why"));
        for (report, state) in reports.iter().zip([ReportState::Received, ReportState::Asked, ReportState::Dismissed]) {
            store.told(&told(report, state, 100), at(10)).await.unwrap();
        }
        assert!(store.unfiled(9).await.unwrap().is_empty());
        assert_eq!(store.of_state(ReportState::Asked).await.unwrap(), 1);
        let open: Vec<_> = store.before(None, true, 9).await.unwrap().into_iter().map(|report| report.id).collect();
        assert_eq!(open, [reports[1].id, reports[0].id]);
        let second = store.before(Some((reports[2].made_at, reports[2].id)), false, 1).await.unwrap();
        assert_eq!(second[0].id, reports[1].id);
        assert_eq!(store.oldest_open().await.unwrap(), Some(reports[0].made_at));

        assert_eq!(store.send_again(at(11)).await.unwrap(), 2, "what has ended isn't sent again");
        store.drop_ended(at(100), 1).await.unwrap();
        assert!(store.report(reports[2].id).await.unwrap().is_some());
        store.drop_ended(at(101), 1).await.unwrap();
        assert!(store.report(reports[2].id).await.unwrap().is_none());
        database.close().await;
    }

    #[tokio::test]
    async fn a_replaced_recipient_stays_as_long_as_a_report_may_be_answered_to_it() {
        let directory = tempfile::tempdir().unwrap();
        let database = Database::open_book(directory.path()).await.unwrap();
        let store = ReportStore::new(database.clone());
        let recipient = |name: &str, seconds| StoredRecipient {
            recipient: name.to_owned(),
            made_at: at(seconds),
            sealed: vec![1],
            envelope: "{}".to_owned(),
            published_at: None,
        };
        store.keep_recipient(&recipient("age1old", 0)).await.unwrap();
        store.published("age1old", at(1)).await.unwrap();
        let old = report(1);
        store.keep(&old).await.unwrap();
        store.keep_recipient(&recipient("age1new", 10)).await.unwrap();
        assert_eq!(store.newest_recipient().await.unwrap(), Some(recipient("age1new", 10)));
        store.drop_ended(at(0), 1_000).await.unwrap();
        assert_eq!(store.recipients().await.unwrap().len(), 2, "a report may be answered to it");
        store.told(&told(&old, ReportState::Accepted, 20), at(20)).await.unwrap();
        store.drop_ended(at(21), 60_000).await.unwrap();
        assert_eq!(store.recipients().await.unwrap().len(), 2, "it isn't old enough");
        store.drop_ended(at(21), 1_000).await.unwrap();
        assert_eq!(store.recipients().await.unwrap(), [recipient("age1new", 10)]);
        database.close().await;
    }
}
