//! `POST /v1/records/{record}/share`: the half of a seal that the registry keeps.

use axum::{Json, extract::State};
use callboard_federation::{
    encoding::{Octets, RecordId, Salt},
    statement::Statement,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::record_id;
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// A record's share.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"share": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg="}))]
pub struct Share {
    /// 32 bytes in base64: with the seal key of the identity they open the details.
    share: Salt,
}

/// Gives a record's share to a member or a seat that asks
///
/// With it whoever knows the identity opens the record's details. It shows the registry that who asks had a hit: it is
/// counted, and shown to the subject.
#[utoipa::path(
    post,
    path = "/v1/records/{record}/share",
    operation_id = "take_record_share",
    extensions(("x-problems" = json!("not-found erased share-lost"))),
    tag = "records",
    security(("signatureInput" = [], "signature" = [])),
    params(("record" = RecordId, Path, description = "The record's id")),
    responses(
        (status = 200, description = "The share", body = Share),
    )
)]
pub async fn share(
    State(app): State<App>,
    Part(record): Part<String>,
    signed: Signed,
) -> Result<([(&'static str, &'static str); 1], Json<Share>), ApiError> {
    let id = record_id(&record)?;
    let record = app.ledger.store().record(id).await?.filter(|record| record.index < app.ledger.size());
    let record = record.ok_or(ApiError::NotFound)?;
    let statement = record.statement.ok_or(ApiError::Erased)?;
    let share = app.ledger.store().take_share(id, &signed.who.name(), signed.key_id, app.clock.now()).await?;
    metrics::counter!("callboard_registry_shares_given_total").increment(u64::from(share.is_some()));
    let Some(share) = share else {
        // Erased meanwhile, without details, or lost: a share is there as long as what it opens is.
        let has_details = Statement::from_json(&statement).is_ok_and(|statement| statement.details().is_some());
        return Err(if has_details { ApiError::ShareLost } else { ApiError::NotFound });
    };
    let share = Octets(share);
    Ok(([("cache-control", "no-store")], Json(Share { share })))
}
