//! What of a case is printed: a sheet for the meeting, and the minutes of each session that was closed, with how each seat
//! voted and why.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::visible::Visible;
use callboard_desk::letter::term::time_text;
use callboard_federation::encoding::CaseId;

use super::{
    known::Parts,
    opened::{OpenedCase, open},
    rows::{ItemRow, MinutesRow, SeatRow, item_row, minutes_rows, panel_rows},
    seated,
};
use crate::{
    App,
    page::{Frame, failed, not_found, page},
};

#[derive(Template)]
#[template(path = "cases/minutes.html")]
struct MinutesPage {
    f: Frame,
    url: String,
    name: String,
    opened: String,
    policy: String,
    sessions: Vec<MinutesRow>,
}

#[derive(Template)]
#[template(path = "cases/meeting.html")]
struct MeetingPage {
    f: Frame,
    url: String,
    name: String,
    opened: String,
    policy: String,
    items: Vec<ItemRow>,
    panel: Vec<SeatRow>,
}

pub(super) async fn show(state: State<Arc<App>>, case: Path<String>) -> Response {
    printed(state, case, |app, opened| {
        let minutes = MinutesPage {
            f: Frame::of(app),
            url: format!("/cases/{}", opened.read.id()),
            name: Visible(&opened.read.name()).to_string(),
            opened: time_text(opened.read.opened_at()),
            policy: opened.policy.clone(),
            sessions: minutes_rows(&opened.read, |_| true),
        };
        page(StatusCode::OK, &minutes)
    })
    .await
}

/// Whom it is about and who decides, with room to write.
pub(super) async fn meeting(state: State<Arc<App>>, case: Path<String>) -> Response {
    printed(state, case, |app, opened| {
        let meeting = MeetingPage {
            f: Frame::of(app),
            url: format!("/cases/{}", opened.read.id()),
            name: Visible(&opened.read.name()).to_string(),
            opened: time_text(opened.read.opened_at()),
            policy: opened.policy.clone(),
            items: opened.overview.items.iter().map(|shown| item_row(shown, &opened.read)).collect(),
            panel: panel_rows(opened),
        };
        page(StatusCode::OK, &meeting)
    })
    .await
}

async fn printed(
    State(app): State<Arc<App>>,
    Path(case): Path<String>,
    show: impl FnOnce(&App, &OpenedCase) -> Response,
) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    match open(&app, &seat, id, Parts::All).await {
        Ok(opened) => show(&app, &opened),
        Err(error) => failed(&app, &error, format!("/cases/{id}")),
    }
}
