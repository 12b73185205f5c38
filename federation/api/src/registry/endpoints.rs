//! Endpoints: where a member wants to be pushed to, made and changed by its own signed requests.
//!
//! How the registry sends is its `delivery`'s; what is sent is `callboard_federation::webhook`. Implements
//! `docs/formats.md` §12.

use callboard_federation::{
    encoding::{EndpointId, Time},
    statement::Kind,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{Member, Operation, operations};

/// Where to push to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"url": "https://hooks.alpha.example/callboard"}))]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// `https`, a host on the internet, neither user nor password; up to 2,048 bytes.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
    /// The kinds of statements wanted: dockets with none of them are skipped. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// The index of the first entry wanted; absent: what is logged from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
}

/// What changes; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"state": "paused"}))]
#[serde(deny_unknown_fields)]
pub struct ChangedEndpoint {
    /// Another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri", max_length = 2048)]
    pub url: Option<String>,
    /// The kinds wanted; an empty list: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// Whether it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<WantedState>,
}

/// Whether an endpoint shall be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WantedState {
    /// From where it stands; a disabled one too.
    Active,
    /// Not until it is active again.
    Paused,
}

/// From where the log is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"from": 0}))]
#[serde(deny_unknown_fields)]
pub struct ReplayFrom {
    /// The index of the first entry wanted; beyond the end of the log, the end.
    pub from: u64,
}

/// Whether an endpoint is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointState {
    /// It is.
    Active,
    /// Its owner doesn't want it for now.
    Paused,
    /// It failed for too long, or said that it is gone.
    Disabled,
}

impl EndpointState {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Active, Self::Paused, Self::Disabled];

    /// The word that stands in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The state of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// An endpoint, and where it stands in the log. It may hold a secret: there is no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "url": "https://hooks.alpha.example/callboard",
    "kinds": ["ruling", "interim"], "state": "disabled", "reason": "it took nothing for five days", "nextIndex": 31, "behind": 2,
    "failures": 240, "failingSince": "2026-11-20T08:00:00.000Z", "retryAt": "2026-11-25T08:30:00.000Z",
    "createdAt": "2026-01-25T08:00:00.000Z", "oldSecretUntil": "2026-11-26T08:00:00.000Z",
    "secret": "whsec_8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=",
}))]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Where it is pushed to.
    #[schema(format = "uri")]
    pub url: String,
    /// The kinds of statements that it is sent dockets of; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Kind>>)]
    pub kinds: Option<Vec<String>>,
    /// `active`, `paused` by you, or `disabled` by the registry.
    pub state: EndpointState,
    /// Why it is disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The index of the first entry of the log that it hasn't got.
    pub next_index: u64,
    /// How many entries that is behind.
    pub behind: u64,
    /// How often the next docket failed.
    pub failures: u64,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Time>,
    /// When it is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<Time>,
    /// When it was made.
    pub created_at: Time,
    /// Until when messages are signed with the secret before, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_secret_until: Option<Time>,
    /// What its messages are signed with: told once, when it is made or rotated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^whsec_")]
    pub secret: Option<String>,
}

/// A member's endpoints: at most eight, so there are no pages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"endpoints": []}))]
pub struct Endpoints {
    /// Each with where it stands.
    pub endpoints: Vec<Endpoint>,
}

/// An attempt to push one part of a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "index": 31, "part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "status": 204, "taken": true, "answer": "",
}))]
#[serde(rename_all = "camelCase")]
pub struct DeliveryAttempt {
    /// The docket's index; absent of a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// The part, from 0.
    pub part: u64,
    /// When it began.
    pub at: Time,
    /// How long it took.
    pub millis: u64,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether it counts as delivered.
    pub taken: bool,
    /// The first 512 bytes of the answer, or why there was none.
    pub answer: String,
}

/// Attempts, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"attempts": [], "next": "2026-11-25T08:00:00.000Z"}))]
pub struct DeliveryAttempts {
    /// A page of them.
    pub attempts: Vec<DeliveryAttempt>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}

