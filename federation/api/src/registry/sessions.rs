//! Sessions of subjects: a link by which a person reads what is held about them (`docs/formats.md` §18).
//!
//! The registry reads nothing of what is held. It sees whose records they are of, who made the link, and what was done
//! when. What is filed is in [`super::filings`].

use callboard_federation::{
    encoding::{Hash, KeyId, RecordId, Time},
    members::MemberId,
    proof_file::ProofFile,
    standing::Phase,
    statement::Kind,
    subject_session::{BrowserKey, IdentityCheck, SealedContent, SessionCode, SessionFor, SessionId, SessionState},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{filings::OwnFiling, propagation::Fulfilment, rows};
use crate::{Anyone, Operation, Seat, Session, Signed, operations};

/// A session to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "ea668c5c8a2a1ba92b9cd7b4ab2b8f32", "codeHash": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
    "for": "guardian", "records": ["019c167f-cc00-73bb-b093-53149ac499ee"],
    "sealed": {"nonce": "AAAAAAAAAAAAAAAA", "ciphertext": "YQ==",
        "commit": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"},
    "expiresAt": "2026-12-08T00:00:00.000Z", "endsAt": "2027-03-01T16:00:00.000Z",
}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewSession {
    /// What follows from the key of the link.
    pub id: SessionId,
    /// What follows from the code.
    pub code_hash: Hash,
    /// For whom it is; others than `subject` are entered by the secretariat.
    #[serde(rename = "for")]
    pub whose: SessionFor,
    /// The rulings and interims that it is about, logged: 1 to 64.
    pub records: Vec<RecordId>,
    /// What is to be read, sealed to the key of the link.
    pub sealed: SealedContent,
    /// Until when the link can be opened: within 30 days.
    pub expires_at: Time,
    /// When it ends in any case, such as a minor's 18th birthday; without it 180 days after it was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
}

/// A session as whoever made it sees it, and the secretariat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "ea668c5c8a2a1ba92b9cd7b4ab2b8f32", "state": "opened", "for": "subject",
    "records": ["019c167f-cc00-73bb-b093-53149ac499ee"], "member": "alpha",
    "seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
    "madeAt": "2026-12-01T00:00:00.000Z", "expiresAt": "2026-12-08T00:00:00.000Z", "endsAt": "2027-05-30T00:00:00.000Z",
    "openedAt": "2026-12-01T01:00:00.000Z", "endedAt": "2026-12-02T00:00:00.000Z", "wrongCodes": 1,
    "identity": "document-seen", "codeSentAt": "2026-12-02T00:00:00.000Z", "confirmedAt": "2026-12-03T00:00:00.000Z",
}))]
#[serde(rename_all = "camelCase")]
pub struct KeptSession {
    /// Its id.
    pub id: SessionId,
    /// How far it is.
    pub state: SessionState,
    /// For whom it is.
    #[serde(rename = "for")]
    pub whose: SessionFor,
    /// The records that it is about.
    pub records: Vec<RecordId>,
    /// The member that made it, unless a seat did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<MemberId>,
    /// The key of the secretariat's seat that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<KeyId>,
    /// When it was made.
    pub made_at: Time,
    /// Until when the link can be opened.
    pub expires_at: Time,
    /// When it ends, or ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Time>,
    /// When it was first opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Time>,
    /// When somebody ended it, or wrong codes did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Time>,
    /// How many wrong codes were typed.
    pub wrong_codes: u64,
    /// How the secretariat checked who the person is, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityCheck>,
    /// When it last sent a confirmation code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sent_at: Option<Time>,
    /// Since when what is filed counts in full; of a session that the secretariat made from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Time>,
}

/// Sessions, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"sessions": [], "next": "ea668c5c8a2a1ba92b9cd7b4ab2b8f32"}))]
pub struct Sessions {
    /// A page of them.
    pub sessions: Vec<KeptSession>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<SessionId>,
}

/// Which sessions.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SessionsBefore {
    /// Those that were made before this one: `next` of the page before.
    pub before: Option<SessionId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
}

