//! Reports: what members and the secretariat bring before the committee, carried as ciphertext (`docs/formats.md` §14).
//!
//! The registry reads nothing of it. It sees what is here: kinds, states, times, and who does what.

use callboard_federation::{
    encoding::{Base64, CaseId, Hash, IdentityRequestId, KeyId, RecordId, ReportId, Time},
    members::MemberId,
    report::{ReportAct, ReportCode, ReportKind, ReportState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{identity_requests::IdentityRequest, rows};
use crate::{Member, Operation, Seat, Signed, operations};

/// A report to be filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "kind": "not-this-person",
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// A UUID of version 7, made by whoever files it.
    pub id: ReportId,
    /// What it is: members file `violation` and `not-this-person`, the secretariat the others.
    pub kind: ReportKind,
    /// The record that hit a stranger; with `not-this-person` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// What it says: an `age` file of at most 576 KiB to every seat of the secretariat.
    pub sealed: Base64,
}

/// What a secretariat's seat does with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "act": "dismiss", "toMember": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==", "toSeats": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewReportAct {
    /// `accept`, `dismiss`, `merge`, `ask` or `note`.
    pub act: ReportAct,
    /// What the member is told: an `age` file of at most 16 KiB to its recipient. `dismiss` and `ask` of a member's
    /// report have one, `accept` and `merge` may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_member: Option<Base64>,
    /// What whoever reported is told, of a report of the public: the JSON of words under its code's key,
    /// at most 16 KiB.
    /// `dismiss` and `ask` have them, `accept` and `merge` may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_reporter: Option<Base64>,
    /// The same, or what the secretariat notes for itself, to its seats. Wherever somebody is told something, and with
    /// `dismiss` and `note`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_seats: Option<Base64>,
    /// As part of which report it goes on; with `merge` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<ReportId>,
    /// The case that takes it up; with `accept` alone, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
}

/// What a member answers to what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg=="}))]
#[serde(deny_unknown_fields)]
pub struct NewReportAnswer {
    /// An `age` file of at most 16 KiB to every seat of the secretariat.
    pub sealed: Base64,
}

/// A report as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "code": "PZMDE5VTNK", "kind": "not-this-person",
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "member": "alpha",
    "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
    "receivedAt": "2026-02-01T00:00:00.000Z", "dueAt": "2026-02-04T00:00:00.000Z", "calendarUnknown": true,
    "changedAt": "2026-02-02T00:00:00.000Z", "state": "merged", "into": "019c167f-cc00-7568-8a65-6cc0703e460b",
    "case": "019c167f-cc00-7568-8a65-6cc0703e460c", "erasedAt": "2029-02-02T00:00:00.000Z",
    "entries": [{
        "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "act": "merge",
        "at": "2026-02-02T00:00:00.000Z", "toMember": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
        "toSeats": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==", "request": "019c167f-cc00-7568-8a65-6cc0703e460d",
    }],
    "identityRequests": [{
        "id": "019c167f-cc00-7568-8a65-6cc0703e460d", "member": "beta", "askedAt": "2026-02-01T00:00:00.000Z",
        "answeredAt": "2026-02-02T00:00:00.000Z", "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
        "answer": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    }],
    "files": [{
        "bytes": 1040, "sha256": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "isWhole": true,
    }],
    "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
pub struct KeptReport {
    /// Its id.
    pub id: ReportId,
    /// By what people name it: it follows from id and ciphertext.
    pub code: ReportCode,
    /// What it is.
    pub kind: ReportKind,
    /// The record that hit a stranger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The member that filed it, unless a seat did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The key of the secretariat's seat that filed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<KeyId>,
    /// When the registry had it.
    pub received_at: Time,
    /// By when the secretariat is to say what becomes of it, by the strictest policy in force when it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Whether there is no such time since the policy's calendar doesn't cover the year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_unknown: bool,
    /// When something was last done with it.
    pub changed_at: Time,
    /// How far it is.
    pub state: ReportState,
    /// As part of which report it goes on; for the secretariat alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<ReportId>,
    /// The case that took it up; for the secretariat alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<CaseId>,
    /// When what it says was erased, since its time was over: nothing of it opens any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Time>,
    /// What was done with it, in order; in the answer for one report alone. Notes, and who was asked for identities,
    /// are for the secretariat alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<ReportEntry>,
    /// Which members were asked whose an account is, for the secretariat alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity_requests: Vec<IdentityRequest>,
    /// Its files, of a report of the public; in the answer for one report alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<KeptReportFile>,
    /// What it says, an `age` file, or of the public the JSON of a message to report keys; in the answer for one report
    /// alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
}

