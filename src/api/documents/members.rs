//! `GET /v1/members`: the members in force.

use axum::{extract::State, http::HeaderMap, response::Response};

use crate::api::{
    App,
    problem::{ApiError, Problem},
    records::proof::proof_of,
};

/// Shows the members in force, as the proof file of its record
///
/// Who is bound by the rules, with which keys and quotas. One call gives the whole chain from genesis.
#[utoipa::path(
    get,
    path = "/v1/members",
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
    let record = app.ledger.replay().members().map(|members| members.record);
    proof_of(&app, record.ok_or(ApiError::NotFound)?, &headers).await
}
