//! The forms of policies: each drafts a docket with one, and goes to its difference.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error, civil_day,
    policies::{
        self,
        calendar::{NextCalendar, YearDays},
        draft::{self, Logged},
    },
    registry::Registry,
};
use callboard_federation::{document::Document, policy::Policy, zh_en};

use super::{in_force::render, words};
use crate::{
    App,
    form::Form,
    page::go_to,
    proposal,
    session::Seat,
    work::{Note, Proposal},
};

pub(crate) async fn propose(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match proposed(&app, &seat, &form).await {
        Ok(()) => go_to(proposal::URL),
        Err(why) => {
            let (status, wrong) = (StatusCode::UNPROCESSABLE_ENTITY, Some((why, &form)));
            match form.get("what") {
                "words" => words::render(&app, &seat, form.get("instrument"), status, wrong).await,
                _ => render(&app, &seat, status, wrong).await,
            }
        }
    }
}

async fn proposed(app: &App, seat: &Seat, form: &Form) -> Result<(), String> {
    let told = |error: Error| error_chain(&error);
    let caller = seat.caller().map_err(|error| error_chain(&error))?;
    let registry = Registry::new(&seat.pin, &caller);
    let policy = match form.get("what") {
        "calendar" => calendar(seat, form).await?,
        "words" => words::read(form, &newest(seat, form).await?)?,
        "shipped" => policies::shipped(form.get("policy")).map_err(told)?,
        "document" if form.pasted().trim().is_empty() => {
            return Err(zh_en!("请选择或者粘贴规则文件", "choose the policy's file, or paste it"));
        }
        "document" => policies::read(form.pasted().trim_start_matches('\u{feff}').to_owned()).map_err(told)?,
        _ => return Err(zh_en!("请选择要改什么", "choose what is to change")),
    };
    let logged = Logged::fetch(&registry, &policy.value.instrument).await.map_err(told)?;
    let bundle = draft::draft(&policy, &logged, &seat.id(), seat.now(), &mut os_rng()).map_err(told)?;
    let title = zh_en!("规则：{}", "Policy: {}", policy.value.title.spoken());
    let mut proposal = Proposal::new(title, "/policies");
    proposal.texts.push(draft::difference(&policy, &logged));
    let doubts = draft::doubts(&policy.value, &logged, seat.now());
    proposal.notes.extend(doubts.into_iter().map(|text| Note { text, is_warning: true }));
    proposal.asks.push(proposal::asks(&logged.roster, &bundle));
    proposal.bundles.push(bundle);
    app.propose(proposal);
    Ok(())
}

/// The newest version of an instrument with another year in its calendar.
async fn calendar(seat: &Seat, form: &Form) -> Result<Document<Policy>, String> {
    let told = |error: Error| error_chain(&error);
    let year: i16 = form.get("year").trim().parse().map_err(|_| zh_en!("请填写年份", "write the year"))?;
    let version = form.get("version").trim().to_owned();
    if version.is_empty() {
        return Err(zh_en!("请填写版本号", "name the version"));
    }
    let days = YearDays::read(year, form.get("off"), form.get("worked")).map_err(told)?;
    let effective_from = civil_day::begins(form.get("from")).map_err(told)?;
    let (before, source) = (newest(seat, form).await?, form.get("source").to_owned());
    NextCalendar { year, days, source, version, effective_from }.policy(&before).map_err(told)
}

/// The newest version of the instrument that a form names.
async fn newest(seat: &Seat, form: &Form) -> Result<Policy, String> {
    let newest = words::newest(seat, form.get("instrument")).await.map_err(|error| error_chain(&error))?;
    newest.ok_or_else(|| zh_en!("登记册中没有这项规则", "no such policy is logged"))
}
