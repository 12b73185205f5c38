//! `POST /v1/receipts`: a member's word that a docket is in effect with it, partly, or not and why.

use axum::{Json, body::Body, extract::State, http::StatusCode};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, from_json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{App, body, problem::ApiError},
    delivery::receipts::ReceiptRefused,
};

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptTaken, example = json!({
    "receipt": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct Answer {
    /// SHA-256 of its payload.
    receipt: Hash,
}

/// Takes a member's receipt for a docket
///
/// The body is the envelope (docs/formats.md §11). It needs no signed request: the member's signature in it is its right.
/// All are kept, and of a member and docket the one of the latest `at` holds. The same payload again gets the same answer. Ten
/// a minute are taken of a member for a docket.
#[utoipa::path(
    post,
    path = "/v1/receipts",
    operation_id = "submit_receipt",
    extensions(("x-problems" = json!("malformed body-too-large receipt-refused"))),
    tag = "receipts",
    request_body(content = Envelope, description = "The envelope", example = json!({
        "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.receipt+json",
        "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}],
    })),
    responses(
        (status = 201, description = "Taken", body = Answer),
        (status = 200, description = "The registry had it already", body = Answer),
    )
)]
pub async fn submit(State(app): State<App>, sent: Body) -> Result<(StatusCode, Json<Answer>), ApiError> {
    let body = body::read(sent, app.config.limits.request_bytes, &app).await?;
    let envelope: Envelope = from_json(&body)?;
    let taken = match app.delivery.take_receipt(&envelope).await? {
        Err(ReceiptRefused::TooMany { after }) => return Err(ApiError::RateLimited { after }),
        taken => taken?,
    };
    let status = if taken.before { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Answer { receipt: taken.receipt })))
}
