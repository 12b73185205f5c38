//! Every operation, in one list; the OpenAPI document is made of it.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use callboard_api::{
    Description, Method, RightKind,
    document::{self, Entry, Problems, add_signatures, negotiated, serve_at},
    registry as of,
};
use callboard_federation::problems;
use callboard_service::{
    cors::{PublicReads, cors},
    limit::{LimitLayer, RateLimits, limit},
    measure,
    media::{MediaTypes, negotiate},
    operation::Routes,
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

use super::{
    App, cases, declarations, dockets, documents, drafts, endpoints, feed, figures, filings, identity_requests, log,
    problem::{ApiError, Problem},
    propagation, public, public_reports, receipts, recipients, records, report_keys, reports, sessions, webhooks,
};

/// What the document says of the service.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Callboard registry",
        description = "The cross-platform streamer warning and reinstatement registry. Formats: docs/formats.md. \
            Operations that say so take requests signed with a member's or seat's own key (RFC 9421). \
            Every refusal is an RFC 9457 problem whose `type` is stable (docs/errors.md). Each GET answers HEAD too; another \
            method at a known address is 405 with `Allow`, an unknown address 404. Submitting twice does nothing twice: \
            dockets, receipts and anchors are known by the hash of their payload, reports by an id of their sender's, so no \
            idempotency key is needed.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Callboard"),
    ),
    servers((url = "https://callboard.example", description = "An example; a registry's own /openapi.json names its own")),
    components(schemas(Problem)),
    tags(
        (name = "dockets", description = "What seats sign enters the log"),
        (name = "records", description = "What was decided, for members and seats"),
        (name = "public documents", description = "Roster, members, policies, publications"),
        (name = "drafts", description = "What seats are asked to sign, as ciphertext"),
        (name = "endpoints", description = "Where members are pushed to"),
        (name = "receipts", description = "What members did about it"),
        (name = "reports", description = "What is brought before the committee, as ciphertext"),
        (name = "sessions", description = "What people read about themselves, and file"),
        (name = "cases", description = "What leads to a docket, as a chain of signed events"),
        (name = "log", description = "The transparency log"),
        (name = "public", description = "For everyone"),
        (name = "operating", description = "For whoever operates the registry"),
    ),
)]
struct ApiDoc;

