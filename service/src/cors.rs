//! Pages of any origin may read what is public and asks for no signature: `*`, and never with credentials. Nothing
//! else.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// How long a browser may keep what a preflight said, in seconds: a day, the longest that any of them does.
const PREFLIGHT_SECONDS: HeaderValue = HeaderValue::from_static("86400");

/// The routes whose GET is public.
#[derive(Debug, Clone)]
pub struct PublicReads(Arc<BTreeSet<String>>);

impl PublicReads {
    /// These routes, as an API document spells them: `/log/tile/{path}`.
    pub fn of(routes: impl IntoIterator<Item = String>) -> Self {
        Self(Arc::new(routes.into_iter().collect()))
    }

    fn contains(&self, request: &Request) -> bool {
        let route = request.extensions().get::<MatchedPath>();
        // A part with slashes in it has another spelling in a router.
        route.is_some_and(|route| self.0.contains(&route.as_str().replace("{*", "{")))
    }
}

pub async fn cors(State(reads): State<PublicReads>, request: Request, next: Next) -> Response {
    if !reads.contains(&request) {
        return next.run(request).await;
    }
    let asks_before =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if asks_before {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let headers = response.headers_mut();
        allow(headers);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("if-none-match"));
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS);
        return response;
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.run(request).await;
    if is_read {
        allow(response.headers_mut());
        let shown = HeaderValue::from_static("etag, retry-after, ratelimit, ratelimit-policy");
        response.headers_mut().insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, shown);
    }
    response
}

fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}
