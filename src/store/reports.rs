//! Reports: ciphertext, states, and what was done, in order.
//!
//! Of two changes at once one is taken: each names the version that it was decided by. What may be done is the API's to
//! decide.

use callboard_api::registry::reports::{KeptReport, ReportEntry};
use callboard_federation::{
    encoding::{Base64, CaseId, Hash, KeyId, ReportId, Time},
    members::MemberId,
    report::{ReportAct, ReportKind, ReportState},
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
    transaction::WriteTransaction,
};

/// Before this id stands every report of an instant.
const FROM_THE_NEWEST: [u8; 16] = [0xff; 16];

macro_rules! reports {
    ($rest:literal) => {
        concat!(
            "SELECT id, member, seat, kind, record, code, sent, received_at, due_at, calendar_unknown, changed_at, state, \
             merged_into, case_id, version, erased_at FROM report ",
            $rest
        )
    };
}

const ONE: &str = reports!("WHERE id = $1");
const ALL: &str = reports!("WHERE (received_at, id) < ($1, $2) ORDER BY received_at DESC, id DESC LIMIT $3");
const OF_STATE: &str =
    reports!("WHERE state = $4 AND (received_at, id) < ($1, $2) ORDER BY received_at DESC, id DESC LIMIT $3");
const OF_MEMBER: &str =
    reports!("WHERE member = $4 AND (received_at, id) < ($1, $2) ORDER BY received_at DESC, id DESC LIMIT $3");
const OF_MEMBER_AND_STATE: &str = reports!(
    "WHERE member = $4 AND state = $5 AND (received_at, id) < ($1, $2) ORDER BY received_at DESC, id DESC LIMIT $3"
);
const KEPT: &str = reports!(
    "WHERE erased_at IS NULL AND state NOT IN ('received', 'asked') AND changed_at <= $1 AND \
     (changed_at, id) > ($2, $3) ORDER BY changed_at, id LIMIT $4"
);
const OPEN: &str = "SELECT COUNT(*) AS number FROM report WHERE member = $1 AND state IN ('received', 'asked')";
const SEALED: &str = "SELECT sealed FROM report WHERE id = $1";
const ENTRIES: &str = "SELECT seat, act, at, to_member, to_reporter, to_seats, request FROM report_entry WHERE report = $1 \
    ORDER BY number";
const INSERT: &str = "INSERT INTO report (id, member, seat, kind, record, code, sent, received_at, due_at, \
    calendar_unknown, changed_at, state, version, sealed) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $8, 'received', 0, $11) ON CONFLICT (id) DO NOTHING";
const MOVE_ON: &str = "UPDATE report SET version = version + 1, state = $3, changed_at = $4, \
    merged_into = COALESCE($5, merged_into), case_id = COALESCE($6, case_id) WHERE id = $1 AND version = $2";
const INSERT_ENTRY: &str = "INSERT INTO report_entry (report, number, seat, act, at, to_member, to_seats, request, to_reporter) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const ERASE: &str = "UPDATE report SET sealed = $3, erased_at = $4, version = version + 1 \
    WHERE id = $1 AND version = $2 AND erased_at IS NULL";
const ERASE_ENTRIES: &str = "UPDATE report_entry SET to_member = NULL, to_seats = NULL, to_reporter = NULL \
    WHERE report = $1";
const ERASE_REQUESTS: &str = "DELETE FROM identity_request WHERE report = $1";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[
    (ONE, 1),
    (ALL, 3),
    (OF_STATE, 4),
    (OF_MEMBER, 4),
    (OF_MEMBER_AND_STATE, 5),
    (KEPT, 4),
    (OPEN, 1),
    (SEALED, 1),
    (ENTRIES, 1),
];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[
    ONE,
    ALL,
    OF_STATE,
    OF_MEMBER,
    OF_MEMBER_AND_STATE,
    KEPT,
    OPEN,
    SEALED,
    ENTRIES,
    INSERT,
    MOVE_ON,
    INSERT_ENTRY,
    ERASE,
    ERASE_ENTRIES,
    ERASE_REQUESTS,
];

/// A report to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStoredReport {
    pub report: KeptReport,
    /// SHA-256 of what came.
    pub sent: Hash,
    pub sealed: Vec<u8>,
}

