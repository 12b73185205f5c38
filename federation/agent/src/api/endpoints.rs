//! The member's endpoints at the registry, made and changed through the agent, since the agent has the key; what the
//! registry answers is handed on as it is, but for the secret, which stays here.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_client::runtime::os_rng;
use callboard_federation::{
    encoding::EndpointId,
    endpoint::{ChangedEndpoint, DeliveryAttempt, Endpoint, Endpoints, NewEndpoint, ReplayFrom},
    webhook::Secret,
};
use reqwest::Method;
use serde_json::Value;

use super::{ApiError, App};
use crate::error::AgentError;

/// Makes an endpoint at the registry, and keeps its secret here
///
/// The body and the answers are those of the registry's `POST /v1/endpoints`. Have what comes to `url` handed on to this
/// agent's `POST /webhook`.
#[utoipa::path(
    post,
    path = "/endpoints",
    operation_id = "create_endpoint",
    extensions(("x-problems" = json!("malformed body-too-large unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable endpoint-repeated endpoint-refused"))),
    tag = "pushed",
    request_body(content = NewEndpoint, description = "Where", example = json!({"url": "https://hooks.alpha.example/callboard"})),
    responses(
        (status = 201, description = "As the registry answers, without the secret", body = Endpoint),
    )
)]
pub(super) async fn create(State(app): State<App>, body: Result<Bytes, BytesRejection>) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    forward(&app, Method::POST, "", &body).await
}

/// Lists the member's endpoints
#[utoipa::path(
    get,
    path = "/endpoints",
    operation_id = "list_endpoints",
    extensions(("x-problems" = json!("unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable"))),
    tag = "pushed",
    responses(
        (status = 200, description = "As the registry answers", body = Endpoints, example = json!({"endpoints": []})),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Response, ApiError> {
    forward(&app, Method::GET, "", b"").await
}

/// Changes an endpoint: pauses it, lets it go on, gives it another address
#[utoipa::path(
    patch,
    path = "/endpoints/{endpoint}",
    operation_id = "change_endpoint",
    extensions(("x-problems" = json!("malformed not-found body-too-large unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable endpoint-moved endpoint-refused"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    request_body(content = ChangedEndpoint, description = "What changes", example = json!({"state": "paused"})),
    responses(
        (status = 200, description = "As the registry answers", body = Endpoint),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    Path(endpoint): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    forward(&app, Method::PATCH, &format!("/{}", part(&endpoint)?), &body).await
}

/// Forgets an endpoint
#[utoipa::path(
    delete,
    path = "/endpoints/{endpoint}",
    operation_id = "delete_endpoint",
    extensions(("x-problems" = json!("malformed not-found unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is forgotten"),
    )
)]
pub(super) async fn delete(State(app): State<App>, Path(endpoint): Path<String>) -> Result<Response, ApiError> {
    forward(&app, Method::DELETE, &format!("/{}", part(&endpoint)?), b"").await
}

/// Has the registry send a test message to an endpoint, and tells what came of it
#[utoipa::path(
    post,
    path = "/endpoints/{endpoint}/test",
    operation_id = "test_endpoint",
    extensions(("x-problems" = json!("malformed not-found unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable endpoint-refused"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses((status = 200, description = "The attempt", body = DeliveryAttempt))
)]
pub(super) async fn test(State(app): State<App>, Path(endpoint): Path<String>) -> Result<Response, ApiError> {
    forward(&app, Method::POST, &format!("/{}/test", part(&endpoint)?), b"").await
}

/// Gives an endpoint a new secret, and keeps it here
#[utoipa::path(
    post,
    path = "/endpoints/{endpoint}/rotate",
    operation_id = "rotate_endpoint_secret",
    extensions(("x-problems" = json!("malformed not-found unavailable request-signature request-replayed key-unknown members-only rate-limited registry-unreachable endpoint-moved"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    responses((status = 200, description = "As the registry answers, without the secret", body = Endpoint))
)]
pub(super) async fn rotate(State(app): State<App>, Path(endpoint): Path<String>) -> Result<Response, ApiError> {
    forward(&app, Method::POST, &format!("/{}/rotate", part(&endpoint)?), b"").await
}

/// Has the log sent to an endpoint again, from an entry on
#[utoipa::path(
    post,
    path = "/endpoints/{endpoint}/replay",
    operation_id = "replay_endpoint",
    extensions(("x-problems" = json!("malformed not-found unavailable body-too-large request-signature request-replayed key-unknown members-only rate-limited registry-unreachable endpoint-moved"))),
    tag = "pushed",
    params(("endpoint" = EndpointId, Path, description = "Its id")),
    request_body = ReplayFrom,
    responses((status = 200, description = "As the registry answers", body = Endpoint))
)]
pub(super) async fn replay(
    State(app): State<App>,
    Path(endpoint): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    forward(&app, Method::POST, &format!("/{}/replay", part(&endpoint)?), &body).await
}

/// An id of an address: nothing else becomes part of one that is asked with the member's key.
pub(super) fn part(endpoint: &str) -> Result<&str, ApiError> {
    let is_id = endpoint.len() == 36 && endpoint.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_id { Ok(endpoint) } else { Err(ApiError::Address("endpoint")) }
}

/// Asks the registry with the member's key, and hands on what it answers. A secret in it is kept here, and not shown.
pub(super) async fn forward(app: &App, method: Method, rest: &str, body: &[u8]) -> Result<Response, ApiError> {
    let url = app.registry.at(&format!("/v1/endpoints{rest}"));
    let asked = app.registry.caller().ask(method, &url, body.to_vec(), &mut os_rng()).await;
    let (status, media, body) = asked.map_err(AgentError::Http)?;
    // What the registry can't do now, this agent can't either; why it couldn't is none of the asker's.
    let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_server_error());
    let status = status.ok_or(AgentError::Registry)?;
    let mut body = body;
    if let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&body)
        && let Some(secret) = answer.remove("secret")
    {
        let secret: Secret = secret.as_str().unwrap_or_default().parse().map_err(|_| AgentError::Secret)?;
        app.webhook.keep_secret(&secret).map_err(|_| AgentError::Secret)?;
        body = Value::Object(answer).to_string().into_bytes();
    }
    Ok((status, [(header::CONTENT_TYPE, media.as_str())], body).into_response())
}
