//! The key card: whose key it is, in which role, and its words in both languages; for one sheet of paper. And the public
//! file that is handed over. Neither is secret, so they are shown while the key is locked, too.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::{
    public_file::{PublicFile, PublicSeat},
    visible::Visible,
};
use callboard_desk::{civil_day, key_card::CheckWords, letter::term::day_text};
use callboard_federation::language::Language;

use crate::{
    App,
    page::{Frame, download, not_found, page},
};

#[derive(Template)]
#[template(path = "card.html")]
struct CardPage {
    f: Frame,
    holder: String,
    role: String,
    works_for: Option<String>,
    words: Vec<(&'static str, &'static str)>,
    day: String,
    /// The name of the file that is handed over.
    file: String,
    url: String,
    has_pin: bool,
}

/// The address of a key's card.
pub(super) fn url(stem: &str) -> String {
    let stem: String = form_urlencoded::byte_serialize(stem.as_bytes()).collect();
    format!("/card/{stem}")
}

/// The words of a key, those of both languages beside each other.
pub(super) fn pairs(words: CheckWords) -> Vec<(&'static str, &'static str)> {
    words.words(Language::Zh).into_iter().zip(words.words(Language::En)).collect()
}

pub(crate) async fn show(State(app): State<Arc<App>>, Path(stem): Path<String>) -> Response {
    let Some(seat) = public(&app, &stem) else { return not_found(State(app)).await };
    let card = CardPage {
        f: Frame::of(&app),
        holder: Visible(&seat.holder).to_string(),
        role: seat.role.words().to_string(),
        works_for: seat.member.as_ref().map(ToString::to_string),
        words: pairs(CheckWords::of_seat(&seat)),
        day: day_text(civil_day::of(app.machine.now()), app.language()),
        file: format!("{stem}.pub.json"),
        url: url(&stem),
        has_pin: app.home.has_pin(),
    };
    page(StatusCode::OK, &card)
}

pub(crate) async fn file(State(app): State<Arc<App>>, Path(stem): Path<String>) -> Response {
    let Some(seat) = public(&app, &stem) else { return not_found(State(app)).await };
    download(&format!("{stem}.pub.json"), PublicFile::Seat(seat).text() + "\n")
}

/// The seat of a key of the home: as its public file has it, else as the key does that is open.
fn public(app: &App, stem: &str) -> Option<PublicSeat> {
    let of_file = app.home.seat(stem);
    of_file.or_else(|| match app.seat().filter(|seat| seat.stem() == stem)?.key.public() {
        PublicFile::Seat(seat) => Some(seat),
        _ => None,
    })
}
