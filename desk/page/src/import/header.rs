//! Where no row of headers is found, somebody says which it is.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::visible::Visible;
use callboard_desk::{Error, import::Import, sheet::first_rows};

use crate::{
    App,
    form::Form,
    page::{Frame, page},
};

use super::{Done, step, store};

/// How much of a row is shown, in characters: enough to know it by.
const SHOWN: usize = 120;

#[derive(Template)]
#[template(path = "import_header.html")]
struct HeaderPage {
    f: Frame,
    name: String,
    rows: Vec<(u32, String)>,
}

pub(super) fn show(app: &App, import: &Import, status: StatusCode) -> Result<Response, Error> {
    let rows = first_rows(&import.file.0)?;
    let rows = rows.into_iter().map(|(number, cells)| (number, shown(&cells)));
    Ok(page(status, &HeaderPage { f: Frame::of(app), name: import.name.clone(), rows: rows.collect() }))
}

/// The beginning of a row.
fn shown(cells: &[String]) -> String {
    Visible(&cells.join(" · ").chars().take(SHOWN).collect::<String>()).to_string()
}

pub(super) async fn take(State(app): State<Arc<App>>, form: Form) -> Response {
    step(&app, &form, async |seat, mut import| {
        let Ok(row) = form.get("row").parse() else {
            return Ok(Done::Lacks(show(&app, &import, StatusCode::UNPROCESSABLE_ENTITY)?));
        };
        import.arrangement.header = Some(row);
        store(&app, seat).keep(&import)?;
        Ok(Done::next())
    })
    .await
}
