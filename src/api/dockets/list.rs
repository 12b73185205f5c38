//! `GET /v1/dockets`: what was logged, in order.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use callboard_federation::encoding::{DocketId, Hash, Time};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::{
    App,
    page::Page,
    problem::{ApiError, Malformed},
};

/// A page of dockets.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "dockets": [{
        "index": 7, "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
        "id": "019c167f-cc00-75a8-999f-8fba1caebcab", "loggedAt": "2026-02-01T00:00:00.000Z", "records": 88,
    }],
    "next": 7,
}))]
pub struct Dockets {
    /// The dockets, by index.
    dockets: Vec<Row>,
    /// The cursor of the next page, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// A docket in a listing.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocketRow, example = json!({
    "index": 7, "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c",
    "id": "019c167f-cc00-75a8-999f-8fba1caebcab", "loggedAt": "2026-02-01T00:00:00.000Z", "records": 88,
}))]
pub struct Row {
    /// The index of its entry.
    index: u64,
    /// SHA-256 of its payload.
    docket: Hash,
    /// Its id.
    id: DocketId,
    /// When it was logged.
    logged_at: Time,
    /// How many records it has.
    records: u64,
    /// SHA-256 of the public text that appeared with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    publication: Option<Hash>,
}

/// Lists what was logged, oldest first
#[utoipa::path(
    get,
    path = "/v1/dockets",
    operation_id = "list_dockets",
    extensions(("x-problems" = json!("malformed"))),
    tag = "dockets",
    params(Page),
    responses(
        (status = 200, description = "A page", body = Dockets),
    )
)]
pub async fn list(
    State(app): State<App>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Dockets>, ApiError> {
    let Query(page) = page.map_err(|_| ApiError::Malformed(Malformed::Address("after, limit")))?;
    let size = app.ledger.size();
    let rows = app.ledger.store().dockets_after(page.after, page.rows()).await?;
    let published: Vec<Row> = rows
        .into_iter()
        .filter(|row| row.index < size)
        .map(|row| Row {
            index: row.index,
            docket: row.payload_hash,
            id: row.docket_id,
            logged_at: row.logged_at,
            records: row.records,
            publication: row.publication,
        })
        .collect();
    let last = published.last().map(|row| row.index);
    let next = last.filter(|last| published.len() as u64 == page.rows() && last + 1 < size);
    Ok(Json(Dockets { dockets: published, next }))
}