fn operations() -> Routes<App> {
    Routes::default()
        .by_hand(&of::dockets::SUBMIT_DOCKET.description, post(dockets::submit))
        .on(&of::dockets::LIST_DOCKETS, dockets::list)
        .on(&of::dockets::GET_DOCKET, dockets::show)
        .on(&of::records::GET_RECORD, records::show)
        .on(&of::records::GET_RECORD_PROOF, records::proof)
        .on(&of::records::TAKE_RECORD_SHARE, records::share)
        .by_hand(&of::records::READ_FEED.description, get(feed::follow))
        .on(&of::records::ASK_STANDINGS, records::standings)
        .on(&of::documents::GET_ROSTER, documents::roster)
        .on(&of::documents::GET_MEMBERS, documents::members)
        .on(&of::documents::LIST_POLICIES, documents::policies)
        .on(&of::documents::GET_POLICY, documents::policy)
        .on(&of::documents::GET_PUBLICATION, documents::publication)
        .on(&of::documents::GET_NOTICE_PROOF, documents::notice)
        .by_hand(&of::log::SUBMIT_COSIGNATURES.description, post(log::cosignatures))
        .on(&of::log::SUBMIT_ANCHOR, log::submit_anchor)
        .on(&of::log::LIST_FILED_ANCHORS, log::filed_anchors)
        .on(&of::log::GET_ANCHORS, log::anchors)
        .by_hand(&of::log::GET_CHECKPOINT.description, get(log::checkpoint))
        .on(&of::drafts::CREATE_DRAFT, drafts::create)
        .on(&of::drafts::LIST_DRAFTS, drafts::list)
        .on(&of::drafts::GET_DRAFT, drafts::show)
        .on(&of::drafts::ANSWER_DRAFT, drafts::answer)
        .on(&of::drafts::RESEAL_DRAFT, drafts::reseal)
        .on(&of::drafts::ERASE_DRAFT, drafts::erase)
        .on(&of::endpoints::CREATE_ENDPOINT, endpoints::create)
        .on(&of::endpoints::LIST_ENDPOINTS, endpoints::list)
        .on(&of::endpoints::GET_ENDPOINT, endpoints::show)
        .on(&of::endpoints::CHANGE_ENDPOINT, endpoints::change)
        .on(&of::endpoints::DELETE_ENDPOINT, endpoints::delete)
        .on(&of::endpoints::ROTATE_ENDPOINT_SECRET, endpoints::rotate)
        .on(&of::endpoints::TEST_ENDPOINT, endpoints::test)
        .on(&of::endpoints::REPLAY_ENDPOINT, endpoints::replay)
        .on(&of::endpoints::LIST_ENDPOINT_ATTEMPTS, endpoints::attempts)
        .on(&of::receipts::SUBMIT_RECEIPT, receipts::submit)
        .on(&of::receipts::LIST_DOCKET_RECEIPTS, receipts::list)
        .on(&of::receipts::LIST_FILED_RECEIPTS, receipts::filed)
        .on(&of::reports::FILE_REPORT, reports::file)
        .on(&of::reports::LIST_REPORTS, reports::list)
        .on(&of::reports::GET_REPORT, reports::show)
        .on(&of::reports::ACT_ON_REPORT, reports::act)
        .on(&of::reports::ANSWER_REPORT, reports::answer)
        .on(&of::identity_requests::ASK_IDENTITY, identity_requests::ask)
        .on(&of::identity_requests::LIST_IDENTITY_REQUESTS, identity_requests::list)
        .on(&of::identity_requests::ANSWER_IDENTITY_REQUEST, identity_requests::answer)
        .on(&of::recipients::PUBLISH_RECIPIENT, recipients::publish)
        .on(&of::recipients::GET_RECIPIENT, recipients::show)
        .on(&of::sessions::CREATE_SESSION, sessions::create)
        .on(&of::sessions::LIST_SESSIONS, sessions::list)
        .on(&of::sessions::GET_SESSION, sessions::show)
        .on(&of::sessions::OPEN_SESSION, sessions::open)
        .on(&of::sessions::END_SESSION, sessions::end)
        .on(&of::sessions::READ_SESSION, sessions::read)
        .on(&of::sessions::GET_SESSION_PROOFS, sessions::proofs)
        .on(&of::sessions::CHECK_IDENTITY, sessions::check_identity)
        .on(&of::sessions::CONFIRM_SESSION, sessions::confirm)
        .on(&of::filings::FILE_IN_SESSION, filings::file)
        .on(&of::filings::LIST_FILINGS, filings::list)
        .on(&of::filings::GET_FILING, filings::show)
        .on(&of::filings::ANSWER_FILING, filings::answer)
        .on(&of::reports::GET_REPORT_FILE_PART, public_reports::file_part)
        .on(&of::report_keys::PUBLISH_REPORT_KEY, report_keys::publish)
        .on(&of::report_keys::LIST_REPORT_KEYS, report_keys::list)
        .on(&of::public_reports::FILE_PUBLIC_REPORT, public_reports::file)
        .on(&of::public_reports::PUT_REPORT_FILE_PART, public_reports::put_part)
        .on(&of::public_reports::FOLLOW_PUBLIC_REPORT, public_reports::follow)
        .on(&of::public_reports::ADD_TO_PUBLIC_REPORT, public_reports::add)
        .on(&of::declarations::DECLARE_BANS, declarations::declare)
        .on(&of::declarations::LIST_DECLARATIONS, declarations::list)
        .on(&of::declarations::LIST_FILED_DECLARATIONS, declarations::filed)
        .on(&of::cases::ADD_CASE_EVENT, cases::add)
        .on(&of::cases::LIST_CASES, cases::list)
        .on(&of::cases::GET_CASE, cases::show)
        .on(&of::cases::GET_CASE_HEAD, cases::head)
        .on(&of::cases::GET_SEALED_PART, cases::sealed_part)
        .on(&of::propagation::GET_DOCKET_PROPAGATION, propagation::show)
        .on(&of::propagation::GET_COMPLIANCE, propagation::compliance)
        .on(&of::figures::GET_FIGURES, figures::show)
        .on(&of::public::GET_STATISTICS, public::statistics)
        .on(&of::public::GET_HEALTH, public::health)
        .on(&of::public::GET_READINESS, public::ready)
}

