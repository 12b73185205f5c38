//! Filings: what a person files in a session, sealed to the secretariat, and what it answers (`docs/formats.md` §18).

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, FilingId, KeyId, RecordId, Time},
    members::MemberId,
    subject_session::{BrowserKey, FilingKind, FilingOutcome, SessionFor, SessionId},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rows;
use crate::{Operation, Seat, Session, operations};

/// Something to be filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "kind": "appeal", "about": "019c167f-cc00-73bb-b093-53149ac499ee",
    "sealed": "eyJ2IjoxfQ==",
}))]
#[serde(deny_unknown_fields)]
pub struct NewFiling {
    /// A UUID of version 7, made by the browser.
    pub id: FilingId,
    /// What it is.
    pub kind: FilingKind,
    /// Which of the session's records it is about.
    pub about: RecordId,
    /// What the person says, sealed to the report keys of the secretariat's seats: at most 48 KiB.
    pub sealed: Base64,
}

/// A filing as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "kind": "appeal", "about": "019c167f-cc00-73bb-b093-53149ac499ee",
    "filedAt": "2026-12-01T02:00:00.000Z", "dueAt": "2026-12-22T16:00:00.000Z", "calendarUnknown": true, "provisional": true,
    "receipt": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.filing-receipt+json", "signatures": []},
    "answers": [{"at": "2026-12-03T02:00:00.000Z", "outcome": "granted", "sealed": "eyJ2IjoxfQ==",
        "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"}],
}))]
#[serde(rename_all = "camelCase")]
pub struct OwnFiling {
    /// Its id.
    pub id: FilingId,
    /// What it is.
    pub kind: FilingKind,
    /// Which record it is about.
    pub about: RecordId,
    /// When the registry had it.
    pub filed_at: Time,
    /// By when it is answered, by the strictest policy in force when it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Whether there is no such time since the policy's calendar doesn't cover the year.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub calendar_unknown: bool,
    /// Whether the person has yet to be confirmed: it stops deadlines, and never counts as the one appeal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
    /// The log's word that the registry has it, as of when it came: to be kept.
    pub receipt: Envelope,
    /// What the secretariat answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<KeptAnswer>,
}

/// A filing as the secretariat sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "filing": {"id": "019c167f-cc00-7568-8a65-6cc0703e460a", "kind": "appeal",
        "about": "019c167f-cc00-73bb-b093-53149ac499ee", "filedAt": "2026-12-01T02:00:00.000Z",
        "receipt": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.filing-receipt+json", "signatures": []}},
    "session": "ea668c5c8a2a1ba92b9cd7b4ab2b8f32", "for": "subject", "member": "alpha",
    "sealTo": "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=",
    "sealed": "eyJ2IjoxfQ==",
}))]
#[serde(rename_all = "camelCase")]
pub struct KeptFiling {
    /// As the person sees it.
    pub filing: OwnFiling,
    /// In which session.
    pub session: SessionId,
    /// For whom that is.
    #[serde(rename = "for")]
    pub whose: SessionFor,
    /// The member that made the session, unless a seat did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The browser's key, to which the answer is sealed.
    pub seal_to: BrowserKey,
    /// What it says; in the answer for one filing alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
}

/// An answer in writing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"outcome": "refused", "sealed": "eyJ2IjoxfQ=="}))]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// What becomes of it.
    pub outcome: FilingOutcome,
    /// The reasons, sealed to the browser's key and to the secretariat's seats: at most 48 KiB.
    pub sealed: Base64,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "at": "2026-12-03T02:00:00.000Z", "outcome": "granted", "sealed": "eyJ2IjoxfQ==",
    "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
}))]
pub struct KeptAnswer {
    /// When.
    pub at: Time,
    /// What becomes of it.
    pub outcome: FilingOutcome,
    /// The reasons, as they were sealed.
    pub sealed: Base64,
    /// The key of the seat that answered.
    pub seat: KeyId,
}

/// Filings, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"filings": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460a"}))]
pub struct Filings {
    /// A page of them, without what they say.
    pub filings: Vec<KeptFiling>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<FilingId>,
}

/// Which filings.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FilingsBefore {
    /// Those that came before this one: `next` of the page before.
    pub before: Option<FilingId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// `true`: only those without an answer.
    #[serde(default)]
    pub open: bool,
}

impl FilingsBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// What the variable part of an address is.
const ID: &str = "The filing's id";

operations! {
    /// The operations on filings.
    OPERATIONS:

    /// Files something with the secretariat, and gets the log's receipt for it
    ///
    /// A statement, a dispute, a challenge, an appeal, an application to return, a request for correction, a copy or erasure.
    /// The same again gets the same answer. A session files at most 20 a day.
    FILE_IN_SESSION: [Session, SessionId, (), NewFiling, OwnFiling] =
        Operation::post("/v1/sessions/{session}/filings", "sessions").part("The session's id").takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("filing-refused filing-repeated filings-full");

    /// Lists what people filed, the newest first
    LIST_FILINGS: [Seat, (), FilingsBefore, (), Filings] =
        Operation::get("/v1/filings", "sessions").query().gives(&[(200, "A page")])
            .problems("not-found session-forbidden");

    /// Shows a filing with its ciphertext, and what was answered
    GET_FILING: [Seat, FilingId, (), (), KeptFiling] =
        Operation::get("/v1/filings/{filing}", "sessions").part(ID).gives(&[(200, "The filing")])
            .problems("not-found session-forbidden");

    /// Answers a filing in writing
    ///
    /// For the secretariat's seats. The same again gets the same answer; a further answer is kept beside the first.
    ANSWER_FILING: [Seat, FilingId, (), NewAnswer, KeptFiling] =
        Operation::post("/v1/filings/{filing}/answers", "sessions").part(ID).takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("not-found session-forbidden filing-refused filings-full");
}
