//! Questions to members whose an account is, and what they answered, as ciphertext.

use callboard_api::registry::{identity_requests::IdentityRequest, reports::ReportEntry};
use callboard_federation::{
    encoding::{Base64, IdentityRequestId, ReportId, Time},
    members::MemberId,
};

use super::{
    Store, StoreError,
    column::{from_row, values},
    measured,
    reports::{ReportStep, StoredReport},
};

/// Before this id stands every question of an instant.
const FROM_THE_NEWEST: [u8; 16] = [0xff; 16];

macro_rules! requests {
    ($sealed:literal, $rest:literal) => {
        concat!(
            "SELECT id, report, member, asked_at, answered_at, ",
            $sealed,
            " AS sealed, answer FROM identity_request ",
            $rest
        )
    };
}

const ONE: &str = requests!("sealed", "WHERE id = $1");
const OF_MEMBER: &str =
    requests!("sealed", "WHERE member = $4 AND (asked_at, id) < ($1, $2) ORDER BY asked_at DESC, id DESC LIMIT $3");
const OPEN_OF_MEMBER: &str = requests!(
    "sealed",
    "WHERE member = $4 AND answered_at IS NULL AND (asked_at, id) < ($1, $2) ORDER BY asked_at DESC, id DESC LIMIT $3"
);
const OF_REPORT: &str = requests!("to_seats", "WHERE report = $1 ORDER BY asked_at, id");
const INSERT: &str = "INSERT INTO identity_request (id, report, member, asked_at, sealed, to_seats) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING";
const ANSWER: &str = "UPDATE identity_request SET answered_at = $2, answer = $3 WHERE id = $1 AND answered_at IS NULL";

/// Those that read lists, each with how many values it takes: none may read more than it lists.
#[cfg(test)]
pub(super) const LISTS: &[(&str, usize)] = &[(ONE, 1), (OF_MEMBER, 4), (OPEN_OF_MEMBER, 4), (OF_REPORT, 1)];

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ONE, OF_MEMBER, OPEN_OF_MEMBER, OF_REPORT, INSERT, ANSWER];

/// A question, and the report that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredIdentityRequest {
    pub request: IdentityRequest,
    pub report: ReportId,
}

/// Which questions are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityRequestList<'a> {
    pub member: &'a str,
    /// Only those that aren't answered.
    pub open: bool,
    /// Those before this one.
    pub before: Option<(Time, IdentityRequestId)>,
    pub rows: u64,
}

from_row!(StoredIdentityRequest, "identity_request", |row| Self {
    report: row.get("report")?,
    request: IdentityRequest {
        id: row.get("id")?,
        member: row.unless_unreadable("member", MemberId::try_from(row.get::<String>("member")?).ok())?,
        asked_at: row.get("asked_at")?,
        answered_at: row.get("answered_at")?,
        sealed: Base64(row.get("sealed")?),
        answer: row.get::<Option<_>>("answer")?.map(Base64),
    },
});

impl Store {
    /// Keeps a question, with the entry of its report as it was read; `false` if that changed since, or there is a
    /// question of this id.
    pub async fn put_identity_request(
        &self,
        of: &StoredReport,
        entry: &ReportEntry,
        request: &IdentityRequest,
        to_seats: &[u8],
    ) -> Result<bool, StoreError> {
        let kept = measured("keep-identity-request", async {
            let IdentityRequest { id, member, asked_at, sealed, .. } = request;
            let mut transaction = self.begin_as_writer().await?;
            let step = ReportStep { state: of.report.state, into: None, case: None };
            let values = values![id, &of.report.id, member.as_str(), *asked_at, &sealed.0, to_seats];
            if !transaction.move_report_on(of, entry, step).await? || transaction.execute(INSERT, &values).await? == 0 {
                return Ok(false);
            }
            transaction.commit().await?;
            Ok(true)
        });
        self.note_outcome(kept.await)
    }

    /// A question, as the member is shown it.
    pub async fn identity_request(&self, id: IdentityRequestId) -> Result<Option<StoredIdentityRequest>, StoreError> {
        self.row(ONE, &values![&id]).await
    }

    /// What a member is asked, the newest first.
    pub async fn identity_requests(&self, list: IdentityRequestList<'_>) -> Result<Vec<IdentityRequest>, StoreError> {
        let IdentityRequestList { member, open, before, rows } = list;
        let at = before.map_or(i64::MAX, |(at, _)| at.as_millis());
        let id = before.map_or(FROM_THE_NEWEST, |(_, id)| *id.as_bytes());
        let sql = if open { OPEN_OF_MEMBER } else { OF_MEMBER };
        let listed: Vec<StoredIdentityRequest> = self.rows(sql, &values![at, &id, rows, member]).await?;
        Ok(listed.into_iter().map(|stored| stored.request).collect())
    }

    /// What was asked for a report, as the secretariat is shown it.
    pub async fn identity_requests_of(&self, report: ReportId) -> Result<Vec<IdentityRequest>, StoreError> {
        let listed: Vec<StoredIdentityRequest> = self.rows(OF_REPORT, &values![&report]).await?;
        Ok(listed.into_iter().map(|stored| stored.request).collect())
    }

    /// Keeps an answer; `false` if there is one.
    pub async fn answer_identity_request(
        &self,
        id: IdentityRequestId,
        at: Time,
        answer: &[u8],
    ) -> Result<bool, StoreError> {
        let kept = measured("keep-identity-answer", async {
            let mut transaction = self.begin_as_writer().await?;
            let is_taken = transaction.execute(ANSWER, &values![&id, at, answer]).await? > 0;
            transaction.commit().await?;
            Ok(is_taken)
        });
        self.note_outcome(kept.await)
    }
}
