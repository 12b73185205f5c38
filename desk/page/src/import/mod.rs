//! A committee's own file becomes a draft: give the file, say which column is what, mend rows, confirm oddities, derive, send.
//!
//! One address shows whichever of these is next: what an import is, and what each step means, is `callboard_desk::import`'s;
//! after each form all of it is kept, so that a lid may be closed at any time. In reading order: [`give`], the
//! file; [`header`] and [`columns`]; [`rows`]; [`check`]; [`job`], which derives while its page shows how far it is; [`ready`].

mod check;
mod columns;
mod give;
mod header;
pub(crate) mod job;
mod ready;
mod rows;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, RawQuery, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use callboard_client::derivation::live_epochs;
use callboard_desk::{
    Error,
    import::{
        Import, Step,
        look::{Look, Read, look},
        store::ImportStore,
    },
};
use callboard_federation::{policy::Policy, zh_en};

use crate::{
    App,
    form::{Form, ONCE},
    page::{failed, go_to},
    session::Seat,
};

pub(crate) const IMPORT: &str = "/import";
/// The most bytes of a form here: cells of twenty-five rows, written as forms are; a file has a bound of its own.
const ROWS_BYTES: usize = 2 << 20;

pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route(IMPORT, get(show))
        .route("/import/file", get(give::again).post(give::take))
        .route("/import/header", post(header::take))
        .route("/import/columns", post(columns::take))
        .route("/import/rows", post(rows::take))
        .route("/import/left-out", post(rows::take_in))
        .route("/import/derive", post(check::derive))
        .route("/import/send", post(ready::send))
        .route("/import/state", get(job::state))
        .route("/import/back", post(back))
        .route("/import/discard", post(discard))
        .layer(DefaultBodyLimit::max(ROWS_BYTES))
}

/// What became of a form.
enum Done {
    /// The browser goes there.
    At(String),
    /// What it lacks is shown.
    Lacks(Response),
}

impl Done {
    /// The next step is shown.
    fn next() -> Self {
        Self::At(IMPORT.to_owned())
    }
}

/// Where a seat keeps what it imports.
fn store<'s>(app: &App, seat: &'s Seat) -> ImportStore<'s> {
    ImportStore::beside(&app.home.path(&seat.file), &seat.key)
}

async fn act(app: &App, form: &Form, done: impl AsyncFnOnce(&Seat) -> Result<Done, Error>) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if app.is_spent(form.get(ONCE)) || app.is_deriving() {
        return go_to(IMPORT);
    }
    app.forget_failure();
    match done(&seat).await {
        Ok(Done::At(url)) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Ok(Done::Lacks(page)) => page,
        Err(error) => failed(app, &error, IMPORT.to_owned()),
    }
}

/// As [`act`], with what is being imported: without it there is nothing to do.
async fn step(app: &App, form: &Form, done: impl AsyncFnOnce(&Seat, Import) -> Result<Done, Error>) -> Response {
    act(app, form, async |seat| match store(app, seat).import()? {
        Some(import) => done(seat, import).await,
        None => Ok(Done::next()),
    })
    .await
}

async fn show(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response {
    let asked = query.unwrap_or_default();
    let case = form_urlencoded::parse(asked.as_bytes()).find(|(name, _)| name == "case");
    if let Some(case) = case.and_then(|(_, case)| case.parse().ok()) {
        app.work(|work| work.case = Some(case));
    }
    // Whoever only watches does nothing.
    if app.seat().is_some()
        && let Some(progress) = app.progress()
    {
        return job::show(&app, progress);
    }
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    match shown(&app, &seat).await {
        Ok(page) => page,
        Err(error) => give::instead(&app, &error),
    }
}

async fn shown(app: &App, seat: &Seat) -> Result<Response, Error> {
    let Some(import) = store(app, seat).import()? else { return Ok(give::show(app, StatusCode::OK, None)) };
    match import.step() {
        Step::Columns => columns::show(app, seat, &import, StatusCode::OK, Vec::new()).await,
        Step::Rows => {
            let rules = InForce::of(seat, &import).await?;
            let look = rules.look(seat, &import)?;
            Ok(match &look.read {
                Read::Faults(faults) => rows::show(app, &import, &look, faults, StatusCode::OK),
                Read::Rows(read) => {
                    let failure = app.failure().map(|why| zh_en!("未完成：{why}", "not done: {why}"));
                    check::show(app, &import, read, StatusCode::OK, failure)
                }
            })
        }
        Step::Send => ready::show(app, seat, &import, StatusCode::OK, None).await,
    }
}

async fn back(State(app): State<Arc<App>>, form: Form) -> Response {
    let to = if form.get("to") == "columns" { Step::Columns } else { Step::Rows };
    step(&app, &form, async |seat, mut import| {
        import.go_back_to(to);
        store(&app, seat).keep(&import)?;
        Ok(Done::next())
    })
    .await
}

async fn discard(State(app): State<Arc<App>>, form: Form) -> Response {
    let _act = app.acting.lock().await;
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    if !form.has("sure") {
        return go_to(IMPORT);
    }
    app.stop_deriving();
    match store(&app, &seat).discard() {
        Ok(()) => go_to("/"),
        Err(error) => failed(&app, &error, IMPORT.to_owned()),
    }
}

/// What rows are read under.
struct InForce {
    policy: Policy,
    live_epochs: usize,
}

impl InForce {
    async fn of(seat: &Seat, import: &Import) -> Result<Self, Error> {
        let caller = seat.caller()?;
        let registry = seat.registry(&caller);
        let (_, document) = registry.policy(&import.policy()?).await?;
        let roster = registry.roster().await?;
        Ok(Self { policy: document.value, live_epochs: live_epochs(&roster).count() })
    }

    fn look<'i>(&self, seat: &Seat, import: &'i Import) -> Result<Look<'i>, Error> {
        look(import, &self.policy, seat.now(), self.live_epochs)
    }
}
