//! `POST /v1/endpoints/{endpoint}/test`: a message that says nothing, to see whether one arrives.

use axum::{Json, extract::State};

use callboard_federation::{encoding::EndpointId, endpoint::DeliveryAttempt};

use super::{attempts::shown, own};
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// Sends a test message, signed as every message is, and tells what came of it
///
/// Its type is `endpoint.test`. Whether it is taken changes nothing of the endpoint; up to ten seconds are waited.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/test",
    operation_id = "test_endpoint",
    extensions(("x-problems" = json!("members-only not-found endpoint-refused"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses(
        (status = 200, description = "The attempt", body = DeliveryAttempt),
    )
)]
pub async fn test(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<DeliveryAttempt>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    Ok(Json(shown(app.delivery.test(&stored).await?)))
}
