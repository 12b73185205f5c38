//! `POST /v1/endpoints/{endpoint}/rotate`: a new secret, while the old one still signs.

use axum::{Json, extract::State};
use callboard_client::program::chance;
use callboard_federation::webhook::Secret;

use super::{Endpoint, keep, own};
use crate::api::{
    App,
    authority::Signed,
    page::Part,
    problem::{ApiError, Problem},
};

/// How long messages are signed with both secrets: a working day and a night.
const OVERLAP_MILLIS: i64 = 24 * 3_600 * 1_000;

/// Gives an endpoint a new secret; for a day messages are signed with the one before, too
///
/// The new secret is told in this answer alone.
#[utoipa::path(
    post,
    path = "/v1/endpoints/{endpoint}/rotate",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "With the new secret", body = Endpoint),
        (status = 409, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn rotate(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let new = Secret::draw(&mut chance()).as_bytes().to_vec();
    let old = std::mem::replace(&mut stored.secret, new);
    stored.old_secret = Some((old, app.clock.now().plus_millis(OVERLAP_MILLIS)));
    Ok(Json(Endpoint::with_secret(keep(&app, &stored).await?, app.ledger.size())))
}
