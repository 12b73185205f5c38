//! What is said to whoever is refused: problems of RFC 9457, each with its code, status and title in one place.
//!
//! None repeats a point, and none could repeat an identity: the service never sees one.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_federation::{
    encoding::{Time, to_json},
    problems::{self, PREFIX, TOKENS},
    request::RequestError,
    tag::Epoch,
    token::TokenError,
};
use callboard_service::media::MediaTypeError;
use serde::Serialize;
use utoipa::ToSchema;

use super::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    /// Not signed as it must be, or by nobody known.
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the key is not in the list that is known, and a newer one is not witnessed yet: ask again in a second")]
    KeyNotYet,
    #[error("the nonce was taken by an earlier request: sign anew")]
    Replayed,
    #[error(transparent)]
    Batch(#[from] TokenError),
    /// Another type of body is sent or accepted than the operation has.
    #[error(transparent)]
    Media(#[from] MediaTypeError),
    #[error("the query is epoch=N, and nothing else")]
    Query,
    #[error("the roster names no epoch {0}")]
    EpochUnknown(Epoch),
    #[error("epoch {0} is closed: GET /v1/epochs names those that are live")]
    EpochClosed(Epoch),
    /// There is no seed here, or that of another key than the roster's.
    #[error("this service holds no key of epoch {0} that the roster names")]
    EpochUnavailable(Epoch),
    #[error("more requests than one key may make at once")]
    TooFast {
        /// Seconds until another is taken.
        retry_after: u64,
    },
    /// The day's quota and all grants don't reach.
    #[error("{asked} points are asked, {left} are left until {resets_at}")]
    QuotaSpent {
        asked: u64,
        /// Points left, grants among them.
        left: u64,
        /// When the next day begins.
        resets_at: Time,
        /// The same in seconds from now.
        retry_after: u64,
    },
    #[error("no roster that the registry confirmed of late is at hand")]
    NotReady,
    #[error("there is nothing here")]
    NotFound,
    #[error("the resource has no such method")]
    Method,
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
pub(super) struct ProblemDocument<'a> {
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
    /// The stable word; one that the registry says too means the same there.
    const fn word(&self) -> &'static str {
        match self {
            Self::Request(RequestError::Unsigned) => "unsigned",
            Self::Request(RequestError::KeyUnknown(_)) => "key-unknown",
            Self::KeyNotYet => "key-not-yet",
            Self::Request(_) => "request-signature",
            Self::Replayed => "request-replayed",
            Self::Batch(TokenError::Point { .. }) => "point-invalid",
            Self::Batch(_) => "batch-size",
            Self::Media(MediaTypeError::Answer(_)) => "not-acceptable",
            Self::Media(MediaTypeError::Body(_)) => "media-type",
            Self::Query => "malformed",
            Self::EpochUnknown(_) => "epoch-unknown",
            Self::EpochClosed(_) => "epoch-closed",
            Self::EpochUnavailable(_) => "epoch-unavailable",
            Self::TooFast { .. } => "rate-limited",
            Self::QuotaSpent { .. } => "quota-spent",
            Self::NotReady => "not-ready",
            Self::NotFound => "not-found",
            Self::Method => "method-not-allowed",
            Self::TooSlow => "too-slow",
            Self::Store(_) => "unavailable",
            Self::Failed => "internal",
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

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let code = self.word();
        let listed = problems::find(TOKENS, code);
        let (status, title) = listed.map_or((500, ""), |listed| (listed.status, listed.title.en));
        if let Self::Store(error) = &self {
            tracing::error!(error = %error, "the store failed");
            metrics::counter!("callboard_tokens_store_failures_total").increment(1);
        }
        metrics::counter!("callboard_tokens_refused_total", "code" => code).increment(1);
        let (resets_at, left) = match &self {
            Self::QuotaSpent { resets_at, left, .. } => (Some(*resets_at), Some(*left)),
            _ => (None, None),
        };
        let document = ProblemDocument {
            r#type: format!("{PREFIX}{code}"),
            title,
            status,
            detail: self.to_string(),
            resets_at,
            left,
        };
        let fields = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status_of(status), fields, to_json(&document)).into_response();
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
            Problem::Media(MediaTypeError::Answer(String::new())),
            Problem::Media(MediaTypeError::Body(String::new())),
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
        let said = problems.each_ref().map(Problem::word);
        assert_eq!(said.len(), TOKENS.len());
        for word in said {
            assert!(problems::find(TOKENS, word).is_some(), "{word}");
        }
    }
}
