//! Endpoints: where a member wants to be pushed to, made and changed by its own signed requests.

pub mod attempts;
pub mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod replay;
pub mod rotate;
pub mod test;

use callboard_federation::{
    encoding::{EndpointId, Time},
    statement::Kind,
    webhook::Secret,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    authority::Signed,
    problem::{ApiError, Malformed},
};
use crate::store::endpoints::StoredEndpoint;

/// The most endpoints of a member: one for each of its systems, and some to try things out.
pub const MAX_ENDPOINTS: usize = 8;

/// An endpoint, and where it stands in the log.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "url": "https://hooks.alpha.example/callboard",
    "kinds": ["ruling", "interim"], "state": "disabled", "reason": "it took nothing for five days", "nextIndex": 31, "behind": 2,
    "failures": 240, "failingSince": "2026-11-20T08:00:00.000Z", "retryAt": "2026-11-25T08:30:00.000Z",
    "createdAt": "2026-01-25T08:00:00.000Z", "oldSecretUntil": "2026-11-26T08:00:00.000Z",
    "secret": "whsec_8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=",
}))]
pub struct Endpoint {
    #[schema(value_type = String)]
    id: EndpointId,
    url: String,
    /// The kinds of statements that it is sent dockets of; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    kinds: Option<Vec<String>>,
    /// `active`, `paused` by you, or `disabled` by the registry.
    state: &'static str,
    /// Why it is disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The index of the first entry of the log that it hasn't got.
    next_index: u64,
    /// How many entries that is behind.
    behind: u64,
    /// How often the next docket failed.
    failures: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    failing_since: Option<Time>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    retry_at: Option<Time>,
    #[schema(value_type = String)]
    created_at: Time,
    /// Until when messages are signed with the secret before, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    old_secret_until: Option<Time>,
    /// What its messages are signed with: told once, when it is made or rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl Endpoint {
    fn of(stored: StoredEndpoint, size: u64) -> Self {
        let standing = stored.standing;
        let kinds = stored.kinds.split(' ').filter(|kind| !kind.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        Self {
            id: stored.id,
            url: stored.url,
            kinds: Some(kinds).filter(|kinds| !kinds.is_empty()),
            state: standing.state.as_str(),
            reason: standing.reason,
            next_index: standing.next_index,
            behind: size.saturating_sub(standing.next_index),
            failures: standing.failures,
            failing_since: standing.failing_since,
            retry_at: standing.retry_at,
            created_at: stored.created_at,
            old_secret_until: stored.old_secret.map(|(_, until)| until),
            secret: None,
        }
    }

    fn with_secret(stored: StoredEndpoint, size: u64) -> Self {
        let secret = Secret::from_bytes(&stored.secret).ok().map(|secret| secret.text().to_string());
        Self { secret, ..Self::of(stored, size) }
    }
}

/// The member's own endpoint of an id; another's is nobody's.
async fn own(app: &App, signed: &Signed, id: &str) -> Result<StoredEndpoint, ApiError> {
    let id: EndpointId = id.parse().map_err(|_| ApiError::Malformed(Malformed::Address("endpoint")))?;
    let member = signed.member()?;
    let stored = app.ledger.store().endpoint(id).await?;
    stored.filter(|stored| stored.member == member.as_str()).ok_or(ApiError::NotFound)
}

/// Keeps a change, and has its lane begin anew.
async fn keep(app: &App, changed: &StoredEndpoint) -> Result<StoredEndpoint, ApiError> {
    if !app.ledger.store().change_endpoint(changed).await? {
        return Err(ApiError::EndpointMoved);
    }
    app.delivery.changed();
    app.ledger.store().endpoint(changed.id).await?.ok_or(ApiError::NotFound)
}

/// The kinds of a filter as they are kept.
fn kinds_text(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}
