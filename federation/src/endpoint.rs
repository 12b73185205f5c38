//! Endpoints: what a member says of where it wants to be pushed to, and what the registry says of it.
//!
//! How the registry sends is its `delivery`'s; what is sent is [`crate::webhook`]. Implements `docs/formats.md` §12.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{EndpointId, Time},
    statement::Kind,
};

/// Where to push to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"url": "https://hooks.alpha.example/callboard"})))]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// `https`, a host on the internet, neither user nor password; up to 2,048 bytes.
    #[cfg_attr(feature = "openapi", schema(format = "uri", max_length = 2048))]
    pub url: String,
    /// The kinds of statements wanted: dockets with none of them are skipped. Absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// The index of the first entry wanted; absent: what is logged from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
}

/// What changes; what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"state": "paused"})))]
#[serde(deny_unknown_fields)]
pub struct ChangedEndpoint {
    /// Another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(format = "uri", max_length = 2048))]
    pub url: Option<String>,
    /// The kinds wanted; an empty list: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
    /// Whether it is sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<WantedState>,
}

/// Whether an endpoint shall be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WantedState {
    /// From where it stands; a disabled one too.
    Active,
    /// Not until it is active again.
    Paused,
}

/// From where the log is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"from": 0})))]
#[serde(deny_unknown_fields)]
pub struct ReplayFrom {
    /// The index of the first entry wanted; beyond the end of the log, the end.
    pub from: u64,
}

/// Whether an endpoint is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "url": "https://hooks.alpha.example/callboard",
    "kinds": ["ruling", "interim"], "state": "disabled", "reason": "it took nothing for five days", "nextIndex": 31, "behind": 2,
    "failures": 240, "failingSince": "2026-11-20T08:00:00.000Z", "retryAt": "2026-11-25T08:30:00.000Z",
    "createdAt": "2026-01-25T08:00:00.000Z", "oldSecretUntil": "2026-11-26T08:00:00.000Z",
    "secret": "whsec_8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=",
})))]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// Where it is pushed to.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
    /// The kinds of statements that it is sent dockets of; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Kind>>))]
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
    #[cfg_attr(feature = "openapi", schema(pattern = "^whsec_"))]
    pub secret: Option<String>,
}

/// A member's endpoints: at most eight, so there are no pages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"endpoints": []})))]
pub struct Endpoints {
    /// Each with where it stands.
    pub endpoints: Vec<Endpoint>,
}

/// An attempt to push one part of a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({
    "index": 31, "part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "status": 204, "taken": true, "answer": "",
})))]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({"attempts": [], "next": "2026-11-25T08:00:00.000Z"})))]
pub struct DeliveryAttempts {
    /// A page of them.
    pub attempts: Vec<DeliveryAttempt>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Time>,
}
