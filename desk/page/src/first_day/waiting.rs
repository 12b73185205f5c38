//! What a seat reads that no roster names yet: what to do, until one does. The page looks by itself, which is no act: the
//! key locks as it does elsewhere.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::error_chain;
use callboard_desk::{Error, key_card::CheckWords};

use super::card::{pairs, url};
use crate::{
    App,
    page::{Frame, go_to, live_state, page},
    session::Seat,
};

#[derive(Template)]
#[template(path = "waiting.html")]
struct WaitingPage {
    f: Frame,
    holder: String,
    role: String,
    words: Vec<(&'static str, &'static str)>,
    card: String,
    file: String,
    /// Why the registry couldn't be asked.
    error: Option<String>,
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.seat() else { return go_to("/") };
    match is_seated(&seat).await {
        Ok(true) => go_to("/"),
        Ok(false) => render(&app, &seat, None),
        Err(error) => render(&app, &seat, Some(error_chain(&error))),
    }
}

/// Whether it waits for nothing more, as the page itself asks.
pub(crate) async fn state(State(app): State<Arc<App>>) -> Response {
    // Locked, it goes to where it is unlocked.
    let done = match app.seat() {
        Some(seat) => is_seated(&seat).await.unwrap_or(false),
        None => true,
    };
    live_state(done, 0, 0)
}

/// The page in place of the first one, for a seat that no roster names.
pub(crate) fn render(app: &App, seat: &Seat, error: Option<String>) -> Response {
    let keys = [seat.key.public_key().to_string(), seat.key.recipient().as_str().to_owned()];
    let waiting = WaitingPage {
        f: Frame::of(app),
        holder: seat.key.holder().to_owned(),
        role: seat.key.role().words().to_string(),
        words: pairs(CheckWords::of_keys(keys.iter().map(String::as_str))),
        card: url(seat.stem()),
        file: format!("{}.pub.json", seat.stem()),
        error,
    };
    page(StatusCode::OK, &waiting)
}

async fn is_seated(seat: &Seat) -> Result<bool, Error> {
    let caller = seat.caller()?;
    let roster = seat.registry(&caller).roster().await?;
    Ok(roster.seat(&seat.id()).is_some())
}
