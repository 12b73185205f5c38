//! The forms of policies: each drafts a docket, and goes to its difference. A year's calendar may go to several at once.

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
};
use callboard_federation::{document::Document, policy::Policy, zh_en};

use super::{in_force::render, words};
use crate::{
    App,
    form::Form,
    proposal,
    session::Seat,
    work::{Note, Proposal, What},
};

pub(crate) async fn propose(State(app): State<Arc<App>>, form: Form) -> Response {
    let wrong = async |seat: &Seat, status: StatusCode, why: String| match form.get("what") {
        "words" => words::render(&app, seat, form.get("instrument"), status, Some((why, &form))).await,
        _ => render(&app, seat, status, Some((why, &form))).await,
    };
    proposal::propose(&app, async |seat| proposed(&app, seat, &form).await, wrong).await
}

async fn proposed(app: &App, seat: &Seat, form: &Form) -> Result<(), String> {
    let told = |error: Error| error_chain(&error);
    let caller = seat.caller().map_err(|error| error_chain(&error))?;
    let registry = seat.registry(&caller);
    let policies = match form.get("what") {
        "calendar" => calendar(seat, form).await?,
        "words" => vec![words::read(form, &newest(seat, form.get("instrument")).await?)?],
        "shipped" => vec![policies::shipped(form.get("policy")).map_err(told)?],
        "document" if form.pasted().trim().is_empty() => {
            return Err(zh_en!("请选择或者粘贴规则文件", "choose the policy's file, or paste it"));
        }
        "document" => vec![policies::read(form.pasted().trim_start_matches('\u{feff}').to_owned()).map_err(told)?],
        _ => return Err(zh_en!("请选择要改什么", "choose what is to change")),
    };
    let logged = Logged::fetch(&registry, &policies).await.map_err(told)?;
    let bundle = draft::draft(&policies, &logged, &seat.id(), seat.now(), &mut os_rng()).map_err(told)?;
    let titles: Vec<&str> = policies.iter().map(|policy| policy.value.title.spoken()).collect();
    let titles = titles.join(&zh_en!("、", ", "));
    let mut proposal = Proposal::new(zh_en!("规则：{titles}", "Policy: {titles}"), "/policies");
    for policy in &policies {
        proposal.texts.push(draft::difference(policy, &logged));
        let doubts = draft::doubts(&policy.value, &logged, seat.now());
        proposal.notes.extend(doubts.into_iter().map(|text| Note { text, is_warning: true }));
    }
    proposal.asks.push(proposal::asks(&logged.roster, &bundle));
    app.keep_unsent(vec![bundle], What::Documents(proposal));
    Ok(())
}

/// The newest version of each instrument that is ticked, with another year in its calendar.
async fn calendar(seat: &Seat, form: &Form) -> Result<Vec<Document<Policy>>, String> {
    let told = |error: Error| error_chain(&error);
    let year: i16 = form.get("year").trim().parse().map_err(|_| zh_en!("请填写年份", "write the year"))?;
    let version = form.get("version").trim().to_owned();
    if version.is_empty() {
        return Err(zh_en!("请填写版本号", "name the version"));
    }
    let days = YearDays::read(year, form.get("off"), form.get("worked")).map_err(told)?;
    let effective_from = civil_day::begins(form.get("from")).map_err(told)?;
    let next = NextCalendar { year, days, source: form.get("source").to_owned(), version, effective_from };
    let mut policies = Vec::new();
    for instrument in form.all("instrument") {
        policies.push(next.policy(&newest(seat, instrument).await?).map_err(told)?);
    }
    if policies.is_empty() {
        return Err(zh_en!("请至少选择一项规则", "choose a policy at least"));
    }
    Ok(policies)
}

/// The newest version of an instrument.
async fn newest(seat: &Seat, instrument: &str) -> Result<Policy, String> {
    let newest = words::newest(seat, instrument).await.map_err(|error| error_chain(&error))?;
    newest.ok_or_else(|| zh_en!("登记册中没有这项规则", "no such policy is logged"))
}
