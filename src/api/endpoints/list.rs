//! `GET /v1/endpoints`, `GET /v1/endpoints/{endpoint}`: a member's endpoints.

use axum::{Json, extract::State};
use callboard_federation::{
    encoding::EndpointId,
    endpoint::{Endpoint, Endpoints},
};

use super::{own, shown};
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// Lists your endpoints, and where each stands in the log
#[utoipa::path(
    get,
    path = "/v1/endpoints",
    operation_id = "list_endpoints",
    extensions(("x-problems" = json!("members-only"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    responses((status = 200, description = "Your endpoints", body = Endpoints))
)]
pub async fn list(State(app): State<App>, signed: Signed) -> Result<Json<Endpoints>, ApiError> {
    let size = app.ledger.size();
    let own = app.ledger.store().endpoints_of(signed.member()?.as_str()).await?;
    Ok(Json(Endpoints { endpoints: own.into_iter().map(|stored| shown(stored, size)).collect() }))
}

/// Shows one of your endpoints
#[utoipa::path(
    get,
    path = "/v1/endpoints/{endpoint}",
    operation_id = "get_endpoint",
    extensions(("x-problems" = json!("members-only not-found"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses((status = 200, description = "The endpoint", body = Endpoint))
)]
pub async fn show(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    Ok(Json(shown(stored, app.ledger.size())))
}
