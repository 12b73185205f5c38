//! `GET /v1/endpoints/{endpoint}/attempts`: what was tried, and what came of it.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use callboard_federation::{
    encoding::{EndpointId, Time},
    endpoint::{DeliveryAttempt, DeliveryAttempts},
};
use serde::Deserialize;
use utoipa::IntoParams;

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
#[into_params(parameter_in = Query)]
pub struct Before {
    /// Those that began before this instant: `next` of the page before.
    before: Option<Time>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    limit: Option<u64>,
}

/// An attempt as the endpoint's owner is shown it.
pub(super) fn shown(stored: StoredAttempt) -> DeliveryAttempt {
    let StoredAttempt { index, part, at, millis, status, is_taken: taken, answer, .. } = stored;
    DeliveryAttempt { index, part, at, millis, status, taken, answer }
}

/// Lists attempts to push to an endpoint, the newest first; they are kept for ninety days
#[utoipa::path(
    get,
    path = "/v1/endpoints/{endpoint}/attempts",
    operation_id = "list_endpoint_attempts",
    extensions(("x-problems" = json!("members-only not-found"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id"), Before),
    responses((status = 200, description = "Attempts", body = DeliveryAttempts))
)]
pub async fn attempts(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    query: Result<Query<Before>, QueryRejection>,
    signed: Signed,
) -> Result<Json<DeliveryAttempts>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    let Query(Before { before, limit }) =
        query.map_err(|_| ApiError::Malformed(Malformed::Address("before, limit")))?;
    let (limit, end) = (limit.unwrap_or(ROWS).clamp(1, MAX_ROWS), Time::from_millis(i64::MAX / 2));
    let rows = app.ledger.store().attempts_before(stored.id, before.unwrap_or(end), limit).await?;
    let next = rows.last().map(|last| last.at).filter(|_| rows.len() as u64 == limit);
    Ok(Json(DeliveryAttempts { attempts: rows.into_iter().map(shown).collect(), next }))
}
