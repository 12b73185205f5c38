//! `GET /v1/publications/{sha256}`: the public text of a docket, names masked.

use axum::{extract::State, http::HeaderMap, response::Response};
use callboard_federation::encoding::Hash;

use crate::api::{
    App,
    page::{Part, tagged},
    problem::{ApiError, Malformed},
};

/// Shows the public text of a docket
///
/// Its bytes hash to the address, which the signed docket names.
#[utoipa::path(
    get,
    path = "/v1/publications/{sha256}",
    operation_id = "get_publication",
    extensions(("x-problems" = json!("malformed not-found"))),
    tag = "public documents",
    params(("sha256" = Hash, Path, description = "SHA-256 of the text")),
    responses(
        (status = 200, description = "The text", body = Object, example = json!({"v": 1, "zh": "公告……", "en": "Notice …"})),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(sha256): Part<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let sha256: Hash = sha256.parse().map_err(|_| ApiError::Malformed(Malformed::Address("sha256")))?;
    let text = app.ledger.store().publication(sha256, app.ledger.size()).await?.ok_or(ApiError::NotFound)?;
    Ok(tagged(&headers, "application/json", "public, max-age=3600", text))
}
