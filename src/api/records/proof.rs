//! `GET /v1/records/{record}/proof`: the file with which anyone checks a record off line.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use callboard_federation::{
    encoding::{RecordId, to_json},
    proof_file::ProofFile,
};

use super::record_id;
use crate::{
    api::{
        App,
        authority::Signed,
        page::{Part, tagged},
        problem::ApiError,
    },
    ledger::proofs::ProofOutcome,
};

/// Gives the proof file of a record, to members and seats
///
/// Checked off line against the genesis hash alone (`callboard verify`, docs/formats.md §8). Rosters, members and policies
/// have theirs in public. 409 as long as too few witnesses have cosigned: ask again.
#[utoipa::path(
    get,
    path = "/v1/records/{record}/proof",
    operation_id = "get_record_proof",
    extensions(("x-problems" = json!("not-found not-witnessed erased"))),
    tag = "records",
    security(("signatureInput" = [], "signature" = [])),
    params(("record" = RecordId, Path, description = "The record's id")),
    responses(
        (status = 200, description = "The proof file", body = ProofFile, example = json!({
            "v": 1, "index": 7, "position": 16, "entry": "eyJ2IjoxfQ==", "statement": "eyJ2IjoxfQ==",
            "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json", "signatures": []}, "proof": "c2sp.org/tlog-proof@v1\nindex 7\n", "roots": [],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn proof(
    State(app): State<App>,
    Part(record): Part<String>,
    headers: HeaderMap,
    _: Signed,
) -> Result<Response, ApiError> {
    let mut response = proof_of(&app, record_id(&record)?, &headers).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// The proof file of a record as an answer.
pub async fn proof_of(app: &App, id: RecordId, headers: &HeaderMap) -> Result<Response, ApiError> {
    match app.ledger.proof_file(id).await? {
        ProofOutcome::File(file) => Ok(tagged(headers, "application/json", "public, no-cache", to_json(&file))),
        ProofOutcome::Unknown => Err(ApiError::NotFound),
        ProofOutcome::Erased => Err(ApiError::Erased),
        ProofOutcome::NotWitnessed => Err(ApiError::NotWitnessed),
    }
}
