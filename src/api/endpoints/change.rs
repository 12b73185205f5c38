//! `PATCH /v1/endpoints/{endpoint}`: another address, other kinds, paused or active again.

use axum::{Json, extract::State};
use callboard_federation::{
    encoding::{EndpointId, from_json},
    endpoint::{ChangedEndpoint, Endpoint, WantedState},
};

use super::{keep, kinds_text, own, shown};
use crate::{
    api::{App, authority::Signed, page::Part, problem::ApiError},
    store::endpoints::EndpointState,
};

/// Changes an endpoint: its address or kinds, or pauses it, or lets it go on from where it stands
#[utoipa::path(
    patch,
    path = "/v1/endpoints/{endpoint}",
    operation_id = "change_endpoint",
    extensions(("x-problems" = json!("members-only not-found endpoint-moved endpoint-refused"))),
    tag = "endpoints",
    security(("signatureInput" = [], "signature" = [])),
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    request_body = ChangedEndpoint,
    responses(
        (status = 200, description = "As it is now", body = Endpoint),
    )
)]
pub async fn change(
    State(app): State<App>,
    Part(endpoint): Part<String>,
    signed: Signed,
) -> Result<Json<Endpoint>, ApiError> {
    let mut stored = own(&app, &signed, &endpoint).await?;
    let change: ChangedEndpoint = from_json(&signed.body)?;
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
            WantedState::Active => EndpointState::Active,
            WantedState::Paused => EndpointState::Paused,
        };
    }
    Ok(Json(shown(keep(&app, &stored).await?, app.ledger.size())))
}
