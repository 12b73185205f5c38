//! The first page: what waits for the seat, what else is open, what was logged lately.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_api::registry::drafts::{Draft, DraftState};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    drafts::{
        Drafts,
        part::{Task, deadline_text, tasks, title, undecided},
        shown::{holder, holders},
        waiting::Waiting,
    },
    import::store::ImportStore,
    letter::term::time_text,
};
use callboard_federation::{encoding::CaseId, roster::Role, zh_en};
use callboard_rules::calendar::Calendar;

use crate::{
    App, cases,
    first_day::waiting,
    locked,
    page::{Frame, failed, page},
    reports::board,
    session::{Seat, drafts},
    unlock,
};

/// How many open drafts are opened to be told of; of more the page says that there are.
pub(crate) const OPENED: usize = 50;
/// How many logged ones are listed.
const LOGGED: usize = 10;
/// How many reports are listed.
const REPORTS: usize = 10;

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    f: Frame,
    mine: Vec<Row>,
    others: Vec<Row>,
    /// What is put to the vote in cases.
    proposals: Vec<Row>,
    logged: Vec<Row>,
    /// The reports that wait, the most urgent first; and how many there are.
    reports: Vec<board::Row>,
    open_reports: usize,
    /// Cases in which something waits for this seat, or an own act is missing.
    cases: Vec<cases::board::Row>,
    notices: Vec<String>,
    alarms: Vec<String>,
    /// What the registry shows that no honest one does.
    red: Option<String>,
    /// How far the desk's own copy of the log is.
    log: String,
    is_cut: bool,
    may_import: bool,
    /// A file is being imported.
    is_import_begun: bool,
}

/// A draft in a list.
struct Row {
    url: String,
    /// The case in which it is put to the vote.
    case: Option<CaseId>,
    title: String,
    from: String,
    tasks: Vec<String>,
    waits: String,
    undecided: Option<String>,
    days: Option<String>,
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return unlock::show(&app, StatusCode::OK, None) };
    match today(&app, &seat).await {
        Ok(today) => page(StatusCode::OK, &today),
        Err(Error::NoSeat) => waiting::render(&app, &seat, None),
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn today(app: &App, seat: &Seat) -> Result<TodayPage, Error> {
    drafts!(seat, drafts);
    let list = drafts.list(None, &mut os_rng()).await?.drafts;
    let is_open = |draft: &&Draft| draft.state == DraftState::Open;
    let is_cut = list.iter().filter(is_open).count() > OPENED;
    let calendar = app.watch.calendar();
    let open_cases = app.open_cases().ok().flatten();
    let (mut mine, mut others, mut proposals) = (Vec::new(), Vec::new(), Vec::new());
    for draft in list.iter().filter(is_open).take(OPENED) {
        let row = row(&drafts, seat, draft, calendar.as_ref()).await;
        match row.case {
            // What was put to the vote in a case that is closed is over.
            Some(case) if open_cases.as_ref().is_some_and(|open| open.iter().all(|of| of.entry.case != case)) => {}
            Some(_) => proposals.push(row),
            None if row.tasks.is_empty() => others.push(row),
            None => mine.push(row),
        }
    }
    let logged = list.iter().filter(|draft| draft.state == DraftState::Logged).take(LOGGED);
    let logged = logged.map(|draft| {
        let waits = Waiting::Logged(draft.index.unwrap_or_default()).text(drafts.roster());
        Row { waits, ..Row::plain(&drafts, draft) }
    });
    let logged = logged.collect();
    let notices = locked(&app.notices).iter().rev().map(|notice| notice.text.clone()).collect();
    let alarms = app.watch.texts();
    let may_import = drafts.roster().seat(&seat.id()).is_some_and(|own| own.role == Role::Secretariat);
    let is_import_begun = ImportStore::is_begun(&app.home.path(&seat.file));
    let (reports, open_reports) = if may_import { board::waiting(seat, REPORTS).await? } else { (Vec::new(), 0) };
    let is_mine = |row: &cases::board::Row| row.alarm.is_some() || !row.mine.is_empty();
    let cases = cases::board::rows(app, seat, &open_cases.unwrap_or_default()).await?;
    let cases = cases.into_iter().filter(is_mine).collect();
    let red = app.own_log.alarm();
    let log = if red.is_some() { String::new() } else { app.own_log.told() };
    Ok(TodayPage {
        f: Frame::of(app),
        mine,
        others,
        proposals,
        logged,
        reports,
        open_reports,
        cases,
        notices,
        alarms,
        red,
        log,
        is_cut,
        may_import,
        is_import_begun,
    })
}

impl Row {
    fn plain(drafts: &Drafts<'_>, draft: &Draft) -> Self {
        let (who, at) = (holder(drafts.roster(), &draft.drafter), time_text(draft.drafted_at));
        Self {
            url: format!("/drafts/{}", draft.id),
            case: None,
            title: zh_en!("文书", "A docket"),
            from: zh_en!("{who}于{at}起草", "drafted by {who}, {at}"),
            tasks: Vec::new(),
            waits: String::new(),
            undecided: None,
            days: None,
        }
    }
}

async fn row(drafts: &Drafts<'_>, seat: &Seat, draft: &Draft, calendar: Option<&Calendar>) -> Row {
    let row = Row::plain(drafts, draft);
    let tasks: Vec<String> = tasks(draft, &seat.id()).into_iter().map(task_text).collect();
    match drafts.open(draft.id, &mut os_rng()).await {
        Ok(opened) => {
            if let Some(case) = opened.bundle.proposal().map(|of| of.case) {
                let (what, url) = (title(opened.bundle.docket()), format!("/cases/{case}/proposals/{}", draft.id));
                let title = zh_en!("提请评议：{what}", "Put to the vote: {what}");
                return Row { title, url, case: Some(case), ..row };
            }
            let waiting = drafts.waiting(&opened);
            let open = undecided(draft);
            let is_unsigned = matches!(waiting, Waiting::Unsigned(_)) && !open.is_empty();
            let docket = opened.bundle.docket();
            Row {
                title: title(docket),
                tasks,
                waits: waiting.text(drafts.roster()),
                undecided: is_unsigned.then(|| holders(drafts.roster(), &open)),
                days: Some(deadline_text(docket, seat.now(), calendar)),
                ..row
            }
        }
        Err(error) => Row { tasks, waits: error_chain(&error), ..row },
    }
}

fn task_text(task: Task) -> String {
    match task {
        Task::Read => zh_en!("待您阅读并签署", "for you to read and sign"),
        Task::Answered => zh_en!("您的提问已有回复", "your question was answered"),
        Task::Question => zh_en!("有人提问，待您回复", "somebody asks you"),
        Task::Refusal => zh_en!("有人拒绝签署", "somebody refused to sign"),
    }
}
