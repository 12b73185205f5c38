//! The registry's log as this agent verified it, line for line as the registry disclosed it: with it any member brings a
//! registry back that lost its own (`callboard-agent export`, `callboard restore`).

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse as _, Response},
};
use callboard_api::agent::log::{LogFrom, OwnAnchor, OwnAnchors};
use callboard_federation::{
    disclosure::CheckpointLine,
    encoding::{from_json, to_json},
};
use callboard_service::media::{LINES, accepts};

use super::{ApiError, App, Call};
use crate::store::StoreError;

/// How many lines an answer has at most: a page of dockets of some dozens of records is some twenty megabytes.
const PAGE: u64 = 128;

pub(super) async fn feed(
    State(app): State<App>,
    query: Result<Query<LogFrom>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(LogFrom { from }) = query.map_err(|_| ApiError::Address("from".to_owned()))?;
    let (lines, note) = app.replica.lines(from, PAGE).await?.ok_or(ApiError::NotFound)?;
    let mut body = lines.join(&b'\n');
    if !body.is_empty() {
        body.push(b'\n');
    }
    body.extend(to_json(&CheckpointLine { checkpoint: note.to_string() }));
    body.push(b'\n');
    let media = if accepts(&headers, LINES) { LINES } else { "text/plain; charset=utf-8" };
    Ok(([(header::CONTENT_TYPE, media)], body).into_response())
}

pub(super) async fn anchors(app: App, _: Call) -> Result<OwnAnchors, ApiError> {
    let settled = app.checks.store().settled().await?;
    let anchors = settled.into_iter().map(|settled| {
        let anchor = from_json(settled.envelope.as_bytes()).map_err(|_| StoreError::Foreign("an anchor"))?;
        Ok(OwnAnchor { index: settled.log_index, anchor })
    });
    Ok(OwnAnchors { anchors: anchors.collect::<Result<_, StoreError>>()? })
}
