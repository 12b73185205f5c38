//! `POST /v1/endpoints/{endpoint}/replay`: the log once more, from an entry on.

use axum::{Json, extract::State};
use callboard_federation::encoding::from_json;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Endpoint, keep, own};
use crate::api::{
    App,
    authority::Signed,
    page::Part,
    problem::{ApiError, Problem},
};

/// From where.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayFrom, example = json!({"from": 0}))]
pub struct From {
    /// The index of the first entry wanted; beyond the end of the log, the end.
    from: u64,
}

/// Sends the log again from an entry on, each docket with the id that it had
///
/// Setting it ahead skips. One that is paused or disabled stays so, and goes on from there.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/replay",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id")),
    request_body = From,
    responses(
        (status = 200, description = "As it is now", body = Endpoint),
        (status = 409, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn replay(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let From { from } = from_json(&signed.body)?;
    let size = app.ledger.size();
    stored.standing.next_index = from.min(size);
    Ok(Json(Endpoint::of(keep(&app, &stored).await?, size)))
}
