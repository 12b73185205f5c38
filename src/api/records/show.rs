//! `GET /v1/records/{record}`: where a record stands, and for members and seats what it says.

use axum::{
    Json,
    extract::{FromRequest as _, Request, State},
};
use callboard_federation::{
    encoding::{Base64, RecordId},
    request::SIGNATURE_INPUT,
    statement::Kind,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::record_id;
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// A record.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Record, example = json!({
    "record": "019c167f-cc00-73bb-b093-53149ac499ee", "kind": "ruling", "index": 7, "position": 16, "erased": false,
    "statement": "eyJ2IjoxfQ==",
}))]
pub struct Shown {
    record: RecordId,
    /// Its kind.
    kind: Kind,
    /// The index of its docket's entry.
    index: u64,
    /// The position of its item in the docket, from 0.
    position: u32,
    /// Whether it was erased.
    erased: bool,
    /// The statement's bytes in base64; for members and seats.
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<Base64>,
}

/// Shows where a record stands
///
/// Unsigned it tells kind and place; a request that a member or a seat signed is shown the statement too.
#[utoipa::path(
    get,
    path = "/v1/records/{record}",
    operation_id = "get_record",
    extensions(("x-problems" = json!("not-found"))),
    tag = "records",
    security((), ("signatureInput" = [], "signature" = [])),
    params(("record" = RecordId, Path, description = "The record's id")),
    responses(
        (status = 200, description = "The record", body = Shown),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(record): Part<String>,
    request: Request,
) -> Result<Json<Shown>, ApiError> {
    let id = record_id(&record)?;
    let signed = request.headers().contains_key(SIGNATURE_INPUT);
    if signed {
        Signed::from_request(request, &app).await?;
    }
    let stored = app.ledger.store().record(id).await?.filter(|stored| stored.index < app.ledger.size());
    let stored = stored.ok_or(ApiError::NotFound)?;
    Ok(Json(Shown {
        record: id,
        kind: stored.kind,
        index: stored.index,
        position: stored.position,
        erased: stored.statement.is_none(),
        statement: stored.statement.filter(|_| signed).map(Base64),
    }))
}
