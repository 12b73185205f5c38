//! Public pages: what was published and decided, by which rules, and how far it has come, for whoever looks, without scripts;
//! and the files that need some, which are the same for everyone. No cookies, nothing from elsewhere.
//!
//! Each page is one template and the plain data that it shows; what is shown is computed in `delivery`
//! and `ledger`. In reading order: [`language`], [`frame`] (what all pages have), and then a page each: [`home`], [`notices`]
//! and [`notice`], [`feeds`] of them, [`rules`] and [`rule`], [`members`], [`board`], [`propagation`], [`figures`] with their [`bars`],
//! [`help`]; [`files`] are served as they are.

pub mod bars;
pub mod board;
pub mod feeds;
pub mod figures;
mod files;
pub mod frame;
pub mod help;
pub mod home;
pub mod language;
pub mod members;
pub mod notice;
pub mod notices;
pub mod propagation;
pub mod rule;
pub mod rules;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use callboard_client::clock::Clock;
use frame::Frame;

use crate::{
    config::Config,
    delivery::Delivery,
    ledger::{Ledger, LedgerError},
};

const STYLE: &str = include_str!("style.css");
/// What a page may load: its own style, and nothing else from anywhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What is shown comes from here.
#[derive(Clone)]
pub struct PagesState {
    pub delivery: Arc<Delivery>,
    pub ledger: Arc<Ledger>,
    pub config: Arc<Config>,
    pub clock: Arc<dyn Clock>,
}

pub fn router(state: PagesState) -> Router {
    Router::new()
        .route("/", get(home::show))
        .route("/notices", get(notices::show))
        .route("/notices.atom", get(feeds::atom))
        .route("/notices.rss", get(feeds::rss))
        .route("/notices/{docket}", get(notice::show))
        .route("/rules", get(rules::show))
        .route("/rules/{sha256}", get(rule::show))
        .route("/members", get(members::show))
        .route("/figures", get(figures::show))
        .route("/propagation", get(board::show))
        .route("/propagation/{docket}", get(propagation::show))
        .route("/help", get(help::show))
        .route("/style.css", get(async || ([(header::CONTENT_TYPE, "text/css"), CACHED], STYLE)))
        .merge(files::routes())
        .with_state(state)
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

/// What there is to say where there is nothing to show.
#[derive(Template)]
#[template(path = "nothing.html")]
struct MessagePage {
    f: Frame,
    t: language::Language,
    message: Message,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    /// It may be there, and can't be shown now.
    NotNow,
    NoDocket,
    NoNotice,
    NoRules,
}

/// Nothing is at this address.
fn no_such_page(f: Frame, message: Message) -> Response {
    page(StatusCode::NOT_FOUND, &MessagePage { t: f.t, f, message })
}

/// A store that doesn't answer, in the words of a page.
fn unavailable_page(error: &LedgerError, f: Frame) -> Response {
    tracing::error!(%error, "a page was not shown");
    page(StatusCode::SERVICE_UNAVAILABLE, &MessagePage { t: f.t, f, message: Message::NotNow })
}
