//! How a seat begins: it makes its key ([`new_key`]), whose card it hands over and reads out ([`card`]), joins a registry
//! by a pin file from somebody who is in ([`join`], [`invite`]), and waits until a roster names it ([`waiting`]). Later it
//! rehearses its passphrase, and changes it ([`own_key`]).

mod card;
mod invite;
mod join;
mod new_key;
mod own_key;
pub(crate) mod waiting;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};

use crate::App;

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/key/new", get(new_key::show).post(new_key::make))
        .route("/card/{name}", get(card::show))
        .route("/card/{name}/file", get(card::file))
        .route("/join", get(join::show).post(join::check))
        .route("/join/confirm", post(join::confirm))
        .route("/invite", get(invite::show))
        .route("/invite/file", get(invite::file))
        .route("/waiting", get(waiting::show))
        .route("/waiting/state", get(waiting::state))
        .route("/key", get(own_key::show))
        .route("/key/rehearse", post(own_key::rehearse))
        .route("/key/passphrase", post(own_key::change))
}
