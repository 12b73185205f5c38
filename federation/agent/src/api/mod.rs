//! The agent's API, for programs of the platform's own: [`guard`] stands before all of it. Operations are declared in
//! [`callboard_api::agent`]; here are the acts that answer them, a file for what they are of.

mod checks;
mod declarations;
mod enterprises;
mod forward;
pub(crate) mod guard;
mod log;
pub mod metrics;
mod openapi;
mod operating;
mod problem;
mod proof;
mod pushed;
mod refs;
mod reports;
mod tag_book;

use std::{ops::Deref, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest as _, Request},
    middleware,
    response::IntoResponse as _,
    routing::{get, post},
};
use callboard_api::{Anyone, Description, Token, agent as of, document::negotiated};
use callboard_service::{
    media::{MediaTypes, negotiate},
    operation::{Authorise, Host, Routes},
    origin::Hosts,
};
use guard::Guard;
pub use openapi::openapi;
pub use problem::{ApiError, Problem};
pub(crate) use refs::{csv as people_csv, lines as people_lines};
use utoipa_swagger_ui::SwaggerUi;

use crate::app;

/// Ten thousand people with several identities each.
const MAX_BYTES: usize = 32 << 20;
/// The longest message that the registry pushes is far shorter; whoever sends one shows no token.
const MAX_MESSAGE_BYTES: usize = 2 << 20;

/// The agent's parts, as every act has them at hand.
#[derive(Clone)]
pub(crate) struct App(Arc<app::App>);

/// What was asked; by whom is the guard's.
type Call<P = (), Q = (), B = ()> = callboard_service::operation::Call<(), P, Q, B>;

impl Deref for App {
    type Target = app::App;

    fn deref(&self) -> &app::App {
        &self.0
    }
}

impl Host for App {
    type Error = ApiError;
    type Caller = ();

    async fn read(&self, operation: &'static Description, request: Request) -> Result<((), Vec<u8>), ApiError> {
        if operation.body.is_none() {
            return Ok(((), Vec::new()));
        }
        let body = Bytes::from_request(request, &()).await.map_err(|_| ApiError::TooLarge)?;
        Ok(((), body.into()))
    }
}

impl Authorise<Anyone> for App {
    type By = ();

    fn authorise((): ()) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Authorise<Token> for App {
    type By = ();

    /// Nobody comes so far without it: [`guard`].
    fn authorise((): ()) -> Result<(), ApiError> {
        Ok(())
    }
}

fn operations() -> Routes<App> {
    let message = post(pushed::take).layer(DefaultBodyLimit::max(MAX_MESSAGE_BYTES));
    Routes::default()
        .on(&of::checks::CHECK, checks::check)
        .on(&of::checks::COST, checks::cost)
        .on(&of::tag_book::ENROL, tag_book::enrol)
        .by_hand(&of::tag_book::LIST_REFS.description, get(refs::list))
        .on(&of::tag_book::GET_REF, refs::show)
        .on(&of::tag_book::FORGET_REF, tag_book::forget)
        .on(&of::tag_book::REPLACE_HOLDER, tag_book::replace)
        .on(&of::tag_book::LIST_OUTDATED, tag_book::outdated)
        .on(&of::proof::GET_CHECK_PROOF, proof::prove)
        .on(&of::proof::OPEN_BLINDS, proof::blinds)
        .by_hand(&of::pushed::TAKE_PUSH.description, message)
        .on(&of::pushed::FILE_RECEIPT, pushed::file)
        .on(&of::pushed::LIST_RECEIPTS, pushed::list)
        .on(&of::pushed::FINISH_HOOK_CALL, pushed::finish)
        .on(&of::pushed::TEST_HOOK, pushed::test)
        .on(&of::reports::FILE_OWN_REPORT, reports::file)
        .on(&of::reports::LIST_OWN_REPORTS, reports::list)
        .on(&of::reports::GET_OWN_REPORT, reports::show)
        .on(&of::reports::ANSWER_OWN_REPORT, reports::answer)
        .on(&of::reports::LIST_ASKED_IDENTITIES, reports::asked)
        .on(&of::reports::ANSWER_ASKED_IDENTITY, reports::answer_asked)
        .on(&of::declarations::DECLARE_OWN_BANS, declarations::declare)
        .on(&of::enterprises::LIST_ENTERPRISES, enterprises::list)
        .by_hand(&of::log::READ_LOG.description, get(log::feed))
        .on(&of::log::LIST_ANCHORS, log::anchors)
        .on(&of::operating::SYNC_LOG, operating::sync)
        .on(&of::operating::GET_STATUS, operating::status)
        .by_hand(&of::operating::GET_HEALTH.description, get(async || "alive\n"))
        .by_hand(&of::operating::GET_READINESS.description, get(operating::ready))
}

/// Every operation, with `/docs` and `/metrics`, behind the guard of the hosts by which it is asked.
pub(crate) fn router(app: Arc<app::App>, hosts: Hosts) -> Router {
    let guard =
        Arc::new(Guard { hosts, token: app.token.clone(), check_without_token: app.config.check_without_token });
    let document = openapi();
    let types = MediaTypes::of(negotiated(&document), |mismatch| ApiError::from(mismatch).into_response());
    operations()
        .into_router()
        .merge(forward::routes())
        .route("/metrics", get(metrics::metrics))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(App(app))
        .layer(middleware::from_fn_with_state(types, negotiate))
        .merge(SwaggerUi::new("/docs").url("/openapi.json", document))
        .fallback(async || ApiError::NotFound)
        .method_not_allowed_fallback(async || ApiError::Method)
        // Last, and so before everything, whatever is added above.
        .layer(middleware::from_fn_with_state(guard, guard::guard))
}
