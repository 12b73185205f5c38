//! `/help`: how to ask whether one is listed, how to object, how to return, how to report, whom to call. There is no field for a
//! number, here or anywhere.

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_federation::policy::Words;
use callboard_rules::letters;

use super::{
    PagesState,
    frame::Frame,
    language::Language,
    page,
    rules::{Holds, versions},
};

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    f: Frame,
    t: Language,
    instruments: Vec<Instrument>,
}

/// What an instrument in force says of objecting and returning.
struct Instrument {
    title: Words,
    version: String,
    objection_days: Option<u32>,
    return_months: Option<u32>,
}

pub(super) async fn show(State(PagesState { ledger, clock, .. }): State<PagesState>, f: Frame) -> Response {
    let instruments = {
        let replay = ledger.replay();
        let in_force = versions(&replay, clock.now()).into_iter().filter(|one| one.holds == Holds::InForce);
        let instrument = in_force.filter_map(|one| {
            let policy = replay.policies().get(&one.sha256)?;
            let (objection_days, return_months) = (letters::objection_days(policy), letters::return_months(policy));
            Some(Instrument { title: one.title, version: one.version, objection_days, return_months })
        });
        instrument.collect()
    };
    page(StatusCode::OK, &HelpPage { t: f.t, f, instruments })
}
