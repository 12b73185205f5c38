//! Public pages: how far decisions have come, for whoever looks, without scripts; and the files on which the public
//! writes to the secretariat. No cookies, nothing from elsewhere.
//!
//! Each page is one template and the plain data that it shows; what is shown is computed in `delivery`
//! and `ledger`. In reading
//! order: [`language`] and then a page each: [`board`], [`propagation`], [`figures`]; [`files`] are served as they are.

pub mod board;
pub mod figures;
mod files;
pub mod language;
pub mod propagation;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    delivery::Delivery,
    ledger::{Ledger, LedgerError},
};

const STYLE: &str = include_str!("style.css");
/// What a page may load: its own style, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is shown comes from here.
#[derive(Clone)]
pub(crate) struct PagesState {
    delivery: Arc<Delivery>,
    ledger: Arc<Ledger>,
}

pub fn router(delivery: Arc<Delivery>, ledger: Arc<Ledger>) -> Router {
    Router::new()
        .route("/figures", get(figures::show))
        .route("/propagation", get(board::show))
        .route("/propagation/{docket}", get(propagation::show))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css"), CACHED], STYLE)))
        .merge(files::routes())
        .with_state(PagesState { delivery, ledger })
}

const CACHED: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, "no-cache"),
                (header::VARY, "accept-language"),
            ];
            (status, headers, html).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a page can't be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// A store that doesn't answer, in the words of a page.
fn unavailable_page(error: &LedgerError, t: language::Language, is_sandbox: bool) -> Response {
    tracing::error!(%error, "a page was not shown");
    page(StatusCode::SERVICE_UNAVAILABLE, &propagation::MessagePage { t, is_sandbox, is_there: true })
}
