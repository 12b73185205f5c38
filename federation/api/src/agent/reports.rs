//! What this platform reports to the committee, and what it is asked.

use callboard_federation::{
    encoding::{IdentityRequestId, RecordId, ReportId, Time},
    report::{
        ReportAct, ReportCode, ReportKind, ReportState,
        content::{Evidence, Place, ReportedIdentity, Subject},
    },
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Operation, Token, operations};

/// What is reported. It holds identities, which no `Debug` shows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(example = json!({
    "ref": "2026-117", "codes": ["NB-11"], "places": ["speech"], "happenedFrom": "2026-11-20T12:00:00.000Z",
    "happenedTo": "2026-11-20T12:40:00.000Z", "room": "7788", "description": "what was said, and to whom",
    "evidence": [{"sha256": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "kind": "recording"}],
    "subjects": [{"account": "host-1", "role": "host", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]}],
}))]
pub struct OwnReportInput {
    /// Its id, a UUID of version 7, so that the same may be filed again; without it the agent makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ReportId>,
    /// The record that hit a stranger, where it is reported that this isn't the person who is meant; without it a
    /// violation is reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The platform's own number of it.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Codes of violations, of policies in force: at most 16.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Where it was.
    #[serde(default)]
    pub places: Vec<Place>,
    /// Since when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_from: Option<Time>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_to: Option<Time>,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// What happened, in words, of at most 32 KiB.
    pub description: String,
    /// What bears it out, at most 100 pieces: they stay with the platform.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Who it is about, at most 50 people of one room.
    #[serde(default)]
    pub subjects: Vec<Subject>,
    /// Whether the platform has banned them for good.
    #[serde(default)]
    pub permanent_ban: bool,
}

/// A report of this platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "code": "PZMDE5VTNK", "kind": "not-this-person",
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "ref": "2026-117", "codes": ["NB-11"], "accounts": ["host-1"],
    "madeAt": "2026-02-01T00:00:00.000Z", "state": "asked", "receivedAt": "2026-02-01T00:00:01.000Z",
    "dueAt": "2026-02-09T16:00:00.000Z", "calendarUnknown": true, "changedAt": "2026-02-02T00:00:00.000Z",
    "failure": "the registry: it does not answer",
    "words": [{"act": "ask", "at": "2026-02-02T00:00:00.000Z", "text": "which account is the guest's?", "isUnopened": true}],
}))]
pub struct OwnReport {
    /// Its id.
    pub id: ReportId,
    /// By what people name it.
    pub code: ReportCode,
    /// What it is.
    pub kind: ReportKind,
    /// The record that hit a stranger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// The platform's own number of it.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Codes of violations.
    pub codes: Vec<String>,
    /// The accounts that it is about.
    pub accounts: Vec<String>,
    /// When it was made, by the agent's clock.
    pub made_at: Time,
    /// How far it is; absent as long as the registry hasn't taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ReportState>,
    /// When the registry had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Time>,
    /// By when the secretariat is to say what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Whether there is no such time since the policy's calendar doesn't cover the year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_unknown: bool,
    /// When something was last done with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Time>,
    /// Why the registry hasn't taken it, if it hasn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What was done and said, in order; in the answer for one report alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<OwnReportWords>,
}

/// Something that was done with a report, and said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "act": "ask", "at": "2026-02-02T00:00:00.000Z", "text": "which account is the guest's?", "isUnopened": true,
}))]
pub struct OwnReportWords {
    /// What was done.
    pub act: ReportAct,
    /// When, by the registry's clock.
    pub at: Time,
    /// What the secretariat said to this platform; no seat that a roster named wrote anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether something was said that doesn't open here, or that no seat of the secretariat signed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unopened: bool,
}

/// Reports of this platform, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"reports": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460a", "failure": "the registry: 503"}))]
pub struct OwnReports {
    /// A page of them.
    pub reports: Vec<OwnReport>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<ReportId>,
    /// Why the registry didn't tell how far they are, if it didn't: what stands here is as it last told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Which reports.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnReportsBefore {
    /// Those that were made before this one: `next` of the page before.
    pub before: Option<ReportId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u32>,
    /// Only those that wait for the secretariat, for an answer of this platform, or for the registry.
    #[serde(default)]
    pub open: bool,
}

