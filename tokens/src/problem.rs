//! What is said to whoever is refused: problems of RFC 9457, each with its code, status and title in one place.
//!
//! None repeats a point, and none could repeat an identity: the service never sees one.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_federation::{
    encoding::{Time, to_json},
    request::RequestError,
    tag::Epoch,
    token::TokenError,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::StoreError;

/// Every problem of the service: word, status, what to do. `docs/errors.md` is made of it.
pub const PROBLEMS: &[(&str, u16, &str)] = &[
    ("unsigned", 401, "Sign the request with your own key."),
    ("request-signature", 401, "Read what `detail` says of the signature; sign again with a fresh nonce."),
    ("request-replayed", 401, "Sign each request with a nonce of its own."),
    ("key-unknown", 403, "The key is not in the members' list or roster in force."),
    ("key-not-yet", 409, "The list that would name the key is not witnessed yet: ask again in a second."),
    ("point-invalid", 422, "Blind again: each point is the canonical encoding of one that isn't the identity."),
    ("batch-size", 422, "Send 1 to 1,000 points of 32 bytes each, and nothing else."),
    ("media-type", 415, "Send `application/octet-stream`."),
    ("malformed", 400, "The query is `epoch=N`, and nothing else."),
    ("epoch-unknown", 404, "Read the roster: it names no such epoch."),
    ("epoch-closed", 410, "Derive under the live epochs alone; `GET /v1/epochs` names them."),
    ("epoch-unavailable", 503, "The service lacks the roster's key of that epoch; tell its operators."),
    ("rate-limited", 429, "Wait as long as `Retry-After` says."),
    ("quota-spent", 429, "Wait for the next day, `resetsAt`, or ask for a grant."),
    ("not-ready", 503, "The service has no roster that the registry confirmed of late; ask again in a moment."),
    ("not-found", 404, "Nothing is there; check the address."),
    ("method-not-allowed", 405, "The address takes other methods."),
    ("too-slow", 408, "Send the whole request within 30 seconds."),
    ("unavailable", 503, "The service's store does not answer; send the request again, signed anew."),
    ("internal", 500, "A fault of the service's own; its operators have been told."),
];

/// Why a request isn't answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// Not signed as it must be, or by nobody known.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// By nobody known, while the registry has a list that it can't prove yet.
    #[error("the key is not in the list that is known, and a newer one is not witnessed yet: ask again in a second")]
    KeyNotYet,
    /// Signed well, and seen before.
    #[error("the nonce was taken by an earlier request: sign anew")]
    Replayed,
    /// Points or batch malformed.
    #[error(transparent)]
    Batch(#[from] TokenError),
    /// Not octets.
    #[error("a batch is sent as application/octet-stream")]
    MediaType,
    /// The query isn't an epoch's number.
    #[error("the query is epoch=N, and nothing else")]
    Query,
    /// The roster names no such epoch.
    #[error("the roster names no epoch {0}")]
    EpochUnknown(Epoch),
    /// The roster closed it.
    #[error("epoch {0} is closed: GET /v1/epochs names those that are live")]
    EpochClosed(Epoch),
    /// There is no seed here, or that of another key than the roster's.
    #[error("this service holds no key of epoch {0} that the roster names")]
    EpochUnavailable(Epoch),
    /// Too many requests at once.
    #[error("more requests than one key may make at once")]
    TooFast {
        /// Seconds until another is taken.
        retry_after: u64,
    },
    /// The day's quota and all grants don't reach.
    #[error("{asked} points are asked, {left} are left until {resets_at}")]
    QuotaSpent {
        /// Points asked.
        asked: u64,
        /// Points left, grants among them.
        left: u64,
        /// When the next day begins.
        resets_at: Time,
        /// The same in seconds from now.
        retry_after: u64,
    },
    /// No roster yet, or none that was confirmed of late.
    #[error("no roster that the registry confirmed of late is at hand")]
    NotReady,
    /// No such resource.
    #[error("there is nothing here")]
    NotFound,
    /// Another method than the resource has.
    #[error("the resource has no such method")]
    Method,
    /// The request took too long.
    #[error("the request was not done in time")]
    TooSlow,
    /// The store failed; our log has the cause.
    #[error("the token service's store does not answer: send the request again, signed anew")]
    Store(#[from] StoreError),
    /// Ours to mend: a task died.
    #[error("the token service failed")]
    Failed,
}

/// An RFC 9457 problem.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem, example = json!({
    "type": "urn:callboard:problem:quota-spent", "title": "The quota is spent", "status": 429,
    "detail": "3 points are asked, 2 are left until 2026-05-02T00:00:00.000Z", "resetsAt": "2026-05-02T00:00:00.000Z", "left": 2,
}))]
pub(super) struct Document<'a> {
    /// `urn:callboard:problem:` and a stable word.
    r#type: String,
    /// What kind of problem, for people.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// When a spent quota is whole again.
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at: Option<Time>,
    /// The points that are left of a spent quota: a batch that is as small is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<u64>,
}

