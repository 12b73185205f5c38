//! A report that reads like a file: what it says, what was said of it, what was asked of others, and what may be done.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::reports::KeptReport;
use callboard_client::{
    runtime::os_rng,
    visible::{Visible, indented},
};
use callboard_desk::{
    Error,
    letter::term::time_text,
    reports::{
        OpenReport, Reports, Signature,
        shown::{KEY_NOT_IN_FORCE, UNREADABLE, due_text, filer, identity_rows, is_overdue, said_head},
    },
};
use callboard_federation::{encoding::ReportId, zh_en};

use super::reports;
use crate::{
    App,
    form::Form,
    page::{Frame, failed, not_found, page},
    people::secretary,
    session::Seat,
};

#[derive(Template)]
#[template(path = "reports/report.html")]
struct ReportPage {
    f: Frame,
    url: String,
    /// Where a case is opened with it.
    case_url: String,
    error: Option<String>,
    title: String,
    code: String,
    from: String,
    state: String,
    due: Option<String>,
    is_overdue: bool,
    /// That whoever filed it signed with a key that isn't in force.
    unproven: Option<String>,
    rows: Vec<(String, String)>,
    said: Vec<Said>,
    identities: Vec<Vec<(String, bool)>>,
    is_open: bool,
    /// What words of an acceptance are for.
    accept_label: String,
    /// Whom a question goes to, if whoever filed it may be asked: a member, or the public by its code.
    ask_label: Option<String>,
    /// The files of a report of the public: in words, and where each is saved, if it came whole.
    files: Vec<(String, Option<String>)>,
    /// Who may be asked whose an account is, by id and name.
    members: Vec<(String, String)>,
    /// What was typed, by its field.
    typed: Form,
}

struct Said {
    head: String,
    text: Option<String>,
    /// What is wrong with it.
    fault: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(report): Path<String>) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = report.parse::<ReportId>() else { return not_found(State(app)).await };
    render(&app, &seat, id, StatusCode::OK, None).await
}

/// The page of a report, with what was done wrong in a form of it, which keeps what was typed.
pub(super) async fn render(
    app: &App,
    seat: &Seat,
    id: ReportId,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Response {
    match report_page(app, seat, id, wrong).await {
        Ok(report) => page(status, &report),
        Err(error) => failed(app, &error, "/reports".to_owned()),
    }
}

async fn report_page(
    app: &App,
    seat: &Seat,
    id: ReportId,
    wrong: Option<(String, &Form)>,
) -> Result<ReportPage, Error> {
    reports!(seat, reports);
    let opened = reports.open(id, &mut os_rng()).await?;
    let kept = &opened.kept;
    let (by, at) = (filer(kept, reports.roster(), reports.members()), time_text(kept.received_at));
    let is_open = kept.state.is_open();
    let rows = opened.rows();
    let (error, typed) = wrong.map_or((None, Form::default()), |(why, form)| (Some(why), form.clone()));
    Ok(ReportPage {
        f: Frame::of(app),
        url: format!("/reports/{id}"),
        case_url: format!("/cases/open?report={id}"),
        error,
        title: kept.kind.phrase().to_string(),
        code: kept.code.to_string(),
        from: zh_en!("{by}，{at}收到", "from {by}, received {at}"),
        state: kept.state.phrase().to_string(),
        due: is_open.then(|| due_text(kept)),
        is_overdue: is_overdue(kept, seat.now()),
        unproven: (opened.signature == Signature::KeyNotInForce).then(|| KEY_NOT_IN_FORCE.to_string()),
        rows: rows.iter().map(|(name, text)| (name.to_string(), indented(text))).collect(),
        said: said(&opened, &reports),
        identities: opened.identities.iter().map(identity_rows).collect(),
        is_open,
        accept_label: accept_label(kept),
        ask_label: ask_label(kept),
        files: files(&opened),
        members: members(&reports),
        typed,
    })
}

fn said(opened: &OpenReport, reports: &Reports<'_>) -> Vec<Said> {
    let said = opened.said.iter().map(|said| {
        let (text, fault) = match &said.words {
            None => (None, None),
            Some(Ok((text, Signature::Holds))) => (Some(text), None),
            Some(Ok((text, Signature::KeyNotInForce))) => (Some(text), Some(KEY_NOT_IN_FORCE)),
            Some(Err(_)) => (None, Some(UNREADABLE)),
        };
        Said {
            head: said_head(said, &opened.kept, reports.roster(), reports.members()),
            text: text.map(|text| indented(text)),
            fault: fault.map(|fault| fault.to_string()),
        }
    });
    said.collect()
}

fn accept_label(kept: &KeptReport) -> String {
    if kept.kind.is_of_public() {
        zh_en!("受理说明（可不填，举报人凭查询码可读）", "Words to whoever reported, if any")
    } else {
        zh_en!("受理说明（可不填，会员单位可读）", "Words to the member, if any")
    }
}

fn ask_label(kept: &KeptReport) -> Option<String> {
    if kept.kind.is_of_public() {
        return Some(zh_en!(
            "向举报人提问（凭查询码可读）",
            "A question to whoever reported, who reads it by the code"
        ));
    }
    kept.member.as_ref().map(|_| zh_en!("向会员单位提问", "A question to the member"))
}

fn files(opened: &OpenReport) -> Vec<(String, Option<String>)> {
    let id = opened.kept.id;
    let saved = opened.kept.files.iter().enumerate();
    let saved = saved.map(|(number, file)| file.is_whole.then(|| format!("/reports/{id}/files/{number}")));
    opened.file_texts().into_iter().zip(saved).collect()
}

fn members(reports: &Reports<'_>) -> Vec<(String, String)> {
    let members = reports.members().into_iter().flat_map(|list| &list.members);
    members.map(|member| (member.member.to_string(), Visible(&member.name).to_string())).collect()
}