/// An answer to what the secretariat asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "the guest's is host-2"}))]
pub struct OwnReportAnswer {
    /// The answer, of at most 4 KiB.
    pub text: String,
}

/// What this member is asked: whose an account is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460d", "askedAt": "2026-02-01T00:00:00.000Z", "account": "host-9",
    "answeredAt": "2026-02-02T00:00:00.000Z", "text": "for a matter that the committee looks at", "isUnopened": true,
}))]
pub struct AskedIdentity {
    /// The question's id.
    pub id: IdentityRequestId,
    /// When it was asked, by the registry's clock.
    pub asked_at: Time,
    /// When it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Time>,
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What the secretariat says besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Whether it doesn't open here, or no seat of the secretariat signed it: don't answer it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unopened: bool,
}

/// Questions for identities, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"identityRequests": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460d"}))]
pub struct AskedIdentities {
    /// A page of them.
    pub identity_requests: Vec<AskedIdentity>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<IdentityRequestId>,
}

/// Which questions.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AskedIdentitiesBefore {
    /// Those that were asked before this one: `next` of the page before.
    pub before: Option<IdentityRequestId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// Those that are answered, too.
    #[serde(default)]
    pub all: bool,
}

/// Whose the account is. It holds identities, which no `Debug` shows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"identities": [{"kind": "cn-id", "value": "100000199001050013"}], "text": "verified in May"}))]
pub struct AskedIdentityAnswer {
    /// The identities that the platform has of it, at most 16; none if it has none.
    #[serde(default)]
    pub identities: Vec<ReportedIdentity>,
    /// What it says besides; where it has no identity, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

operations! {
    /// The operations on reports.
    OPERATIONS:

    /// Reports a violation, or that a record hit somebody else than the person who is meant
    ///
    /// It is signed, encrypted to the seats of the secretariat that the verified log names, and sent; the registry can't
    /// read it. If the registry doesn't answer, it is kept and sent again. `code` is what people name it by.
    FILE_OWN_REPORT: [Token, (), (), OwnReportInput, OwnReport] =
        Operation::post("/reports", "reports").takes("").gives(&[(201, "It is kept, and sent"), (200, "It was kept before")])
            .problems("malformed report-malformed report-untaken not-ready unavailable");

    /// Lists what this platform reported, the newest first
    ///
    /// How far each is, is asked of the registry.
    LIST_OWN_REPORTS: [Token, (), OwnReportsBefore, (), OwnReports] =
        Operation::get("/reports", "reports").query().gives(&[(200, "A page")]).problems("malformed unavailable");

    /// Shows a report with what the secretariat said of it
    GET_OWN_REPORT: [Token, ReportId, (), (), OwnReport] =
        Operation::get("/reports/{report}", "reports").part("Its id").gives(&[(200, "The report")])
            .problems("malformed not-found registry-unreachable unavailable");

    /// Answers what the secretariat asked about a report
    ANSWER_OWN_REPORT: [Token, ReportId, (), OwnReportAnswer, OwnReport] =
        Operation::post("/reports/{report}/answers", "reports").part("Its id").takes("").gives(&[(200, "It is answered")])
            .problems("malformed not-found report-malformed report-untaken not-ready registry-unreachable unavailable");

    /// Lists whose accounts this member is asked for
    ///
    /// The secretariat asks by the account alone: what is reported isn't told.
    LIST_ASKED_IDENTITIES: [Token, (), AskedIdentitiesBefore, (), AskedIdentities] =
        Operation::get("/identity-requests", "reports").query().gives(&[(200, "A page")])
            .problems("malformed registry-unreachable unavailable");

    /// Answers whose an account is, once
    ANSWER_ASKED_IDENTITY: [Token, IdentityRequestId, (), AskedIdentityAnswer, ()] =
        Operation::post("/identity-requests/{request}/answers", "reports").part("Its id").takes("")
            .answers(&[(204, "It is answered")])
            .problems("malformed not-found report-malformed report-untaken not-ready registry-unreachable unavailable");
}
