//! The platform's hook: a test of it, and its report that a call which it took on is done.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use callboard_federation::encoding::CheckId;

use super::{ApiError, App};
use crate::{error::AgentError, notifications::test_call::HookTest};

/// Reports that a call to the hook, which it answered with 202, is done
///
/// Until then the call is owed: it is made again after the time that `Retry-After` of the 202 says, an hour if it says none,
/// a day at most; and receipts wait for it.
#[utoipa::path(
    post,
    path = "/hook/{id}/done",
    operation_id = "finish_hook_call",
    extensions(("x-problems" = json!("malformed not-found unavailable"))),
    tag = "pushed",
    params(("id" = CheckId, Path, description = "The call's id, `webhook-id`")),
    responses(
        (status = 204, description = "It is taken as done"),
    )
)]
pub(super) async fn done(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let id: CheckId = id.parse().map_err(|_| ApiError::Address("id"))?;
    if app.notifications.finish(id).await.map_err(AgentError::from)? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}

/// Calls the hook with a test, signed as every call is, and tells what came of it
///
/// Its type is `hook.test`, with `id`, `at` and `member`: it is of nobody, and nothing is owed of it. In a dry run
/// (`hookMode = "report"`) it is made all the same. Up to ten seconds are waited.
#[utoipa::path(
    post,
    path = "/hook/test",
    operation_id = "test_hook",
    extensions(("x-problems" = json!("no-hook"))),
    tag = "pushed",
    responses(
        (status = 200, description = "What came of it", body = HookTest),
    )
)]
pub(super) async fn test(State(app): State<App>) -> Result<Json<HookTest>, ApiError> {
    app.notifications.hook().test().await.map(Json).ok_or(ApiError::NoHook)
}
