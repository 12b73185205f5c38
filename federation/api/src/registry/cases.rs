//! Cases: what leads to a docket, as a chain of signed events that the registry keeps, checks and acknowledges
//! (`docs/formats.md` §11, §15).

use callboard_federation::{
    dsse::Envelope,
    encoding::{Base64, CaseId, Hash, Time},
    event::CaseState,
    statement::PolicyRef,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{envelope_example, rows};
use crate::{Operation, Seat, Signed, operations};

/// An event to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"event": example(EVENT), "sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg=="}))]
#[serde(deny_unknown_fields)]
pub struct NewCaseEvent {
    /// The event, signed by whoever acts.
    pub event: Envelope,
    /// Its sealed part, an `age` file to the seats of the case: there if the event names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Base64>,
}

/// An event that the registry has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"event": example(EVENT), "acknowledgement": example(ACKNOWLEDGEMENT)}))]
#[serde(deny_unknown_fields)]
pub struct KeptCaseEvent {
    /// The event.
    pub event: Envelope,
    /// The log's word that it has it. Whoever acted keeps it.
    pub acknowledgement: Envelope,
}

/// How far a case is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "case": "019c167f-cc00-7568-8a65-6cc0703e460c", "state": "hearing",
    "policy": {"instrument": "streamer-warning-rules", "version": "2022",
        "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f"},
    "events": 12, "head": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "items": 3,
    "openedAt": "2026-02-01T00:00:00.000Z", "changedAt": "2026-02-02T00:00:00.000Z",
    "dueAt": "2026-02-09T16:00:00.000Z",
}))]
pub struct CaseEntry {
    /// Its id.
    pub case: CaseId,
    /// How far it is.
    pub state: CaseState,
    /// The policy that it was opened under, and keeps.
    pub policy: PolicyRef,
    /// How many events it has: the number of the next one.
    pub events: u64,
    /// SHA-256 of the last event's payload: what the next one names as `previous`.
    pub head: Hash,
    /// How many subjects it has.
    pub items: u64,
    /// When its first event was taken.
    pub opened_at: Time,
    /// When its last event was taken.
    pub changed_at: Time,
    /// When a window, a session or a draw of it ends next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
}

/// Cases, those that changed last first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"cases": [], "next": "019c167f-cc00-7568-8a65-6cc0703e460c"}))]
pub struct Cases {
    /// A page of them.
    pub cases: Vec<CaseEntry>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<CaseId>,
}

/// Which cases.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CasesBefore {
    /// Those behind this one: `next` of the page before.
    pub before: Option<CaseId>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
    /// Only those that are so far.
    #[param(inline)]
    pub state: Option<CaseState>,
}

impl CasesBefore {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// A case with its chain, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "case": {"case": "019c167f-cc00-7568-8a65-6cc0703e460c", "state": "preparing",
        "policy": {"instrument": "streamer-warning-rules", "version": "2022",
            "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f"},
        "events": 101, "head": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "items": 3,
        "openedAt": "2026-02-01T00:00:00.000Z", "changedAt": "2026-02-02T00:00:00.000Z"},
    "events": [{"event": example(EVENT), "acknowledgement": example(ACKNOWLEDGEMENT)}], "next": 100,
}))]
pub struct CaseChain {
    /// How far it is.
    pub case: CaseEntry,
    /// Its events from the first that was asked for, in order.
    pub events: Vec<KeptCaseEvent>,
    /// `from` of the next part; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
}

/// Which part of a chain.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChainFrom {
    /// The number of the first event.
    #[param(default = 0)]
    pub from: Option<u64>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
}

impl ChainFrom {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// The sealed part of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"sealed": "YWdlLWVuY3J5cHRpb24ub3JnL3YxCg=="}))]
pub struct SealedPart {
    /// An `age` file to the seats of the case.
    pub sealed: Base64,
}

const EVENT: &str = envelope_example!("event");
const ACKNOWLEDGEMENT: &str = envelope_example!("acknowledgement");

fn example(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// What the variable part of a case's address is.
const ID: &str = "Its id";

operations! {
    /// The operations on cases.
    OPERATIONS:

    /// Takes the next event of a case, and acknowledges it
    ///
    /// Who signs the request signed the event. It is judged as every seat and auditor judges it; what isn't allowed is
    /// refused with from, act and why, and changes nothing. Its `at` is at most five minutes before the registry's
    /// clock and five seconds after it. The
    /// same event again gets the same acknowledgement; of two for one place one is taken, and the other gets
    /// `case-moved`: read the case, and decide anew.
    ADD_CASE_EVENT: [Signed, CaseId, (), NewCaseEvent, KeptCaseEvent] =
        Operation::post("/v1/cases/{case}/events", "cases").part(ID).takes("")
            .gives(&[(201, "Taken now"), (200, "Taken before")])
            .problems("not-found case-refused case-moved case-full");

    /// Lists cases, those that changed last first
    LIST_CASES: [Seat, (), CasesBefore, (), Cases] =
        Operation::get("/v1/cases", "cases").query().gives(&[(200, "A page")]).problems("not-found");

    /// Shows a case with its chain
    GET_CASE: [Seat, CaseId, ChainFrom, (), CaseChain] =
        Operation::get("/v1/cases/{case}", "cases").part(ID).query().gives(&[(200, "The case")])
            .problems("not-found");

    /// Shows what the next event of a case follows; for members that host a subject of it too
    GET_CASE_HEAD: [Signed, CaseId, (), (), CaseEntry] =
        Operation::get("/v1/cases/{case}/head", "cases").part(ID).gives(&[(200, "How far it is")])
            .problems("not-found");

    /// Gives the sealed part of an event, by its SHA-256
    ///
    /// What is about a minor is given to a seat once two others approved it.
    GET_SEALED_PART: [Seat, Hash, (), (), SealedPart] =
        Operation::get("/v1/sealed-parts/{sha256}", "cases").part("SHA-256 of the `age` file")
            .gives(&[(200, "The part")]).problems("not-found case-access");
}
