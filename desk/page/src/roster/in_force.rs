//! The roster in force, in words.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::visible::Visible;
use callboard_desk::{
    Error,
    key_card::CheckWords,
    letter::term::time_text,
    member::roster::in_words::{self, RuleInWords, SeatInWords},
    panels::Panels,
};
use callboard_federation::{
    roster::{EpochKey, EpochState, Roster},
    zh_en,
};

use crate::{
    App,
    page::{Frame, failed, go_to, page},
    session::Seat,
    work::Note,
};

#[derive(Template)]
#[template(path = "roster.html")]
struct RosterPage {
    f: Frame,
    version: u64,
    ends: String,
    seats: Vec<SeatInWords>,
    rules: Vec<RuleInWords>,
    panels: Vec<Note>,
    witnesses: Vec<String>,
    quorum: u64,
    epochs: Vec<String>,
    log: Vec<String>,
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match roster(&seat).await {
        Ok(roster) => page(StatusCode::OK, &of(&app, &roster)),
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn roster(seat: &Seat) -> Result<Roster, Error> {
    let caller = seat.caller()?;
    Ok(seat.registry(&caller).roster().await?)
}

fn of(app: &App, roster: &Roster) -> RosterPage {
    let words = |key: String| CheckWords::of_keys([key.as_str()]).line(app.language());
    let epoch = |epoch: &EpochKey| {
        let number = epoch.number;
        match epoch.state {
            EpochState::Live => zh_en!("第{number}期：启用", "epoch {number}: live"),
            EpochState::Closed => zh_en!("第{number}期：停用", "epoch {number}: closed"),
        }
    };
    RosterPage {
        f: Frame::of(app),
        version: roster.version,
        ends: time_text(roster.expires),
        seats: in_words::seats(roster),
        rules: in_words::rules(roster),
        panels: Panels::of(roster).lines().iter().map(|line| Note::of(line)).collect(),
        witnesses: roster.witnesses.keys.iter().map(|key| Visible(key.name().as_str()).to_string()).collect(),
        quorum: roster.witnesses.quorum,
        epochs: roster.epochs.iter().map(epoch).collect(),
        log: roster.log.iter().map(|key| words(key.to_string())).collect(),
    }
}
