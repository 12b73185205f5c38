//! Acts on what was decided, and rulings on one person: a form says what is needed, what comes of it is shown with what
//! stands and what will be left, and then it goes to the seats.
//!
//! What is drafted is what `callboard draft` drafts, by the same code ([`drafting`]). In reading order: [`act`],
//! [`fields`] of [`field`]s, [`row`]; [`drafting`]; [`pending`], what is shown before it is sent.

pub(crate) mod act;
mod drafting;
mod field;
mod fields;
pub(crate) mod pending;
mod row;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use callboard_client::visible::indented;
use callboard_desk::{
    Error,
    drafts::part::title,
    people::{entry::DocketState, search::Hit},
};
use callboard_federation::{docket::Publication, encoding::RecordId, policy::Policy, statement::Kind, zh_en};

use crate::{
    App,
    cases::choice::{self, Choice, People},
    form::{Form, ONCE},
    page::{Frame, failed, go_to, not_found, page, told_at},
    people::{keeper, person_of, row::RecordRow, row::names, secretary},
    session::Seat,
    work::{Unsent, What},
};
use act::Act;
use drafting::{Asked, Undrafted, drafted};
use field::{Group, Wrong};

#[derive(Template)]
#[template(path = "records/act.html")]
struct ActPage {
    f: Frame,
    url: String,
    back: String,
    title: String,
    effect: String,
    whose: Option<String>,
    about: Option<RecordRow>,
    /// Further records that it can be about.
    others: Vec<Other>,
    groups: Vec<Group>,
    wrong: Vec<String>,
}

/// A record that the act can be about too.
struct Other {
    record: String,
    label: String,
    is_ticked: bool,
}

#[derive(Template)]
#[template(path = "records/pending.html")]
struct PendingPage {
    f: Frame,
    url: String,
    again: String,
    title: String,
    effect: String,
    docket: String,
    notes: Vec<String>,
    left: Vec<Other>,
    letters: Vec<String>,
    publication: Option<(String, String)>,
    /// What is wrong with where it is to go.
    error: Option<String>,
    /// In which case it is decided.
    choice: Option<Choice>,
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/records/{record}/{act}", get(show).post(draft))
        .route("/rulings/{act}", get(show_new).post(draft_new))
        .route("/pending/{word}", get(show_pending))
        .route("/pending/{word}/also", post(also))
        .route("/pending/{word}/send", post(send))
}

/// What a form is of: an act, and the person of a record.
struct Subject {
    act: Act,
    record: Option<RecordId>,
    hits: Vec<Hit>,
}

/// The address of the form of an act, on a record's person or on anybody.
fn url_of(act: Act, record: Option<RecordId>) -> String {
    match record {
        Some(record) => format!("/records/{record}/{}", act.word()),
        None => format!("/rulings/{}", act.word()),
    }
}

impl Subject {
    fn url(&self) -> String {
        url_of(self.act, self.record)
    }

    fn back(&self) -> String {
        self.record.map_or_else(|| "/people".to_owned(), |record| format!("/people/record/{record}"))
    }

    /// The record itself, where the act is about it.
    fn own(&self) -> Option<&Hit> {
        let is_own = |hit: &&Hit| Some(hit.entry.record) == self.record;
        self.hits.iter().find(is_own).filter(|hit| self.act.may_be_about(hit.entry.kind) && self.act != Act::Erase)
    }

    /// The person's interim measures that are logged.
    fn interims(&self) -> impl Iterator<Item = &Hit> {
        let is_logged = |hit: &&Hit| matches!(hit.docket.state, DocketState::Logged(_));
        self.hits.iter().filter(|hit| hit.entry.kind == Kind::Interim).filter(is_logged)
    }

    /// What else of the person is logged, and could be named too.
    fn others(&self) -> impl Iterator<Item = &Hit> {
        let is_one = self.act == Act::Replace || !self.act.kind().may_be_about(Kind::Ruling);
        let own = self.own().map(|hit| hit.entry.record);
        self.hits.iter().filter(move |hit| {
            let is_logged = matches!(hit.docket.state, DocketState::Logged(_));
            is_logged && !is_one && Some(hit.entry.record) != own && self.act.may_be_about(hit.entry.kind)
        })
    }
}

/// The act and the person that an address names.
fn subject(app: &App, seat: &Seat, record: &str, act: &str) -> Result<Option<Subject>, Error> {
    let (Some(act), Ok(record)) = (Act::of_word(act), record.parse()) else { return Ok(None) };
    let hits = person_of(app, seat, record)?;
    let subject = Subject { act, record: Some(record), hits };
    let is_fit = Act::OF_A_PERSON.contains(&act) || subject.own().is_some();
    Ok(Some(subject).filter(|subject| is_fit && !subject.hits.is_empty()))
}