impl Problem {
    /// Status, word and title; words that the registry says too mean the same there.
    const fn parts(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Request(RequestError::Unsigned) => {
                (StatusCode::UNAUTHORIZED, "unsigned", "The request must be signed")
            }
            Self::Request(RequestError::KeyUnknown(_)) => {
                (StatusCode::FORBIDDEN, "key-unknown", "The key is not in force")
            }
            Self::KeyNotYet => (StatusCode::CONFLICT, "key-not-yet", "The key is not known yet"),
            Self::Request(_) => (StatusCode::UNAUTHORIZED, "request-signature", "The request's signature is not taken"),
            Self::Replayed => (StatusCode::UNAUTHORIZED, "request-replayed", "The request was taken before"),
            Self::Batch(TokenError::Point { .. }) => {
                (StatusCode::UNPROCESSABLE_ENTITY, "point-invalid", "A point can't be evaluated")
            }
            Self::Batch(_) => (StatusCode::UNPROCESSABLE_ENTITY, "batch-size", "A batch has 1 to 1,000 points"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Another media type is expected"),
            Self::Query => (StatusCode::BAD_REQUEST, "malformed", "The request can't be read"),
            Self::EpochUnknown(_) => (StatusCode::NOT_FOUND, "epoch-unknown", "There is no such epoch"),
            Self::EpochClosed(_) => (StatusCode::GONE, "epoch-closed", "The epoch is closed"),
            Self::EpochUnavailable(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "epoch-unavailable", "The epoch's key is not held here")
            }
            Self::TooFast { .. } => (StatusCode::TOO_MANY_REQUESTS, "rate-limited", "Too many requests"),
            Self::QuotaSpent { .. } => (StatusCode::TOO_MANY_REQUESTS, "quota-spent", "The quota is spent"),
            Self::NotReady => (StatusCode::SERVICE_UNAVAILABLE, "not-ready", "The token service is not ready"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", "The request took too long"),
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again"),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "A fault of the token service"),
        }
    }

    const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooFast { retry_after } | Self::QuotaSpent { retry_after, .. } => Some(*retry_after),
            Self::KeyNotYet => Some(1),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.parts();
        if let Self::Store(error) = &self {
            tracing::error!(error = %error, "the store failed");
            metrics::counter!("callboard_tokens_store_failures_total").increment(1);
        }
        metrics::counter!("callboard_tokens_refused_total", "code" => code).increment(1);
        let (resets_at, left) = match &self {
            Self::QuotaSpent { resets_at, left, .. } => (Some(*resets_at), Some(*left)),
            _ => (None, None),
        };
        let document = Document {
            r#type: format!("urn:callboard:problem:{code}"),
            title,
            status: status.as_u16(),
            detail: self.to_string(),
            resets_at,
            left,
        };
        let fields = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, fields, to_json(&document)).into_response();
        if let Some(seconds) = self.retry_after() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_listed_with_its_status() {
        let epoch = Epoch::new(1).unwrap();
        let at = Time::from_millis(0);
        let problems = [
            Problem::Request(RequestError::Unsigned),
            Problem::Request(RequestError::Digest),
            Problem::Request(RequestError::KeyUnknown(callboard_federation::encoding::Hash::of(b""))),
            Problem::KeyNotYet,
            Problem::Replayed,
            Problem::Batch(TokenError::BatchSize),
            Problem::Batch(TokenError::Point { at: 0 }),
            Problem::MediaType,
            Problem::Query,
            Problem::EpochUnknown(epoch),
            Problem::EpochClosed(epoch),
            Problem::EpochUnavailable(epoch),
            Problem::TooFast { retry_after: 1 },
            Problem::QuotaSpent { asked: 1, left: 0, resets_at: at, retry_after: 1 },
            Problem::NotReady,
            Problem::NotFound,
            Problem::Method,
            Problem::TooSlow,
            Problem::Store(StoreError::Row("batches")),
            Problem::Failed,
        ];
        let told = problems.each_ref().map(|problem| (problem.parts().1, problem.parts().0.as_u16()));
        assert_eq!(told.len(), PROBLEMS.len());
        for (word, status) in told {
            assert!(PROBLEMS.iter().any(|(listed, of, _)| (*listed, *of) == (word, status)), "{word} {status}");
        }
    }
}
