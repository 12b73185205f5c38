//! Members: the list in force ([`in_force`]), and a form for each thing that may change of it ([`change`]).

mod change;
mod in_force;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/members", get(in_force::show))
        .route("/members/propose", post(change::propose))
        .route("/members/{member}", get(in_force::show_one))
        .route("/members/{member}/member.toml", get(in_force::configuration))
}
