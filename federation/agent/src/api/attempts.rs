//! What the registry tried at an endpoint of this member, and what came of it.

use axum::{
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use callboard_federation::encoding::Time;
use reqwest::Method;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    ApiError, App, Problem,
    endpoints::{forward, part},
};

/// Which attempts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Before {
    /// Those that began before this instant: `next` of the page before.
    #[param(value_type = Option<String>)]
    before: Option<Time>,
    /// How many: 1 to 1,000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
}

/// Lists attempts to push to an endpoint, the newest first
#[utoipa::path(
    get,
    path = "/endpoints/{endpoint}/attempts",
    tag = "pushed",
    params(("endpoint" = String, Path, description = "Its id"), Before),
    responses(
        (status = 200, description = "As the registry answers", body = Object, example = json!({"attempts": [{
            "index": 31, "part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "status": 503, "taken": false, "answer": "",
        }], "next": "2026-11-25T08:00:00.000Z"})),
        (status = 400, description = "Not an instant or a number", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn attempts(
    State(agent): State<App>,
    Path(endpoint): Path<String>,
    asked: Result<Query<Before>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(Before { before, limit }) = asked.map_err(|_| ApiError::Address("before, limit"))?;
    let before = before.map(|before| format!("before={before}"));
    let limit = limit.map(|limit| format!("limit={limit}"));
    let query: Vec<String> = before.into_iter().chain(limit).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    forward(&agent, Method::GET, &format!("/{}/attempts{query}", part(&endpoint)?), b"").await
}
