//! How the API says no: RFC 9457 problems, each `type` a stable word of [`problems`] or of the replay's rules.
//!
//! A problem never repeats an identity, a tag or a secret, and what a caller did wrong is never a 500.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_federation::{
    bans::BansError,
    declaration::DeclarationError,
    encoding::JsonError,
    hand_in::ShareError,
    problems::{self, PREFIX, REGISTRY},
    replay::RuleError,
    report_key::declared::DeclaredReportKeyError,
    request::RequestError,
    standing::StandingError,
    tlog::TlogError,
};
use callboard_service::{media::MediaTypeError, operation::BadRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    delivery::{guard::EndpointAddressError, receipts::SubmitReceiptError},
    ledger::{LedgerError, anchors::SubmitAnchorError, cases::CaseEventError, witnesses::CosignatureError},
    store::StoreError,
};

#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error("{0}")]
    Malformed(MalformedRequest),
    #[error("the body has more than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("a hand-in of more than {bytes} bytes begins with `docket`, signed by seats in force")]
    NotYetSigned {
        /// How many bytes need no signature.
        bytes: usize,
    },
    /// The memory for long bodies is taken.
    #[error("too much is handed in at once; again in {after} s")]
    Busy {
        /// Seconds to wait.
        after: u64,
    },
    #[error("there is nothing at this address")]
    NotFound,
    #[error("this address takes other methods")]
    MethodNotAllowed,
    /// Another type of body is sent or accepted than the operation has.
    #[error(transparent)]
    Media(#[from] MediaTypeError),
    /// The request isn't signed as it must be.
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error("the request's nonce was taken before")]
    Replayed,
    #[error("only members may do this")]
    MembersOnly,
    #[error("only seats of the roster in force may do this")]
    SeatsOnly,
    /// A draft, or an answer to one, isn't as it must be.
    #[error("{0}")]
    DraftRefused(&'static str),
    #[error("{0}")]
    DraftForbidden(&'static str),
    #[error("{0}")]
    DraftAnswered(&'static str),
    #[error("{0}")]
    DraftClosed(&'static str),
    /// A report, or what is done with one, isn't as it must be.
    #[error("{0}")]
    ReportRefused(&'static str),
    #[error("{0}")]
    ReportForbidden(&'static str),
    #[error("something else was sent under this id")]
    ReportRepeated,
    #[error("{0}")]
    ReportClosed(&'static str),
    #[error("a member has at most {most} reports open")]
    ReportsFull {
        /// How many.
        most: u64,
    },
    #[error(transparent)]
    CaseEvent(#[from] CaseEventError),
    #[error("two other seats haven't approved that this one reads it")]
    CaseAccess,
    /// What a member published as its recipient isn't its own word.
    #[error(transparent)]
    Declaration(#[from] DeclarationError),
    #[error("{0}")]
    RecipientRefused(&'static str),
    #[error(transparent)]
    ReportKey(#[from] DeclaredReportKeyError),
    #[error("{0}")]
    ReportKeyRefused(&'static str),
    #[error("reports of the public have no room left")]
    PublicReportsFull,
    /// What a member declares of its bans isn't signed as it must be.
    #[error(transparent)]
    BansDeclaration(DeclarationError),
    #[error(transparent)]
    Bans(#[from] BansError),
    #[error("{0}")]
    BansRefused(&'static str),
    #[error("too many requests; again in {after} s")]
    RateLimited {
        /// Seconds to wait.
        after: u64,
    },
    #[error("{0}")]
    NotReady(&'static str),
    #[error("the record was erased")]
    Erased,
    #[error("the share was lost with the store")]
    ShareLost,
    /// The request was signed before the registry's store was restored, or may have been.
    #[error("the registry was just restored; again in {after} s")]
    JustRestored {
        /// Seconds to wait.
        after: u64,
    },
    #[error("logged, but too few witnesses have cosigned yet")]
    NotWitnessed,
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    #[error(transparent)]
    Anchor(#[from] SubmitAnchorError),
    /// An endpoint's address isn't one that is pushed to.
    #[error(transparent)]
    Endpoint(#[from] EndpointAddressError),
    #[error("there is an endpoint of this address, or as many as there may be")]
    EndpointRepeated,
    #[error("the endpoint was changed meanwhile")]
    EndpointMoved,
    #[error(transparent)]
    Receipt(#[from] SubmitReceiptError),
    #[error(transparent)]
    Standing(#[from] StandingError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

#[derive(Debug, thiserror::Error)]
pub enum MalformedRequest {
    /// The body isn't JSON as the formats take it.
    #[error("the body is {0}")]
    Json(#[from] JsonError),
    #[error("the body is no checkpoint: {0}")]
    Checkpoint(#[from] TlogError),
    #[error("the body ended early, or came too slowly")]
    Body,
    #[error("`{0}` in the address is not what it should be")]
    Address(String),
    #[error("a question has 1 to 1,000 tags, each person at least one")]
    Tags,
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<BadRequest> for ApiError {
    fn from(bad: BadRequest) -> Self {
        Self::Malformed(match bad {
            BadRequest::Address(name) => MalformedRequest::Address(name),
            BadRequest::Json(error) => MalformedRequest::Json(error),
        })
    }
}

impl From<JsonError> for ApiError {
    fn from(error: JsonError) -> Self {
        Self::Malformed(error.into())
    }
}

/// An RFC 9457 problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:callboard:problem:threshold",
    "title": "The docket does not count",
    "status": 422,
    "detail": "3 of role panel must sign, 2 did",
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

impl ApiError {
    fn word(&self) -> &'static str {
        match self {
            Self::CaseEvent(CaseEventError::Ledger(error)) | Self::Ledger(error) => ledger_word(error),
            Self::Malformed(_) => "malformed",
            Self::BodyTooLarge { .. } | Self::NotYetSigned { .. } => "body-too-large",
            Self::NotFound | Self::CaseEvent(CaseEventError::NotFound) => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Media(MediaTypeError::Answer(_)) => "not-acceptable",
            Self::Media(MediaTypeError::Body(_)) => "media-type",
            Self::Request(RequestError::Unsigned) => "unsigned",
            Self::Request(RequestError::KeyUnknown(_)) => "key-unknown",
            Self::Request(_) => "request-signature",
            Self::Replayed => "request-replayed",
            Self::MembersOnly => "members-only",
            Self::SeatsOnly => "seats-only",
            Self::DraftRefused(_) => "draft-refused",
            Self::DraftForbidden(_) => "draft-forbidden",
            Self::DraftAnswered(_) => "draft-answered",
            Self::DraftClosed(_) => "draft-closed",
            Self::ReportRefused(_) => "report-refused",
            Self::ReportForbidden(_) => "report-forbidden",
            Self::ReportRepeated => "report-repeated",
            Self::ReportClosed(_) => "report-closed",
            Self::ReportsFull { .. } => "reports-full",
            Self::Declaration(_) | Self::RecipientRefused(_) => "recipient-refused",
            Self::ReportKey(_) | Self::ReportKeyRefused(_) => "report-key-refused",
            Self::PublicReportsFull => "public-reports-full",
            Self::BansDeclaration(_) | Self::Bans(_) | Self::BansRefused(_) => "bans-refused",
            Self::RateLimited { .. } => "rate-limited",
            Self::Erased => "erased",
            Self::ShareLost => "share-lost",
            Self::JustRestored { .. } => "just-restored",
            Self::NotReady(_) => "not-ready",
            Self::NotWitnessed => "not-witnessed",
            Self::Cosignature(_) => "cosignature-refused",
            Self::Anchor(SubmitAnchorError::Payload) => "anchor-malformed",
            Self::Anchor(SubmitAnchorError::Signature(_)) => "anchor-signature",
            Self::Anchor(SubmitAnchorError::Foreign) => "anchor-foreign",
            Self::Anchor(SubmitAnchorError::Time { .. }) => "anchor-time",
            Self::Anchor(SubmitAnchorError::Repeated { .. }) => "anchor-repeated",
            Self::Endpoint(_) => "endpoint-refused",
            Self::EndpointRepeated => "endpoint-repeated",
            Self::EndpointMoved => "endpoint-moved",
            Self::Receipt(_) => "receipt-refused",
            Self::Standing(_) => "standing-unknown",
            Self::CaseEvent(CaseEventError::Moved) => "case-moved",
            Self::CaseEvent(CaseEventError::Full) => "case-full",
            Self::CaseEvent(_) => "case-refused",
            Self::CaseAccess => "case-access",
            Self::Busy { .. } => "unavailable",
        }
    }

    fn problem(&self) -> Problem {
        let word = self.word();
        // What isn't listed is a rule of the replay: well-formed, and not to be done.
        let (status, title) = match self {
            Self::Ledger(LedgerError::Rule(_)) => (422, problems::UNCOUNTED.en),
            Self::Ledger(LedgerError::Procedure(_)) => (422, problems::UNFOUNDED.en),
            _ => problems::find(REGISTRY, word).map_or((500, ""), |listed| (listed.status, listed.title.en)),
        };
        // What is the registry's own fault is for its operators' eyes.
        let is_told = status < 500 || matches!(self, Self::NotReady(_));
        let detail = if is_told { self.detail() } else { title.to_owned() };
        Problem { kind: format!("{PREFIX}{word}"), title, status, detail }
    }

    fn detail(&self) -> String {
        match self {
            Self::Ledger(LedgerError::Rule(RuleError::Statement { record, .. })) => {
                // The statement's own fault may quote what it holds: a tag, or a stray member of the caller's.
                format!("the statement of {record} is malformed")
            }
            Self::Malformed(MalformedRequest::Json(JsonError::Shape(_))) => {
                "the body is not of the shape asked".to_owned()
            }
            Self::Malformed(MalformedRequest::Json(JsonError::Strict(error))) => {
                format!(
                    "the body is not the JSON that the formats take, at line {} column {}",
                    error.line(),
                    error.column()
                )
            }
            _ => self.to_string(),
        }
    }
}

fn ledger_word(error: &LedgerError) -> &'static str {
    match error {
        LedgerError::Rule(refusal) => refusal.code(),
        LedgerError::Procedure(refusal) => refusal.word(),
        LedgerError::Share(ShareError(_)) => "share-mismatch",
        // The store's rows or steps are not as this program makes them; whatever else fails there may pass.
        LedgerError::Fault(_)
        | LedgerError::Unreadable { .. }
        | LedgerError::UnreadableCase { .. }
        | LedgerError::Case { .. }
        | LedgerError::Issuer
        | LedgerError::Head { .. }
        | LedgerError::NoSignedNote { .. }
        | LedgerError::ForeignNote { .. }
        | LedgerError::NotInherited { .. }
        | LedgerError::Store(
            StoreError::Unreadable(_)
            | StoreError::HeadMoved
            | StoreError::HalfWritten
            | StoreError::NotNext { .. }
            | StoreError::NothingToErase { .. }
            | StoreError::AnchorsMoved { .. },
        ) => "internal",
        LedgerError::Store(StoreError::Fenced { .. } | StoreError::NotWriter) => "fenced",
        LedgerError::LogKey { .. } => "log-key",
        LedgerError::Behind { .. } | LedgerError::OtherHistory { .. } => "store-behind",
        LedgerError::Store(_) | LedgerError::Notes(_) | LedgerError::Late | LedgerError::Stopping => "unavailable",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let problem = self.problem();
        if problem.status >= 500 {
            tracing::error!(error = %self, problem.r#type = problem.kind, "an operation failed");
        }
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::RateLimited { after } | Self::JustRestored { after } | Self::Busy { after } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
            }
            Self::NotWitnessed => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_api_is_listed_with_its_status() {
        let errors = [
            ApiError::Malformed(MalformedRequest::Body),
            ApiError::BodyTooLarge { limit: 1 },
            ApiError::NotFound,
            ApiError::MethodNotAllowed,
            ApiError::Media(MediaTypeError::Answer(String::new())),
            ApiError::Media(MediaTypeError::Body(String::new())),
            ApiError::Request(RequestError::Unsigned),
            ApiError::Request(RequestError::Digest),
            ApiError::Replayed,
            ApiError::MembersOnly,
            ApiError::SeatsOnly,
            ApiError::DraftRefused("of a test"),
            ApiError::DraftForbidden("of a test"),
            ApiError::DraftAnswered("of a test"),
            ApiError::DraftClosed("of a test"),
            ApiError::ReportRefused("of a test"),
            ApiError::ReportForbidden("of a test"),
            ApiError::ReportRepeated,
            ApiError::ReportClosed("of a test"),
            ApiError::ReportsFull { most: 1 },
            ApiError::CaseEvent(CaseEventError::Malformed),
            ApiError::CaseEvent(CaseEventError::Moved),
            ApiError::CaseEvent(CaseEventError::Full),
            ApiError::CaseEvent(CaseEventError::NotFound),
            ApiError::CaseAccess,
            ApiError::RecipientRefused("of a test"),
            ApiError::ReportKeyRefused("of a test"),
            ApiError::PublicReportsFull,
            ApiError::BansRefused("of a test"),
            ApiError::RateLimited { after: 1 },
            ApiError::Erased,
            ApiError::ShareLost,
            ApiError::JustRestored { after: 1 },
            ApiError::NotReady("of a test"),
            ApiError::NotWitnessed,
            ApiError::Cosignature(CosignatureError::Invalid),
            ApiError::Ledger(LedgerError::Stopping),
            ApiError::Ledger(LedgerError::Issuer),
        ];
        for error in errors {
            let word = error.word();
            assert!(problems::find(REGISTRY, word).is_some(), "{word}");
        }
    }

    #[test]
    fn a_fault_of_our_own_tells_the_caller_nothing() {
        let problem = ApiError::Ledger(LedgerError::Unreadable { index: 7 }).problem();
        assert_eq!((problem.status, problem.detail.as_str()), (500, "A fault of the registry"));
    }
}