/// Which attempts.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AttemptsBefore {
    /// Those that began before this instant: `next` of the page before.
    pub before: Option<Time>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
}

/// What the variable part of an endpoint's address is.
const ID: &str = "Its id";

operations! {
    /// The operations on endpoints.
    OPERATIONS:

    /// Makes an endpoint, to which every docket is pushed from now on, or from an entry on
    ///
    /// The secret that messages are signed with (Standard Webhooks, `v1`) is told in this answer alone; an agent keeps it,
    /// and doesn't show it. Dockets come in the order of the log, each until it is answered 2xx; what is pushed is a hint, the
    /// proof is in the feed.
    CREATE_ENDPOINT: [Member, (), (), NewEndpoint, Endpoint] =
        Operation::post("/v1/endpoints", "endpoints").takes("").gives(&[(201, "It is made")])
            .problems("endpoint-refused endpoint-repeated").forwarded();

    /// Lists your endpoints, and where each stands in the log
    LIST_ENDPOINTS: [Member, (), (), (), Endpoints] =
        Operation::get("/v1/endpoints", "endpoints").gives(&[(200, "Your endpoints")]).forwarded();

    /// Shows one of your endpoints
    GET_ENDPOINT: [Member, EndpointId, (), (), Endpoint] =
        Operation::get("/v1/endpoints/{endpoint}", "endpoints").part(ID).gives(&[(200, "The endpoint")])
            .problems("not-found").forwarded();

    /// Changes an endpoint: its address or kinds, or pauses it, or lets it go on from where it stands
    CHANGE_ENDPOINT: [Member, EndpointId, (), ChangedEndpoint, Endpoint] =
        Operation::patch("/v1/endpoints/{endpoint}", "endpoints").part(ID).takes("").gives(&[(200, "As it is now")])
            .problems("not-found endpoint-moved endpoint-refused endpoint-repeated").forwarded();

    /// Forgets an endpoint, its secret and its attempts
    DELETE_ENDPOINT: [Member, EndpointId, (), (), ()] =
        Operation::delete("/v1/endpoints/{endpoint}", "endpoints").part(ID).answers(&[(204, "It is forgotten")])
            .problems("not-found").forwarded();

    /// Gives an endpoint a new secret; for a day messages are signed with the one before, too
    ///
    /// The new secret is told in this answer alone; an agent keeps it, and doesn't show it.
    ROTATE_ENDPOINT_SECRET: [Member, EndpointId, (), (), Endpoint] =
        Operation::post("/v1/endpoints/{endpoint}/rotate", "endpoints").part(ID).gives(&[(200, "With the new secret")])
            .problems("not-found endpoint-moved").forwarded();

    /// Sends a test message, signed as every message is, and tells what came of it
    ///
    /// Its type is `endpoint.test`. Whether it is taken changes nothing of the endpoint; up to ten seconds are waited.
    TEST_ENDPOINT: [Member, EndpointId, (), (), DeliveryAttempt] =
        Operation::post("/v1/endpoints/{endpoint}/test", "endpoints").part(ID).gives(&[(200, "The attempt")])
            .problems("not-found endpoint-refused").forwarded();

    /// Sends the log again from an entry on, each docket with the id that it had
    ///
    /// Setting it ahead skips. One that is paused or disabled stays so, and goes on from there.
    REPLAY_ENDPOINT: [Member, EndpointId, (), ReplayFrom, Endpoint] =
        Operation::post("/v1/endpoints/{endpoint}/replay", "endpoints").part(ID).takes("").gives(&[(200, "As it is now")])
            .problems("not-found endpoint-moved").forwarded();

    /// Lists attempts to push to an endpoint, the newest first; they are kept for ninety days
    LIST_ENDPOINT_ATTEMPTS: [Member, EndpointId, AttemptsBefore, (), DeliveryAttempts] =
        Operation::get("/v1/endpoints/{endpoint}/attempts", "endpoints").part(ID).query().gives(&[(200, "Attempts")])
            .problems("not-found").forwarded();
}
