//! The member's endpoints at the registry, made and changed through the agent, since the agent has the key; what the
//! registry answers is handed on as it is, but for the secret, which stays here.

use axum::{
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_client::{http::Caller, program::chance};
use callboard_federation::webhook::Secret;
use reqwest::Method;
use serde_json::Value;

use super::{ApiError, App, NO_STORE, Problem};
use crate::agent::AgentError;

/// Makes an endpoint at the registry, and keeps its secret here
///
/// The body and the answers are those of the registry's `POST /v1/endpoints`. Have what comes to `url` handed on to this
/// agent's `POST /webhook`.
#[utoipa::path(
    post,
    path = "/endpoints",
    tag = "pushed",
    request_body(content = Object, description = "Where", example = json!({"url": "https://hooks.alpha.example/callboard"})),
    responses(
        (status = 201, description = "As the registry answers, without the secret", body = Object, example = json!({"id": "019c167f-cc00-7568-8a65-6cc0703e460a", "state": "active"})),
        (status = 400, description = "Not what the registry takes", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(agent): State<App>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    forward(&agent, Method::POST, "", &body).await
}

/// Lists the member's endpoints
#[utoipa::path(
    get,
    path = "/endpoints",
    tag = "pushed",
    responses(
        (status = 200, description = "As the registry answers", body = Object, example = json!({"endpoints": []})),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(agent): State<App>) -> Result<Response, ApiError> {
    forward(&agent, Method::GET, "", b"").await
}

/// Changes an endpoint: pauses it, lets it go on, gives it another address
#[utoipa::path(
    patch,
    path = "/endpoints/{endpoint}",
    tag = "pushed",
    params(("endpoint" = String, Path, description = "Its id")),
    request_body(content = Object, description = "What changes", example = json!({"state": "paused"})),
    responses(
        (status = 200, description = "As the registry answers", body = Object, example = json!({"id": "019c167f-cc00-7568-8a65-6cc0703e460a", "state": "paused"})),
        (status = 400, description = "Not what the registry takes", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change(
    State(agent): State<App>,
    Path(endpoint): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    forward(&agent, Method::PATCH, &format!("/{}", part(&endpoint)?), &body).await
}

/// Forgets an endpoint
#[utoipa::path(
    delete,
    path = "/endpoints/{endpoint}",
    tag = "pushed",
    params(("endpoint" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is forgotten"),
        (status = 404, description = "No such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(State(agent): State<App>, Path(endpoint): Path<String>) -> Result<Response, ApiError> {
    forward(&agent, Method::DELETE, &format!("/{}", part(&endpoint)?), b"").await
}

/// Tests, rotates or replays an endpoint: `test`, `rotate`, `replay`
#[utoipa::path(
    post,
    path = "/endpoints/{endpoint}/{act}",
    tag = "pushed",
    params(("endpoint" = String, Path, description = "Its id"), ("act" = String, Path, description = "`test`, `rotate` or `replay`")),
    request_body(content = Object, description = "Of `replay`: from where", example = json!({"from": 0})),
    responses(
        (status = 200, description = "As the registry answers, without the secret", body = Object, example = json!({"id": "019c167f-cc00-7568-8a65-6cc0703e460a", "state": "active"})),
        (status = 400, description = "Not what the registry takes", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such endpoint", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body is too large", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The registry does not answer", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn act(
    State(agent): State<App>,
    Path((endpoint, act)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    let act = ["test", "rotate", "replay"].into_iter().find(|known| *known == act).ok_or(ApiError::NotFound)?;
    forward(&agent, Method::POST, &format!("/{}/{act}", part(&endpoint)?), &body).await
}

/// An id of an address: nothing else becomes part of one that is asked with the member's key.
pub(super) fn part(endpoint: &str) -> Result<&str, ApiError> {
    let is_id = endpoint.len() == 36 && endpoint.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_id { Ok(endpoint) } else { Err(ApiError::Address("endpoint")) }
}

/// Asks the registry with the member's key, and hands on what it answers. A secret in it is kept here, and not shown.
pub(super) async fn forward(agent: &App, method: Method, rest: &str, body: &[u8]) -> Result<Response, ApiError> {
    let caller = Caller::new(agent.client.clone(), agent.key.request_key(), &*agent.clock);
    let url = agent.config.url.at(&format!("/v1/endpoints{rest}"));
    let asked = caller.ask(method, &url, body.to_vec(), &mut chance()).await;
    let (status, media, body) = asked.map_err(AgentError::Http)?;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut body = body;
    if let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(&body)
        && let Some(secret) = answer.remove("secret")
    {
        let secret: Secret = secret.as_str().unwrap_or_default().parse().map_err(|_| AgentError::Secret)?;
        agent.keep_secret(&secret).map_err(|_| AgentError::Secret)?;
        body = Value::Object(answer).to_string().into_bytes();
    }
    Ok((status, [(header::CONTENT_TYPE, media.as_str()), (NO_STORE.0, NO_STORE.1)], body).into_response())
}
