//! The agent's API, for programs of the platform's own: what stands before all of it is [`guard`]. In the order of the list:
//! checks, the tag book, the log of checks, and what its operators look at.

mod cost;
mod forward;
pub(crate) mod guard;
mod hook;
mod log;
pub mod metrics;
mod openapi;
mod problem;
mod receipt_list;
mod refs;
mod tag_book;
mod webhook;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
};
use callboard_api::document::{self, negotiated};
use callboard_federation::{
    anchor::CheckFile,
    encoding::{CheckId, Time, from_json},
};
use callboard_service::{
    media::{MediaTypes, negotiate},
    origin::Hosts,
};
use guard::Guard;
pub use problem::{ApiError, Problem};
pub(crate) use refs::{csv as people_csv, lines as people_lines};
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::SwaggerUi;

use self::openapi::{Answers, LoggedCheck, Questions};
use crate::{
    book::Reference,
    check::question::{MAX_QUESTIONS, Question},
    config::HookMode,
    error::AgentError,
    replica,
    store::{StoreError, checks::StoredAnchor, quota::Quota},
};

/// Ten thousand people with several identities each.
const MAX_BYTES: usize = 32 << 20;
/// The longest message that the registry pushes is far shorter; whoever sends one shows no token.
const MAX_MESSAGE_BYTES: usize = 2 << 20;
/// Dockets that the status names, where the hook isn't called.
const REPORTED: u32 = 20;

type App = Arc<crate::app::App>;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Callboard agent",
        description = "Answers on this machine whether a streamer may be onboarded, from a verified copy of the registry's \
            log. Whoever asks shows the token that `callboard-agent token` prints, or comes by the agent's Unix socket; by another \
            name than the agent's own, or from a page of another origin, nobody is answered. Every refusal is an RFC 9457 \
            problem whose `type` is stable (docs/errors.md). Each GET answers HEAD too; another method at a known address is \
            405 with `Allow`, an unknown address 404.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Callboard"),
    ),
    servers((url = "http://127.0.0.1:8448", description = "Where an agent listens unless `member.toml` says otherwise")),
    components(schemas(Problem)),
    tags(
        (name = "checks", description = "May this person go on air here?"),
        (name = "tag book", description = "The platform's own people"),
        (name = "proof", description = "That it was checked"),
        (name = "pushed", description = "What the registry pushes, and the word that it is in effect"),
        (name = "log", description = "The registry's log as this agent verified it"),
        (name = "operating", description = "For whoever operates the agent"),
    ),
)]
struct Described;

fn operations() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Described::openapi())
        .routes(routes!(check))
        .routes(routes!(cost::cost))
        .routes(routes!(tag_book::enrol))
        .routes(routes!(refs::list))
        .routes(routes!(refs::get, tag_book::forget))
        .routes(routes!(tag_book::replace))
        .routes(routes!(tag_book::outdated))
        .routes(routes!(prove))
        .routes(routes!(blinded))
        .merge(OpenApiRouter::new().routes(routes!(webhook::webhook)).layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES)))
        .routes(routes!(webhook::receipt, receipt_list::list))
        .routes(routes!(hook::done))
        .routes(routes!(hook::test))
        .routes(routes!(log::feed))
        .routes(routes!(log::anchors))
        .routes(routes!(sync))
        .routes(routes!(status))
        .routes(routes!(live))
        .routes(routes!(ready))
}

/// The OpenAPI document, as `openapi/agent.json` has it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = operations().split_for_parts().1;
    document::add(&mut document, forward::entries());
    openapi::described(document)
}

/// Every operation, with `/docs` and `/metrics`, behind the guard of the hosts by which it is asked.
pub(crate) fn router(app: App, hosts: Hosts) -> Router {
    let operations = operations().split_for_parts().0.merge(forward::routes());
    let guard =
        Arc::new(Guard { hosts, token: app.token.clone(), check_without_token: app.config.check_without_token });
    let document = openapi();
    let types = MediaTypes::of(negotiated(&document), |mismatch| ApiError::from(mismatch).into_response());
    operations
        .route("/metrics", axum::routing::get(metrics::metrics))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(app)
        .layer(middleware::from_fn_with_state(types, negotiate))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", document))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::Method)
        // Last, and so before everything, whatever is added above.
        .layer(middleware::from_fn_with_state(guard, guard::guard))
}

/// The people of a body: one, or a list of them; and whether it was a list.
fn questions(body: Result<Bytes, BytesRejection>) -> Result<(Vec<Question>, bool), ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    let is_list = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
    let questions = if is_list { from_json(&body)? } else { vec![from_json(&body)?] };
    let fits = (1..=MAX_QUESTIONS).contains(&questions.len());
    if fits { Ok((questions, is_list)) } else { Err(ApiError::TooMany) }
}

