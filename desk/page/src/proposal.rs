//! What was drafted and isn't sent yet: its difference in words, what it needs, and the button that sends it to the seats.

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
    work::{Note, Proposal},
};

pub(crate) const URL: &str = "/proposal";

#[derive(Template)]
#[template(path = "proposal.html")]
struct ProposalPage {
    f: Frame,
    proposal: Arc<Proposal>,
    /// Name of the field, what is confirmed, and whether it was.
    ticks: Vec<(String, String, bool)>,
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
) -> Result<Proposal, Error> {
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
    proposal.bundles = amendment.into_bundles();
    Ok(proposal)
}

/// How many of whom sign a docket.
pub(crate) fn asks(roster: &Roster, bundle: &Bundle) -> String {
    to_sign(roster, bundle.docket())
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    if app.acting_seat().is_none() {
        return go_to("/");
    }
    match app.work(|work| work.proposal.clone()) {
        Some(proposal) => render(&app, StatusCode::OK, proposal, None, None),
        None => go_to("/"),
    }
}

fn render(
    app: &App,
    status: StatusCode,
    proposal: Arc<Proposal>,
    error: Option<String>,
    sent: Option<&Form>,
) -> Response {
    let tick = |(name, label): (String, &String)| {
        let is_given = sent.is_some_and(|sent| sent.has(&name));
        (name, label.clone(), is_given)
    };
    let ticks = names(&proposal).zip(&proposal.confirm).map(tick).collect();
    page(status, &ProposalPage { f: Frame::of(app), proposal, ticks, error })
}

/// The names of the fields that confirm, one by one.
fn names(proposal: &Proposal) -> impl Iterator<Item = String> + use<> {
    (1..=proposal.confirm.len()).map(|at| format!("sure-{at}"))
}

pub(crate) async fn send(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if app.is_spent(form.get(ONCE)) {
        return go_to("/");
    }
    let Some(proposal) = app.work(|work| work.proposal.clone()) else { return go_to("/") };
    let refused = |status, why: String| render(&app, status, proposal.clone(), Some(why), Some(&form));
    if proposal.word != form.get("proposal") {
        let why = zh_en!("未发送：此后另有起草，请重新核对", "not sent: something else was drafted since, look again");
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    if !names(&proposal).all(|name| form.has(&name)) {
        let why = zh_en!("未发送：请逐项确认已通话核对", "not sent: confirm that each key was compared by telephone");
        return refused(StatusCode::UNPROCESSABLE_ENTITY, why);
    }
    match sent(&seat, &proposal).await {
        Ok(Some(first)) => {
            app.spend(form.get(ONCE));
            app.work(|work| {
                work.proposal = None;
                work.roster.clear();
            });
            go_to(&format!("/drafts/{first}"))
        }
        Ok(None) => {
            let why = zh_en!(
                "未发送：签署权限名单已更换，请返回重新起草",
                "not sent: another roster is in force since, go back and draft it again"
            );
            refused(StatusCode::UNPROCESSABLE_ENTITY, why)
        }
        // What was sent already is sent again, and is the same draft.
        Err(error) => refused(StatusCode::BAD_GATEWAY, error_chain(&error)),
    }
}

/// Sends each in its order, unless it was drafted under another roster than that in force; gives the first.
async fn sent(seat: &Seat, proposal: &Proposal) -> Result<Option<DraftId>, Error> {
    drafts!(seat, drafts);
    if proposal.bundles.iter().any(|bundle| bundle.docket().roster != drafts.roster().version) {
        return Ok(None);
    }
    let mut first = None;
    for bundle in &proposal.bundles {
        let id = drafts.send(bundle, &mut os_rng()).await?.draft.id;
        first = first.or(Some(id));
    }
    Ok(first)
}
