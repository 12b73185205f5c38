//! `GET /v1/roster`: the roster in force.

use axum::{extract::State, http::HeaderMap, response::Response};
use callboard_federation::proof_file::ProofFile;

use crate::api::{App, problem::ApiError, records::proof::proof_of};

/// Shows the roster in force, as the proof file of its record
///
/// Who may sign, and every key there is: the one root. One call gives the whole chain from genesis.
#[utoipa::path(
    get,
    path = "/v1/roster",
    operation_id = "get_roster",
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
    let record = app.ledger.replay().documents().rosters.last().copied();
    proof_of(&app, record.ok_or(ApiError::NotFound)?, &headers).await
}
