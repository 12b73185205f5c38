//! What came on paper: an authority's decision, a court's order, a letter, entered as a report of the secretariat's own.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, reports::entered::Entered};
use callboard_federation::{
    encoding::ReportId,
    report::{ReportKind, content::PaperDocument},
    zh_en,
};

use super::reports;
use crate::{
    App,
    form::{Form, ONCE},
    page::{Frame, failed, go_to, page},
    people::secretary,
    session::Seat,
};

const KINDS: [ReportKind; 3] = [ReportKind::Authority, ReportKind::Court, ReportKind::Paper];

#[derive(Template)]
#[template(path = "reports/enter.html")]
struct EnterPage {
    f: Frame,
    error: Option<String>,
    /// Word, name, and whether it is chosen.
    kinds: Vec<(&'static str, String, bool)>,
    typed: Form,
}

fn enter_page(app: &App, wrong: Option<(String, &Form)>) -> EnterPage {
    let (error, typed) = wrong.map_or((None, Form::default()), |(why, form)| (Some(why), form.clone()));
    let kinds = KINDS.map(|kind| (kind.as_str(), kind.phrase().to_string(), typed.get("kind") == kind.as_str()));
    EnterPage { f: Frame::of(app), error, kinds: kinds.into(), typed }
}

pub(super) async fn show(State(app): State<Arc<App>>) -> Response {
    match secretary(&app) {
        Ok(_) => page(StatusCode::OK, &enter_page(&app, None)),
        Err(instead) => *instead,
    }
}

pub(super) async fn enter(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/reports");
    }
    let entered = match entered(&form) {
        Ok(entered) => entered,
        Err(why) => return page(StatusCode::UNPROCESSABLE_ENTITY, &enter_page(&app, Some((why, &form)))),
    };
    match filed(&seat, entered).await {
        Ok(id) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/reports/{id}"))
        }
        Err(error @ Error::Other(_)) => {
            page(StatusCode::UNPROCESSABLE_ENTITY, &enter_page(&app, Some((error.to_string(), &form))))
        }
        Err(error) => failed(&app, &error, "/reports".to_owned()),
    }
}

async fn filed(seat: &Seat, entered: Entered) -> Result<ReportId, Error> {
    reports!(seat, reports);
    Ok(reports.enter(entered, &mut os_rng()).await?.id)
}

fn entered(form: &Form) -> Result<Entered, String> {
    let kind = KINDS.into_iter().find(|kind| kind.as_str() == form.get("kind"));
    let on = form.get("on").trim().parse();
    let words = |name| -> Vec<String> {
        let typed = form.get(name).split([',', '，', '、', '\n', ' ']).map(str::trim);
        typed.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let line = |name| form.get(name).trim().to_owned();
    Ok(Entered {
        kind: kind.ok_or_else(|| zh_en!("请选择类型", "choose what it is"))?,
        document: PaperDocument {
            number: line("number"),
            by: line("by"),
            on: on.map_err(|_| zh_en!("请填写文书日期", "write the day that the document bears"))?,
        },
        codes: words("codes"),
        accounts: words("accounts"),
        description: line("text"),
    })
}
