//! `POST /v1/endpoints`: a member's new endpoint.

use axum::{Json, extract::State, http::StatusCode};
use callboard_client::runtime::os_rng;
use callboard_federation::{
    encoding::{EndpointId, from_json},
    endpoint::{Endpoint, NewEndpoint},
    webhook::Secret,
};
use rand_core::Rng as _;

use super::{MAX_ENDPOINTS, kinds_text, shown_with_secret};
use crate::{
    api::{App, authority::Signed, problem::ApiError},
    store::endpoints::StoredEndpoint,
};

/// Makes an endpoint, to which every docket is pushed from now on, or from an entry on
///
/// The secret that messages are signed with (Standard Webhooks, `v1`) is told in this answer alone. Dockets come in the
/// order of the log, each until it is answered 2xx; what is pushed is a hint, the proof is in the feed.
#[utoipa::path(
    post,
    path = "/v1/endpoints",
    operation_id = "create_endpoint",
    extensions(("x-problems" = json!("members-only endpoint-refused endpoint-repeated"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    request_body = NewEndpoint,
    responses(
        (status = 201, description = "It is made", body = Endpoint),
    )
)]
pub async fn create(State(app): State<App>, signed: Signed) -> Result<(StatusCode, Json<Endpoint>), ApiError> {
    let member = signed.member()?.as_str();
    let asked: NewEndpoint = from_json(&signed.body)?;
    app.delivery.guard().check(&asked.url)?;
    let own = app.ledger.store().endpoints_of(member).await?;
    if own.len() >= MAX_ENDPOINTS || own.iter().any(|endpoint| endpoint.url == asked.url) {
        return Err(ApiError::EndpointRepeated);
    }
    let (now, size) = (app.clock.now(), app.ledger.size());
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    let (id, secret) = (EndpointId::new(now, random), Secret::draw(&mut os_rng()));
    let from = asked.from.unwrap_or(size).min(size);
    let endpoint = StoredEndpoint {
        kinds: kinds_text(&asked.kinds.unwrap_or_default()),
        ..StoredEndpoint::new(id, member, &asked.url, secret.as_bytes(), from, now)
    };
    app.ledger.store().put_endpoint(&endpoint).await?;
    app.delivery.changed();
    Ok((StatusCode::CREATED, Json(shown_with_secret(endpoint, size))))
}
