//! Tags are derived and what stands is asked while a page shows how far that is. What comes of it is kept at once.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use askama::Template;
use axum::{extract::State, http::StatusCode, response::Response};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_desk::{
    Error,
    drafter::Drafter,
    import::{
        Import,
        drafting::draft,
        look::{Read, look},
    },
    sheet::Row,
};
use tokio::task::AbortHandle;

use crate::{
    App, locked,
    page::{Frame, live_state, page},
    saying::saying,
    session::Seat,
};

use super::{InForce, store};

/// What is being drafted. Whoever drops it ends it.
pub(crate) struct Job {
    state: Arc<JobState>,
    task: AbortHandle,
}

#[derive(Default)]
struct JobState {
    derived: AtomicUsize,
    total: AtomicUsize,
    outcome: Mutex<Option<Result<(), String>>>,
}

/// How far it is.
#[derive(Clone, Copy)]
pub(super) struct Progress {
    derived: usize,
    total: usize,
}

#[derive(Template)]
#[template(path = "import_progress.html")]
struct ProgressPage {
    f: Frame,
    derived: usize,
    total: usize,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(super) fn show(app: &App, progress: Progress) -> Response {
    let Progress { derived, total } = progress;
    page(StatusCode::OK, &ProgressPage { f: Frame::of(app), derived, total })
}

/// How far it is, as the page itself asks.
pub(super) async fn state(State(app): State<Arc<App>>) -> Response {
    match app.progress() {
        Some(Progress { derived, total }) => live_state(false, derived, total),
        None => live_state(true, 0, 0),
    }
}

impl App {
    /// Begins to draft what was read and confirmed.
    pub(super) fn derive(self: &Arc<Self>, seat: Seat, import: Import) {
        let state = Arc::new(JobState::default());
        let (app, own) = (self.clone(), state.clone());
        let work = async move {
            let outcome = derived(&app, &seat, import, &own).await;
            *locked(&own.outcome) = Some(outcome.map_err(|error| error_chain(&error)));
        };
        let task = tokio::spawn(saying(self.clone(), work)).abort_handle();
        *locked(&self.deriving) = Some(Job { state, task });
    }

    /// How far it is, as long as something is derived.
    pub(super) fn progress(&self) -> Option<Progress> {
        let deriving = locked(&self.deriving);
        let state = &deriving.as_ref()?.state;
        let is_over = locked(&state.outcome).is_some();
        let count = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (!is_over).then(|| Progress { derived: count(&state.derived), total: count(&state.total) })
    }

    pub(super) fn is_deriving(&self) -> bool {
        self.progress().is_some()
    }

    /// Why what was begun last came to nothing.
    pub(super) fn failure(&self) -> Option<String> {
        let deriving = locked(&self.deriving);
        let outcome = locked(&deriving.as_ref()?.state.outcome);
        outcome.as_ref()?.as_ref().err().cloned()
    }

    /// Forgets why; whoever does something else has read it.
    pub(super) fn forget_failure(&self) {
        if !self.is_deriving() {
            self.stop_deriving();
        }
    }

    pub(super) fn stop_deriving(&self) {
        locked(&self.deriving).take();
    }
}

async fn derived(app: &App, seat: &Seat, mut import: Import, state: &JobState) -> Result<(), Error> {
    let seat = &app.with_newest_log(seat).await;
    let rules = InForce::of(seat, &import).await?;
    let drafted = {
        let caller = seat.caller()?;
        let registry = seat.registry(&caller);
        let look = look(&import, &rules.policy, seat.now(), rules.live_epochs)?;
        if let Read::Rows(read) = &look.read {
            let identities = read.rows.iter().flat_map(Row::identities).count();
            state.total.store(identities * rules.live_epochs, Ordering::Relaxed);
        }
        let drafter = Drafter::begin(&registry, &seat.key, seat.now(), import.heading()).await?;
        let progress = |count| {
            state.derived.fetch_add(count, Ordering::Relaxed);
        };
        draft(&drafter, &import, &look, &rules.policy, &mut os_rng(), progress).await?
    };
    import.drafted = Some(drafted);
    // Nobody acts meanwhile: what was discarded isn't there again.
    let _act = app.acting.lock().await;
    store(app, seat).keep(&import)
}