/// A report, what came, and how often it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReport {
    pub report: KeptReport,
    pub sent: Hash,
    pub version: u64,
}

/// Which reports are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportList<'a> {
    /// Whose, unless everybody's.
    pub member: Option<&'a str>,
    pub state: Option<ReportState>,
    /// Those before this one.
    pub before: Option<(Time, ReportId)>,
    pub rows: u64,
}

/// What an act makes of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportStep {
    pub state: ReportState,
    pub into: Option<ReportId>,
    pub case: Option<CaseId>,
}

from_row!(StoredReport, "report", |row| Self {
    version: row.get("version")?,
    sent: row.get("sent")?,
    report: KeptReport {
        id: row.get("id")?,
        code: row.parsed("code")?,
        kind: row.unless_unreadable("kind", ReportKind::from_word(&row.get::<String>("kind")?))?,
        record: row.get("record")?,
        member: MemberId::try_from(row.get::<String>("member")?).ok(),
        seat: row.get::<Option<KeyId>>("seat")?,
        received_at: row.get("received_at")?,
        due_at: row.get("due_at")?,
        calendar_unknown: row.get("calendar_unknown")?,
        changed_at: row.get("changed_at")?,
        state: row.unless_unreadable("state", ReportState::from_word(&row.get::<String>("state")?))?,
        into: row.get("merged_into")?,
        case: row.get("case_id")?,
        erased_at: row.get("erased_at")?,
        entries: Vec::new(),
        identity_requests: Vec::new(),
        files: Vec::new(),
        sealed: None,
    },
});

struct EntryOfReport(ReportEntry);

from_row!(EntryOfReport, "report_entry", |row| Self(ReportEntry {
    seat: row.get("seat")?,
    act: row.unless_unreadable("act", ReportAct::from_word(&row.get::<String>("act")?))?,
    at: row.get("at")?,
    to_member: row.get::<Option<_>>("to_member")?.map(Base64),
    to_reporter: row.get::<Option<_>>("to_reporter")?.map(Base64),
    to_seats: row.get::<Option<_>>("to_seats")?.map(Base64),
    request: row.get("request")?,
}));

struct Ciphertext(Vec<u8>);

from_row!(Ciphertext, "report", |row| Self(row.get("sealed")?));

struct Count(u64);

from_row!(Count, "report", |row| Self(row.get("number")?));

impl Store {
    /// Keeps a report, unless there is one of its id; whether it is new.
    pub async fn put_report(&self, new: &NewStoredReport) -> Result<bool, StoreError> {
        let kept = measured("keep-report", async {
            let mut transaction = self.begin_as_writer().await?;
            let is_new = transaction.insert_report(new).await?;
            transaction.commit().await?;
            Ok(is_new)
        });
        self.note_outcome(kept.await)
    }

    /// A report with what was done with it, but without its own ciphertext and questions for identities.
    pub async fn report(&self, id: ReportId) -> Result<Option<StoredReport>, StoreError> {
        let Some(mut stored) = self.row::<StoredReport>(ONE, &values![&id]).await? else { return Ok(None) };
        let entries: Vec<EntryOfReport> = self.rows(ENTRIES, &values![&id]).await?;
        stored.report.entries = entries.into_iter().map(|EntryOfReport(entry)| entry).collect();
        Ok(Some(stored))
    }

