//! `GET /v1/dockets/{docket}/receipts`: what members said of a docket, in their own signed words.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time, from_json},
    members::MemberId,
    receipt::Outcome,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        App,
        authority::Signed,
        page::{Page, Part},
        problem::{ApiError, Malformed},
    },
    ledger::LedgerError,
};

/// A receipt as it is kept.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptReceipt)]
pub struct Kept {
    #[schema(value_type = MemberId)]
    member: String,
    #[schema(value_type = Outcome)]
    outcome: String,
    /// When, by the member's clock.
    at: Time,
    /// When the registry had it first.
    taken_at: Time,
    /// The member's envelope: exceptions and reasons are in its payload.
    envelope: Envelope,
    /// Whether it is the member's latest by `at`, the one that holds.
    holds: bool,
}

/// A page of receipts for a docket.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipts, example = json!({"receipts": [], "next": 100}))]
pub struct Listed {
    receipts: Vec<Kept>,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// Shows every receipt for a docket to members and seats, as they were taken
///
/// A page has as many rows as are asked for, or fewer where they are long: `next` says whether there is another.
#[utoipa::path(
    get,
    path = "/v1/dockets/{docket}/receipts",
    operation_id = "list_docket_receipts",
    extensions(("x-problems" = json!("not-found"))),
    tag = "receipts",
    security(("signatureInput" = [], "signature" = [])),
    params(("docket" = Hash, Path, description = "SHA-256 of the payload"), Page),
    responses((status = 200, description = "The receipts", body = Listed))
)]
pub async fn list(
    State(app): State<App>,
    Part(docket): Part<String>,
    page: Result<Query<Page>, QueryRejection>,
    _: Signed,
) -> Result<Json<Listed>, ApiError> {
    let Query(page) = page.map_err(|_| ApiError::Malformed(Malformed::Address("after, limit")))?;
    let docket: Hash = docket.parse().map_err(|_| ApiError::Malformed(Malformed::Address("docket")))?;
    let index = app.ledger.replay().index_of(&docket).filter(|index| *index < app.ledger.size());
    let index = index.ok_or(ApiError::NotFound)?;
    let (mut receipts, mut last) = (Vec::new(), page.after.unwrap_or(0));
    for stored in app.ledger.store().receipts_after(index, last, page.rows()).await? {
        let envelope = from_json(&stored.envelope).map_err(|_| LedgerError::Unreadable { index })?;
        let (member, outcome, at, taken_at) = (stored.member, stored.outcome, stored.at, stored.taken_at);
        receipts.push(Kept { member, outcome, at, taken_at, envelope, holds: stored.holds });
        last = stored.number;
    }
    let has_more = !app.ledger.store().receipts_after(index, last, 1).await?.is_empty();
    Ok(Json(Listed { receipts, next: has_more.then_some(last) }))
}
