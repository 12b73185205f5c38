//! `POST /v1/endpoints`: a member's new endpoint.

use axum::{Json, extract::State, http::StatusCode};
use callboard_client::program::chance;
use callboard_federation::{
    encoding::{EndpointId, from_json},
    statement::Kind,
    webhook::Secret,
};
use rand_core::Rng as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Endpoint, MAX_ENDPOINTS, kinds_text};
use crate::{
    api::{
        App,
        authority::Signed,
        problem::{ApiError, Problem},
    },
    store::endpoints::StoredEndpoint,
};

/// Where to push to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpoint, example = json!({"url": "https://hooks.alpha.example/callboard"}))]
pub struct Asked {
    /// `https`, a host on the internet, neither user nor password; up to 2,048 bytes.
    url: String,
    /// The kinds of statements wanted: dockets with none of them are skipped. Absent: all.
    #[schema(value_type = Option<Vec<String>>)]
    kinds: Option<Vec<Kind>>,
    /// The index of the first entry wanted; absent: what is logged from now on.
    from: Option<u64>,
}

/// Makes an endpoint, to which every docket is pushed from now on, or from an entry on
///
/// The secret that messages are signed with (Standard Webhooks, `v1`) is told in this answer alone. Dockets come in the
/// order of the log, each until it is answered 2xx; what is pushed is a hint, the proof is in the feed.
#[utoipa::path(
    post,
    path = "/v1/endpoints",
    tag = "endpoints",
    security(("signed" = [])),
    request_body = Asked,
    responses(
        (status = 201, description = "It is made", body = Endpoint),
        (status = 409, description = "You have one of this address, or as many as there may be", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The address is not one that is pushed to", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn create(State(app): State<App>, signed: Signed) -> Result<(StatusCode, Json<Endpoint>), ApiError> {
    let member = signed.member()?.as_str();
    let asked: Asked = from_json(&signed.body)?;
    app.delivery.guard().check(&asked.url)?;
    let own = app.ledger.store().endpoints_of(member).await?;
    if own.len() >= MAX_ENDPOINTS || own.iter().any(|endpoint| endpoint.url == asked.url) {
        return Err(ApiError::EndpointRepeated);
    }
    let (now, size) = (app.clock.now(), app.ledger.size());
    let mut random = [0; 10];
    chance().fill_bytes(&mut random);
    let (id, secret) = (EndpointId::new(now, random), Secret::draw(&mut chance()));
    let from = asked.from.unwrap_or(size).min(size);
    let endpoint = StoredEndpoint {
        kinds: kinds_text(&asked.kinds.unwrap_or_default()),
        ..StoredEndpoint::new(id, member, &asked.url, secret.as_bytes(), from, now)
    };
    app.ledger.store().put_endpoint(&endpoint).await?;
    app.delivery.changed();
    Ok((StatusCode::CREATED, Json(Endpoint::with_secret(endpoint, size))))
}
