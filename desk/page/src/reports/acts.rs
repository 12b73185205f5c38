//! What the forms of a report's page do: accept, dismiss, merge, ask, note, and ask another member whose an account is.
//!
//! Each does what the verb of `callboard reports` does, by the same code. A form that was sent twice does it once.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::os_rng;
use callboard_desk::{Error, reports::Decision};
use callboard_federation::{encoding::ReportId, members::MemberId, zh_en};

use super::{one::render, reports};
use crate::{
    App,
    form::{Form, ONCE},
    page::{failed, go_to, not_found},
    people::secretary,
    session::Seat,
};

/// What became of a form.
enum Done {
    Done,
    /// What it lacks.
    Lacks(String),
}

pub(super) async fn act(
    State(app): State<Arc<App>>,
    Path((report, act)): Path<(String, String)>,
    form: Form,
) -> Response {
    let Ok(id) = report.parse::<ReportId>() else { return not_found(State(app)).await };
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let url = format!("/reports/{id}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    let done = match act.as_str() {
        "accept" => decided(&seat, id, Decision::Accept(None), &form).await,
        "dismiss" => decided(&seat, id, Decision::Dismiss, &form).await,
        "ask" => decided(&seat, id, Decision::Ask, &form).await,
        "note" => decided(&seat, id, Decision::Note, &form).await,
        "merge" => merged(&seat, id, &form).await,
        "ask-identity" => asked(&seat, id, &form).await,
        _ => return not_found(State(app.clone())).await,
    };
    match done {
        Ok(Done::Done) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Ok(Done::Lacks(what)) => render(&app, &seat, id, StatusCode::UNPROCESSABLE_ENTITY, Some((what, &form))).await,
        Err(error) => failed(&app, &error, url),
    }
}

async fn decided(seat: &Seat, id: ReportId, decision: Decision, form: &Form) -> Result<Done, Error> {
    let text = form.get("text").trim();
    if decision.has_words() && text.is_empty() {
        return Ok(Done::Lacks(zh_en!("请写明内容", "write a text")));
    }
    reports!(seat, reports);
    let opened = reports.open(id, &mut os_rng()).await?;
    reports.decide(&opened.kept, decision, Some(text), &mut os_rng()).await?;
    Ok(Done::Done)
}

async fn merged(seat: &Seat, id: ReportId, form: &Form) -> Result<Done, Error> {
    reports!(seat, reports);
    let into = match reports.find(form.get("into"), &mut os_rng()).await {
        Ok(into) if into != id => into,
        Ok(_) => return Ok(Done::Lacks(zh_en!("不能并入其自身", "it can't go on as part of itself"))),
        Err(error @ Error::Other(_)) => return Ok(Done::Lacks(error.to_string())),
        Err(error) => return Err(error),
    };
    decided(seat, id, Decision::Merge(into), form).await
}

async fn asked(seat: &Seat, id: ReportId, form: &Form) -> Result<Done, Error> {
    let (member, account) = (MemberId::try_from(form.get("member").to_owned()), form.get("account").trim());
    let (Ok(member), false) = (member, account.is_empty()) else {
        return Ok(Done::Lacks(zh_en!("请选择会员单位，并填写账号", "choose a member, and write the account")));
    };
    reports!(seat, reports);
    reports.ask_identity(id, &member, account, Some(form.get("text")), &mut os_rng()).await?;
    Ok(Done::Done)
}
