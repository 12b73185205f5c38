//! `POST /v1/receipts`: a member's word that a docket is in effect with it, partly, or not and why.

use axum::{Json, body::Body, extract::State, http::StatusCode};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, from_json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    App,
    authority::read_body,
    problem::{ApiError, Problem},
};

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptTaken, example = json!({
    "receipt": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct Answer {
    /// SHA-256 of its payload.
    #[schema(value_type = String)]
    receipt: Hash,
}

/// Takes a member's receipt for a docket
///
/// The body is the envelope (docs/formats.md §11). It needs no signed request: the member's signature in it is its right.
/// All are kept, and of a member and docket the one of the latest `at` stands. The same payload again gets the same answer.
#[utoipa::path(
    post,
    path = "/v1/receipts",
    tag = "receipts",
    request_body(content = Object, description = "The envelope", example = json!({
        "payload": "eyJ2IjoxLCJtZW1iZXIiOiJhbHBoYSIs…", "payloadType": "application/vnd.callboard.receipt+json",
        "signatures": [{"keyid": "112025279a740ce4…", "sig": "agi3W3EX8aua9F08uON6fK8K…"}],
    })),
    responses(
        (status = 201, description = "Taken", body = Answer),
        (status = 200, description = "The registry had it already", body = Answer),
        (status = 400, description = "Not an envelope", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not a receipt, not signed by its member, or for no docket of the log", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn hand_in(State(app): State<App>, body: Body) -> Result<(StatusCode, Json<Answer>), ApiError> {
    let body = read_body(body, app.config.limits.request_bytes).await?;
    let envelope: Envelope = from_json(&body)?;
    let taken = app.delivery.take_receipt(&envelope).await??;
    let status = if taken.before { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Answer { receipt: taken.receipt })))
}
