//! What is put to the vote, letter by letter, and its withdrawal; and the docket that is made of what was resolved, sent to be
//! signed.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::drafts::{Draft, DraftAct, DraftState};
use callboard_client::{
    runtime::os_rng,
    visible::{Visible, indented},
};
use callboard_desk::{
    Error,
    bundle::Bundle,
    cases::{
        Cases,
        proposal::{drafts_of, items_to_add, proposal_in, resolution},
    },
    draft::resolved::Resolved,
    drafter::{Drafter, Heading},
    drafts::Drafts,
    registry::Registry,
    sign::Reading,
    signing::oddity::headline,
};
use callboard_federation::{
    docket::Publication,
    encoding::{CaseId, DraftId, Hash, to_json},
    zh_en,
};
use callboard_rules::case::{Case, Stage, act::Proposal};

use super::{
    cases,
    known::{self, look_at_drafts},
    one::render,
    seated,
};
use crate::{
    App,
    form::{Form, ONCE, number},
    page::{Frame, failed, go_to, not_found, page},
    people::secretary,
    session::Seat,
};

/// How many letters a page shows.
const A_PAGE: usize = 50;

#[derive(Template)]
#[template(path = "cases/proposal.html")]
struct ProposalPage {
    f: Frame,
    url: String,
    own: String,
    name: String,
    label: String,
    /// What was done wrong.
    error: Option<String>,
    headline: Option<String>,
    letters: Vec<(u32, String, String)>,
    before: Option<usize>,
    next: Option<usize>,
    publication: Option<(String, String)>,
    /// Its drafter may take it back.
    may_withdraw: bool,
}

pub(super) async fn show(
    State(app): State<Arc<App>>,
    Path((case, draft)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let (Ok(case), Ok(draft)) = (case.parse::<CaseId>(), draft.parse::<DraftId>()) else {
        return not_found(State(app)).await;
    };
    let from = number(query.as_deref(), "from").unwrap_or_default();
    render_proposal(&app, &seat, (case, draft), StatusCode::OK, from, None).await
}

async fn render_proposal(
    app: &App,
    seat: &Seat,
    (case, draft): (CaseId, DraftId),
    status: StatusCode,
    from: usize,
    wrong: Option<String>,
) -> Response {
    match shown(app, seat, case, draft, from).await {
        Ok(shown) => page(status, &ProposalPage { error: wrong, ..shown }),
        Err(error) => failed(app, &error, format!("/cases/{case}")),
    }
}

async fn shown(app: &App, seat: &Seat, case: CaseId, draft: DraftId, from: usize) -> Result<ProposalPage, Error> {
    let seat = &app.with_newest_log(seat).await;
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, case).await?;
    look_at_drafts(app, seat, &registry).await?;
    let opened = Drafts::begin(&registry, &seat.key).await?.open(draft, &mut os_rng()).await?;
    let is_own = opened.draft.drafter == seat.id() && opened.draft.state == DraftState::Open;
    let may_withdraw = is_own && !is_voted_on(app, &read.file.case, draft);
    let items = proposal_in(&opened.bundle, case)?.items.clone();
    let reading = Reading::of_proposal(opened.bundle, &registry, &mut os_rng(), |_| {}).await?;
    let label = app.proposals_in(case).into_iter().find(|of| of.draft == draft).map(|of| of.label.clone());
    let language = app.language();
    let whose = |at: usize| reading.outlines().get(at).map(|outline| Visible(&outline.whose).to_string());
    let count = reading.pages().len();
    let letters = reading.pages().iter().zip(items).enumerate().skip(from).take(A_PAGE);
    let letters = letters.map(|(at, (letter, item))| (item, whose(at).unwrap_or_default(), letter.clone()));
    Ok(ProposalPage {
        f: Frame::of(app),
        url: format!("/cases/{case}"),
        own: format!("/cases/{case}/proposals/{draft}"),
        name: Visible(&read.name()).to_string(),
        error: None,
        before: (from > 0).then(|| from.saturating_sub(A_PAGE)),
        next: Some(from.saturating_add(A_PAGE)).filter(|next| *next < count),
        may_withdraw,
        label: label.unwrap_or_default(),
        headline: (!reading.outlines().is_empty()).then(|| headline(reading.outlines(), language)),
        letters: letters.collect(),
        publication: reading.publication().map(|public| (indented(&public.zh), indented(&public.en))),
    })
}

/// Whether a session was ever open on something of it: then it is read, and a docket may follow from it.
fn is_voted_on(app: &App, case: &Case, draft: DraftId) -> bool {
    let proposed = app.proposals_in(case.id()).into_iter().find(|of| of.draft == draft);
    let sitting = if let Stage::Sitting(session) = &case.stage { Some(session) } else { None };
    let sessions = case.sessions.values().chain(sitting);
    let mut voted = sessions.flat_map(|session| session.items.values()).flatten();
    let interims = case.interims.values().flat_map(|interim| &interim.drafts);
    let is_of = |hash: &Hash| {
        let has = |proposal: &Proposal| proposal.drafts.contains(hash);
        proposed.as_ref().is_some_and(|proposed| proposed.items.iter().any(has))
    };
    voted.any(is_of) || interims.into_iter().any(is_of)
}