async fn show(State(app): State<Arc<App>>, Path((record, act)): Path<(String, String)>) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match subject(&app, &seat, &record, &act) {
        Ok(Some(subject)) => proposed(&app, &seat, &subject).await,
        Ok(None) => not_found(State(app)).await,
        Err(error) => failed(&app, &error, "/people".to_owned()),
    }
}

async fn show_new(State(app): State<Arc<App>>, Path(act): Path<String>) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match anybody(&act) {
        Some(subject) => proposed(&app, &seat, &subject).await,
        None => not_found(State(app)).await,
    }
}

/// A form for anybody.
fn anybody(act: &str) -> Option<Subject> {
    let act = Act::of_word(act).filter(|act| matches!(act, Act::Ruling | Act::Interim))?;
    Some(Subject { act, record: None, hits: Vec::new() })
}

/// The form with what is known already.
async fn proposed(app: &App, seat: &Seat, subject: &Subject) -> Response {
    let form = if subject.act.has_row() {
        let own = subject.own().filter(|_| subject.act == Act::Replace);
        row::proposed(app, seat, &subject.hits, own).await
    } else {
        let all = subject.others().map(|hit| hit.entry.record.to_string()).filter(|_| subject.act == Act::Erase);
        Form::default().with("record", all)
    };
    render(app, seat, subject, &form, StatusCode::OK, &[]).await
}

async fn render(
    app: &App,
    seat: &Seat,
    subject: &Subject,
    form: &Form,
    status: StatusCode,
    wrong: &[Wrong],
) -> Response {
    let policies = if subject.act.has_policy() { policies(seat).await } else { Ok(Vec::new()) };
    let policies = match policies {
        Ok(policies) => policies,
        Err(error) => return failed(app, &error, subject.back()),
    };
    let ticked: Vec<&str> = form.all("record").collect();
    let told = |hit: &Hit| {
        let (record, row) = (hit.entry.record.to_string(), RecordRow::of(hit, app.language()));
        let label = [row.what, row.term, row.place].into_iter().filter(|part| !part.is_empty());
        (record, label.collect::<Vec<_>>().join(" · "))
    };
    let other = |hit: &Hit| {
        let (record, label) = told(hit);
        Other { is_ticked: ticked.contains(&record.as_str()), record, label }
    };
    let mut interims: Vec<(String, String)> = subject.interims().map(told).collect();
    let follows = form.get("follows");
    // Several, or one that isn't in the index any more.
    if !follows.is_empty() && interims.iter().all(|(record, _)| record != follows) {
        interims.push((follows.to_owned(), zh_en!("与原决定相同", "those of the record")));
    }
    let groups = fields::groups(subject.act, &policies, &interims, form, wrong);
    let is_placed = |wrong: &&Wrong| {
        groups.iter().flat_map(|group| &group.fields).any(|field| Some(&field.name) == wrong.field.as_ref())
    };
    let at_large = wrong.iter().filter(|of| !is_placed(of)).map(|of| of.text.clone()).collect();
    let shown = ActPage {
        f: Frame::of(app),
        url: subject.url(),
        back: subject.back(),
        title: subject.act.label(),
        effect: subject.act.effect(),
        whose: (!subject.hits.is_empty()).then(|| names(&subject.hits)),
        about: subject.own().map(|hit| RecordRow::of(hit, app.language())),
        others: subject.others().map(other).collect(),
        groups,
        wrong: at_large,
    };
    page(status, &shown)
}

async fn policies(seat: &Seat) -> Result<Vec<Policy>, Error> {
    let caller = seat.caller()?;
    let policies = seat.registry(&caller).policies().await?;
    Ok(policies.into_iter().map(|policy| policy.value).collect())
}

async fn draft(State(app): State<Arc<App>>, Path((record, act)): Path<(String, String)>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match subject(&app, &seat, &record, &act) {
        Ok(Some(subject)) => drafted_or_mended(&app, &seat, &subject, &form).await,
        Ok(None) => not_found(State(app.clone())).await,
        Err(error) => failed(&app, &error, "/people".to_owned()),
    }
}

async fn draft_new(State(app): State<Arc<App>>, Path(act): Path<String>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    match anybody(&act) {
        Some(subject) => drafted_or_mended(&app, &seat, &subject, &form).await,
        None => not_found(State(app.clone())).await,
    }
}

