//! A case is opened: under a policy, by the number or title that the seats call it, perhaps of a report, whose people are
//! its first items.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    cases::{Cases, of_report, sealed::Said},
    measures::Policies,
    registry::{PolicyName, Registry},
    reports::{Decision, OpenReport, Reports},
};
use callboard_federation::{
    encoding::{CaseId, ReportId},
    zh_en,
};
use callboard_rules::case::act::Act;

use super::{cases, known};
use crate::{
    App,
    form::{Form, ONCE},
    page::{Frame, failed, go_to, page},
    people::secretary,
    session::Seat,
};

#[derive(Template)]
#[template(path = "cases/open.html")]
struct OpenPage {
    f: Frame,
    error: Option<String>,
    /// The report that it begins with, and how it is told.
    report: Option<ReportId>,
    report_text: Option<String>,
    policies: Vec<(String, String, bool)>,
    earlier: Vec<(String, String, bool)>,
    typed: Form,
}

/// What a case is opened with.
pub(crate) struct Opening {
    pub(crate) number: String,
    pub(crate) text: String,
    pub(crate) policy: PolicyName,
    pub(crate) earlier: Vec<CaseId>,
    pub(crate) report: Option<ReportId>,
}

pub(super) async fn show(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let query = query.unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "report");
    let report = asked.and_then(|(_, id)| id.parse().ok());
    render(&app, &seat, StatusCode::OK, report, None, &Form::default()).await
}

async fn render(
    app: &App,
    seat: &Seat,
    status: StatusCode,
    report: Option<ReportId>,
    error: Option<String>,
    typed: &Form,
) -> Response {
    match open_page(app, seat, report, error, typed).await {
        Ok(shown) => page(status, &shown),
        Err(error) => failed(app, &error, "/cases".to_owned()),
    }
}

async fn open_page(
    app: &App,
    seat: &Seat,
    report: Option<ReportId>,
    error: Option<String>,
    typed: &Form,
) -> Result<OpenPage, Error> {
    let caller = seat.caller()?;
    let registry = seat.registry(&caller);
    let report_text = match report {
        Some(id) => {
            let opened = Reports::begin(&registry, &seat.key, &seat.home).await?.open(id, &mut os_rng()).await?;
            Some(format!("{} {}", opened.kept.kind.phrase(), opened.kept.code))
        }
        None => None,
    };
    let f = Frame::of(app);
    let policies = registry.policies_in_force(seat.now(), &mut Policies::new()).await?;
    let policies = policies.into_iter().map(|policy| {
        let title = format!("{} {}", f.pick(&policy.title.zh, &policy.title.en), policy.version);
        let word = PolicyName { instrument: policy.instrument, version: policy.version }.to_string();
        let is_chosen = typed.get("policy") == word;
        (word, title, is_chosen)
    });
    let policies = policies.collect();
    let earlier = app.closed_cases().into_iter().map(|(case, name)| {
        let word = case.to_string();
        let is_ticked = typed.all("earlier").any(|typed| typed == word);
        (word, name, is_ticked)
    });
    let earlier = earlier.collect();
    Ok(OpenPage { f, error, report, report_text, policies, earlier, typed: typed.clone() })
}

pub(super) async fn take(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/cases");
    }
    let report = form.get("report").parse().ok();
    let number = form.get("number").trim().to_owned();
    let lacks = async |why| render(&app, &seat, StatusCode::UNPROCESSABLE_ENTITY, report, Some(why), &form).await;
    if number.is_empty() {
        return lacks(zh_en!("请填写案号或者案名", "write its number, or a title")).await;
    }
    let Ok(policy) = form.get("policy").parse() else {
        return lacks(zh_en!("请选择规则", "choose a policy")).await;
    };
    let earlier = form.all("earlier").filter_map(|case| case.parse().ok()).collect();
    let opening = Opening { number, text: form.get("text").trim().to_owned(), policy, earlier, report };
    match with_cases(&app, &seat, opening).await {
        Ok(case) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/cases/{case}"))
        }
        Err(error) => failed(&app, &error, "/cases".to_owned()),
    }
}

async fn with_cases(app: &App, seat: &Seat, opening: Opening) -> Result<CaseId, Error> {
    let seat = &if seat.log.is_some() { seat.clone() } else { app.with_newest_log(seat).await };
    cases!(app, seat, cases, registry);
    open_case(app, seat, (&cases, &registry), opening).await
}

/// Opens it. Of a report the people are added, and the report is accepted with it.
pub(crate) async fn open_case(
    app: &App,
    seat: &Seat,
    (cases, registry): (&Cases<'_>, &Registry<'_>),
    opening: Opening,
) -> Result<CaseId, Error> {
    let Opening { number, text, policy, earlier, report } = opening;
    let report = match report {
        Some(id) => {
            let reports = Reports::begin(registry, &seat.key, &seat.home).await?;
            let opened = reports.open(id, &mut os_rng()).await?;
            Some((reports, opened))
        }
        None => None,
    };
    let (policy, _) = registry.policy(&policy).await?;
    let text = if text.is_empty() { number } else { format!("{number}\n{text}") };
    let said =
        Said { text: Some(text), report: report.as_ref().map(|(_, opened)| opened.kept.id), subjects: Vec::new() };
    let mut file = cases.open(Act::Opened { policy, earlier }, said, &mut os_rng()).await?;
    let id = file.case.id();
    if let Some((reports, opened)) = &report {
        for (act, said) in people_of(opened)? {
            file = cases.act(file, act, said, &mut os_rng()).await?;
        }
        if opened.kept.state.is_open() {
            reports.decide(&opened.kept, Decision::Accept(Some(id)), None, &mut os_rng()).await?;
        }
    }
    known::keep(app, cases, file).await;
    known::list_anew(app, cases).await?;
    Ok(id)
}

/// The people of a report; one that names nobody has none yet.
fn people_of(report: &OpenReport) -> Result<Vec<(Act, Said)>, Error> {
    if report.content.subjects.is_empty() { Ok(Vec::new()) } else { of_report::items(report) }
}