/// Takes back what its drafter put to the vote, as long as nobody sat on it.
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    Path((case, draft)): Path<(String, String)>,
    form: Form,
) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let (Ok(case), Ok(draft)) = (case.parse::<CaseId>(), draft.parse::<DraftId>()) else {
        return not_found(State(app.clone())).await;
    };
    let url = format!("/cases/{case}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    if !form.has("sure") {
        let why = zh_en!("未撤回：请先确认", "not withdrawn: confirm it first");
        return render_proposal(&app, &seat, (case, draft), unprocessable, 0, Some(why)).await;
    }
    match withdrawn(&app, &seat, case, draft).await {
        Ok(true) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Ok(false) => {
            let why = zh_en!("未撤回：评议组已就此评议", "not withdrawn: the panel sat on it");
            render_proposal(&app, &seat, (case, draft), unprocessable, 0, Some(why)).await
        }
        Err(error) => failed(&app, &error, url),
    }
}

async fn withdrawn(app: &App, seat: &Seat, case: CaseId, draft: DraftId) -> Result<bool, Error> {
    let seat = &app.with_newest_log(seat).await;
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, case).await?;
    look_at_drafts(app, seat, &registry).await?;
    if is_voted_on(app, &read.file.case, draft) {
        return Ok(false);
    }
    let drafts = Drafts::begin(&registry, &seat.key).await?;
    let kept: Draft = drafts.show(draft, &mut os_rng()).await?;
    drafts.answer(&kept, DraftAct::Withdraw, None, &mut os_rng()).await?;
    app.forget_draft(draft);
    Ok(true)
}

/// Adds the items that the case lacks, and sends what is put to the vote to the seats.
pub(crate) async fn propose(
    app: &App,
    seat: &Seat,
    (cases, registry): (&Cases<'_>, &Registry<'_>),
    bundle: &Bundle,
    case: CaseId,
) -> Result<(), Error> {
    let mut file = known::read(app, cases, case).await?.file.clone();
    for (act, said) in items_to_add(bundle, &file.case, &[], &[])? {
        file = cases.act(file, act, said, &mut os_rng()).await?;
    }
    known::keep(app, cases, file).await;
    Drafts::begin(registry, &seat.key).await?.send(bundle, &mut os_rng()).await?;
    Ok(())
}

/// Drafts the docket of a resolution, and sends it to be signed.
pub(super) async fn docket(State(app): State<Arc<App>>, Path(case): Path<String>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(case) = case.parse::<CaseId>() else { return not_found(State(app.clone())).await };
    let url = format!("/cases/{case}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    let (Ok(procedure), Ok(draft)) = (form.get("procedure").parse(), form.get("proposal").parse()) else {
        let why = zh_en!("请选择提请评议的草案", "choose what was put to the vote");
        return render(&app, &seat, case, StatusCode::UNPROCESSABLE_ENTITY, Some(why)).await;
    };
    match drafted(&app, &seat, case, (&procedure, draft), publication(&form)).await {
        Ok(to_sign) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/drafts/{to_sign}"))
        }
        Err(error) if matches!(error, Error::Other(_)) => {
            render(&app, &seat, case, StatusCode::UNPROCESSABLE_ENTITY, Some(error.to_string())).await
        }
        Err(error) => failed(&app, &error, url),
    }
}

/// The public text that is written where less was resolved than the proposal's own tells.
fn publication(form: &Form) -> Option<Vec<u8>> {
    let text = |name| form.get(name).trim().to_owned();
    form.has("public-zh").then(|| to_json(&Publication { v: 1, zh: text("public-zh"), en: text("public-en") }))
}

async fn drafted(
    app: &App,
    seat: &Seat,
    case: CaseId,
    (procedure, draft): (&Hash, DraftId),
    publication: Option<Vec<u8>>,
) -> Result<DraftId, Error> {
    let seat = &app.with_newest_log(seat).await;
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, case).await?;
    let resolution = resolution(&read.file.case, procedure)?;
    let drafts = Drafts::begin(&registry, &seat.key).await?;
    let proposal = drafts.open(draft, &mut os_rng()).await?.bundle;
    let drafter = Drafter::begin(&registry, &seat.key, seat.now(), Heading::default()).await?;
    let of =
        Resolved { drafts: &drafts_of(resolution), procedure: *procedure, events: read.file.envelopes(), publication };
    let draft = drafter.resolved(&proposal, of, &mut os_rng())?;
    let to_sign = drafts.send(&draft.bundle, &mut os_rng()).await?.draft.id;
    app.keep_docket(to_sign, *procedure);
    Ok(to_sign)
}
