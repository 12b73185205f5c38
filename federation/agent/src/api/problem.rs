//! How the agent says no: RFC 9457 problems, each `type` a stable word. None repeats an identity, nor what was typed for one.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_client::program::told;
use callboard_federation::encoding::JsonError;
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::Foreign;
use crate::{
    agent::AgentError, check::question::MAX_QUESTIONS, checks::ChecksError, intake::IntakeError,
    receipts::ReceiptRefused, replica::Stale,
};

/// Every word that a problem's `type` ends in, its status, and what to do: they never change their meaning.
pub const PROBLEMS: [(&str, u16, &str); 14] = [
    (
        "token-needed",
        401,
        "Send `Authorization: Bearer …` with what `callboard-agent token` prints, or ask by the Unix socket.",
    ),
    (
        "foreign-request",
        403,
        "Ask the agent by its own address, and from no other page: `hosts` in member.toml names what it may be asked by.",
    ),
    ("media-type", 415, "Send the body as `application/json`."),
    ("malformed", 400, "Read what `detail` says is wrong with the request, and mend it."),
    ("too-many-checks", 400, "Ask about 1 to 10,000 people at once."),
    ("message-refused", 400, "Not the registry's, or over five minutes old: nothing was done."),
    ("receipt-unsigned", 400, "Read what `detail` says of the receipt, and sign another."),
    ("not-found", 404, "Nothing is there: check the address; old checks go after `keepChecksDays`."),
    ("method-not-allowed", 405, "The address takes other methods."),
    ("body-too-large", 413, "Ask about fewer people at once."),
    ("not-ready", 503, "Checks are answered `stale`: `callboard-agent doctor` says why and what to do."),
    ("no-hook", 409, "Name the platform's hook in member.toml: `hook`."),
    (
        "registry-unreachable",
        503,
        "The registry or its line is down, not this agent: ask again later; `callboard-agent doctor`.",
    ),
    (
        "unavailable",
        503,
        "The agent's store takes nothing, and what can't be logged isn't answered: `detail` says whether its disk is full, it \
         may not be written, or it is damaged; `callboard-agent doctor`.",
    ),
];

/// Why an operation isn't done.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The body isn't what the operation takes. Of a parser's words only the place is told: they quote what they met.
    #[error("the body is not what this operation takes, at line {line}, column {column}")]
    Malformed {
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// More people than one request takes, or none.
    #[error("a request asks about 1 to {MAX_QUESTIONS} people")]
    TooMany,
    /// The address's part isn't one.
    #[error("`{0}` in the address is not what it should be")]
    Address(&'static str),
    /// Nothing is there.
    #[error("nothing is there, or it is older than what is kept")]
    NotFound,
    /// Another method than the address has.
    #[error("the address has no such method")]
    Method,
    /// The body is too large.
    #[error("the body is too large")]
    TooLarge,
    /// It comes from elsewhere than whoever may ask.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// The token isn't shown.
    #[error("the API's token is not shown, or it is another: `callboard-agent token` prints it")]
    Token,
    /// The platform has no hook.
    #[error("member.toml names no hook")]
    NoHook,
    /// The body isn't JSON.
    #[error("a body is `application/json`")]
    MediaType,
    /// What was pushed isn't the registry's.
    #[error(transparent)]
    Message(#[from] IntakeError),
    /// A receipt isn't signed.
    #[error(transparent)]
    Receipt(#[from] ReceiptRefused),
    /// Checks are answered `stale`.
    #[error(transparent)]
    Stale(#[from] Stale),
    /// The agent can't.
    #[error(transparent)]
    Agent(#[from] AgentError),
}

/// An RFC 9457 problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:callboard:problem:malformed",
    "title": "The request can't be read",
    "status": 400,
    "detail": "the body is not what this operation takes, at line 1, column 40",
}))]
pub struct Problem {
    /// `urn:callboard:problem:` and a stable word.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem, for people.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        let (JsonError::Strict(source) | JsonError::Shape(source)) = error;
        Self::Malformed { line: source.line(), column: source.column() }
    }
}

impl From<ChecksError> for ApiError {
    fn from(error: ChecksError) -> Self {
        AgentError::from(error).into()
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (word, title, status) = match &self {
            Self::Malformed { .. } | Self::Address(_) => {
                ("malformed", "The request can't be read", StatusCode::BAD_REQUEST)
            }
            Self::TooMany => ("too-many-checks", "Too many people, or none", StatusCode::BAD_REQUEST),
            Self::Message(_) => ("message-refused", "Not the registry's message", StatusCode::BAD_REQUEST),
            Self::Receipt(_) => ("receipt-unsigned", "The receipt is not signed", StatusCode::BAD_REQUEST),
            Self::NotFound => ("not-found", "Not found", StatusCode::NOT_FOUND),
            Self::Method => ("method-not-allowed", "Method not allowed", StatusCode::METHOD_NOT_ALLOWED),
            Self::TooLarge => ("body-too-large", "The body is too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::Foreign(_) => ("foreign-request", "The request comes from elsewhere", StatusCode::FORBIDDEN),
            Self::Token => ("token-needed", "The token is needed", StatusCode::UNAUTHORIZED),
            Self::MediaType => ("media-type", "Another media type is expected", StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Stale(_) => ("not-ready", "Checks are answered `stale`", StatusCode::SERVICE_UNAVAILABLE),
            Self::NoHook => ("no-hook", "There is no hook", StatusCode::CONFLICT),
            Self::Agent(AgentError::Registry) => {
                ("registry-unreachable", "The registry does not answer", StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::Agent(AgentError::Http(error)) => {
                tracing::warn!(error = told(error), "the registry did not answer what it was asked for");
                ("registry-unreachable", "The registry does not answer", StatusCode::SERVICE_UNAVAILABLE)
            }
            // A check that can't be logged isn't answered.
            Self::Agent(error) => {
                tracing::error!(error = told(error), "a request was not answered");
                ("unavailable", "The agent's store does not take it", StatusCode::SERVICE_UNAVAILABLE)
            }
        };
        let detail = match &self {
            Self::Agent(AgentError::Http(error)) => told(error),
            Self::Agent(error @ AgentError::Registry) => error.to_string(),
            Self::Agent(error) => error.store().map_or(title, |error| error.trouble().said()).to_owned(),
            error => error.to_string(),
        };
        let kind = format!("urn:callboard:problem:{word}");
        let problem = Json(Problem { kind, title, status: status.as_u16(), detail });
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], problem).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