/// Decides about one person, or about up to 10,000
///
/// A body that is an object gets an answer, one that is a list a list of answers in its order. Each answer is in the agent's
/// own log of checks before it is given. Nothing leaves this machine but a blinded point for whoever is new, and on a hit a
/// request for the record's share.
#[utoipa::path(
    post,
    path = "/check",
    operation_id = "check",
    extensions(("x-problems" = json!("malformed too-many-checks unavailable"))),
    tag = "checks",
    request_body(content = Questions, description = "A person, or a list of persons"),
    responses(
        (status = 200, description = "The answer, or the list of answers", body = Answers),
    )
)]
async fn check(State(app): State<App>, body: Result<Bytes, BytesRejection>) -> Result<Response, ApiError> {
    let (questions, is_list) = questions(body)?;
    let answers = app.checker.check(&questions).await?;
    let answers = answers.join(&b',');
    let json = if is_list { [b"[", &answers[..], b"]"].concat() } else { answers };
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

/// Proves one check, and shows nothing of the others
#[utoipa::path(
    get,
    path = "/checks/{id}/proof",
    operation_id = "get_check_proof",
    extensions(("x-problems" = json!("malformed not-found unavailable"))),
    tag = "proof",
    params(("id" = CheckId, Path, description = "The check's id")),
    responses(
        (status = 200, description = "The line, its proof, and its anchor once there is one (docs/formats.md, *Log of checks*)", body = CheckFile, example = json!({
            "check": {"v": 1, "line": "eyJ2IjoxfQ==", "index": 0, "size": 1, "proof": [],
                "root": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c"}, "logIndex": 4,
            "anchor": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.anchor+json", "signatures": []},
            "logged": {"entry": "eyJ2IjoxfQ==", "place": 0, "count": 3,
                "path": ["994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c"], "proof": "c2sp.org/tlog-proof@v1\nindex 4\n…"},
        })),
    )
)]
async fn prove(State(app): State<App>, Path(id): Path<String>) -> Result<Json<CheckFile>, ApiError> {
    let id: CheckId = id.parse().map_err(|_| ApiError::Address("id"))?;
    let check = app.checks.prove(id).await?.ok_or(ApiError::NotFound)?;
    let anchor = app.checks.store().anchor(check.size).await.map_err(AgentError::from)?;
    let log_index = anchor.as_ref().and_then(|anchor| anchor.log_index);
    let read = |anchor: StoredAnchor| from_json(anchor.envelope.as_bytes());
    let anchor = anchor.map(read).transpose().map_err(|_| AgentError::from(StoreError::Foreign("an anchor")))?;
    let logged = match (&anchor, log_index) {
        (Some(anchor), Some(index)) => app.anchors.proof(anchor, index).await,
        _ => None,
    };
    Ok(Json(CheckFile { check, anchor, log_index, logged }))
}

/// Opens the blinds of an account's checks, for an auditor
///
/// Each line tells the blinds with which the account's identities were hidden, and their places in the batches that the token
/// service saw: with an identity, whoever is shown them computes the point again (docs/formats.md §3).
#[utoipa::path(
    get,
    path = "/refs/{ref}/blinds",
    operation_id = "open_blinds",
    extensions(("x-problems" = json!("malformed unavailable"))),
    tag = "proof",
    params(("ref" = Reference, Path, description = "What the platform calls the account"), tag_book::Whom),
    responses(
        (status = 200, description = "The lines of the log of checks that hold blinds, oldest first", body = Vec<LoggedCheck>, example = json!([{
            "v": 1, "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "at": "2026-11-25T08:00:00.000Z", "ref": "host-1",
            "purpose": "onboard", "answer": {"decision": "allow"}, "salt": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=",
            "blinds": [{"epoch": 1, "blind": "8sL25PhF2THoW9awo6ZlAPkUQ5UD2TbXm8oASMBYDJg=", "index": 0, "count": 1, "proof": []}],
        }])),
    )
)]
async fn blinded(
    State(app): State<App>,
    Path(text): Path<String>,
    whom: Result<Query<tag_book::Whom>, QueryRejection>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let mut lines = Vec::new();
    for person in tag_book::whom_at(&app, text, whom).await? {
        lines.extend(app.checks.blinded(&app.book.account_lookup(&person)).await?);
    }
    lines.sort_by_key(|(place, _)| *place);
    let lines = lines.into_iter().filter_map(|(_, line)| serde_json::from_slice(&line).ok());
    Ok(Json(lines.collect()))
}

/// Looks at the registry's feed at once: a hint that there is news
#[utoipa::path(post, path = "/sync", operation_id = "sync_log", tag = "operating", responses((status = 202, description = "It looks")))]
async fn sync(State(app): State<App>) -> StatusCode {
    app.replica.hurry();
    StatusCode::ACCEPTED
}

