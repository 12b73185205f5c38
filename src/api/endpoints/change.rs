//! `PATCH /v1/endpoints/{endpoint}`: another address, other kinds, paused or active again.

use axum::{Json, extract::State};
use callboard_federation::{encoding::from_json, statement::Kind};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Endpoint, keep, kinds_text, own};
use crate::{
    api::{
        App,
        authority::Signed,
        page::Part,
        problem::{ApiError, Problem},
    },
    store::endpoints::EndpointState,
};

/// What changes; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangedEndpoint, example = json!({"state": "paused"}))]
pub struct Change {
    url: Option<String>,
    /// The kinds wanted; an empty list: all.
    #[schema(value_type = Option<Vec<String>>)]
    kinds: Option<Vec<Kind>>,
    state: Option<Wanted>,
}

/// Whether it is sent to.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = WantedState)]
pub enum Wanted {
    /// From where it stands; a disabled one too.
    Active,
    /// Not until it is active again.
    Paused,
}

/// Changes an endpoint: its address or kinds, or pauses it, or lets it go on from where it stands
#[utoipa::path(
    patch,
    path = "/v1/endpoints/{endpoint}",
    tag = "endpoints",
    security(("signed" = [])),
    params(("endpoint" = String, Path, description = "Its id")),
    request_body = Change,
    responses(
        (status = 200, description = "As it is now", body = Endpoint),
        (status = 409, description = "It was changed meanwhile", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The address is not one that is pushed to", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn change(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let change: Change = from_json(&signed.body)?;
    if let Some(url) = change.url {
        app.delivery.guard().check(&url)?;
        stored.url = url;
    }
    if let Some(kinds) = change.kinds {
        stored.kinds = kinds_text(&kinds);
    }
    if let Some(wanted) = change.state {
        stored.standing.reason = None;
        stored.standing.state = match wanted {
            Wanted::Active => EndpointState::Active,
            Wanted::Paused => EndpointState::Paused,
        };
    }
    Ok(Json(Endpoint::of(keep(&app, &stored).await?, app.ledger.size())))
}
