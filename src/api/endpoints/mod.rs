//! Endpoints: where a member wants to be pushed to, made and changed by its own signed requests.

pub mod attempts;
pub mod change;
pub mod create;
pub mod delete;
pub mod list;
pub mod replay;
pub mod rotate;
pub mod test;

use callboard_federation::{encoding::EndpointId, endpoint::Endpoint, statement::Kind, webhook::Secret};

use super::{
    App,
    authority::Signed,
    problem::{ApiError, Malformed},
};
use crate::store::endpoints::StoredEndpoint;

/// The most endpoints of a member: one for each of its systems, and some to try things out.
pub const MAX_ENDPOINTS: usize = 8;

/// An endpoint as its owner is shown it.
fn shown(stored: StoredEndpoint, size: u64) -> Endpoint {
    let standing = stored.standing;
    let kinds = stored.kinds.split(' ').filter(|kind| !kind.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    Endpoint {
        id: stored.id,
        url: stored.url,
        kinds: Some(kinds).filter(|kinds| !kinds.is_empty()),
        state: standing.state,
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

/// The same, with its secret.
fn shown_with_secret(stored: StoredEndpoint, size: u64) -> Endpoint {
    let secret = Secret::from_bytes(&stored.secret).ok().map(|secret| secret.text().to_string());
    Endpoint { secret, ..shown(stored, size) }
}

/// The member's own endpoint of an id; another's is nobody's.
async fn own(app: &App, signed: &Signed, id: &str) -> Result<StoredEndpoint, ApiError> {
    let id: EndpointId = id.parse().map_err(|_| ApiError::Malformed(Malformed::Address("endpoint")))?;
    let member = signed.member()?;
    let stored = app.ledger.store().endpoint(id).await?;
    stored.filter(|stored| stored.member == member.as_str()).ok_or(ApiError::NotFound)
}

/// Keeps a change, and has its worker begin anew.
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