impl SessionsBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// What everyone is told of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"state": "waiting"}))]
pub struct SessionStatus {
    /// How far it is.
    pub state: SessionState,
}

/// What a browser shows to open a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "code": "042917",
    "publicKey": "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=",
    "sealTo": "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=",
}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OpenSession {
    /// The six digits.
    pub code: SessionCode,
    /// The browser's key, with which it signs from now on.
    pub public_key: BrowserKey,
    /// Another, to which answers are sealed.
    pub seal_to: BrowserKey,
}

/// What a browser reads in a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "session": {"id": "ea668c5c8a2a1ba92b9cd7b4ab2b8f32", "state": "opened", "for": "subject", "records": [],
        "madeAt": "2026-12-01T00:00:00.000Z", "expiresAt": "2026-12-08T00:00:00.000Z", "wrongCodes": 0},
    "sealed": {"nonce": "AAAAAAAAAAAAAAAA", "ciphertext": "YQ==",
        "commit": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"},
    "records": [], "filings": [],
}))]
pub struct SessionContent {
    /// Who made the link, when it was opened, whether the person is confirmed.
    pub session: KeptSession,
    /// What is held, sealed to the key of the link by whoever made it.
    pub sealed: SealedContent,
    /// What the registry knows of each record now.
    pub records: Vec<LiveRecord>,
    /// What was filed in it, and answered; the oldest first.
    pub filings: Vec<OwnFiling>,
}

/// What the registry knows of a record now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "erased": false, "void": false, "phase": "in-force",
    "disputed": false, "loggedAt": "2026-11-01T00:00:00.000Z",
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
    "members": [{"member": "alpha", "name": "Alpha", "acted": "in-effect", "receiptedAt": "2026-11-01T08:00:00.000Z"}],
    "asked": [{"who": "alpha", "firstAt": "2026-11-01T08:00:00.000Z", "lastAt": "2026-11-02T08:00:00.000Z", "times": 2}],
}))]
#[serde(rename_all = "camelCase")]
pub struct LiveRecord {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Whether it was erased.
    pub erased: bool,
    /// Whether it was annulled.
    pub void: bool,
    /// How far its measure is; absent before it begins, and of what is void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Whether a dispute of it holds.
    pub disputed: bool,
    /// When it was logged.
    pub logged_at: Time,
    /// The docket that it stands in.
    pub docket: Hash,
    /// What each member says that it did.
    pub members: Vec<MemberAction>,
    /// Who asked for its share, which opens what is held.
    pub asked: Vec<ShareAsked>,
}

/// What a member says that it did about a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"member": "alpha", "name": "Alpha", "acted": "in-effect", "receiptedAt": "2026-11-01T08:00:00.000Z"}))]
#[serde(rename_all = "camelCase")]
pub struct MemberAction {
    /// Which.
    pub member: String,
    /// Its name.
    pub name: String,
    /// What it said, or that it is overdue.
    pub acted: Fulfilment,
    /// When the registry had its receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipted_at: Option<Time>,
}

/// Who asked for a record's share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"who": "alpha", "firstAt": "2026-11-01T08:00:00.000Z", "lastAt": "2026-11-02T08:00:00.000Z", "times": 2}))]
#[serde(rename_all = "camelCase")]
pub struct ShareAsked {
    /// A member's id, or `seat:ROLE`.
    pub who: String,
    /// When first.
    pub first_at: Time,
    /// When last.
    pub last_at: Time,
    /// How often.
    pub times: u64,
}

/// The proof files of a session's records.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"proofs": [], "missing": ["019c167f-cc00-73bb-b093-53149ac499ee"]}))]
pub struct SessionProofs {
    /// One of each that isn't erased and is witnessed.
    pub proofs: Vec<ProofFile>,
    /// The others.
    pub missing: Vec<RecordId>,
}

/// How the secretariat knows who the person of a session is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"how": "code-sent", "codeHash": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"}))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewIdentityCheck {
    /// `document-seen` confirms at once; `code-sent` once the person typed the code.
    pub how: IdentityCheck,
    /// What follows from the code; with `code-sent` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_hash: Option<Hash>,
}