/// How the agent stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentStatus, example = json!({
    "member": "alpha", "issuer": "callboard.example", "sandbox": false, "at": "2026-11-25T08:00:00.000Z",
    "log": {"size": 8, "confirmed": 8, "witnessed": 8, "witnessedSince": "2026-11-25T07:59:50.000Z", "unwitnessed": false,
        "quorum": 2, "isWitness": true, "isMember": true, "behind": 0, "alarms": [], "kept": [], "uncounted": []},
    "wrongTokenKey": false, "accounts": 3, "identities": 3, "checks": 12, "nextAnchor": "2026-11-26T00:00:00.000Z",
    "hookOwed": 0, "hookFailing": 0, "hookSize": 8, "hookWaiting": 0, "hasHook": true, "hookMode": "call", "receiptsOwed": 0,
}))]
pub struct Status {
    /// Whose agent it is.
    member: String,
    /// The log's origin.
    issuer: String,
    /// Whether nothing of it binds anybody.
    sandbox: bool,
    /// What its clock says.
    at: Time,
    /// Why checks are answered `stale` now, if they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<String>,
    /// The log as it is known.
    log: replica::Status,
    /// Why the token service's last answer was of no use, if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    tokens: Option<String>,
    /// Whether that was a wrong proof: another key than the roster's.
    wrong_token_key: bool,
    /// The member's points at the token service, as it last told; absent before it told any today.
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
    /// Accounts in the tag book.
    accounts: u64,
    /// Identities in it.
    identities: u64,
    /// Checks logged.
    checks: u64,
    /// When the root of the log of checks is signed next, at the earliest. The registry logs the anchors of a UTC day once it
    /// is over.
    next_anchor: Time,
    /// People of whom the hook hasn't taken what a check would answer.
    hook_owed: u64,
    /// Of how many of them a call failed, and waits for its next turn.
    hook_failing: usize,
    /// Up to which size the log was looked through for the platform's people.
    hook_size: u64,
    /// People to be looked at: a docket, an instant or what is known of them may have changed what a check would answer.
    hook_waiting: u64,
    /// Whether the platform has a hook.
    has_hook: bool,
    /// `call`, or `report`, where it isn't called.
    hook_mode: HookMode,
    /// Of the newest dockets how many people each concerns, where the hook isn't called.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hook_reported: Vec<Reported>,
    /// Why the registry doesn't have the last anchor, if it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor_failure: Option<String>,
    /// Dockets without a receipt that the registry took.
    receipts_owed: u64,
}

/// A docket that the hook isn't called for.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"index": 31, "people": 3}))]
struct Reported {
    /// Its index.
    index: u64,
    /// How many of the platform's people it concerns.
    people: u64,
}

/// Says how the agent stands: the log, alarms, the tag book, what is owed to the hook
#[utoipa::path(get, path = "/status", operation_id = "get_status", extensions(("x-problems" = json!("unavailable"))), tag = "operating", responses(
    (status = 200, description = "How it stands", body = Status),
))]
async fn status(State(app): State<App>) -> Result<Json<Status>, ApiError> {
    let now = app.clock.now();
    let stale = app.replica.read().fresh(now, app.config.max_staleness()).err();
    let (accounts, identities) = app.book.size().await.map_err(AgentError::from)?;
    // In the order of the way: what was seen done before is done behind it.
    let log = app.replica.status();
    let (hook_size, _) = app.notifications.store().cursor().await.map_err(AgentError::from)?;
    let hook_waiting = app.notifications.store().waiting(now).await.map_err(AgentError::from)?;
    let owed = app.notifications.store().owed().await.map_err(AgentError::from)?;
    let hook_mode = app.config.hook_mode;
    let reported = match hook_mode {
        HookMode::Report => app.notifications.store().reported(REPORTED).await.map_err(AgentError::from)?,
        HookMode::Call => Vec::new(),
    };
    let tokens = app.tokens.get();
    Ok(Json(Status {
        member: app.config.member.to_string(),
        issuer: app.config.issuer.clone(),
        sandbox: app.is_sandbox,
        at: now,
        stale: stale.map(|stale| stale.to_string()),
        log,
        wrong_token_key: tokens.as_ref().is_some_and(|failure| failure.is_wrong_key),
        tokens: tokens.map(|failure| failure.detail),
        quota: app.quota.at(now),
        accounts,
        identities,
        checks: app.checks.root().0,
        next_anchor: app.anchors.next().await?,
        hook_owed: if app.config.calls().is_some() { owed } else { 0 },
        hook_failing: app.notifications.failing(),
        hook_size,
        hook_waiting,
        has_hook: app.config.hook.is_some(),
        hook_mode,
        hook_reported: reported.iter().map(|of| Reported { index: of.log_index, people: of.people }).collect(),
        anchor_failure: app.anchors.failure().await?,
        receipts_owed: app.receipts.store.owed().await.map_err(AgentError::from)?,
    }))
}

/// Says that the process lives
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", extensions(("x-problems" = json!("!not-acceptable"))), tag = "operating", responses((status = 200, description = "It lives", body = String, content_type = "text/plain")))]
async fn live() -> &'static str {
    "alive\n"
}

/// Says whether checks are answered otherwise than `stale`
#[utoipa::path(get, path = "/readyz", operation_id = "get_readiness", extensions(("x-problems" = json!("not-ready !not-acceptable"))), tag = "operating", responses(
    (status = 200, description = "They are", body = String, content_type = "text/plain"),
))]
async fn ready(State(app): State<App>) -> Result<&'static str, ApiError> {
    app.replica.read().fresh(app.clock.now(), app.config.max_staleness())?;
    Ok("ready\n")
}
