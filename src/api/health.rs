//! Whether the registry lives, and whether it can take work; for whoever operates it.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    problem::{ApiError, Problem},
};

/// What a probe is told.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    status: &'static str,
}

/// Says that the process lives
#[utoipa::path(get, path = "/healthz", tag = "operating", responses((status = 200, description = "It lives", body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Says whether the store answers, and signed requests are taken
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operating",
    responses(
        (status = 200, description = "It can take work", body = Health),
        (status = 503, description = "The store does not answer, or was restored a moment ago", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn ready(State(app): State<App>) -> Result<Json<Health>, ApiError> {
    app.ledger.store().ping().await?;
    if let Some(after) = super::authority::until_ready(app.ledger.restored_at(), app.clock.now()) {
        return Err(ApiError::JustRestored { after });
    }
    Ok(Json(Health { status: "ok" }))
}
