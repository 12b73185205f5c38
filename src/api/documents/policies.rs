//! `GET /v1/policies` and `GET /v1/policies/{sha256}`: the rules as data.

use axum::{Json, extract::State, http::HeaderMap, response::Response};
use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    proof_file::ProofFile,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    App,
    page::Part,
    problem::{ApiError, Malformed},
    records::proof::proof_of,
};

/// The policies that were logged.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "policies": [{
        "instrument": "streamer-warning-rules", "version": "2022",
        "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f",
        "effectiveFrom": "2022-03-01T00:00:00.000Z", "record": "019c167f-cc00-75e7-a5ef-192adc96215b",
    }],
}))]
pub struct Policies {
    /// By instrument and version.
    policies: Vec<Row>,
}

/// A policy in the listing.
#[derive(Serialize, ToSchema, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "camelCase")]
#[schema(as = PolicyRow, example = json!({
    "instrument": "streamer-warning-rules", "version": "2022",
    "sha256": "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f",
    "effectiveFrom": "2022-03-01T00:00:00.000Z", "record": "019c167f-cc00-75e7-a5ef-192adc96215b",
}))]
pub struct Row {
    instrument: String,
    version: String,
    /// SHA-256 of the document.
    sha256: Hash,
    effective_from: Time,
    /// The record that carries it.
    record: RecordId,
}

/// Lists the policies that were logged
#[utoipa::path(get, path = "/v1/policies", operation_id = "list_policies", tag = "public documents", responses((status = 200, description = "All of them", body = Policies)))]
pub async fn list(State(app): State<App>) -> Json<Policies> {
    let replay = app.ledger.replay();
    let row = |(sha256, policy): (&Hash, &callboard_federation::policy::Policy)| {
        Some(Row {
            instrument: policy.instrument.clone(),
            version: policy.version.clone(),
            sha256: *sha256,
            effective_from: policy.effective_from,
            record: *replay.documents().policies.get(sha256)?,
        })
    };
    let mut policies: Vec<Row> = replay.policies().iter().filter_map(row).collect();
    policies.sort();
    Json(Policies { policies })
}

/// Shows a policy, as the proof file of its record
#[utoipa::path(
    get,
    path = "/v1/policies/{sha256}",
    operation_id = "get_policy",
    extensions(("x-problems" = json!("malformed not-found not-witnessed"))),
    tag = "public documents",
    params(("sha256" = Hash, Path, description = "SHA-256 of the document")),
    responses(
        (status = 200, description = "The proof file of its record (docs/formats.md §8)", body = ProofFile, example = json!({
            "v": 1, "index": 1, "position": 2, "entry": "eyJ2IjoxfQ==", "statement": "eyJ2IjoxfQ==",
            "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json", "signatures": []}, "proof": "c2sp.org/tlog-proof@v1\nindex 1\n", "roots": [],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(sha256): Part<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sha256: Hash = sha256.parse().map_err(|_| ApiError::Malformed(Malformed::Address("sha256")))?;
    let record = app.ledger.replay().documents().policies.get(&sha256).copied();
    proof_of(&app, record.ok_or(ApiError::NotFound)?, &headers).await
}
