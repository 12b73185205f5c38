//! `GET /v1/endpoints`, `GET /v1/endpoints/{endpoint}`: a member's endpoints.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Endpoint, own};
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// A member's endpoints: at most eight, so there are no pages.
#[derive(Serialize, ToSchema)]
#[schema(as = Endpoints, example = json!({"endpoints": []}))]
pub struct Listed {
    endpoints: Vec<Endpoint>,
}

/// Lists your endpoints, and where each stands in the log
#[utoipa::path(
    get,
    path = "/v1/endpoints",
    tag = "endpoints",
    security(("signed" = [])),
    responses((status = 200, description = "Your endpoints", body = Listed))
)]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Listed>, ApiError> {
    let size = app.ledger.size();
    let own = app.ledger.store().endpoints_of(signed.member()?.as_str()).await?;
    Ok(Json(Listed { endpoints: own.into_iter().map(|stored| Endpoint::of(stored, size)).collect() }))
}

/// Shows one of your endpoints
#[utoipa::path(
    get,
    path = "/v1/endpoints/{endpoint}",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id")),
    responses((status = 200, description = "The endpoint", body = Endpoint))
)]
pub async fn show(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    Ok(Json(Endpoint::of(stored, app.ledger.size())))
}
