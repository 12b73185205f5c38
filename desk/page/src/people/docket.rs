//! The people of one docket, in their order.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_desk::people::{
    entry::{Entry, IndexedDocket},
    search::Hit,
};
use callboard_federation::encoding::Hash;

use super::{
    index,
    row::{DocketRow, PersonRow},
    secretary,
};
use crate::{
    App,
    form::number,
    page::{Frame, failed, not_found, page},
};

/// How many people a page lists.
const A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "people/docket.html")]
struct DocketPage {
    f: Frame,
    docket: DocketRow,
    draft: Option<String>,
    people: Vec<(u32, PersonRow)>,
    before: Option<usize>,
    next: Option<usize>,
}

pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Path(docket): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let from = number(query.as_deref(), "from").unwrap_or_default();
    let found = match docket.parse::<Hash>() {
        Ok(hash) => index(&app, &seat).and_then(|index| index.map_or(Ok(None), |index| index.docket(&hash))),
        Err(_) => Ok(None),
    };
    match found {
        Ok(Some(docket)) => page(StatusCode::OK, &docket_page(&app, &docket, from)),
        Ok(None) => not_found(State(app)).await,
        Err(error) => failed(&app, &error, "/people".to_owned()),
    }
}

fn docket_page(app: &App, docket: &IndexedDocket, from: usize) -> DocketPage {
    let head = docket.head();
    let row = |entry: &Entry| {
        let hit = Hit { docket: head.clone(), entry: entry.clone() };
        (entry.position + 1, PersonRow::of(std::slice::from_ref(&hit), app.language()))
    };
    DocketPage {
        f: Frame::of(app),
        docket: DocketRow::of(&head),
        draft: docket.draft.map(|draft| draft.to_string()),
        people: docket.entries.iter().skip(from).take(A_PAGE).map(row).collect(),
        before: (from > 0).then(|| from.saturating_sub(A_PAGE)),
        next: Some(from + A_PAGE).filter(|next| *next < docket.entries.len()),
    }
}
