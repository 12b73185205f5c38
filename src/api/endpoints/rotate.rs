//! `POST /v1/endpoints/{endpoint}/rotate`: a new secret, while the old one still signs.

use axum::{Json, extract::State};
use callboard_client::runtime::os_rng;
use callboard_federation::{encoding::EndpointId, endpoint::Endpoint, webhook::Secret};

use super::{keep, own, shown_with_secret};
use crate::api::{App, authority::Signed, page::Part, problem::ApiError};

/// How long messages are signed with both secrets: a working day and a night.
const OVERLAP_MILLIS: i64 = 24 * 3_600 * 1_000;

/// Gives an endpoint a new secret; for a day messages are signed with the one before, too
///
/// The new secret is told in this answer alone.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/rotate",
    operation_id = "rotate_endpoint_secret",
    extensions(("x-problems" = json!("members-only not-found endpoint-moved"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses(
        (status = 200, description = "With the new secret", body = Endpoint),
    )
)]
pub async fn rotate(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let new = Secret::draw(&mut os_rng()).as_bytes().to_vec();
    let old = std::mem::replace(&mut stored.secret, new);
    stored.old_secret = Some((old, app.clock.now().plus_millis(OVERLAP_MILLIS)));
    Ok(Json(shown_with_secret(keep(&app, &stored).await?, app.ledger.size())))
}
