//! `POST /v1/cosignatures`: a witness puts its line under a checkpoint.

use axum::{
    Json,
    extract::{Request, State},
};
use callboard_client::openapi::Binary;
use callboard_federation::tlog::checkpoint::SignedCheckpoint;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App, body,
    problem::{ApiError, Malformed},
};

/// What came of it.
#[derive(Serialize, ToSchema)]
#[schema(as = CosignaturesTaken, example = json!({"taken": 1, "witnessed": 8}))]
pub struct Answer {
    /// How many lines were new.
    taken: u64,
    /// The size of the newest checkpoint that the quorum cosigned.
    witnessed: Option<u64>,
}

/// Takes a witness's cosignature
///
/// The body is a checkpoint's note as this log published it, with the witness's line. The line is its own right: it is
/// verified with the key that the roster in force names.
///
/// Whoever holds a note of this log that is larger than what the registry shows, or of another root, shows it here. If the log's
/// own key signed it, the registry signs nothing more and answers `store-behind`, until its store is restored.
#[utoipa::path(
    post,
    path = "/v1/cosignatures",
    operation_id = "submit_cosignatures",
    extensions(("x-problems" = json!("malformed body-too-large cosignature-refused !media-type"))),
    tag = "log",
    request_body(content = inline(Binary), content_type = "application/octet-stream", description = "The note with the witness's line, in UTF-8; any media type is taken"),
    responses(
        (status = 200, description = "What came of it", body = Answer),
    )
)]
pub async fn take(State(app): State<App>, request: Request) -> Result<Json<Answer>, ApiError> {
    let body = body::read(request.into_body(), app.config.limits.request_bytes, &app).await?;
    let text = std::str::from_utf8(&body).map_err(|_| ApiError::Malformed(Malformed::Body))?;
    let note: SignedCheckpoint = text.parse().map_err(|error| ApiError::Malformed(Malformed::Checkpoint(error)))?;
    let taken = app.ledger.take_cosignatures(&note).await??;
    let witnessed = app.ledger.board().witnessed.as_ref().map(|witnessed| witnessed.size);
    Ok(Json(Answer { taken, witnessed }))
}
