//! The log as the C2SP texts have it, cosignatures and anchors. The operations: [`callboard_api::registry::log`].

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use callboard_api::{
    Member, Signed,
    registry::{
        Page,
        log::{AnchorTaken, CosignaturesTaken, FiledAnchors, LoggedAnchors},
    },
};
use callboard_federation::{
    anchor::Anchor,
    dsse::Envelope,
    encoding::from_json,
    tlog::{checkpoint::SignedCheckpoint, tile::TilePath},
};
use callboard_service::operation::{Reply, respond_with_etag};

use super::{
    App, Call, body,
    problem::{ApiError, MalformedRequest},
};
use crate::{ledger::LedgerError, store::StoredAnchor};

pub(super) async fn checkpoint(State(app): State<App>, headers: HeaderMap) -> Response {
    let note = app.ledger.published().newest.note.to_string();
    respond_with_etag(headers.get(header::IF_NONE_MATCH), "text/plain; charset=utf-8", "no-cache", note.into_bytes())
}

pub(super) async fn tile(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(path) = path.map_err(|_| ApiError::NotFound)?;
    let path: TilePath = format!("tile/{path}").parse().map_err(|_| ApiError::NotFound)?;
    let bytes = app.ledger.tile(path).await?.ok_or(ApiError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}

/// By hand: the body is a note.
pub(super) async fn cosignatures(
    State(app): State<App>,
    request: Request,
) -> Result<axum::Json<CosignaturesTaken>, ApiError> {
    let body = body::read(request.into_body(), app.config.limits.request_bytes, &app).await?;
    let text = std::str::from_utf8(&body).map_err(|_| ApiError::Malformed(MalformedRequest::Body))?;
    let note: SignedCheckpoint =
        text.parse().map_err(|error| ApiError::Malformed(MalformedRequest::Checkpoint(error)))?;
    let taken = app.ledger.take_cosignatures(&note).await??;
    let witnessed = app.ledger.published().witnessed.as_ref().map(|witnessed| witnessed.size);
    Ok(axum::Json(CosignaturesTaken { taken, witnessed }))
}

pub(super) async fn submit_anchor(
    app: App,
    call: Call<Member, (), (), Envelope>,
) -> Result<Reply<AnchorTaken>, ApiError> {
    let taken = app.ledger.submit_anchor(&call.by, &call.body).await?;
    let outcome = if taken.is_ok() { "taken" } else { "refused" };
    metrics::counter!("callboard_registry_anchors_total", "outcome" => outcome).increment(1);
    let taken = taken?;
    Ok(Reply::given_before(AnchorTaken { anchor: taken.anchor, index: taken.index }, taken.before))
}

pub(super) async fn filed_anchors(app: App, call: Call<Member, (), Page>) -> Result<FiledAnchors, ApiError> {
    let (after, limit) = (call.query.after.unwrap_or(0), call.query.rows());
    let (mut anchors, mut last) = (Vec::new(), None);
    for StoredAnchor { index, payload_hash, envelope } in
        app.ledger.store().filed_anchors(call.by.as_str(), after, limit).await?
    {
        let read = |envelope: Envelope| Anchor::from_json(&envelope.payload.0).ok();
        let anchor = from_json(&envelope).ok().and_then(read);
        last = Some(anchor.ok_or(LedgerError::Unreadable { index: index.unwrap_or_default() })?.at.day());
        anchors.push(AnchorTaken { anchor: payload_hash, index });
    }
    let next = last.filter(|_| anchors.len() as u64 == limit).and_then(|day| day.try_into().ok());
    Ok(FiledAnchors { anchors, next })
}

pub(super) async fn anchors(app: App, call: Call<Signed, u64>) -> Result<LoggedAnchors, ApiError> {
    let index = call.part;
    let logged = app.ledger.anchors_at(index).await?.ok_or(ApiError::NotFound)?;
    Ok(LoggedAnchors { index, entry: logged.entry, anchors: logged.anchors, proof: logged.proof })
}