/// A code that the secretariat sent by post or told by telephone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"code": "042917"}))]
#[serde(deny_unknown_fields)]
pub struct ConfirmationCode {
    /// The six digits.
    pub code: SessionCode,
}

/// What the variable part of an address is.
const ID: &str = "The session's id";

operations! {
    /// The operations on sessions.
    OPERATIONS:

    /// Makes a session: a link by which a person reads what is held about them
    ///
    /// For members, of people whom they know, and for the secretariat after it checked who the person is. What is to be
    /// read is sealed to the key of the link, which the registry isn't sent. The code is told to the person another way
    /// than the link. The same again gets the same answer. A maker has at most 10,000 links that wait.
    CREATE_SESSION: [Signed, (), (), NewSession, KeptSession] =
        Operation::post("/v1/sessions", "sessions").takes("").gives(&[(201, "Made now"), (200, "Made before")])
            .problems("session-refused session-forbidden session-repeated sessions-full");

    /// Lists the sessions that you made, the newest first; for the secretariat all
    LIST_SESSIONS: [Signed, (), SessionsBefore, (), Sessions] =
        Operation::get("/v1/sessions", "sessions").query().gives(&[(200, "A page")])
            .problems("session-unknown session-forbidden");

    /// Tells how far a session is
    ///
    /// For everyone who has the link; it uses nothing up, whoever or whatever looks.
    GET_SESSION: [Anyone, SessionId, (), (), SessionStatus] =
        Operation::get("/v1/sessions/{session}", "sessions").part(ID).gives(&[(200, "How far it is")])
            .cached("no-store").problems("malformed session-unknown");

    /// Opens a session: binds it to this browser, once
    ///
    /// Whoever has the link and the code. Five wrong codes end it. The same browser may ask again.
    OPEN_SESSION: [Anyone, SessionId, (), OpenSession, KeptSession] =
        Operation::post("/v1/sessions/{session}/open", "sessions").part(ID).takes("").gives(&[(200, "It is open")])
            .problems("malformed body-too-large session-unknown session-code session-used session-expired session-ended session-locked");

    /// Ends a session
    ///
    /// For the member that made it, and the secretariat. What was filed stays.
    END_SESSION: [Signed, SessionId, (), (), KeptSession] =
        Operation::post("/v1/sessions/{session}/end", "sessions").part(ID).gives(&[(200, "It is ended")])
            .problems("session-unknown session-forbidden");

    /// Shows what is held, and what became of it
    ///
    /// What was sealed when the link was made, and what the registry knows now: what is in force, which members carried
    /// it out, who asked for the share, what was filed and answered.
    READ_SESSION: [Session, SessionId, (), (), SessionContent] =
        Operation::get("/v1/sessions/{session}/content", "sessions").part(ID).gives(&[(200, "What is held")]).cached("no-store");

    /// Gives the proof files of the session's records, to take home
    GET_SESSION_PROOFS: [Session, SessionId, (), (), SessionProofs] =
        Operation::get("/v1/sessions/{session}/proofs", "sessions").part(ID).gives(&[(200, "The proof files")])
            .cached("no-store");

    /// Says how the secretariat knows who the person of a session is
    ///
    /// What is filed in a session that a member made is provisional until then.
    CHECK_IDENTITY: [Seat, SessionId, (), NewIdentityCheck, KeptSession] =
        Operation::post("/v1/sessions/{session}/identity", "sessions").part(ID).takes("").gives(&[(200, "It is noted")])
            .problems("session-unknown session-refused session-forbidden session-ended session-locked session-expired");

    /// Confirms who the person is, by the code that the secretariat sent
    ///
    /// Five wrong codes use it up: the secretariat then sends another.
    CONFIRM_SESSION: [Session, SessionId, (), ConfirmationCode, KeptSession] =
        Operation::post("/v1/sessions/{session}/confirmation", "sessions").part(ID).takes("").gives(&[(200, "It is confirmed")])
            .problems("session-code session-unconfirmed");
}
