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
    paper,
};
use callboard_federation::{
    members::Member,
    roster::{EpochKey, EpochState, Roster},
    tlog::vkey::VerifierKey,
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
    match fetch(&seat).await {
        Ok((roster, members)) => page(StatusCode::OK, &of(&app, &roster, &members)),
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

/// The roster, and the members whose agents may be its witnesses.
pub(super) async fn fetch(seat: &Seat) -> Result<(Roster, Vec<Member>), Error> {
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    Ok((registry.roster().await?, paper::members(&registry).await?))
}

fn of(app: &App, roster: &Roster, members: &[Member]) -> RosterPage {
    let witness = |(key, member): (&VerifierKey, Option<&Member>)| {
        Visible(member.map_or(key.name().as_str(), |member| member.name.as_str())).to_string()
    };
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
        witnesses: in_words::witnesses(roster, members).map(witness).collect(),
        quorum: roster.witnesses.quorum,
        epochs: roster.epochs.iter().map(epoch).collect(),
        log: roster.log.iter().map(|key| words(key.to_string())).collect(),
    }
}
