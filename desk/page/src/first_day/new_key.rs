//! A seat makes its key: for the first time, or anew because the passphrase of the one before is lost.

use std::sync::Arc;

use age::secrecy::SecretString;
use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    civil_day,
    keygen::{KeyHolder, set_aside},
};
use callboard_federation::{members::MemberId, roster::Role, zh_en};
use callboard_keys::passphrase::{MIN_CHARACTERS, typed_twice};

use super::card;
use crate::{
    App,
    form::Form,
    page::{Frame, go_to, page},
    unlock::opened,
};

#[derive(Template)]
#[template(path = "new_key.html")]
struct NewKeyPage {
    f: Frame,
    /// The role's word, and what it is called.
    roles: Vec<(&'static str, String)>,
    has_keys: bool,
    least: usize,
    error: Option<String>,
    typed: Vec<(String, String)>,
}

impl NewKeyPage {
    fn typed(&self, name: &str) -> &str {
        self.typed.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    render(&app, StatusCode::OK, None, Vec::new())
}

fn render(app: &App, status: StatusCode, error: Option<String>, typed: Vec<(String, String)>) -> Response {
    let roles = Role::ALL.map(|role| (role.as_str(), role.words().to_string())).into();
    let has_keys = !app.home.keys().is_empty();
    page(status, &NewKeyPage { f: Frame::of(app), roles, has_keys, least: MIN_CHARACTERS, error, typed })
}

pub(crate) async fn make(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    match made(&app, &form).await {
        Ok(holder) => go_to(&card::url(&holder)),
        Err(why) => render(&app, StatusCode::UNPROCESSABLE_ENTITY, Some(why), form.typed()),
    }
}

async fn made(app: &App, form: &Form) -> Result<String, String> {
    let holder = form.get("holder").trim().to_owned();
    let role = Role::ALL.into_iter().find(|role| role.as_str() == form.get("role"));
    let role = role.ok_or_else(|| zh_en!("请选择职务", "choose a role"))?;
    let works_for = match form.get("works-for").trim() {
        "" => None,
        id => Some(MemberId::try_from(id.to_owned()).map_err(|error| error_chain(&error))?),
    };
    let secret = |name: &str| SecretString::from(form.get(name).to_owned());
    let passphrase = typed_twice(secret("passphrase"), secret("again")).map_err(|error| error_chain(&error))?;
    // The same form once more finds the key that it made; whose passphrase is known isn't lost, either.
    let file = format!("{holder}.key");
    if app.home.keys().contains(&file)
        && opened(app, &file, form.get("passphrase")).await.is_ok_and(|key| key.role() == role)
    {
        return Ok(holder);
    }
    let dir = app.home.directory().to_owned();
    if form.has("lost") {
        let day = civil_day::of(app.machine.now()).to_string();
        set_aside(&dir, &holder, &day).map_err(|error| error_chain(&error))?;
    }
    let new = KeyHolder::Seat { holder: holder.clone(), role, works_for };
    let new = new.make(&dir, &mut os_rng()).map_err(|error| error_chain(&error))?;
    // It takes a second, on another thread than the pages.
    let written = tokio::task::spawn_blocking(move || new.write(passphrase).map(|_| ())).await;
    written
        .map_err(|_| zh_en!("密钥未能保存", "the key could not be written"))?
        .map_err(|error| error_chain(&error))?;
    Ok(holder)
}