/// Drafts what a form says and shows it, or shows the form with what is to be mended.
async fn drafted_or_mended(app: &App, seat: &Seat, subject: &Subject, form: &Form) -> Response {
    let asked = Asked { act: subject.act, record: subject.record, hits: &subject.hits, form };
    match drafted(app, seat, &asked).await {
        Ok((pending, bundle)) => {
            let word = app.keep_unsent(vec![bundle], What::Act(pending));
            go_to(&format!("/pending/{word}"))
        }
        Err(Undrafted::Wrong(wrong)) => {
            render(app, seat, subject, form, StatusCode::UNPROCESSABLE_ENTITY, &wrong).await
        }
        Err(Undrafted::Failed(error)) => failed(app, &error, subject.url()),
    }
}

/// What waits under this word; else what is shown instead.
fn waiting(app: &App, word: &str) -> Result<(Seat, Arc<Unsent>), Box<Response>> {
    let seat = secretary(app)?;
    let is_it = |unsent: &Arc<Unsent>| unsent.word == word && matches!(unsent.what, What::Act(_));
    app.unsent().filter(is_it).map(|unsent| (seat, unsent)).ok_or_else(|| {
        let gone = zh_en!(
            "这份草稿已不在：已经送出，或者其后又起草了别的",
            "this isn't there any more: it was sent, or something else was drafted since"
        );
        Box::new(told_at(app, StatusCode::NOT_FOUND, gone, "/people".to_owned()))
    })
}

async fn show_pending(State(app): State<Arc<App>>, Path(word): Path<String>) -> Response {
    let (_, unsent) = match waiting(&app, &word) {
        Ok(waiting) => waiting,
        Err(instead) => return *instead,
    };
    render_pending(&app, &unsent, StatusCode::OK, None).await
}

async fn render_pending(
    app: &Arc<App>,
    unsent: &Unsent,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Response {
    let (What::Act(pending), [bundle]) = (&unsent.what, &unsent.bundles[..]) else {
        return not_found(State(app.clone())).await;
    };
    let word = &unsent.word;
    let typed = wrong.as_ref().map(|(_, form)| (*form).clone()).unwrap_or_default();
    let choice = Choice::of(app, bundle, &typed);
    let publication = bundle.publication();
    let publication = publication.and_then(|text| Publication::from_json(text).ok());
    let left = |(record, label): &(RecordId, String)| Other {
        record: record.to_string(),
        label: label.clone(),
        is_ticked: false,
    };
    let shown = PendingPage {
        f: Frame::of(app),
        url: format!("/pending/{word}"),
        again: url_of(pending.act, pending.record),
        title: pending.act.label(),
        effect: pending.act.effect(),
        docket: title(bundle.docket()),
        notes: pending.notes.clone(),
        left: pending.left.iter().map(left).collect(),
        letters: pending.letters.to_vec(),
        publication: publication.map(|public| (indented(&public.zh), indented(&public.en))),
        error: wrong.map(|(why, _)| why),
        choice,
    };
    page(status, &shown)
}

/// Drafts it anew, with what it would have left named too.
async fn also(State(app): State<Arc<App>>, Path(word): Path<String>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let (seat, unsent) = match waiting(&app, &word) {
        Ok(waiting) => waiting,
        Err(instead) => return *instead,
    };
    let What::Act(pending) = &unsent.what else { return not_found(State(app.clone())).await };
    let more = form.all("record").map(str::to_owned).collect::<Vec<_>>();
    let typed = pending.form.clone().with("record", more);
    let record = pending.record.map(|record| record.to_string()).unwrap_or_default();
    match subject(&app, &seat, &record, pending.act.word()) {
        Ok(Some(subject)) => drafted_or_mended(&app, &seat, &subject, &typed).await,
        Ok(None) => not_found(State(app.clone())).await,
        Err(error) => failed(&app, &error, "/people".to_owned()),
    }
}

/// Sends it to the seats that are asked to sign.
async fn send(State(app): State<Arc<App>>, Path(word): Path<String>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    if app.is_spent(form.get(ONCE)) {
        return go_to("/");
    }
    let (seat, unsent) = match waiting(&app, &word) {
        Ok(waiting) => waiting,
        Err(instead) => return *instead,
    };
    let [bundle] = &unsent.bundles[..] else { return not_found(State(app.clone())).await };
    match choice::send(&app, &seat, bundle, People::One, &form).await {
        Ok(Ok(gone)) => {
            app.spend(form.get(ONCE));
            app.work(|work| work.unsent = None);
            keeper::look(&app, &seat).await;
            go_to(&gone.url())
        }
        Ok(Err(why)) => render_pending(&app, &unsent, StatusCode::UNPROCESSABLE_ENTITY, Some((why, &form))).await,
        Err(error) => failed(&app, &error, format!("/pending/{word}")),
    }
}
