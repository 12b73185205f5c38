//! Reports, for the secretariat: the [`board`] of those that wait, [`one`] of them read like a file, what its forms do
//! ([`acts`]), its files ([`file`]), what came on paper ([`enter`]), and the key to which the public seals ([`key`]).

mod acts;
pub(crate) mod board;
mod enter;
mod file;
mod key;
mod one;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

/// Whoever deals with reports for a seat of the secretariat.
macro_rules! reports {
    ($seat:expr, $reports:ident) => {
        let caller = $seat.caller()?;
        let registry = callboard_desk::registry::Registry::new(&$seat.pin, &caller);
        let $reports = callboard_desk::reports::Reports::begin(&registry, &$seat.key, &$seat.home).await?;
    };
}
pub(crate) use reports;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/reports", get(board::show))
        .route("/reports/key", post(key::publish))
        .route("/reports/{report}/files/{number}", get(file::save))
        .route("/reports/enter", get(enter::show).post(enter::enter))
        .route("/reports/{report}", get(one::show))
        .route("/reports/{report}/{act}", post(acts::act))
}
