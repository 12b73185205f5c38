//! The minutes of a case, to be printed: each session that was closed, how each seat voted, and why.

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
    one::open,
    rows::{MinutesRow, minutes_rows},
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

pub(super) async fn show(State(app): State<Arc<App>>, Path(case): Path<String>) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    match open(&app, &seat, id).await {
        Ok(opened) => {
            let minutes = MinutesPage {
                f: Frame::of(&app),
                url: format!("/cases/{id}"),
                name: Visible(&opened.read.name()).to_string(),
                opened: time_text(opened.read.opened_at()),
                policy: opened.policy.clone(),
                sessions: minutes_rows(&opened.read),
            };
            page(StatusCode::OK, &minutes)
        }
        Err(error) => failed(&app, &error, format!("/cases/{id}")),
    }
}
