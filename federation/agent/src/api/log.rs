//! The registry's log as this agent verified it, line for line as the registry disclosed it: with it any member brings a
//! registry back that lost its own (`callboard-agent export`, `callboard restore`).

use axum::{
    Json,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::header,
    response::{IntoResponse, Response},
};
use callboard_federation::{
    disclosure::CheckpointLine,
    encoding::{from_json, to_json},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::IntoParams;

use super::{ApiError, App, Problem};
use crate::{agent::AgentError, store::StoreError};

/// How many lines an answer has at most: a page of dockets of some dozens of records is some twenty megabytes.
const PAGE: u64 = 128;

/// From where.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
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
    tag = "log",
    params(From),
    responses(
        (status = 200, description = "Lines of JSON", body = String, content_type = "application/x-ndjson",
            example = "{\"index\":7,\"entry\":\"…\",\"docket\":{…},\"items\":[\"…\",null]}\n{\"checkpoint\":\"callboard.example\\n8\\n…\"}\n"),
        (status = 400, description = "Not an index", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing was followed yet", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The store does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn feed(
    State(agent): State<App>,
    query: Result<Query<From>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(From { from }) = query.map_err(|_| ApiError::Address("from"))?;
    let (lines, note) = agent.replica.lines(from, PAGE).await.map_err(AgentError::from)?.ok_or(ApiError::NotFound)?;
    let mut body = lines.join(&b'\n');
    if !body.is_empty() {
        body.push(b'\n');
    }
    body.extend(to_json(&CheckpointLine { checkpoint: note.to_string() }));
    body.push(b'\n');
    let headers = [(header::CONTENT_TYPE, "application/x-ndjson"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, Body::from(body)).into_response())
}

/// Gives this member's own anchors, each with the entry of the registry's log that holds it
#[utoipa::path(
    get,
    path = "/log/anchors",
    tag = "log",
    responses(
        (status = 200, description = "The anchors", body = Object, example = json!({"anchors": [{"index": 4, "anchor": {
            "payload": "eyJ2Ij…", "payloadType": "application/vnd.callboard.anchor+json", "signatures": []}}]})),
        (status = 503, description = "The store does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn anchors(State(agent): State<App>) -> Result<Json<Value>, ApiError> {
    let settled = agent.checks.store().settled().await.map_err(AgentError::from)?;
    let mut anchors = Vec::with_capacity(settled.len());
    for anchor in settled {
        let envelope: Value =
            from_json(anchor.envelope.as_bytes()).map_err(|_| AgentError::from(StoreError::Foreign("an anchor")))?;
        anchors.push(json!({"index": anchor.log_index, "anchor": envelope}));
    }
    Ok(Json(json!({"anchors": anchors})))
}
