//! `GET /v1/anchors/{index}`: the anchors that an entry of the log holds.

use axum::{Json, extract::State};
use callboard_federation::{dsse::Envelope, encoding::Base64, tlog::proof::Proof};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    App,
    authority::Signed,
    page::Part,
    problem::{ApiError, Malformed},
};

/// The anchors of an entry.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedAnchors, example = json!({
    "index": 31, "entry": "eyJ2IjoxfQ==", "anchors": [{
        "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json",
        "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}],
    }],
    "proof": "c2sp.org/tlog-proof@v1\nindex 31\n…",
}))]
pub struct Answer {
    index: u64,
    /// Base64 of the leaf's bytes, which have the root over the anchors.
    entry: Base64,
    /// The members' envelopes, in the order of that tree: by SHA-256 of their payloads.
    anchors: Vec<Envelope>,
    /// The leaf's way to the newest witnessed checkpoint, a C2SP tlog-proof; absent as long as none holds the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
}

/// Shows the anchors that an entry of the log holds, to members and seats
///
/// Who has a member's check and the proof that the member's log holds it finds here the member's word for that log, and
/// the proof that it was given by then (docs/formats.md §8, §11).
#[utoipa::path(
    get,
    path = "/v1/anchors/{index}",
    operation_id = "get_anchors",
    extensions(("x-problems" = json!("not-found"))),
    tag = "log",
    security(("signatureInput" = [], "signature" = [])),
    params(("index" = u64, Path, description = "The index of the entry")),
    responses(
        (status = 200, description = "The anchors", body = Answer),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(index): Part<String>,
    _: Signed,
) -> Result<([(&'static str, &'static str); 1], Json<Answer>), ApiError> {
    let index: u64 = index.parse().map_err(|_| ApiError::Malformed(Malformed::Address("index")))?;
    let logged = app.ledger.anchors_at(index).await?.ok_or(ApiError::NotFound)?;
    let answer = Answer { index, entry: logged.entry, anchors: logged.anchors, proof: logged.proof };
    Ok(([("cache-control", "private, no-cache")], Json(answer)))
}