/// A file of a report of the public: its ciphertext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "bytes": 1040, "sha256": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "isWhole": true,
}))]
pub struct KeptReportFile {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: Hash,
    /// Whether all of it came.
    pub is_whole: bool,
}

/// Which part of a file.
#[derive(Debug, Default, Clone, Copy, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilePartOf {
    /// Which file, from 0.
    pub number: u64,
    /// Which part, from 0.
    pub part: u64,
}

/// A part of a file's ciphertext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"bytes": "eyJ2IjoxfQ==", "isLast": true}))]
pub struct FilePart {
    /// 524,288 bytes, or what is left.
    pub bytes: Base64,
    /// Whether it is the last.
    pub is_last: bool,
}

/// Something that was done with a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "act": "ask",
    "at": "2026-02-02T00:00:00.000Z", "toMember": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
    "toSeats": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg==",
}))]
pub struct ReportEntry {
    /// The key of the seat that did it; absent where the member or the reporter answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<KeyId>,
    /// What was done.
    pub act: ReportAct,
    /// When, by the registry's clock.
    pub at: Time,
    /// What the member was told, an `age` file to its recipient.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_member: Option<Base64>,
    /// What secretariat and reporter say to each other, of a report of the public: the JSON of words under its
    /// code's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_reporter: Option<Base64>,
    /// What is for the secretariat, an `age` file to its seats: for it alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_seats: Option<Base64>,
    /// Which question for an identity; of `ask-identity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<IdentityRequestId>,
}

/// Reports, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"reports": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460a"}))]
pub struct Reports {
    /// A page of them, without what was done and said.
    pub reports: Vec<KeptReport>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ReportId>,
}

/// Which reports.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReportsBefore {
    /// Those that came before this one: `next` of the page before.
    pub before: Option<ReportId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// Only those that are so far.
    #[param(inline)]
    pub state: Option<ReportState>,
}

impl ReportsBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// What the variable part of a report's address is.
const ID: &str = "Its id";

operations! {
    /// The operations on reports.
    OPERATIONS:

    /// Files a report
    ///
    /// Members report violations at their own platforms, and that a record hit somebody else than the one who is meant.
    /// The secretariat enters what authorities and courts decided, and what came on paper. The registry keeps
    /// ciphertext. The same report again gets the same answer; another under its id is refused. The answer's `code`
    /// follows from id and ciphertext: compare it. A member has at most 10,000 reports open.
    FILE_REPORT: [Signed, (), (), NewReport, KeptReport] =
        Operation::post("/v1/reports", "reports").takes("").gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("report-refused report-forbidden report-repeated reports-full");

    /// Lists the reports that you filed, the newest first; for the secretariat all
    ///
    /// Without ciphertext, and without what was done.
    LIST_REPORTS: [Signed, (), ReportsBefore, (), Reports] =
        Operation::get("/v1/reports", "reports").query().gives(&[(200, "A page")])
            .problems("not-found report-forbidden");

    /// Shows a report with its ciphertext, and what was done with it
    GET_REPORT: [Signed, ReportId, (), (), KeptReport] =
        Operation::get("/v1/reports/{report}", "reports").part(ID).gives(&[(200, "The report")])
            .problems("not-found report-forbidden");

    /// Says what becomes of a report: accepted, dismissed, merged; or asks back, or notes something
    ///
    /// For the secretariat's seats. A report that was accepted, dismissed or merged takes notes alone. The same act
    /// with the same words again gets the same answer.
    ACT_ON_REPORT: [Seat, ReportId, (), NewReportAct, KeptReport] =
        Operation::post("/v1/reports/{report}/acts", "reports").part(ID).takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found report-refused report-forbidden report-closed");

    /// Gives a part of a file of a report of the public
    ///
    /// For the secretariat's seats: its ciphertext, which the report's own key opens.
    GET_REPORT_FILE_PART: [Seat, ReportId, FilePartOf, (), FilePart] =
        Operation::get("/v1/reports/{report}/files", "reports").part(ID).query().gives(&[(200, "The part")])
            .problems("not-found report-forbidden");

    /// Answers what the secretariat asked about a report of yours
    ANSWER_REPORT: [Member, ReportId, (), NewReportAnswer, KeptReport] =
        Operation::post("/v1/reports/{report}/answers", "reports").part(ID).takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found report-refused report-closed");
}
