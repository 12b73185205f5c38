//! What the registry pushes, and this platform's word that it acted.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use callboard_federation::{
    encoding::{Hash, from_json},
    receipt::{Exception, Outcome},
    webhook::{HEADERS, Message as DocketMessage},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{ApiError, App};

/// Takes what the registry pushes, as a hint to look at the feed at once
///
/// Standard Webhooks, `v1`, signed with the endpoint's secret; nothing of a message is believed beyond that there is news.
#[utoipa::path(
    post,
    path = "/webhook",
    operation_id = "take_push",
    extensions(("x-problems" = json!("message-refused"))),
    tag = "pushed",
    request_body(content = DocketMessage, description = "A message (docs/formats.md §12)"),
    responses(
        (status = 204, description = "It is the registry's"),
    )
)]
pub(super) async fn webhook(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    app.webhook.take(HEADERS.map(header), &body)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What this platform says of a docket.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"docket": "994ebc50376e990d34b1a1d3f5a0a1a5b7dd0e57dd8bb4b5b0b7b8f0f5fd4c9b", "outcome": "partly",
    "exceptions": [{"record": "019c167f-cc00-73bb-b093-53149ac499ee", "reason": "the contract ends on Friday"}]}))]
pub(super) struct Said {
    /// SHA-256 of its payload.
    docket: Hash,
    /// `in-effect`, `partly` or `declined`.
    outcome: Outcome,
    /// What isn't in effect, and why; not a name, since members and seats read it.
    #[serde(default)]
    exceptions: Vec<Exception>,
}

/// Signs a receipt and files it: that a docket is in effect here, partly, or not and why
///
/// After a hook that took every call of a docket, `in-effect` is filed by itself. A later receipt stands in the place of an
/// earlier one; both are kept at the registry. It is filed within seconds, or as soon as the registry answers.
#[utoipa::path(
    post,
    path = "/receipts",
    operation_id = "file_receipt",
    extensions(("x-problems" = json!("malformed receipt-unsigned unavailable"))),
    tag = "pushed",
    request_body = Said,
    responses(
        (status = 202, description = "It is signed, and will be filed"),
    )
)]
pub(super) async fn receipt(
    State(app): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let Said { docket, outcome, exceptions } = from_json(&body.map_err(|_| ApiError::TooLarge)?)?;
    app.receipts.sign(docket, outcome, exceptions).await??;
    app.receipts.file().await?;
    Ok(StatusCode::ACCEPTED)
}
