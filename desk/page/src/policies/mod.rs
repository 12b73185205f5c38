//! Policies: those that are logged ([`in_force`]); next year's calendar, other [`words`], a new version or instrument, drafted
//! from forms ([`change`]).

mod change;
mod in_force;
mod words;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/policies", get(in_force::show))
        .route("/policies/propose", post(change::propose))
        .route("/policies/words/{instrument}", get(words::show))
}
