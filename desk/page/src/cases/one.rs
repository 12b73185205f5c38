//! A case that reads like a file: how far it is and by when, what waits for this seat with its form, whom it is about, who
//! decides, what was voted, what was filed, and everything that was done.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::visible::Visible;
use callboard_desk::{
    cases::{
        waiting::{Task, Waits},
        words,
    },
    letter::term::time_text,
};
use callboard_federation::{
    encoding::{CaseId, Time},
    roster::Role,
    zh_en,
};
use callboard_rules::case::{Stage, number::ItemNumber};

use super::{
    form::{ActForm, Forms, acts_of},
    opened::{OpenedCase, open},
    rows::{
        ItemRow, MinutesRow, SeatRow, SittingRow, ToldRow, item_row, minutes_rows, panel_rows, papers, sitting_row,
        told_row,
    },
    seated,
};
use crate::{
    App,
    form::Form,
    page::{Frame, failed, not_found, page},
    session::Seat,
};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;
/// How many events are listed unless all are asked for.
const TOLD: usize = 200;

#[derive(Template)]
#[template(path = "cases/case.html")]
struct CasePage {
    f: Frame,
    url: String,
    name: String,
    opened: String,
    policy: String,
    error: Option<String>,
    state: String,
    due: Option<String>,
    /// What waits for this seat, with its form where it can be done now.
    mine: Vec<(String, Option<ActForm>)>,
    /// Why nothing waits for it.
    idle: Option<String>,
    others: Vec<(String, String)>,
    items: Vec<ItemRow>,
    panel: Vec<SeatRow>,
    out: Option<String>,
    challenges: Vec<String>,
    sitting: Option<SittingRow>,
    sessions: Vec<MinutesRow>,
    proposals: Vec<(String, String)>,
    papers: Vec<String>,
    told: Vec<ToldRow>,
    /// Older events aren't listed; how many there are in all.
    is_cut: bool,
    events: usize,
    acts: Vec<(&'static str, String)>,
    may_draft: bool,
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(case): Path<String>, RawQuery(query): RawQuery) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    match open(&app, &seat, id).await {
        Ok(opened) => page(StatusCode::OK, &case_page(&app, &opened, None, query.as_deref() == Some("whole"))),
        Err(error) => failed(&app, &error, "/cases".to_owned()),
    }
}

/// The page of a case, with what was done wrong.
pub(super) async fn render(app: &App, seat: &Seat, id: CaseId, status: StatusCode, error: Option<String>) -> Response {
    match open(app, seat, id).await {
        Ok(opened) => page(status, &case_page(app, &opened, error, false)),
        Err(error) => failed(app, &error, "/cases".to_owned()),
    }
}

/// By when something is due, and how long that is.
pub(super) fn due_text(due: Time, now: Time) -> String {
    let (at, left) = (time_text(due), due.as_millis() - now.as_millis());
    if left < 0 {
        return zh_en!("期限{at}已过", "it was due {at}");
    }
    match left / DAY_MILLIS {
        0 => zh_en!("下一期限：{at}，不足一天", "next due {at}: less than a day is left"),
        1 => zh_en!("下一期限：{at}，还有1天", "next due {at}: one day is left"),
        days => zh_en!("下一期限：{at}，还有{days}天", "next due {at}: {days} days are left"),
    }
}

