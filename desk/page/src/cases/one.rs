//! A case that reads like a file: how far it is and by when, what waits for this seat with its form, whom it is about, who
//! decides, what was voted, what was filed, and everything that was done.

use std::{collections::BTreeSet, sync::Arc};

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
    encoding::{CaseId, DraftId, Time},
    event::CaseState,
    roster::Role,
    zh_en,
};
use callboard_rules::case::{Stage, number::ItemNumber};

use super::{
    form::{ActForm, Forms, acts_of},
    kept::{A_PAGE, TOLD},
    known::Parts,
    opened::{OpenedCase, open},
    rows::{
        ItemRow, MinutesRow, SeatRow, SittingRow, ToldRow, item_row, minutes_rows, panel_rows, papers, sitting_row,
        told_row,
    },
    seated,
};
use crate::{
    App,
    form::{Form, number},
    page::{Frame, failed, not_found, page},
    session::Seat,
};

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Template)]
#[template(path = "cases/case.html")]
struct CasePage {
    f: Frame,
    id: CaseId,
    url: String,
    name: String,
    opened: String,
    policy: String,
    error: Option<String>,
    state: String,
    /// What follows from there.
    follows: Option<String>,
    due: Option<String>,
    /// What waits for this seat.
    mine: Vec<MineRow>,
    /// Why nothing waits for it.
    idle: Option<String>,
    others: Vec<(String, String)>,
    items: Vec<ItemRow>,
    /// How many items there are, and where those before and behind the page begin.
    count: usize,
    before: Option<usize>,
    next: Option<usize>,
    panel: Vec<SeatRow>,
    out: Option<String>,
    /// What an appeal or an application to return is about, and what became of it.
    notes: Vec<String>,
    challenges: Vec<String>,
    sitting: Option<SittingRow>,
    sessions: Vec<MinutesRow>,
    proposals: Vec<(String, String)>,
    papers: Vec<String>,
    are_papers_cut: bool,
    told: Vec<ToldRow>,
    /// Older events aren't listed; how many there are in all.
    is_cut: bool,
    events: usize,
    acts: Vec<(&'static str, String)>,
    may_draft: bool,
}

/// Something that waits for this seat: with its form where it can be done now, or a link to where it goes on.
struct MineRow {
    text: String,
    form: Option<ActForm>,
    link: Option<(String, String)>,
}

/// Which part of a long case is shown.
#[derive(Clone, Copy, Default)]
struct Excerpt {
    /// Before which items there are so many.
    from: usize,
    /// All events are listed.
    is_whole: bool,
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(case): Path<String>, RawQuery(query): RawQuery) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    let from = number(query.as_deref(), "from").unwrap_or_default();
    let excerpt = Excerpt { from, is_whole: query.as_deref() == Some("whole") };
    let wanted = if excerpt.is_whole { Parts::All } else { Parts::Page(from) };
    match open(&app, &seat, id, wanted).await {
        Ok(opened) => page(StatusCode::OK, &case_page(&app, &opened, None, excerpt)),
        Err(error) => failed(&app, &error, "/cases".to_owned()),
    }
}

/// The page of a case, with what was done wrong.
pub(super) async fn render(app: &App, seat: &Seat, id: CaseId, status: StatusCode, error: Option<String>) -> Response {
    match open(app, seat, id, Parts::FIRST).await {
        Ok(opened) => page(status, &case_page(app, &opened, error, Excerpt::default())),
        Err(error) => failed(app, &error, "/cases".to_owned()),
    }
}

/// By when something is due, and how long that is.
pub(super) fn due_text(due: Time, now: Time) -> String {
    let (at, left) = (time_text(due), due.as_millis() - now.as_millis());
    if left < 0 {
        return zh_en!("上一期限已于{at}届满", "the last time limit ended {at}");
    }
    match left / DAY_MILLIS {
        0 => zh_en!("下一期限：{at}，不足一天", "next due {at}: less than a day is left"),
        1 => zh_en!("下一期限：{at}，还有1天", "next due {at}: one day is left"),
        days => zh_en!("下一期限：{at}，还有{days}天", "next due {at}: {days} days are left"),
    }
}

