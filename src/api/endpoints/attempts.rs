//! `GET /v1/endpoints/{endpoint}/attempts`: what was tried, and what came of it.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use callboard_federation::encoding::Time;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::own;
use crate::{
    api::{
        App,
        authority::Signed,
        page::{MAX_ROWS, Part, ROWS},
        problem::{ApiError, Malformed},
    },
    store::attempts::StoredAttempt,
};

/// Which attempts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// Those that began before this instant: `next` of the page before.
    #[param(value_type = Option<String>)]
    before: Option<Time>,
    /// How many: 1 to 1,000.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u64>,
}

/// An attempt to push one part of a docket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DeliveryAttempt, example = json!({
    "index": 31, "part": 0, "at": "2026-11-25T08:00:00.000Z", "millis": 12, "status": 204, "taken": true, "answer": "",
}))]
pub struct Attempt {
    /// The docket's index; absent of a test.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    /// The part, from 0.
    part: u64,
    /// When it began.
    #[schema(value_type = String)]
    at: Time,
    /// How long it took.
    millis: u64,
    /// The HTTP status, if there was an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// Whether it counts as delivered.
    taken: bool,
    /// The first 512 bytes of the answer, or why there was none.
    answer: String,
}

impl From<StoredAttempt> for Attempt {
    fn from(stored: StoredAttempt) -> Self {
        let StoredAttempt { index, part, at, millis, status, is_taken: taken, answer, .. } = stored;
        Self { index, part, at, millis, status, taken, answer }
    }
}

/// Attempts, the newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = DeliveryAttempts, example = json!({"attempts": [], "next": "2026-11-25T08:00:00.000Z"}))]
pub struct Listed {
    attempts: Vec<Attempt>,
    /// `before` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    next: Option<Time>,
}

/// Lists attempts to push to an endpoint, the newest first; they are kept for ninety days
#[utoipa::path(
    get,
    path = "/v1/endpoints/{endpoint}/attempts",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id"), Before),
    responses((status = 200, description = "Attempts", body = Listed))
)]
pub async fn attempts(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    query: Result<Query<Before>, QueryRejection>,
    signed: Signed,
) -> Result<Json<Listed>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    let Query(Before { before, limit }) =
        query.map_err(|_| ApiError::Malformed(Malformed::Address("before, limit")))?;
    let (limit, end) = (limit.unwrap_or(ROWS).clamp(1, MAX_ROWS), Time::from_millis(i64::MAX / 2));
    let rows = app.ledger.store().attempts_before(stored.id, before.unwrap_or(end), limit).await?;
    let next = rows.last().map(|last| last.at).filter(|_| rows.len() as u64 == limit);
    Ok(Json(Listed { attempts: rows.into_iter().map(Attempt::from).collect(), next }))
}
