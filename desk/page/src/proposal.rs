//! What was drafted of public documents and isn't sent yet: its difference in words, what it needs, and the button that sends
//! it to the seats.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    bundle::{Bundle, to_sign},
    member::{Amendment, InForce},
    signing::public::changes_of,
};
use callboard_federation::{encoding::DraftId, language::Language, roster::Roster, zh_en};

use crate::{
    App,
    form::{Form, ONCE},
    page::{Frame, go_to, page},
    session::{Seat, drafts},
    work::{Note, Proposal, Unsent, What},
};

pub(crate) const URL: &str = "/proposal";

#[derive(Template)]
#[template(path = "proposal.html")]
struct ProposalPage<'a> {
    f: Frame,
    word: &'a str,
    proposal: &'a Proposal,
    /// Name of the field, what is confirmed, and whether it was.
    ticks: Vec<(String, &'a str, bool)>,
    error: Option<String>,
}

/// What is drafted of members and roster.
///
/// # Errors
/// The registry can't pass it on.
pub(crate) fn of_amendment(
    title: String,
    back: &'static str,
    amendment: Amendment,
    in_force: &InForce,
) -> Result<(Proposal, Vec<Bundle>), Error> {
    amendment.check_sendable(in_force)?;
    let (roster, members) = (&in_force.roster, in_force.members.as_ref());
    let mut proposal = Proposal::new(title, back);
    for bundle in amendment.bundles() {
        proposal.texts.extend(changes_of(bundle, roster, members, Language::spoken()));
        proposal.asks.push(asks(roster, bundle));
    }
    proposal.notes.extend(amendment.notes(in_force).iter().map(|line| Note::of(line)));
    let hindered = amendment.hindrances.iter().map(|hindrance| Note { text: hindrance.to_string(), is_warning: true });
    proposal.notes.extend(hindered);
    if !amendment.hindrances.is_empty() {
        let first = zh_en!(
            "须先更换签署权限名单：待其登记后再次办理，以更换会员单位名单",
            "the roster comes first: once it is logged, do this again for the list of members"
        );
        proposal.notes.push(Note { text: first, is_warning: false });
    }
    Ok((proposal, amendment.into_bundles()))
}

/// What a form that drafts public documents does: it goes to their difference, or is shown again with what is wrong.
pub(crate) async fn propose(
    app: &App,
    drafted: impl AsyncFnOnce(&Seat) -> Result<(), String>,
    wrong: impl AsyncFnOnce(&Seat, StatusCode, String) -> Response,
) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match drafted(&seat).await {
        Ok(()) => go_to(URL),
        Err(why) => wrong(&seat, StatusCode::UNPROCESSABLE_ENTITY, why).await,
    }
}

/// How many of whom sign a docket.
pub(crate) fn asks(roster: &Roster, bundle: &Bundle) -> String {
    to_sign(&bundle.asked(roster))
}

/// The documents that were drafted last, unless something else was since.
fn unsent(app: &App) -> Option<Arc<Unsent>> {
    app.unsent().filter(|unsent| matches!(unsent.what, What::Documents(_)))
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    if app.acting_seat().is_none() {
        return go_to("/");
    }
    match unsent(&app) {
        Some(unsent) => render(&app, StatusCode::OK, &unsent, None, None),
        None => go_to("/"),
    }
}

fn render(app: &App, status: StatusCode, unsent: &Unsent, error: Option<String>, sent: Option<&Form>) -> Response {
    let What::Documents(proposal) = &unsent.what else { return go_to("/") };
    let ticks = (1..).zip(&proposal.confirm).map(|(at, label): (usize, _)| {
        let name = format!("sure-{at}");
        let is_given = sent.is_some_and(|sent| sent.has(&name));
        (name, label.as_str(), is_given)
    });
    let ticks = ticks.collect();
    page(status, &ProposalPage { f: Frame::of(app), word: &unsent.word, proposal, ticks, error })
}

pub(crate) async fn send(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/");
    }
    let Some(unsent) = unsent(&app) else { return go_to("/") };
    let refused = |status, why: String| render(&app, status, &unsent, Some(why), Some(&form));
    if unsent.word != form.get("proposal") {
        let why = zh_en!("未发送：此后另有起草，请重新核对", "not sent: something else was drafted since, look again");
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    let confirm = if let What::Documents(proposal) = &unsent.what { proposal.confirm.len() } else { 0 };
    if !(1..=confirm).all(|at| form.has(&format!("sure-{at}"))) {
        let why = zh_en!("未发送：请逐项确认已通话核对", "not sent: confirm that each key was compared by telephone");
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    match sent(&app, &seat, &unsent, form.get(ONCE)).await {
        Ok(first) => go_to(&format!("/drafts/{first}")),
        Err(error) => {
            let is_ours = matches!(error, Error::AnotherRoster);
            let status = if is_ours { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_GATEWAY };
            let why = error_chain(&error);
            refused(status, zh_en!("未发送：{why}", "not sent: {why}"))
        }
    }
}

/// Sends what was drafted to the seats, each docket in its order; gives the first draft. What was sent already is sent
/// again, and is the same draft.
pub(crate) async fn sent(app: &App, seat: &Seat, unsent: &Unsent, once: &str) -> Result<DraftId, Error> {
    drafts!(seat, drafts);
    let mut first = None;
    for bundle in &unsent.bundles {
        let id = drafts.send(bundle, &mut os_rng()).await?.draft.id;
        first = first.or(Some(id));
    }
    app.spend(once);
    app.work(|work| {
        work.unsent = None;
        if matches!(unsent.what, What::Documents(_)) {
            work.roster.clear();
        }
    });
    first.ok_or(Error::NothingChanges)
}
