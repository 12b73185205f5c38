//! The next roster: what is gathered for it, a form for each change, and the step to its difference in words.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::{
    http,
    runtime::{error_chain, os_rng},
    visible::Visible,
};
use callboard_desk::{
    Error,
    key_card::CheckWords,
    member::{
        InForce, MemberChange, NextRoster, RosterChange,
        roster::in_words::{self, RuleInWords},
    },
};
use callboard_federation::{
    roster::{EpochState, Role},
    zh_en,
};

use super::{
    change::{self, WHAT},
    in_force::fetch,
};
use crate::{
    App,
    form::{Form, ONCE},
    page::{Frame, failed, go_to, page},
    proposal,
    session::Seat,
    work::What,
};

const URL: &str = "/roster/next";

#[derive(Template)]
#[template(path = "roster_next.html")]
struct NextPage {
    f: Frame,
    version: u64,
    gathered: Vec<Gathered>,
    /// Name in the roster, as a value and as it is read.
    holders: Vec<(String, String)>,
    rules: Vec<(String, String)>,
    closer: Vec<RuleInWords>,
    roles: Vec<(&'static str, String)>,
    /// Those that are no members'.
    witnesses: Vec<String>,
    quorum: u64,
    keys: usize,
    epochs: Vec<String>,
    error: Option<String>,
    typed: Vec<(String, String)>,
}

struct Gathered {
    text: String,
    /// For the holder of its key to compare.
    words: Option<String>,
}

impl NextPage {
    /// What was typed into a field of a form that is shown again.
    fn typed(&self, what: &str, name: &str) -> &str {
        let of =
            |name: &str| self.typed.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str());
        if of(WHAT) == what { of(name) } else { "" }
    }

    fn is_open(&self, what: &str) -> bool {
        self.typed.iter().any(|(field, value)| field == WHAT && value == what)
    }

    fn is_chosen(&self, what: &str, name: &str, value: &str) -> bool {
        self.typed(what, name) == value
    }
}

pub(crate) async fn show(State(app): State<Arc<App>>) -> Response {
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render(&app, &seat, StatusCode::OK, None).await
}

/// The page, with what was done wrong in a form of it, which keeps what was typed.
async fn render(app: &App, seat: &Seat, status: StatusCode, wrong: Option<(String, &Form)>) -> Response {
    match next_page(app, seat, wrong).await {
        Ok(next) => page(status, &next),
        Err(error) => failed(app, &error, "/roster".to_owned()),
    }
}

async fn next_page(app: &App, seat: &Seat, wrong: Option<(String, &Form)>) -> Result<NextPage, Error> {
    let (roster, members) = fetch(seat).await?;
    // A member's leaves with the member.
    let others = in_words::witnesses(&roster, &members).filter(|(_, member)| member.is_none());
    let gathered = |change: &RosterChange| Gathered {
        text: change.text(),
        words: change.words().map(|words: CheckWords| words.line(app.language())),
    };
    let holder = |holder: &String| (holder.clone(), Visible(holder).to_string());
    let live = roster.epochs.iter().filter(|epoch| epoch.state == EpochState::Live);
    let (error, typed) = wrong.map_or((None, Vec::new()), |(why, form)| (Some(why), form.typed()));
    Ok(NextPage {
        f: Frame::of(app),
        version: roster.version + 1,
        gathered: app.work(|work| work.roster.iter().map(gathered).collect()),
        holders: roster.seats.iter().map(|seat| holder(&seat.holder)).collect(),
        rules: in_words::possible_rules(),
        closer: in_words::rules(&roster).into_iter().filter(|rule| rule.is_closer).collect(),
        roles: Role::ALL.map(|role| (role.as_str(), role.words().to_string())).into(),
        witnesses: others.map(|(key, _)| key.name().to_string()).collect(),
        quorum: roster.witnesses.quorum,
        keys: roster.witnesses.keys.len(),
        epochs: live.map(|epoch| epoch.number.to_string()).collect(),
        error,
        typed,
    })
}

pub(crate) async fn add(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if app.is_spent(form.get(ONCE)) {
        return go_to(URL);
    }
    match change::read(&form) {
        Ok(change) => {
            app.work(|work| work.roster.push(change));
            app.spend(form.get(ONCE));
            go_to(URL)
        }
        Err(why) => render(&app, &seat, StatusCode::UNPROCESSABLE_ENTITY, Some((why, &form))).await,
    }
}

pub(crate) async fn remove(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    if app.acting_seat().is_none() {
        return go_to("/");
    }
    if !app.is_spent(form.get(ONCE)) {
        let at = form.get("at").parse().unwrap_or(usize::MAX);
        app.work(|work| {
            if at < work.roster.len() {
                work.roster.remove(at);
            }
        });
        app.spend(form.get(ONCE));
    }
    go_to(URL)
}

/// Drafts the roster of all that is gathered, and goes to its difference.
pub(crate) async fn propose(State(app): State<Arc<App>>, form: Form) -> Response {
    let wrong =
        async |seat: &Seat, status: StatusCode, why: String| render(&app, seat, status, Some((why, &form))).await;
    let drafted = async |seat: &Seat| proposed(&app, seat).await.map_err(|error| error_chain(&error));
    proposal::propose(&app, drafted, wrong).await
}

async fn proposed(app: &App, seat: &Seat) -> Result<(), Error> {
    let changes = app.work(|work| work.roster.clone());
    let next: NextRoster = changes.iter().cloned().collect();
    let in_force = InForce::fetch(&http::client()?, &seat.pin, seat.now()).await?;
    let change = MemberChange::Roster(Box::new(next));
    let amendment = change.draft(&in_force, &seat.id(), seat.now(), &mut os_rng())?;
    let title = zh_en!("第{}版签署权限名单", "Roster {}", amendment.next.version);
    let (mut proposal, bundles) = proposal::of_amendment(title, URL, amendment, &in_force)?;
    for change in &changes {
        if let Some(words) = change.words() {
            proposal.confirm_key(&change.text(), words);
        }
    }
    app.keep_unsent(bundles, What::Documents(proposal));
    Ok(())
}
