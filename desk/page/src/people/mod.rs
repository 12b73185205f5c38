//! People: looked up in the seat's index, by name or number, by the number of a letter and the place in it.
//!
//! What is typed goes into no address: the browser keeps those. In reading order: [`keeper`], which keeps the index;
//! here, the search; [`docket`], the people of one docket; [`person`], one of them; [`row`], how each is told.

mod docket;
pub(crate) mod keeper;
mod person;
pub(crate) mod row;
mod standing;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use callboard_desk::{
    Error,
    people::{
        Index,
        search::{Found, Hit},
    },
};
use callboard_federation::{encoding::RecordId, zh_en};
use zeroize::Zeroizing;

use crate::{
    App,
    form::Form,
    page::{Frame, failed, go_to, page, told},
    session::Seat,
};
use row::{DocketRow, PersonRow};

/// The longest text that is looked up.
const MAX_TYPED: usize = 200;

#[derive(Template)]
#[template(path = "people/search.html")]
struct SearchPage {
    f: Frame,
    typed: String,
    /// What was found, once something was looked up.
    found: Option<(Vec<DocketRow>, Vec<PersonRow>)>,
    is_cut: bool,
    state: String,
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/people", get(show).post(search))
        .route("/people/update", post(update))
        .route("/people/docket/{docket}", get(docket::show))
        .route("/people/record/{record}", get(person::show))
        .route("/people/record/{record}/standing", post(standing::ask))
}

/// A seat of the secretariat, for a page of its own; else what is shown instead.
pub(crate) fn secretary(app: &App) -> Result<Seat, Box<Response>> {
    match app.acting_seat() {
        None => Err(Box::new(go_to("/"))),
        Some(seat) if seat.is_secretariat() => Ok(seat),
        Some(_) => {
            let whose = zh_en!("此页供秘书处使用", "this page is the secretariat's");
            Err(Box::new(told(app, StatusCode::FORBIDDEN, whose)))
        }
    }
}

/// The seat's index, as it stands on the disk; nothing until it was made.
fn index<'k>(app: &App, seat: &'k Seat) -> Result<Option<Index<'k>>, Error> {
    Index::open(app.home.directory(), &seat.key)
}

/// All of the person whom a record is of.
pub(crate) fn person_of(app: &App, seat: &Seat, record: RecordId) -> Result<Vec<Hit>, Error> {
    index(app, seat)?.map_or_else(|| Ok(Vec::new()), |index| index.person(record))
}

async fn show(State(app): State<Arc<App>>) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let typed = app.recent(|recent| recent.search.to_string()).unwrap_or_default();
    let found = match index(&app, &seat) {
        Ok(Some(index)) if !typed.is_empty() => index.search(&typed).map(Some),
        Ok(_) => Ok(None),
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => {
            let is_cut = found.as_ref().is_some_and(|found| found.is_cut);
            let rows = |Found { dockets, people, .. }: Found| {
                let dockets = dockets.iter().map(DocketRow::of).collect();
                (dockets, people.iter().map(|hits| PersonRow::of(hits, app.language())).collect())
            };
            let state = app.keeper.told();
            page(StatusCode::OK, &SearchPage { f: Frame::of(&app), typed, found: found.map(rows), is_cut, state })
        }
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn search(State(app): State<Arc<App>>, form: Form) -> Response {
    let typed: String = form.get("who").trim().chars().take(MAX_TYPED).collect();
    app.recent(|recent| recent.search = Zeroizing::new(typed));
    go_to("/people")
}

async fn update(State(app): State<Arc<App>>, _: Form) -> Response {
    match secretary(&app) {
        Ok(seat) => {
            keeper::look(&app, &seat).await;
            go_to("/people")
        }
        Err(instead) => *instead,
    }
}
