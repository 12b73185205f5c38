//! `DELETE /v1/endpoints/{endpoint}`: forgets an endpoint.

use axum::{extract::State, http::StatusCode};

use callboard_federation::encoding::EndpointId;

use super::own;
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// Forgets an endpoint, its secret and its attempts
#[utoipa::path(
    delete,
    path = "/v1/endpoints/{endpoint}",
    operation_id = "delete_endpoint",
    extensions(("x-problems" = json!("members-only not-found"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses((status = 204, description = "It is forgotten"))
)]
pub async fn delete(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<StatusCode, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    app.ledger.store().delete_endpoint(stored.id).await?;
    app.delivery.changed();
    Ok(StatusCode::NO_CONTENT)
}
