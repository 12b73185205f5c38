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
        part::{Task, days_left, tasks, title, undecided},
        shown::{holder, holders, time_text},
        waiting::Waiting,
    },
};
use callboard_federation::zh_en;

use crate::{
    App,
    first_day::waiting,
    locked,
    page::{Frame, failed, page},
    session::{Seat, drafts},
    unlock,
};

/// How many open drafts are opened to be told of; of more the page says that there are.
pub(crate) const OPENED: usize = 50;
/// How many logged ones are listed.
const LOGGED: usize = 10;

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    f: Frame,
    mine: Vec<Row>,
    others: Vec<Row>,
    logged: Vec<Row>,
    notices: Vec<String>,
    is_cut: bool,
}

/// A draft in a list.
struct Row {
    url: String,
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
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for draft in list.iter().filter(is_open).take(OPENED) {
        let row = row(&drafts, seat, draft).await;
        if row.tasks.is_empty() { others.push(row) } else { mine.push(row) }
    }
    let logged = list.iter().filter(|draft| draft.state == DraftState::Logged).take(LOGGED);
    let logged = logged.map(|draft| {
        let waits = Waiting::Logged(draft.index.unwrap_or_default()).text(drafts.roster());
        Row { waits, ..Row::plain(&drafts, draft) }
    });
    let logged = logged.collect();
    let notices = locked(&app.notices).iter().rev().map(|notice| notice.text.clone()).collect();
    Ok(TodayPage { f: Frame::of(app), mine, others, logged, notices, is_cut })
}

impl Row {
    fn plain(drafts: &Drafts<'_>, draft: &Draft) -> Self {
        let (who, at) = (holder(drafts.roster(), &draft.drafter), time_text(draft.drafted_at));
        Self {
            url: format!("/drafts/{}", draft.id),
            title: zh_en!("文书", "A docket"),
            from: zh_en!("{who}于{at}起草", "drafted by {who}, {at}"),
            tasks: Vec::new(),
            waits: String::new(),
            undecided: None,
            days: None,
        }
    }
}

async fn row(drafts: &Drafts<'_>, seat: &Seat, draft: &Draft) -> Row {
    let row = Row::plain(drafts, draft);
    let tasks: Vec<String> = tasks(draft, &seat.id()).into_iter().map(task_text).collect();
    match drafts.open(draft.id, &mut os_rng()).await {
        Ok(opened) => {
            let waiting = drafts.waiting(&opened);
            let open = undecided(draft);
            let is_unsigned = matches!(waiting, Waiting::Unsigned(_)) && !open.is_empty();
            let docket = opened.bundle.docket();
            Row {
                title: title(docket),
                tasks,
                waits: waiting.text(drafts.roster()),
                undecided: is_unsigned.then(|| holders(drafts.roster(), &open)),
                days: Some(days_text(days_left(docket, seat.now()))),
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

pub(crate) fn days_text(days: i64) -> String {
    match days {
        ..0 => zh_en!("已超过14天，不能再登记：须重新起草", "over 14 days old: it can't be logged, draft it again"),
        0 => zh_en!("今天之内须登记", "it must be logged today"),
        _ => zh_en!("还有{days}天可以登记", "{days} days left to log it"),
    }
}
