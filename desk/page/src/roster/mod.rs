//! The roster: the one in force in words ([`in_force`]), and the next, whose changes are gathered one by one and go into one
//! docket ([`next`], read by [`change`]).

mod change;
mod in_force;
mod next;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/roster", get(in_force::show))
        .route("/roster/next", get(next::show))
        .route("/roster/next/add", post(next::add))
        .route("/roster/next/remove", post(next::remove))
        .route("/roster/next/propose", post(next::propose))
}