    /// The ciphertext of a report; `None` where it was erased, or there is no such report.
    pub async fn report_ciphertext(&self, id: ReportId) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed = self.row(SEALED, &values![&id]).await?.map(|Ciphertext(sealed)| sealed);
        Ok(sealed.filter(|sealed| !sealed.is_empty()))
    }

    /// Reports that nothing waits for, that aren't erased, and with which nothing was done since `before`; the oldest first.
    pub async fn reports_kept(
        &self,
        before: Time,
        after: Option<(Time, ReportId)>,
        rows: u64,
    ) -> Result<Vec<StoredReport>, StoreError> {
        let at = after.map_or(i64::MIN, |(at, _)| at.as_millis());
        let id = after.map_or([0; 16], |(_, id)| *id.as_bytes());
        self.rows(KEPT, &values![before, at, &id, rows]).await
    }

    /// Erases what a report and all that was said of it say, as it was read; `false` if it changed since.
    pub async fn erase_report(&self, of: &StoredReport, at: Time) -> Result<bool, StoreError> {
        let erased = measured("erase-report", async {
            let (id, nothing) = (&of.report.id, Vec::<u8>::new());
            let mut transaction = self.begin_as_writer().await?;
            if transaction.execute(ERASE, &values![id, of.version, &nothing, at]).await? == 0 {
                return Ok(false);
            }
            transaction.execute(ERASE_ENTRIES, &values![id]).await?;
            transaction.execute(ERASE_REQUESTS, &values![id]).await?;
            transaction.erase_report_files(*id).await?;
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(erased.await)
    }

    /// Reports, the newest first, without what was done with them.
    pub async fn reports(&self, list: ReportList<'_>) -> Result<Vec<KeptReport>, StoreError> {
        let ReportList { member, state, before, rows } = list;
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or(FROM_THE_NEWEST, |(_, id)| *id.as_bytes());
        let listed: Vec<StoredReport> = match (member, state) {
            (None, None) => self.rows(ALL, &values![at, &id, rows]).await?,
            (None, Some(state)) => self.rows(OF_STATE, &values![at, &id, rows, state]).await?,
            (Some(member), None) => self.rows(OF_MEMBER, &values![at, &id, rows, member]).await?,
            (Some(member), Some(state)) => {
                self.rows(OF_MEMBER_AND_STATE, &values![at, &id, rows, member, state]).await?
            }
        };
        Ok(listed.into_iter().map(|stored| stored.report).collect())
    }

    /// How many reports of a member wait for somebody.
    pub async fn open_reports(&self, member: &str) -> Result<u64, StoreError> {
        let Count(number) = self.one(OPEN, &values![member]).await?;
        Ok(number)
    }

    /// Keeps what is done with a report as it was read; `false` if it changed since.
    pub async fn put_report_entry(
        &self,
        of: &StoredReport,
        entry: &ReportEntry,
        step: ReportStep,
    ) -> Result<bool, StoreError> {
        let kept = measured("keep-report-entry", async {
            let mut transaction = self.begin_as_writer().await?;
            let is_taken = transaction.move_report_on(of, entry, step).await?;
            if is_taken {
                transaction.commit().await?;
            }
            Ok(is_taken)
        });
        self.note_outcome(kept.await)
    }
}

impl WriteTransaction {
    /// Writes a report, unless there is one of its id; whether it is new.
    pub(super) async fn insert_report(&mut self, new: &NewStoredReport) -> Result<bool, StoreError> {
        let NewStoredReport { report, sent, sealed } = new;
        let member = report.member.as_ref().map_or("", MemberId::as_str);
        let code = report.code.to_string();
        let values = values![
            &report.id,
            member,
            report.seat.as_ref(),
            report.kind,
            report.record.as_ref(),
            &code,
            sent,
            report.received_at,
            report.due_at,
            report.calendar_unknown,
            sealed
        ];
        Ok(self.execute(INSERT, &values).await? > 0)
    }

    /// Writes what is done with a report as it was read; `false` if it changed since.
    pub(super) async fn move_report_on(
        &mut self,
        of: &StoredReport,
        entry: &ReportEntry,
        step: ReportStep,
    ) -> Result<bool, StoreError> {
        let ReportEntry { seat, act, at, to_member, to_reporter, to_seats, request } = entry;
        let ReportStep { state, into, case } = step;
        let id = &of.report.id;
        let moved = values![id, of.version, state, *at, into.as_ref(), case.as_ref()];
        if self.execute(MOVE_ON, &moved).await? == 0 {
            return Ok(false);
        }
        let [to_member, to_reporter, to_seats] =
            [to_member, to_reporter, to_seats].map(|words| words.as_ref().map(|of| &of.0));
        let (seat, request) = (seat.as_ref(), request.as_ref());
        let values = values![id, of.version, seat, *act, *at, to_member, to_seats, request, to_reporter];
        self.execute(INSERT_ENTRY, &values).await?;
        Ok(true)
    }
}
