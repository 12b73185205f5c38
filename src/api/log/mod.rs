//! `/log/`: the log as the C2SP texts have it: checkpoint, tiles, bundles of entries.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use callboard_client::openapi::Binary;
use callboard_federation::tlog::tile::TilePath;

use super::{App, page::tagged, problem::ApiError};

/// The newest checkpoint
#[utoipa::path(
    get,
    path = "/log/checkpoint",
    operation_id = "get_checkpoint",
    tag = "log",
    responses(
        (status = 200, description = "A C2SP checkpoint with every cosignature known", body = String, content_type = "text/plain",
            example = "callboard.example\n8\nskWcTAZnV8eSZyPEicF+DNLVxbns5Q9862ClZA9o6V4=\n\n— callboard.example FBlaZ729L…\n"),
        (status = 304, description = "You have it already (`If-None-Match`)"),
    )
)]
pub async fn checkpoint(State(app): State<App>, headers: HeaderMap) -> Response {
    let note = app.ledger.board().newest.note.to_string();
    tagged(&headers, "text/plain; charset=utf-8", "no-cache", note.into_bytes())
}

/// A tile of hashes, or a bundle of entries
///
/// `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles): immutable files.
#[utoipa::path(
    get,
    path = "/log/tile/{path}",
    operation_id = "get_tile",
    extensions(("x-problems" = json!("not-found"))),
    tag = "log",
    params(("path" = String, Path, description = "`<L>/<N>[.p/<W>]` or `entries/<N>[.p/<W>]`")),
    responses(
        (status = 200, description = "The tile", body = inline(Binary), content_type = "application/octet-stream",
            headers(("cache-control" = String, description = "`public, immutable`: it never changes"))),
    )
)]
pub async fn tile(State(app): State<App>, path: Result<Path<String>, PathRejection>) -> Result<Response, ApiError> {
    let Path(path) = path.map_err(|_| ApiError::NotFound)?;
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| ApiError::NotFound)?;
    let bytes = app.ledger.tile(path).await?.ok_or(ApiError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
