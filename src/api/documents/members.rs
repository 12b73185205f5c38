//! `GET /v1/members`: the members in force.

use axum::{extract::State, http::HeaderMap, response::Response};
use callboard_federation::proof_file::ProofFile;

use crate::api::{App, problem::ApiError, records::proof::proof_of};

/// Shows the members in force, as the proof file of its record
///
/// Who is bound by the rules, with which keys and quotas. One call gives the whole chain from genesis.
#[utoipa::path(
    get,
    path = "/v1/members",
    operation_id = "get_members",
    extensions(("x-problems" = json!("not-found not-witnessed"))),
    tag = "public documents",
    responses(
        (status = 200, description = "The proof file of its record (docs/formats.md §8)", body = ProofFile, example = json!({
            "v": 1, "index": 0, "position": 0, "entry": "eyJ2IjoxfQ==", "statement": "eyJ2IjoxfQ==",
            "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json", "signatures": []}, "proof": "c2sp.org/tlog-proof@v1\nindex 0\n", "roots": [],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let record = app.ledger.replay().members().map(|members| members.record);
    proof_of(&app, record.ok_or(ApiError::NotFound)?, &headers).await
}
