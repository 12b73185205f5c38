//! What the registry tried at an endpoint of this member, and what came of it.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use callboard_federation::{
    encoding::{EndpointId, Time},
    endpoint::DeliveryAttempts,
};
use reqwest::Method;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    ApiError, App,
    endpoints::{forward, part},
};

/// Which attempts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Before {
    /// Those that began before this instant: `next` of the page before.
    before: Option<Time>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    limit: Option<u64>,
}

/// Lists attempts to push to an endpoint, the newest first
#[utoipa::path(
    get,
    path = "/endpoints/{endpoint}/attempts",
    operation_id = "list_endpoint_attempts",
    extensions(("x-problems" = json!("malformed not-found request-signature request-replayed key-unknown members-only rate-limited registry-unreachable"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id"), Before),
    responses(
        (status = 200, description = "As the registry answers", body = DeliveryAttempts, example = json!({"attempts": [{
            "index": 31, "part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "status": 503, "taken": false, "answer": "",
        }], "next": "2026-11-25T08:00:00.000Z"})),
    )
)]
pub(super) async fn attempts(
    State(app): State<App>,
    Path(endpoint): Path<String>,
    asked: Result<Query<Before>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(Before { before, limit }) = asked.map_err(|_| ApiError::Address("before, limit"))?;
    let before = before.map(|before| format!("before={before}"));
    let limit = limit.map(|limit| format!("limit={limit}"));
    let query: Vec<String> = before.into_iter().chain(limit).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    forward(&app, Method::GET, &format!("/{}/attempts{query}", part(&endpoint)?), b"").await
}