fn case_page(app: &App, opened: &OpenedCase, error: Option<String>, excerpt: Excerpt) -> CasePage {
    let Excerpt { from, is_whole } = excerpt;
    let (read, file) = (&*opened.read, &opened.read.file);
    let (case, id, overview) = (&file.case, opened.read.id(), &opened.overview);
    let none = Form::default();
    let forms = opened.forms(&none);
    let mine: Vec<_> = opened.waits.iter().map(|waits| mine_row(app, waits, &forms)).collect();
    let waiting_words: Vec<&str> = mine.iter().filter_map(|row| Some(row.form.as_ref()?.word)).collect();
    let papers = papers(read);
    let are_papers_cut = papers.len() > A_PAGE;
    let shown: BTreeSet<ItemNumber> = overview.items.iter().skip(from).take(A_PAGE).map(|shown| shown.item).collect();
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
        id,
        url: format!("/cases/{id}"),
        name: Visible(&read.name()).to_string(),
        opened: time_text(read.opened_at()),
        policy: opened.policy.clone(),
        error,
        state: words::state(overview.state).to_string(),
        follows: follows(overview.state),
        due: overview.due_at.map(|due| due_text(due, opened.now)),
        idle: mine.is_empty().then(|| idle(opened)),
        mine,
        others: others.map(|shown| (shown.seat.clone(), shown.tasks.join(&zh_en!("；", "; ")))).collect(),
        items: overview.items.iter().skip(from).take(A_PAGE).map(|shown| item_row(shown, read)).collect(),
        count: overview.items.len(),
        before: (from > 0).then(|| from.saturating_sub(A_PAGE)),
        next: Some(from.saturating_add(A_PAGE)).filter(|next| *next < overview.items.len()),
        panel: panel_rows(opened),
        out: (!overview.out.is_empty()).then(|| overview.out.join(&zh_en!("、", ", "))),
        notes: overview.notes.clone(),
        challenges: challenges.collect(),
        sitting: if let Stage::Sitting(session) = &case.stage { Some(sitting_row(session)) } else { None },
        sessions: minutes_rows(read, |item| shown.contains(&item)),
        proposals: opened
            .proposals
            .iter()
            .map(|of| (format!("/cases/{id}/proposals/{}", of.draft), of.label.clone()))
            .collect(),
        papers: papers.into_iter().rev().take(A_PAGE).collect(),
        are_papers_cut,
        told: opened.told.iter().rev().take(if is_whole { usize::MAX } else { TOLD }).map(told_row).collect(),
        is_cut: !is_whole && opened.told.len() > TOLD,
        events: opened.told.len(),
        acts: acts.filter_map(|word| Some((*word, forms.of(word)?.title))).collect(),
        may_draft: opened.seat.role == Role::Secretariat && !matches!(case.stage, Stage::Closed),
    }
}

fn mine_row(app: &App, waits: &Waits, forms: &Forms<'_>) -> MineRow {
    if let Some(draft) = docket_of(app, waits) {
        let link = (format!("/drafts/{draft}"), zh_en!("查看谁尚未签署", "see who hasn't signed yet"));
        return MineRow { text: being_signed(), form: None, link: Some(link) };
    }
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
    MineRow { text, form, link: None }
}

/// What comes next in a case that is so far.
fn follows(state: CaseState) -> Option<String> {
    Some(match state {
        CaseState::Preparing => zh_en!(
            "接下来：列入当事人，组成评议组；须告知的，逐一告知。",
            "What follows: people are added, a panel is formed, and whoever must be heard is told."
        ),
        CaseState::Hearing => zh_en!(
            "接下来：陈述申辩期满后，提请评议组评议。",
            "What follows: once all may answer no more, it goes before the panel."
        ),
        CaseState::Sitting => zh_en!(
            "接下来：评议组成员到会，密封投票；全部投完或者时间届满后公开，并作出决议。",
            "What follows: the panel comes and votes, sealed; once all have or the time is up, votes are opened, and it resolves."
        ),
        CaseState::Resolved => zh_en!("接下来：主任委员确认决议。", "What follows: chairs confirm the resolution."),
        CaseState::Confirmed => zh_en!(
            "接下来：秘书处起草文书，送签署；签署齐备，十分钟后自动登记。",
            "What follows: the secretariat drafts the docket and has it signed; ten minutes after the last signature it is logged by itself."
        ),
        CaseState::Decided => {
            zh_en!("接下来：没有其他事项的，结案。", "What follows: with nothing else to decide, it is closed.")
        }
        CaseState::Closed => return None,
    })
}

/// The docket that was drafted already of what waits to be drafted.
pub(super) fn docket_of(app: &App, waits: &Waits) -> Option<DraftId> {
    if let Task::DraftDocket(procedure) = &waits.task { app.docket_of(procedure) } else { None }
}

pub(super) fn being_signed() -> String {
    zh_en!("文书已起草，待签署、登记", "the docket is drafted: it waits to be signed and logged")
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
