//! Pages: what every one of them shows, and those that say one thing.

use std::{error::Error, sync::Arc};

use askama::Template;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use callboard_client::runtime::error_chain;
use callboard_federation::{language::Language, zh_en};

use crate::{App, locked, word::word};

/// What stands on every page.
pub(crate) struct Frame {
    pub(crate) t: Language,
    pub(crate) is_sandbox: bool,
    /// Whose key is open.
    pub(crate) who: Option<String>,
    pub(crate) skew: Option<String>,
    /// The word of this desk's forms.
    pub(crate) form: String,
    /// The number of the form: what it does, it does once.
    pub(crate) once: String,
}

impl Frame {
    /// The frame of a page that whoever has the cookie may see.
    pub(crate) fn of(app: &App) -> Self {
        let seat = app.seat();
        Self {
            t: app.language(),
            is_sandbox: app.home.pin().is_ok_and(|pin| pin.is_sandbox()),
            who: seat.map(|seat| seat.key.holder().to_owned()),
            skew: locked(&app.skew).and_then(crate::clock_check::Skew::told),
            form: app.gate.form().to_owned(),
            once: word(),
        }
    }

    /// The frame of a page for strangers.
    fn bare(app: &App) -> Self {
        let nothing = String::new;
        Self { t: app.language(), is_sandbox: false, who: None, skew: None, form: nothing(), once: nothing() }
    }

    /// The text that is in the desk's language.
    pub(crate) const fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.t.pick(zh, en)
    }
}

#[derive(Template)]
#[template(path = "open_again.html")]
struct OpenAgain {
    f: Frame,
    is_foreign: bool,
}

#[derive(Template)]
#[template(path = "told.html")]
struct Told {
    f: Frame,
    text: String,
    /// Where to go on.
    back: String,
}

pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// What `live.js` asks for: whether it is done, and how far.
pub(crate) fn live_state(done: bool, derived: usize, total: usize) -> Response {
    let json = format!("{{\"done\":{done},\"derived\":{derived},\"total\":{total}}}");
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// The page that says how to open the desk, and nothing of the seat.
pub(crate) fn open_again(app: &App, is_foreign: bool) -> Response {
    page(StatusCode::FORBIDDEN, &OpenAgain { f: Frame::bare(app), is_foreign })
}

/// One sentence, and the way back to the first page.
pub(crate) fn told(app: &App, status: StatusCode, text: String) -> Response {
    told_at(app, status, text, "/".to_owned())
}

pub(crate) fn told_at(app: &App, status: StatusCode, text: String, back: String) -> Response {
    page(status, &Told { f: Frame::of(app), text, back })
}

/// Why something wasn't done.
pub(crate) fn failed(app: &App, error: &(dyn Error + 'static), back: String) -> Response {
    let why = error_chain(error);
    told_at(app, StatusCode::BAD_GATEWAY, zh_en!("未完成：{why}", "not done: {why}"), back)
}

pub(crate) async fn not_found(State(app): State<Arc<App>>) -> Response {
    told(&app, StatusCode::NOT_FOUND, zh_en!("没有这一页", "there is no such page"))
}

/// What was asked for is done: the browser shows the page of it.
pub(crate) fn go_to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path.to_owned())]).into_response()
}

/// A file that the browser keeps under its name, in whichever script that is.
pub(crate) fn download(name: &str, text: String) -> Response {
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{encoded}")),
    ];
    (headers, text).into_response()
}
