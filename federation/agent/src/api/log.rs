//! The registry's log as this agent verified it, line for line as the registry disclosed it: with it any member brings a
//! registry back that lost its own (`callboard-agent export`, `callboard restore`).

use axum::{
    Json,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use callboard_federation::{
    disclosure::CheckpointLine,
    dsse::Envelope,
    encoding::{from_json, to_json},
    openapi::Feed,
};
use callboard_service::media::{LINES, accepts};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ApiError, App};
use crate::{error::AgentError, store::StoreError};

/// How many lines an answer has at most: a page of dockets of some dozens of records is some twenty megabytes.
const PAGE: u64 = 128;

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct From {
    /// The index of the first entry wanted.
    from: u64,
}

/// Gives the verified log from an index on, as the registry's feed does
///
/// A line an entry, erased statements as `null`; the last line is `{checkpoint}`, the newest note that the lines bear out,
/// with every cosignature known here. If its size is beyond the lines, ask again from there.
#[utoipa::path(
    get,
    path = "/log/feed",
    operation_id = "read_log",
    extensions(("x-problems" = json!("malformed not-found unavailable"))),
    tag = "log",
    params(From),
    responses(
        (status = 200, description = "Lines of JSON; as plain text for whoever accepts that alone",
            content((inline(Feed) = "application/x-ndjson", example = json!("{\"index\":7,…}\n{\"checkpoint\":\"callboard.example\\n8\\n…\"}\n")),
                (String = "text/plain"))),
    )
)]
pub(super) async fn feed(
    State(app): State<App>,
    query: Result<Query<From>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(From { from }) = query.map_err(|_| ApiError::Address("from"))?;
    let (lines, note) = app.replica.lines(from, PAGE).await.map_err(AgentError::from)?.ok_or(ApiError::NotFound)?;
    let mut body = lines.join(&b'\n');
    if !body.is_empty() {
        body.push(b'\n');
    }
    body.extend(to_json(&CheckpointLine { checkpoint: note.to_string() }));
    body.push(b'\n');
    let media = if accepts(&headers, LINES) { LINES } else { "text/plain; charset=utf-8" };
    Ok(([(header::CONTENT_TYPE, media)], Body::from(body)).into_response())
}

/// This member's own anchors.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnAnchors, example = json!({"anchors": [{"index": 4, "anchor": {
    "payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json", "signatures": []}}]}))]
pub(super) struct Anchors {
    /// The oldest first.
    anchors: Vec<Anchored>,
}

/// An anchor, and where it is logged.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnAnchor)]
struct Anchored {
    /// The index of the registry's entry that holds it.
    index: Option<u64>,
    /// The member's envelope.
    anchor: Envelope,
}

/// Gives this member's own anchors, each with the entry of the registry's log that holds it
#[utoipa::path(
    get,
    path = "/log/anchors",
    operation_id = "list_anchors",
    extensions(("x-problems" = json!("unavailable"))),
    tag = "log",
    responses((status = 200, description = "The anchors", body = Anchors))
)]
pub(super) async fn anchors(State(app): State<App>) -> Result<Json<Anchors>, ApiError> {
    let settled = app.checks.store().settled().await.map_err(AgentError::from)?;
    let mut anchors = Vec::with_capacity(settled.len());
    for settled in settled {
        let anchor = from_json(settled.envelope.as_bytes());
        let anchor = anchor.map_err(|_| AgentError::from(StoreError::Foreign("an anchor")))?;
        anchors.push(Anchored { index: settled.log_index, anchor });
    }
    Ok(Json(Anchors { anchors }))
}
