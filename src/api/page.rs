//! Addresses, cursors and caches: parts of a path, pages of a listing, and answers that need not be sent twice.

use axum::{
    body::Body,
    extract::{FromRequestParts, Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use callboard_federation::encoding::Hash;
use serde::Deserialize;
use utoipa::IntoParams;

use super::problem::{ApiError, Malformed};

/// The part of the path that an operation names; one that isn't UTF-8 is a problem as any other.
#[derive(FromRequestParts)]
#[from_request(via(Path), rejection(ApiError))]
pub struct Part<T>(pub T);

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::Malformed(Malformed::Address("path"))
    }
}

/// How many rows a page has, unless asked.
pub const ROWS: u64 = 100;
/// The most rows of a page.
pub const MAX_ROWS: u64 = 1_000;

/// Which page of a listing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Rows after this cursor: `next` of the page before.
    pub after: Option<u64>,
    /// How many rows: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
}

impl Page {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.limit.unwrap_or(ROWS).clamp(1, MAX_ROWS)
    }
}

/// An answer with an entity tag: 304 without a body, if the caller has it already.
pub fn tagged(headers: &HeaderMap, content_type: &'static str, cache: &'static str, body: Vec<u8>) -> Response {
    let tag = format!("\"{}\"", Hash::of(&body));
    let has = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    // What stands between may have weakened the tag, having packed the bytes: the answer is the same (RFC 9110 §13.1.2).
    let is_known = |known: &str| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag;
    let known = has.is_some_and(|known| known.split(',').any(|known| is_known(known.trim())));
    let mut response = Response::new(if known { Body::empty() } else { Body::from(body) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
