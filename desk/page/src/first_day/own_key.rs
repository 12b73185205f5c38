//! A seat's own key: its passphrase rehearsed, so that it isn't lost unseen, and changed.

use std::sync::Arc;

use age::secrecy::SecretString;
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::{create_new, runtime::error_chain};
use callboard_desk::letter::term::time_text;
use callboard_federation::{encoding::Time, zh_en};
use callboard_keys::{
    KeyFile, KeyFileError,
    passphrase::{MIN_CHARACTERS, typed_twice},
};

use super::card::url;
use crate::{
    App,
    form::Form,
    page::{Frame, go_to, page},
    session::Seat,
    unlock::opened,
};

/// What the page's address says was done.
const REHEARSED: &str = "rehearsed";
const CHANGED: &str = "changed";

#[derive(Template)]
#[template(path = "own_key.html")]
struct OwnKeyPage {
    f: Frame,
    holder: String,
    card: String,
    /// When its passphrase was last rehearsed.
    rehearsed: Option<String>,
    least: usize,
    error: Option<String>,
    done: Option<String>,
}

pub(crate) async fn show(State(app): State<Arc<App>>, RawQuery(done): RawQuery) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    let done = match done.as_deref() {
        Some(REHEARSED) => Some(zh_en!("密码正确", "the passphrase is right")),
        Some(CHANGED) => Some(zh_en!(
            "密码已更改：此后只能用新密码打开。别处的副本仍用原密码",
            "the passphrase is changed; copies that lie elsewhere keep the one that they had"
        )),
        _ => None,
    };
    render(&app, &seat, StatusCode::OK, None, done)
}

fn render(app: &App, seat: &Seat, status: StatusCode, error: Option<String>, done: Option<String>) -> Response {
    let own = OwnKeyPage {
        f: Frame::of(app),
        holder: seat.key.holder().to_owned(),
        card: url(seat.stem()),
        rehearsed: rehearsed(app, seat).map(time_text),
        least: MIN_CHARACTERS,
        error,
        done,
    };
    page(status, &own)
}

pub(crate) async fn rehearse(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if let Err(why) = opened(&app, &seat.file, form.get("passphrase")).await {
        return render(&app, &seat, StatusCode::UNPROCESSABLE_ENTITY, Some(why), None);
    }
    let at = app.machine.now().to_string();
    let path = app.home.path(&rehearsal_file(&seat));
    match create_new::replace(&path, create_new::PRIVATE, at.as_bytes()) {
        Ok(()) => go_to(&format!("/key?{REHEARSED}")),
        Err(error) => {
            let why = error_chain(&error);
            let done =
                zh_en!("密码正确，但未能记下时间：{why}", "the passphrase is right; when, couldn't be noted: {why}");
            render(&app, &seat, StatusCode::OK, None, Some(done))
        }
    }
}

pub(crate) async fn change(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match changed(&app, &seat, &form).await {
        Ok(()) => go_to(&format!("/key?{CHANGED}")),
        Err(why) => render(&app, &seat, StatusCode::UNPROCESSABLE_ENTITY, Some(why), None),
    }
}

async fn changed(app: &App, seat: &Seat, form: &Form) -> Result<(), String> {
    let secret = |name: &str| SecretString::from(form.get(name).to_owned());
    let new = typed_twice(secret("new"), secret("again")).map_err(|error| error_chain(&error))?;
    let (path, old) = (app.home.path(&seat.file), secret("passphrase"));
    let changed = tokio::task::spawn_blocking(move || KeyFile::open(&path, old)?.replace(&path, new)).await;
    match changed.map_err(|_| zh_en!("密码未能更改", "the passphrase could not be changed"))? {
        Ok(()) => Ok(()),
        Err(KeyFileError::Passphrase { .. }) => Err(zh_en!("原密码不正确", "the passphrase of before is wrong")),
        Err(error) => Err(error_chain(&error)),
    }
}

/// Where it stands when the passphrase was last rehearsed.
fn rehearsal_file(seat: &Seat) -> String {
    format!("{}.rehearsed", seat.stem())
}

fn rehearsed(app: &App, seat: &Seat) -> Option<Time> {
    std::fs::read_to_string(app.home.path(&rehearsal_file(seat))).ok()?.trim().parse().ok()
}
