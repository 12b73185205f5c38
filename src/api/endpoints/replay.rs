//! `POST /v1/endpoints/{endpoint}/replay`: the log once more, from an entry on.

use axum::{Json, extract::State};
use callboard_federation::{
    encoding::{EndpointId, from_json},
    endpoint::{Endpoint, ReplayFrom},
};

use super::{keep, own, shown};
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// Sends the log again from an entry on, each docket with the id that it had
///
/// Setting it ahead skips. One that is paused or disabled stays so, and goes on from there.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/replay",
    operation_id = "replay_endpoint",
    extensions(("x-problems" = json!("members-only not-found endpoint-moved"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    request_body = ReplayFrom,
    responses(
        (status = 200, description = "As it is now", body = Endpoint),
    )
)]
pub async fn replay(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let ReplayFrom { from } = from_json(&signed.body)?;
    let size = app.ledger.size();
    stored.standing.next_index = from.min(size);
    Ok(Json(shown(keep(&app, &stored).await?, size)))
}
