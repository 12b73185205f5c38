//! `GET /v1/roster`: the roster in force.

use axum::{extract::State, http::HeaderMap, response::Response};

use crate::api::{
    App,
    problem::{ApiError, Problem},
    records::proof::proof_of,
};

/// Shows the roster in force, as the proof file of its record
///
/// Who may sign, and every key there is: the one root. One call gives the whole chain from genesis.
#[utoipa::path(
    get,
    path = "/v1/roster",
    tag = "public documents",
    responses(
        (status = 200, description = "The proof file of its record (docs/formats.md §8)", body = Object, example = json!({
            "v": 1, "index": 0, "position": 0, "entry": "eyJ2IjoxLCJsb2dnZWRBdCI6…", "statement": "eyJ2IjoxLCJpZCI6…",
            "docket": {}, "proof": "c2sp.org/tlog-proof@v1\nindex 0\n…", "roots": [],
        })),
        (status = 304, description = "You have it already (`If-None-Match`)"),
        (status = 404, description = "The log has none yet", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Not witnessed yet", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let record = app.ledger.replay().documents().rosters.last().copied();
    proof_of(&app, record.ok_or(ApiError::NotFound)?, &headers).await
}