/// The OpenAPI document, as `openapi/callboard.json` has it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = ApiDoc::openapi();
    document::add(&mut document, of::operations().map(Entry::from));
    add_signatures(&mut document);
    webhooks::add_to(&mut document);
    let rules: Vec<&str> = problems::RULES.iter().chain(problems::PROCEDURES).map(|rule| rule.word).collect();
    let listed = problems::in_english(problems::REGISTRY);
    let problems = Problems {
        listed: &listed,
        rules: &rules,
        always: &["rate-limited", "unavailable", "fenced", "store-behind"],
        secured: &[
            "malformed",
            "unsigned",
            "request-signature",
            "request-replayed",
            "key-unknown",
            "body-too-large",
            "just-restored",
        ],
        retried: &["rate-limited", "just-restored", "not-witnessed", "unavailable"],
        headers: &[
            ("ratelimit", "What is left of the address's limit, or the key's (IETF draft, RateLimit fields)."),
            ("ratelimit-policy", "That limit."),
        ],
    };
    problems.describe(&mut document);
    document
}

/// The service: every operation, `/docs`, limits, security headers.
/// `pages` are served beside the operations, under the same limits.
pub fn router(app: App, limits: Option<Arc<RateLimits>>, pages: Router) -> Router {
    let mut document = openapi();
    serve_at(&mut document, app.config.registry.public_url.as_str());
    let public = PublicReads::of(public_reads());
    let types = MediaTypes::of(negotiated(&document), |mismatch| ApiError::from(mismatch).into_response());
    let mut router = operations()
        .into_router()
        .route("/log/tile/{*path}", get(log::tile))
        .with_state(app.clone())
        .layer(middleware::from_fn_with_state(types, negotiate))
        .merge(pages)
        .layer(middleware::from_fn_with_state(app, require_writership))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", document))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::MethodNotAllowed);
    if let Some(limits) = limits {
        let refuse = |after| ApiError::RateLimited { after }.into_response();
        router = router.layer(middleware::from_fn_with_state(LimitLayer { limits, refuse, tells: true }, limit));
    }
    router
        .layer(middleware::from_fn_with_state(public, cors))
        .layer(middleware::from_fn(secure))
        .layer(middleware::from_fn_with_state("callboard_registry_http_request_seconds", measure))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            ApiError::Ledger(crate::ledger::LedgerError::Stopping).into_response()
        }))
}

/// What operators watch, for a listener that no load of the API reaches.
pub fn health_router(app: App) -> Router {
    let watched =
        Routes::default().on(&of::public::GET_HEALTH, public::health).on(&of::public::GET_READINESS, public::ready);
    watched.into_router().with_state(app)
}

/// The routes of what everyone may read without a signature, but for what operators watch.
fn public_reads() -> impl Iterator<Item = String> {
    let is_public = |operation: &&Description| {
        operation.method == Method::Get && operation.right == RightKind::Anyone && operation.tag != "operating"
    };
    of::operations().filter(is_public).map(|operation| operation.path).chain(["/openapi.json"]).map(str::to_owned)
}

/// Headers that every answer has: nothing here is to be framed, sniffed, or to tell where a reader came from.
async fn secure(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in
        [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")]
    {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}

/// Lets a node that no longer writes the log, or whose store is older than what it signed, answer nothing that speaks
/// of it: its answer would be of an older size. Whoever watches it is told.
async fn require_writership(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_watching = matches!(request.uri().path(), "/healthz" | "/readyz");
    match app.ledger.check_writership().await {
        Err(error) if !is_watching => ApiError::from(error).into_response(),
        _ => next.run(request).await,
    }
}
