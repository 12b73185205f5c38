//! What a seat that is in hands to one that joins: the pin file, with the registry's words and its own, to be read out.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::visible::Visible;
use callboard_desk::invitation;

use super::card::pairs;
use crate::{
    App,
    home::PIN,
    page::{Frame, download, go_to, page},
};

#[derive(Template)]
#[template(path = "invite.html")]
struct InvitePage {
    f: Frame,
    issuer: String,
    address: String,
    words: Vec<(&'static str, &'static str)>,
    card: String,
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    let invite = InvitePage {
        f: Frame::of(&app),
        issuer: Visible(&seat.pin.issuer).to_string(),
        address: seat.pin.url.to_string(),
        words: pairs(invitation::words(&seat.pin)),
        card: super::card::url(seat.stem()),
    };
    page(StatusCode::OK, &invite)
}

pub(crate) async fn file(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    download(PIN, seat.pin.text() + "\n")
}
