//! `POST /v1/endpoints/{endpoint}/test`: a message that says nothing, to see whether one arrives.

use axum::{Json, extract::State};

use super::{attempts::Attempt, own};
use crate::api::{
    App,
    authority::Signed,
    page::Part,
    problem::{ApiError, Problem},
};

/// Sends a test message, signed as every message is, and tells what came of it
///
/// Its type is `endpoint.test`. Whether it is taken changes nothing of the endpoint; up to ten seconds are waited.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/test",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The attempt", body = Attempt),
        (status = 422, description = "The address is not one that is pushed to any more", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn test(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Attempt>, ApiError> {
    let stored = own(&app, &signed, &endpoint).await?;
    Ok(Json(app.delivery.test(&stored).await?.into()))
}
