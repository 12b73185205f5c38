//! Cases, for the seats that decide and that keep them: the [`board`] of those that are open, [`one`] of them read like a
//! file, a form for each act ([`form`]) and what it does ([`take`]), what is put to the vote ([`proposal`]), how a case is
//! opened ([`open`]), where a draft goes ([`choice`]), and [`minutes`].
//!
//! What a case is, what waits and how it is told is `callboard_desk::cases`'s. [`known`] reads cases while the key
//! is open ([`kept`]), and opens this seat's vote by itself once sealing is over.

pub(crate) mod board;
pub(crate) mod choice;
pub(crate) mod form;
pub(crate) mod kept;
pub(crate) mod known;
mod minutes;
mod one;
pub(crate) mod open;
mod opened;
pub(crate) mod proposal;
mod rows;
mod take;
mod voting;

use std::sync::Arc;

use axum::{
    Router,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use callboard_federation::{roster::Role, zh_en};

use crate::{
    App,
    page::{go_to, told},
    session::Seat,
};

/// Whoever deals with cases for a seat, by the desk's own copy of the log.
macro_rules! cases {
    ($app:expr, $seat:expr, $cases:ident, $registry:ident) => {
        let caller = $seat.caller()?;
        let $registry = $seat.registry(&caller);
        let $cases = callboard_desk::cases::Cases::begin(&$registry, &$seat.key, $app.home.directory()).await?;
    };
}
pub(crate) use cases;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/cases", get(board::show))
        .route("/cases/open", get(open::show).post(open::take))
        .route("/cases/{case}", get(one::show))
        .route("/cases/{case}/minutes", get(minutes::show))
        .route("/cases/{case}/meeting", get(minutes::meeting))
        .route("/cases/{case}/proposals/{draft}", get(proposal::show))
        .route("/cases/{case}/proposals/{draft}/withdraw", post(proposal::withdraw))
        .route("/cases/{case}/docket", post(proposal::docket))
        .route("/cases/{case}/{act}", get(take::show).post(take::take))
}

/// A seat that has to do with cases; else what is shown instead.
fn seated(app: &App) -> Result<Seat, Box<Response>> {
    match app.acting_seat() {
        None => Err(Box::new(go_to("/"))),
        Some(seat) if seat.key.role() != Role::Auditor => Ok(seat),
        Some(_) => {
            let whose = zh_en!("此页供参与办案的签署人使用", "this page is for the seats that have to do with cases");
            Err(Box::new(told(app, StatusCode::FORBIDDEN, whose)))
        }
    }
}
