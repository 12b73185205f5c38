//! `GET /v1/dockets/{docket}/receipts`: what members said of a docket, in their own signed words.

use axum::{Json, extract::State};
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
        page::Part,
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
}

/// Receipts for a docket.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipts, example = json!({"receipts": []}))]
pub struct Listed {
    receipts: Vec<Kept>,
}

/// Shows every receipt for a docket to members and seats, by member, the one that stands last
#[utoipa::path(
    get,
    path = "/v1/dockets/{docket}/receipts",
    operation_id = "list_docket_receipts",
    extensions(("x-problems" = json!("not-found"))),
    tag = "receipts",
    security(("signatureInput" = [], "signature" = [])),
    params(("docket" = Hash, Path, description = "SHA-256 of the payload")),
    responses((status = 200, description = "The receipts", body = Listed))
)]
pub async fn list(State(app): State<App>, Part(docket): Part<String>, _: Signed) -> Result<Json<Listed>, ApiError> {
    let docket: Hash = docket.parse().map_err(|_| ApiError::Malformed(Malformed::Address("docket")))?;
    let index = app.ledger.replay().index_of(&docket).filter(|index| *index < app.ledger.size());
    let index = index.ok_or(ApiError::NotFound)?;
    let mut receipts = Vec::new();
    for stored in app.ledger.store().receipts_of(index).await? {
        let envelope = from_json(&stored.envelope).map_err(|_| LedgerError::Unreadable { index })?;
        let (member, outcome, at, taken_at) = (stored.member, stored.outcome, stored.at, stored.taken_at);
        receipts.push(Kept { member, outcome, at, taken_at, envelope });
    }
    Ok(Json(Listed { receipts }))
}