fn case_page(app: &App, opened: &OpenedCase, error: Option<String>, is_whole: bool) -> CasePage {
    let (read, file) = (&*opened.read, &opened.read.file);
    let (case, id, overview) = (&file.case, opened.read.id(), &opened.overview);
    let none = Form::default();
    let forms = opened.forms(&none);
    let mine: Vec<_> = opened.waits.iter().map(|waits| mine_row(waits, &forms)).collect();
    let waiting_words: Vec<&str> = mine.iter().filter_map(|(_, form)| Some(form.as_ref()?.word)).collect();
    let is_own = |shown: &&callboard_desk::cases::overview::WaitsFor| shown.seat != opened.seat.holder;
    let others = overview.waits.iter().filter(is_own);
    let acts = acts_of(opened.seat.role).iter().filter(|word| forms.is_offered(word) && !waiting_words.contains(word));
    let challenges = case.challenges.iter().map(|(number, challenge)| {
        let (holder, of) = (&challenge.holder, words::items(challenge.items.iter().copied()));
        match challenge.upheld {
            None => zh_en!(
                "第{number}项：就{of}申请 {holder} 回避，待决定",
                "event {number}: a challenge of {holder} about {of} waits"
            ),
            Some(true) => zh_en!(
                "第{number}项：就{of}申请 {holder} 回避，已准许",
                "event {number}: the challenge of {holder} about {of} was upheld"
            ),
            Some(false) => zh_en!(
                "第{number}项：就{of}申请 {holder} 回避，已驳回",
                "event {number}: the challenge of {holder} about {of} was rejected"
            ),
        }
    });
    CasePage {
        f: Frame::of(app),
        url: format!("/cases/{id}"),
        name: Visible(&read.name()).to_string(),
        opened: time_text(read.opened_at()),
        policy: opened.policy.clone(),
        error,
        state: words::state(overview.state).to_string(),
        due: overview.due_at.map(|due| due_text(due, opened.now)),
        idle: mine.is_empty().then(|| idle(opened)),
        mine,
        others: others.map(|shown| (shown.seat.clone(), shown.tasks.join(&zh_en!("；", "; ")))).collect(),
        items: overview.items.iter().map(|shown| item_row(shown, read)).collect(),
        panel: panel_rows(opened),
        out: (!overview.out.is_empty()).then(|| overview.out.join(&zh_en!("、", ", "))),
        challenges: challenges.collect(),
        sitting: if let Stage::Sitting(session) = &case.stage { Some(sitting_row(session)) } else { None },
        sessions: minutes_rows(read),
        proposals: opened
            .proposals
            .iter()
            .map(|of| (format!("/cases/{id}/proposals/{}", of.draft), of.label.clone()))
            .collect(),
        papers: papers(read),
        told: opened.told.iter().rev().take(if is_whole { usize::MAX } else { TOLD }).map(told_row).collect(),
        is_cut: !is_whole && opened.told.len() > TOLD,
        events: opened.told.len(),
        acts: acts.filter_map(|word| Some((*word, forms.of(word)?.title))).collect(),
        may_draft: opened.seat.role == Role::Secretariat && !matches!(case.stage, Stage::Closed),
    }
}

fn mine_row(waits: &Waits, forms: &Forms<'_>) -> (String, Option<ActForm>) {
    let is_possible = waits.hindered.is_none();
    // Without a draft there is nothing to put to the vote yet.
    let needs_draft = matches!(waits.task, Task::OpenSession(_)) && forms.proposals.is_empty();
    let form = (is_possible && !needs_draft).then(|| forms.of_task(waits)).flatten();
    let text = if is_possible && needs_draft {
        let text = waits.text();
        zh_en!("{text}：先起草提请评议的内容", "{text}: draft what is put to the vote first")
    } else {
        waits.text()
    };
    (text, form)
}

/// Why nothing waits for a seat.
fn idle(opened: &OpenedCase) -> String {
    let case = &opened.read.file.case;
    if matches!(case.stage, Stage::Closed) {
        return zh_en!("已结案。", "The case is closed.");
    }
    let is_recused = |item: &ItemNumber| case.is_recused(&opened.seat, *item);
    if !case.items.is_empty() && case.items.keys().all(is_recused) {
        return zh_en!(
            "您就全案回避：不参加评议，也不读其密封内容。",
            "You are recused from the whole case: you don't decide it, and don't read what is sealed."
        );
    }
    let sits = case.panel.seats.contains_key(&opened.seat.holder);
    match opened.seat.role {
        Role::Panel if case.panel.seats.is_empty() => zh_en!("尚未指定评议组。", "No panel is named yet."),
        Role::Panel if !sits => zh_en!("您不在评议组。", "You aren't on the panel."),
        _ => zh_en!("目前没有待您办理的事项。", "Nothing waits for you now."),
    }
}
