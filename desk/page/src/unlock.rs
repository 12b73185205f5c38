//! The first page while the key is locked: what is missing in the home, else the form that unlocks it.

use std::sync::Arc;

use age::secrecy::SecretString;
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::{runtime::error_chain, sandbox_clock::SandboxClock};
use callboard_federation::zh_en;
use callboard_keys::{KeyFileError, SeatKey};

use crate::{
    App, clock_check,
    form::Form,
    page::{Frame, go_to, page},
    session::Seat,
};

#[derive(Template)]
#[template(path = "unlock.html")]
struct UnlockPage {
    f: Frame,
    home: String,
    keys: Vec<String>,
    has_pin: bool,
    error: Option<String>,
}

/// The page of a locked desk.
pub(crate) fn show(app: &App, status: StatusCode, error: Option<String>) -> Response {
    let (home, keys, has_pin) = (app.home.shown(), app.home.keys(), app.home.has_pin());
    page(status, &UnlockPage { f: Frame::of(app), home, keys, has_pin, error })
}

pub(crate) async fn open(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    match unlocked(&app, &form).await {
        Ok(seat) => {
            app.begin(seat);
            clock_check::look(&app).await;
            go_to("/")
        }
        Err(why) => show(&app, StatusCode::FORBIDDEN, Some(why)),
    }
}

pub(crate) async fn lock(State(app): State<Arc<App>>, _: Form) -> Response {
    app.lock();
    go_to("/")
}

async fn unlocked(app: &App, form: &Form) -> Result<Seat, String> {
    let keys = app.home.keys();
    let asked = form.get("key");
    let file = keys.into_iter().find(|key| key == asked).ok_or_else(|| zh_en!("没有此密钥", "there is no such key"))?;
    let pin = app.home.pin().map_err(|error| error_chain(error.as_ref()))?;
    let key = opened(app, &file, form.get("passphrase")).await?;
    let sandbox = app.settings.clock.ahead(&pin.issuer).await.map_err(|error| error_chain(error.as_ref()))?;
    let clock = SandboxClock::clock_of(sandbox.as_ref());
    Ok(Seat {
        key: Arc::new(key),
        file,
        pin: Arc::new(pin),
        clock,
        sandbox: sandbox.map(Arc::new),
        log: None,
        home: app.home.directory().into(),
    })
}

/// Opens a key file of the home. It takes a second, on another thread than the pages.
pub(crate) async fn opened(app: &App, file: &str, passphrase: &str) -> Result<SeatKey, String> {
    let (path, passphrase) = (app.home.path(file), SecretString::from(passphrase.to_owned()));
    let opened = tokio::task::spawn_blocking(move || SeatKey::open(&path, passphrase)).await;
    match opened.map_err(|_| zh_en!("密钥未能打开", "the key could not be opened"))? {
        Ok(key) => Ok(key),
        Err(KeyFileError::Passphrase { .. }) => Err(zh_en!("密码不正确", "the passphrase is wrong")),
        Err(error) => Err(error_chain(&error)),
    }
}
