//! What the platform's hook reports: that a call which it took on is done.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use callboard_federation::encoding::CheckId;

use super::{ApiError, App, Problem};

/// Reports that a call to the hook, which it answered with 202, is done
///
/// Until then the call is owed: it is made again after the time that `Retry-After` of the 202 says, an hour if it says none,
/// a day at most; and receipts wait for it.
#[utoipa::path(
    post,
    path = "/hook/{id}/done",
    tag = "pushed",
    params(("id" = String, Path, description = "The call's id, `webhook-id`")),
    responses(
        (status = 204, description = "It is taken as done"),
        (status = 400, description = "Not an id", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No call of this id waits: it is done already, or a newer one says something else", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The store does not take it", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn done(State(agent): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id: CheckId = id.parse().map_err(|_| ApiError::Address("id"))?;
    if agent.hook_done(id).await? { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}
