//! What an instrument calls itself and its measures, to be called otherwise in its next version.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::error_chain;
use callboard_desk::{Error, civil_day, policies::words::NextWords};
use callboard_federation::{
    document::Document,
    policy::{Policy, Words},
    statement::MeasureKind,
    zh_en,
};

use crate::{
    App,
    form::Form,
    page::{Frame, failed, go_to, page, told_at},
    session::Seat,
};

#[derive(Template)]
#[template(path = "policy_words.html")]
struct WordsPage {
    f: Frame,
    instrument: String,
    title: String,
    /// Name of the field, what it is called, and what it says in zh-CN and en.
    texts: Vec<(String, String, Words)>,
    version: String,
    from: String,
    error: Option<String>,
}

/// The field of the title; those of measures have their words.
const TITLE: &str = "title";

pub(crate) async fn show(State(app): State<Arc<App>>, Path(instrument): Path<String>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render(&app, &seat, &instrument, StatusCode::OK, None).await
}

/// The page, with what was done wrong in its form, which keeps what was typed.
pub(super) async fn render(
    app: &App,
    seat: &Seat,
    instrument: &str,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Response {
    let before = match newest(seat, instrument).await {
        Ok(Some(before)) => before,
        Ok(None) => {
            let none = zh_en!("登记册中没有这项规则", "no such policy is logged");
            return told_at(app, StatusCode::NOT_FOUND, none, "/policies".to_owned());
        }
        Err(error) => return failed(app, &error, "/policies".to_owned()),
    };
    let typed = |name: &str, stands: &str| {
        let typed = wrong.as_ref().map(|(_, form)| form.get(name));
        typed.unwrap_or(stands).to_owned()
    };
    let text = |name: &str, label: String, stands: &Words| {
        let said = Words { zh: typed(&format!("{name}-zh"), &stands.zh), en: typed(&format!("{name}-en"), &stands.en) };
        (name.to_owned(), label, said)
    };
    let measures = before.words.iter().map(|(kind, words)| text(kind.as_str(), kind.words().to_string(), words));
    let title = text(TITLE, zh_en!("标题", "title"), &before.title);
    let words = WordsPage {
        f: Frame::of(app),
        instrument: instrument.to_owned(),
        title: before.title.spoken().to_owned(),
        texts: std::iter::once(title).chain(measures).collect(),
        version: typed("version", ""),
        from: typed("from", &civil_day::of(seat.now()).to_string()),
        error: wrong.as_ref().map(|(why, _)| why.clone()),
    };
    page(status, &words)
}

/// The newest version of an instrument that is logged.
pub(super) async fn newest(seat: &Seat, instrument: &str) -> Result<Option<Policy>, Error> {
    let caller = seat.caller()?;
    let versions = seat.registry(&caller).policies_of(instrument).await?;
    Ok(versions.into_iter().max_by_key(|policy| policy.effective_from))
}

/// The policy that a form of this page asks for.
pub(super) fn read(form: &Form, before: &Policy) -> Result<Document<Policy>, String> {
    let said = |name: &str| Words {
        zh: form.get(&format!("{name}-zh")).trim().to_owned(),
        en: form.get(&format!("{name}-en")).trim().to_owned(),
    };
    let version = form.get("version").trim().to_owned();
    if version.is_empty() {
        return Err(zh_en!("请填写版本号", "name the version"));
    }
    let measures: Vec<(MeasureKind, Words)> = before.words.keys().map(|kind| (*kind, said(kind.as_str()))).collect();
    let title = said(TITLE);
    if measures.iter().map(|(_, words)| words).chain([&title]).any(|words| words.zh.is_empty() || words.en.is_empty()) {
        return Err(zh_en!("每一项都须写明中文和英文", "each text stands in Chinese and in English"));
    }
    let effective_from = civil_day::begins(form.get("from")).map_err(|error| error_chain(&error))?;
    NextWords { title, measures, version, effective_from }.policy(before).map_err(|error| error_chain(&error))
}
