//! How the agent says no: RFC 9457 problems, each `type` a stable word. None repeats an identity, nor what was typed for one.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_api::agent::checks::MAX_QUESTIONS;
use callboard_client::runtime::error_chain;
use callboard_federation::{
    encoding::JsonError,
    problems::{self, AGENT, PREFIX},
};
use callboard_service::{media::MediaTypeError, operation::BadRequest, origin::OriginError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    declarations::DeclareError, error::AgentError, receipts::ReceiptError, replica::StaleError, reports::ReportError,
    webhook_receiver::MessageError,
};

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Of a parser's words only the place is told: they quote what they met.
    #[error("the body is not what this operation takes, at line {line}, column {column}")]
    Malformed {
        /// From 1.
        line: usize,
        column: usize,
    },
    #[error("a request asks about 1 to {MAX_QUESTIONS} people")]
    TooMany,
    #[error("`{0}` in the address is not what it should be")]
    Address(String),
    #[error("nothing is there, or it is older than what is kept")]
    NotFound,
    #[error("the address has no such method")]
    Method,
    #[error("the body is too large")]
    TooLarge,
    #[error(transparent)]
    Foreign(#[from] OriginError),
    #[error("the API's token is not shown, or it is another: `callboard-agent token` prints it")]
    Token,
    #[error("member.toml names no hook")]
    NoHook,
    #[error(transparent)]
    Media(#[from] MediaTypeError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Declare(#[from] DeclareError),
    #[error(transparent)]
    Stale(#[from] StaleError),
    #[error(transparent)]
    Agent(AgentError),
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

impl From<BadRequest> for ApiError {
    fn from(error: BadRequest) -> Self {
        match error {
            BadRequest::Address(name) => Self::Address(name),
            BadRequest::Json(error) => error.into(),
        }
    }
}

impl<E: Into<AgentError>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self::Agent(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let word = match &self {
            Self::Malformed { .. } | Self::Address(_) => "malformed",
            Self::TooMany => "too-many-checks",
            Self::Message(_) => "message-refused",
            Self::Receipt(_) => "receipt-unsigned",
            Self::NotFound => "not-found",
            Self::Method => "method-not-allowed",
            Self::TooLarge => "body-too-large",
            Self::Foreign(_) => "foreign-request",
            Self::Token => "token-needed",
            Self::Media(MediaTypeError::Answer(_)) => "not-acceptable",
            Self::Media(MediaTypeError::Body(_)) => "media-type",
            Self::Report(ReportError::Untaken(_)) => "report-untaken",
            Self::Declare(DeclareError::Untaken(_)) => "declaration-untaken",
            Self::Stale(_) | Self::Report(ReportError::Stale(_)) | Self::Declare(DeclareError::Stale(_)) => "not-ready",
            Self::Report(_) => "report-malformed",
            Self::Declare(_) => "declaration-malformed",
            Self::NoHook => "no-hook",
            Self::Agent(AgentError::Registry) => "registry-unreachable",
            Self::Agent(AgentError::Http(error)) => {
                tracing::warn!(error = error_chain(error), "the registry did not answer what it was asked for");
                "registry-unreachable"
            }
            // A check that can't be logged isn't answered.
            Self::Agent(error) => {
                tracing::error!(error = error_chain(error), "a request was not answered");
                "unavailable"
            }
        };
        let listed = problems::find(AGENT, word);
        let (status, title) = listed.map_or((500, ""), |listed| (listed.status, listed.title.en));
        let detail = match &self {
            Self::Agent(AgentError::Http(error)) => error_chain(error),
            Self::Agent(error @ AgentError::Registry) => error.to_string(),
            Self::Agent(error) => error.store().map_or(title, |error| error.trouble().said()).to_owned(),
            error => error.to_string(),
        };
        let kind = format!("{PREFIX}{word}");
        let problem = Json(Problem { kind, title, status, detail });
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], problem).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
