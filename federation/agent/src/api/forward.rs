//! What the member asks of the registry through the agent, since the agent has the key: every operation that
//! [`callboard_api::registry`] says is forwarded. The answer is handed on as it is, but for a secret, which stays here.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use callboard_api::{
    Description, Method,
    document::Entry,
    registry::{self, endpoints::Endpoint},
};
use callboard_client::runtime::os_rng;
use callboard_federation::webhook::Secret;

use super::{ApiError, App};
use crate::error::AgentError;

/// What each of them may answer besides: the registry's words, and the agent's own.
const PROBLEMS: &str =
    "malformed unavailable request-signature request-replayed key-unknown rate-limited registry-unreachable";

pub(super) fn operations() -> impl Iterator<Item = &'static Description> {
    registry::operations().filter(|operation| operation.is_forwarded)
}

/// As they stand in the agent's document.
pub(super) fn entries() -> impl Iterator<Item = Entry<'static>> {
    operations().map(|operation| Entry { operation, path: path(operation), tag: "pushed", problems: PROBLEMS })
}

pub(super) fn routes() -> Router<App> {
    operations().fold(Router::new(), |router, operation| {
        let method = match operation.method {
            Method::Get => MethodFilter::GET,
            Method::Post => MethodFilter::POST,
            Method::Patch => MethodFilter::PATCH,
            Method::Delete => MethodFilter::DELETE,
        };
        let answer = async move |State(app): State<App>, part: Option<Path<String>>, uri: Uri, body| {
            forward(&app, operation, part.map(|Path(part)| part).unwrap_or_default(), &uri, body).await
        };
        router.route(&path(operation), on(method, answer))
    })
}

/// Where the agent has an operation of the registry.
fn path(operation: &Description) -> String {
    operation.path.strip_prefix("/v1").unwrap_or(operation.path).to_owned()
}

/// Asks the registry with the member's key, and hands on what it answers. A secret in it is kept here, and not shown.
async fn forward(
    app: &App,
    operation: &'static Description,
    part: String,
    uri: &Uri,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    let query = uri.query().filter(|_| operation.query.is_some());
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    let path = format!("{}{query}", operation.path_of(part_of(operation, &part)?));
    let url = app.registry.at(&path);
    let asked = app.registry.caller().hand_on(operation.method, &url, body.into(), &mut os_rng()).await;
    let (status, media, mut body) = asked?;
    // What the registry can't do now, this agent can't either; why it couldn't is none of the asker's.
    let status = StatusCode::from_u16(status).ok().filter(|status| !status.is_server_error());
    let status = status.ok_or(AgentError::Registry)?;
    if let Ok(mut endpoint) = serde_json::from_slice::<Endpoint>(&body)
        && let Some(secret) = endpoint.secret.take()
    {
        let secret: Secret = secret.parse().map_err(|_| AgentError::Secret)?;
        app.webhook.keep_secret(&secret).map_err(|_| AgentError::Secret)?;
        body = serde_json::to_vec(&endpoint).map_err(|_| AgentError::Secret)?;
    }
    Ok((status, [(header::CONTENT_TYPE, media)], body).into_response())
}

/// An id or a hash: nothing else becomes part of an address that is asked with the member's key.
fn part_of<'a>(operation: &Description, part: &'a str) -> Result<&'a str, ApiError> {
    let is_id = part.len() <= 64 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let Some(name) = operation.part_name() else { return Ok("") };
    if is_id && !part.is_empty() { Ok(part) } else { Err(ApiError::Address(name.to_owned())) }
}
