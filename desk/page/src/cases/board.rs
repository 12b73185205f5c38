//! The board: open cases by how far they are, with what waits for this seat; those that are closed, a page at a time.
//!
//! Of open cases it shows what the last round read; nothing is fetched for it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::cases::{CaseEntry, CasesBefore, LIST_CASES};
use callboard_client::{runtime::os_rng, visible::Visible};
use callboard_desk::{
    Error,
    cases::{waiting::Waits, words},
    letter::term::time_text,
};
use callboard_federation::{encoding::CaseId, event::CaseState, zh_en};

use super::{
    cases,
    kept::{OpenCase, ReadCase, unnamed},
    known,
    one::{being_signed, docket_of, due_text},
    seated,
};
use crate::{
    App,
    page::{Frame, failed, page},
    session::Seat,
};

/// How many closed cases a page lists.
const A_PAGE: u64 = 20;

#[derive(Template)]
#[template(path = "cases/board.html")]
struct BoardPage {
    f: Frame,
    is_closed: bool,
    may_open: bool,
    told: Option<String>,
    /// A list each, with what it is of.
    lists: Vec<(String, Vec<Row>)>,
    next: Option<String>,
}

/// A case in a list.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) url: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) alarm: Option<String>,
    /// What waits for this seat, and what will but can't be done yet.
    pub(crate) mine: Vec<String>,
    later: Vec<String>,
    pub(crate) due: Option<String>,
}

pub(super) async fn show(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let asked: Vec<(String, String)> =
        form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect();
    let shown = if asked.iter().any(|(name, _)| name == "closed") {
        let before = asked.iter().find(|(name, _)| name == "before").and_then(|(_, value)| value.parse().ok());
        closed(&app, &seat, before).await
    } else {
        open(&app, &seat).await
    };
    match shown {
        Ok(board) => page(StatusCode::OK, &board),
        Err(error) => failed(&app, &error, "/".to_owned()),
    }
}

async fn open(app: &App, seat: &Seat) -> Result<BoardPage, Error> {
    let (told, open) = match app.open_cases() {
        Ok(Some(open)) if open.is_empty() => (Some(zh_en!("没有未结案的案件。", "No case is open.")), open),
        Ok(Some(open)) => (None, open),
        Ok(None) => (Some(not_read()), Vec::new()),
        Err(why) => (Some(zh_en!("案件未能读取：{why}", "the cases couldn't be read: {why}")), Vec::new()),
    };
    let rows = rows(app, seat, &open).await?;
    let lists = CaseState::ALL.into_iter().map(|state| {
        let of = open.iter().zip(&rows).filter(|(case, _)| case.entry.state == state).map(|(_, row)| row.clone());
        (words::state(state).to_string(), of.collect::<Vec<_>>())
    });
    let lists = lists.filter(|(_, rows)| !rows.is_empty()).collect();
    Ok(BoardPage { f: Frame::of(app), is_closed: false, may_open: seat.is_secretariat(), told, lists, next: None })
}

/// What is told before the first round.
pub(crate) fn not_read() -> String {
    zh_en!("正在读取案件，稍后即可查看。", "The cases are being read: look again in a moment.")
}

/// The rows of open cases, as far as they were read.
pub(crate) async fn rows(app: &App, seat: &Seat, open: &[OpenCase]) -> Result<Vec<Row>, Error> {
    if open.is_empty() {
        return Ok(Vec::new());
    }
    cases!(app, seat, cases, _registry);
    let row = |case: &OpenCase| {
        let waits = match &case.read {
            Some(read) if case.alarm.is_none() => cases.waits(&read.file)?,
            _ => Vec::new(),
        };
        let can_be_done = |waits: &&Waits| waits.hindered.is_none() && docket_of(app, waits).is_none();
        let (mine, later): (Vec<&Waits>, Vec<&Waits>) = waits.iter().partition(can_be_done);
        let text = |waits: &Waits| docket_of(app, waits).map_or_else(|| waits.text(), |_| being_signed());
        let texts = |waits: Vec<&Waits>| waits.into_iter().map(text).collect();
        let due = case.entry.due_at.map(|due| due_text(due, seat.now()));
        Ok(Row {
            mine: texts(mine),
            later: texts(later),
            due,
            alarm: case.alarm.clone(),
            ..Row::of(&case.entry, case.read.as_deref())
        })
    };
    open.iter().map(row).collect()
}

async fn closed(app: &App, seat: &Seat, before: Option<CaseId>) -> Result<BoardPage, Error> {
    cases!(app, seat, cases, registry);
    let query = CasesBefore { before, limit: Some(A_PAGE), state: Some(CaseState::Closed) };
    let question = LIST_CASES.with(&(), &query, &());
    let listed = registry.caller().ask(&registry.pin().url, &question, &mut os_rng()).await?;
    let mut rows = Vec::with_capacity(listed.cases.len());
    for entry in &listed.cases {
        // Whoever can't read one sees when it was opened.
        let read = match app.read_case(entry.case) {
            Some(read) => Some(read),
            None => known::read(app, &cases, entry.case).await.ok(),
        };
        rows.push(Row::of(entry, read.as_deref()));
    }
    let told = rows.is_empty().then(|| zh_en!("没有已结案的案件。", "No case is closed."));
    let lists = if rows.is_empty() { Vec::new() } else { vec![(words::state(CaseState::Closed).to_string(), rows)] };
    let next = listed.next.map(|next| next.to_string());
    Ok(BoardPage { f: Frame::of(app), is_closed: true, may_open: false, told, lists, next })
}

impl Row {
    fn of(entry: &CaseEntry, read: Option<&ReadCase>) -> Self {
        let (opened, items) = (time_text(entry.opened_at), entry.items);
        let people = if items == 1 { "1 person".to_owned() } else { format!("{items} people") };
        Self {
            url: format!("/cases/{}", entry.case),
            name: Visible(&read.map_or_else(|| unnamed(entry.opened_at), ReadCase::name)).to_string(),
            about: zh_en!(("{opened}立案 · {items}人"), ("opened {opened} · {people}")),
            alarm: None,
            mine: Vec::new(),
            later: Vec::new(),
            due: None,
        }
    }
}
