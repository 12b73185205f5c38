//! `POST /v1/anchors`: a member's word of its own log of checks.

use axum::{Json, extract::State, http::StatusCode};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, from_json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{App, authority::Signed, problem::ApiError};

/// What became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = AnchorTaken, example = json!({
    "anchor": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d", "index": 31,
}))]
pub struct Answer {
    /// SHA-256 of its payload.
    anchor: Hash,
    /// The index of the log's entry that holds it, once there is one: after the day on which it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
}

/// Takes a member's anchor
///
/// The body is the envelope (docs/formats.md §11), signed by a key of the member, and so is the request. One a member and
/// UTC day of its `at`, which is not in the future and at most 14 days ago. The same payload again gets the same answer,
/// and, once the day's anchors are logged, the index at which `GET /v1/anchors/{index}` shows them.
#[utoipa::path(
    post,
    path = "/v1/anchors",
    operation_id = "submit_anchor",
    extensions(("x-problems" = json!("members-only anchor-malformed anchor-signature anchor-foreign anchor-time anchor-repeated"))),
    tag = "log",
    security(("signatureInput" = [], "signature" = [])),
    request_body(content = Envelope, description = "The envelope", example = json!({
        "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json",
        "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}],
    })),
    responses(
        (status = 201, description = "Taken", body = Answer),
        (status = 200, description = "The registry had it already", body = Answer),
    )
)]
pub async fn submit(State(app): State<App>, signed: Signed) -> Result<(StatusCode, Json<Answer>), ApiError> {
    let member = signed.member()?;
    let envelope: Envelope = from_json(&signed.body)?;
    let taken = app.ledger.take_anchor(member, &envelope).await?;
    let outcome = if taken.is_ok() { "taken" } else { "refused" };
    metrics::counter!("callboard_registry_anchors_total", "outcome" => outcome).increment(1);
    let taken = taken?;
    let status = if taken.before { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(Answer { anchor: taken.anchor, index: taken.index })))
}
