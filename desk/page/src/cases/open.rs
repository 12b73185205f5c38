//! A case is opened: under a policy, by the number or title that the seats call it, perhaps of a report, whose people are
//! its first items.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    cases::{
        Cases,
        appeal::{Filing, appeal},
        case_file::CaseFile,
        of_report,
        sealed::Said,
        typed::{day_and_clock, instant, items},
        words,
    },
    measures::Policies,
    registry::{PolicyName, Registry},
    reports::{Decision, OpenReport, Reports},
};
use callboard_federation::{
    encoding::{CaseId, RecordId, ReportId},
    return_window::ReturnWindow,
    zh_en,
};
use callboard_rules::case::act::{Act, Filer};

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
    /// The record from which somebody applies to return, and when one may.
    record: Option<RecordId>,
    record_text: Option<String>,
    filers: Vec<(String, String, bool)>,
    filed: (String, String),
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
    /// An application to return that it hears, from this record.
    pub(crate) returns: Option<(RecordId, Filing)>,
}

pub(super) async fn show(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let query = query.unwrap_or_default();
    let asked = |of: &str| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == of).map(|(_, id)| id);
    let begins = Begins {
        report: asked("report").and_then(|id| id.parse().ok()),
        record: asked("return").and_then(|id| id.parse().ok()),
    };
    render(&app, &seat, StatusCode::OK, begins, None, &Form::default()).await
}

/// What a case begins with.
#[derive(Clone, Copy)]
struct Begins {
    report: Option<ReportId>,
    record: Option<RecordId>,
}

async fn render(
    app: &App,
    seat: &Seat,
    status: StatusCode,
    begins: Begins,
    error: Option<String>,
    typed: &Form,
) -> Response {
    match open_page(app, seat, begins, error, typed).await {
        Ok(shown) => page(status, &shown),
        Err(error) => failed(app, &error, "/cases".to_owned()),
    }
}

async fn open_page(
    app: &App,
    seat: &Seat,
    Begins { report, record }: Begins,
    error: Option<String>,
    typed: &Form,
) -> Result<OpenPage, Error> {
    let seat = &if record.is_some() && seat.log.is_none() { app.with_newest_log(seat).await } else { seat.clone() };
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
    let record_text = record.map(|record| window_text(seat, record)).transpose()?;
    let filers =
        Filer::ALL.map(|by| (by.as_str().to_owned(), words::filer(by).to_string(), typed.get("by") == by.as_str()));
    let today = day_and_clock(seat.now());
    let typed_or = |name: &str, otherwise: String| if typed.has(name) { typed.get(name).to_owned() } else { otherwise };
    let filed = (typed_or("day", today.0), typed_or("clock", today.1));
    let (filers, typed) = (filers.into(), typed.clone());
    Ok(OpenPage { f, error, report, report_text, record, record_text, filers, filed, policies, earlier, typed })
}

/// On which days one may apply to return from a record.
fn window_text(seat: &Seat, record: RecordId) -> Result<String, Error> {
    let log = seat.log.as_ref().ok_or_else(callboard_desk::cases::docket::no_log)?.replay();
    let ruling = log.records().get(record);
    let policy = ruling.and_then(|ruling| log.policies().get(&ruling.policy?));
    let window = ruling.zip(policy).and_then(|(ruling, policy)| {
        let measure = ruling.measure.as_ref()?;
        Some(ReturnWindow::of(policy, measure.kind, ruling.starts, measure.until))
    });
    Ok(match window {
        None => zh_en!("登记册中没有这一处理记录：{record}", "the log has no ruling {record}"),
        Some(Err(_)) => zh_en!("对记录 {record} 不能或者无须申请复出", "nobody applies to return from record {record}"),
        Some(Ok(ReturnWindow { first, last: Some(last) })) => {
            zh_en!(
                "就记录 {record} 申请复出：{first}至{last}",
                "to return from record {record} one applies from {first} to {last}"
            )
        }
        Some(Ok(ReturnWindow { first, last: None })) => {
            zh_en!("就记录 {record} 申请复出：{first}起", "to return from record {record} one applies from {first}")
        }
    })
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
    let begins = Begins { report, record: form.get("return").parse().ok() };
    let number = form.get("number").trim().to_owned();
    let lacks = async |why| render(&app, &seat, StatusCode::UNPROCESSABLE_ENTITY, begins, Some(why), &form).await;
    if number.is_empty() {
        return lacks(zh_en!("请填写案号或者案名", "write its number, or a title")).await;
    }
    let Ok(policy) = form.get("policy").parse() else {
        return lacks(zh_en!("请选择规则", "choose a policy")).await;
    };
    let earlier = form.all("earlier").filter_map(|case| case.parse().ok()).collect();
    let returns = match begins.record {
        None => None,
        Some(record) => {
            let Some(by) = Filer::from_word(form.get("by")) else {
                return lacks(zh_en!("请选择何人提出", "choose who files it")).await;
            };
            match instant(form.get("day"), form.get("clock")) {
                Ok(filed_at) => Some((record, Filing { filed_at, by, paper: form.has("paper") })),
                Err(error) => return lacks(error.to_string()).await,
            }
        }
    };
    let text = form.get("text").trim().to_owned();
    let opening = Opening { number, text, policy, earlier, report, returns };
    match with_cases(&app, &seat, opening).await {
        Ok(case) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/cases/{case}"))
        }
        // What the rules say of an application: the form is shown again.
        Err(error) if begins.record.is_some() && error.code() != "http" => lacks(error_chain(&error)).await,
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
    let Opening { number, text, policy, earlier, report, returns } = opening;
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
    let application = match returns {
        Some((record, filing)) => Some(Box::new(cases.application(record, filing)?.1)),
        None => None,
    };
    let act = Act::Opened { policy, earlier, appeal: None, application };
    let mut file = cases.open(act, said, &mut os_rng()).await?;
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

/// Files an objection to what a case decided, and opens the case that hears it; or says what its form lacks.
pub(super) async fn open_appeal(
    app: &App,
    cases: &Cases<'_>,
    file: &CaseFile,
    form: &Form,
    said: Said,
) -> Result<Result<CaseId, String>, Error> {
    let items = items(form.get("items"))?;
    let Some(by) = Filer::from_word(form.get("by")) else {
        return Ok(Err(zh_en!("请选择何人提出", "choose who files it")));
    };
    if items.is_empty() {
        return Ok(Err(zh_en!("请填写第几人", "write of which items")));
    }
    let filed_at = instant(form.get("day"), form.get("clock"))?;
    let filing = Filing { filed_at, by, paper: form.has("paper") };
    let opened = appeal(cases, file.clone(), items, filing, said, &mut os_rng()).await?;
    let id = opened.case.id();
    known::keep(app, cases, opened).await;
    known::list_anew(app, cases).await?;
    Ok(Ok(id))
}

/// The people of a report; one that names nobody has none yet.
fn people_of(report: &OpenReport) -> Result<Vec<(Act, Said)>, Error> {
    if report.content.subjects.is_empty() { Ok(Vec::new()) } else { of_report::items(report) }
}
