//! What this member said of dockets, and what it still owes.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time, from_json},
    receipt::{Outcome, Receipt},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{ApiError, App};
use crate::{
    error::AgentError,
    receipts::Progress,
    store::{StoreError, receipts::StoredReceipt},
};

/// Receipts of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (100, 1_000);

/// Which receipts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Asked {
    /// Those of dockets before this index: `next` of the page before.
    before: Option<u64>,
    /// How many: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    limit: Option<u32>,
    /// Only those that the registry hasn't taken.
    #[serde(default)]
    owed: bool,
}

/// A docket that this member says something of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceiptState, example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 31, "state": "waits-for-hook",
    "effectiveAt": "2026-11-25T08:00:00.000Z", "people": 2,
}))]
pub(super) struct Listed {
    /// SHA-256 of its payload.
    docket: Hash,
    /// Its index in the log.
    index: u64,
    /// How far the receipt has come.
    state: Progress,
    /// What was said, once it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    /// When it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_at: Option<Time>,
    /// When the registry took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    filed_at: Option<Time>,
    /// When the last record of the docket is in effect, as long as nothing is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_at: Option<Time>,
    /// Of how many people the hook hasn't taken what the docket changed.
    people: u64,
}

/// Receipts, the newest docket first.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptPage, example = json!({"receipts": [], "failure": "the registry: the service can't be reached"}))]
pub(super) struct Page {
    receipts: Vec<Listed>,
    /// `before` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
    /// Why the registry took none when one was last filed, if it took none.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// Lists what this member said of dockets and what it still owes, the newest docket first
#[utoipa::path(
    get,
    path = "/receipts",
    operation_id = "list_receipts",
    extensions(("x-problems" = json!("malformed unavailable"))),
    tag = "pushed",
    params(Asked),
    responses(
        (status = 200, description = "A page of receipts", body = Page),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, ApiError> {
    let Query(Asked { before, limit, owed }) = asked.map_err(|_| ApiError::Address("before, limit, owed"))?;
    let limit = limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let rows = app.receipts.store.before(before, owed, limit).await.map_err(AgentError::from)?;
    let next = rows.last().map(|last| last.index).filter(|_| rows.len() == limit as usize);
    let receipts = rows.into_iter().map(|row| listed(&app, row)).collect::<Result<_, _>>()?;
    Ok(Json(Page { receipts, next, failure: app.receipts.failure.get() }))
}

fn listed(app: &App, row: StoredReceipt) -> Result<Listed, ApiError> {
    let state = app.receipts.progress(&row);
    let StoredReceipt { docket, index, effective_at, envelope, filed_at, people } = row;
    let read = |envelope: String| {
        let envelope: Envelope = from_json(envelope.as_bytes())?;
        from_json::<Receipt>(&envelope.payload.0)
    };
    let said = envelope.map(read).transpose();
    let said = said.map_err(|_| AgentError::from(StoreError::Foreign("a receipt")))?;
    Ok(Listed {
        docket,
        index,
        state,
        outcome: said.as_ref().map(|said| said.outcome),
        signed_at: said.as_ref().map(|said| said.at),
        filed_at,
        effective_at: if said.is_none() { Some(effective_at) } else { None },
        people,
    })
}
