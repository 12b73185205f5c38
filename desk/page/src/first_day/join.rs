//! A seat joins a registry: by the pin file that somebody handed over who is in. It is checked against the registry, its
//! words are shown to be compared by telephone, and only then it is kept.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::{clock::Clock as _, pin::Pin, runtime::error_chain, visible::Visible};
use callboard_desk::invitation::{self, Invitation};
use callboard_federation::zh_en;

use super::card::pairs;
use crate::{
    App,
    form::Form,
    home::PIN,
    page::{Frame, go_to, page},
};

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    f: Frame,
    has_pin: bool,
    error: Option<String>,
    typed: String,
    found: Option<Found>,
}

/// A registry that answers as its pin says.
struct Found {
    issuer: String,
    address: String,
    seats: usize,
    words: Vec<(&'static str, &'static str)>,
    is_sandbox: bool,
    text: String,
}

fn render(app: &App, status: StatusCode, error: Option<String>, typed: &str, found: Option<Found>) -> Response {
    let (has_pin, typed) = (app.home.has_pin(), typed.to_owned());
    page(status, &JoinPage { f: Frame::of(app), has_pin, error, typed, found })
}

fn refused(app: &App, why: String, form: &Form) -> Response {
    render(app, StatusCode::UNPROCESSABLE_ENTITY, Some(why), form.pasted(), None)
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    render(&app, StatusCode::OK, None, "", None)
}

pub(crate) async fn check(State(app): State<Arc<App>>, form: Form) -> Response {
    match found(&app, &form).await {
        Ok(found) => render(&app, StatusCode::OK, None, "", Some(found)),
        Err(why) => refused(&app, why, &form),
    }
}

async fn found(app: &App, form: &Form) -> Result<Found, String> {
    let pin = pin(app, form)?;
    let clock = app.settings.clock.of(&pin.issuer).await.map_err(|error| error_chain(error.as_ref()))?;
    let invitation = Invitation::check(pin, clock.now()).await.map_err(|error| error_chain(&error))?;
    let Invitation { pin, roster } = invitation;
    Ok(Found {
        issuer: Visible(&pin.issuer).to_string(),
        address: pin.url.to_string(),
        seats: roster.seats.len(),
        words: pairs(invitation::words(&pin)),
        is_sandbox: pin.is_sandbox(),
        text: pin.text(),
    })
}

fn pin(app: &App, form: &Form) -> Result<Pin, String> {
    if app.home.has_pin() {
        return Err(zh_en!("本目录已加入一个登记册", "this home has joined a registry already"));
    }
    Pin::parse(form.pasted()).map_err(|error| error_chain(&error))
}

pub(crate) async fn confirm(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    // The same form once more finds it joined.
    let is_kept = |pin: &Pin| app.home.pin().is_ok_and(|kept| kept == *pin);
    if Pin::parse(form.pasted()).is_ok_and(|pin| is_kept(&pin)) {
        return go_to("/");
    }
    let kept = pin(&app, &form).and_then(|pin| {
        // A home that isn't there yet is made.
        std::fs::create_dir_all(app.home.directory()).map_err(|error| error_chain(&error))?;
        pin.write(&app.home.path(PIN)).map_err(|error| error_chain(&error))
    });
    match kept {
        Ok(()) => go_to("/"),
        Err(why) => refused(&app, why, &form),
    }
}
