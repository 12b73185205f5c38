//! `GET /v1/dockets/{docket}/propagation` and `GET /v1/compliance`: how far decisions have come, and who hasn't acted.

use axum::{Json, extract::State};
use callboard_federation::encoding::Hash;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    App,
    authority::Signed,
    page::Part,
    problem::{ApiError, Malformed},
};
use crate::delivery::{compliance::MemberBoard, propagation::Propagation};

/// Shows how far a docket has come: signed, logged, delivered, receipted, with each member
///
/// For everyone, without what members say of single records. `lags` are milliseconds since `signedAt`.
#[utoipa::path(
    get,
    path = "/v1/dockets/{docket}/propagation",
    operation_id = "get_docket_propagation",
    extensions(("x-problems" = json!("malformed not-found"))),
    tag = "receipts",
    params(("docket" = Hash, Path, description = "SHA-256 of the payload")),
    responses(
        (status = 200, description = "How far it has come", body = Propagation, example = json!({
            "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7, "records": 1,
            "signedAt": "2026-11-25T08:00:00.000Z", "loggedAt": "2026-11-25T08:00:00.400Z", "dueAt": "2026-11-26T08:00:00.400Z",
            "lags": {"logged": 400, "delivered": {"members": 1, "p50": 460, "p95": 460, "max": 460}, "receipted": {"members": 0}},
            "counts": {"awaited": 1},
            "members": [{"member": "alpha", "name": "Alpha Live", "pushed": "active", "deliveredAt": "2026-11-25T08:00:00.460Z",
                "acted": "awaited", "receipts": 0, "exceptions": 0}],
        })),
    )
)]
pub async fn show(
    State(app): State<App>,
    Part(docket): Part<String>,
) -> Result<([(&'static str, &'static str); 1], Json<Propagation>), ApiError> {
    let docket: Hash = docket.parse().map_err(|_| ApiError::Malformed(Malformed::Address("docket")))?;
    let found = app.delivery.propagation(docket).await?.ok_or(ApiError::NotFound)?;
    Ok(([("cache-control", "no-cache")], Json(found)))
}

/// How members stand with the last dockets.
#[derive(Serialize, ToSchema)]
#[schema(as = Compliance)]
pub struct Board {
    /// The members in force; of the last two hundred entries of the log.
    members: Vec<MemberBoard>,
}

/// Shows members and seats who has carried out the last dockets, who is overdue, who declined and why
#[utoipa::path(
    get,
    path = "/v1/compliance",
    operation_id = "get_compliance",
    tag = "receipts",
    security(("signatureInput" = [], "signature" = [])),
    responses((status = 200, description = "The members", body = Board, example = json!({"members": [{
        "member": "alpha", "name": "Alpha Live", "pushed": "active", "lags": false, "reminded": 0, "counts": {"in-effect": 3, "partly": 1},
        "open": [{"docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "acted": "partly", "dueAt": "2026-11-26T08:00:00.400Z", "exceptions": [
            {"record": "019c167f-cc00-73bb-b093-53149ac499ee", "reason": "no such account here"}]}],
    }]})))
)]
pub async fn board(State(app): State<App>, _: Signed) -> Result<Json<Board>, ApiError> {
    Ok(Json(Board { members: app.delivery.board().await? }))
}
