//! The desk's own copy of the log, in its home: brought up to date once the key is open, every minute from then on, and
//! before a draft is read or signed. What a registry shows that no honest one does is told in red on the first page.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use callboard_client::{
    http::HttpError,
    runtime::{error_chain, os_rng},
};
use callboard_desk::{
    Error,
    letter::term::time_text,
    log_copy::{DIRECTORY, LogCopy, Look},
    verified_log::VerifiedLog,
};
use callboard_federation::{problems, zh_en};
use tokio::sync::{Notify, watch};

use crate::{
    App, locked,
    session::{Rounds, Seat},
};

/// How often it looks: as often as a witness cosigns.
const EVERY: Duration = Duration::from_mins(1);
/// How soon it looks again where a look came to nothing.
const AGAIN: Duration = Duration::from_secs(5);
/// How long whoever opens a draft waits for it. A log that is read for the first time takes longer, and is told of.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct OwnLog {
    state: Mutex<State>,
    /// How many entries are verified.
    verified: Arc<AtomicU64>,
    /// Looks that were asked for, and how many of them were begun after they were and are over.
    asked: AtomicU64,
    done: watch::Sender<u64>,
    hurry: Notify,
}

#[derive(Default)]
struct State {
    log: Option<VerifiedLog>,
    /// What the last look told: an alarm, or why it came to nothing.
    alarm: Option<String>,
    failure: Option<String>,
}

impl Default for OwnLog {
    fn default() -> Self {
        let (state, verified, asked) = (Mutex::default(), Arc::default(), AtomicU64::default());
        Self { state, verified, asked, done: watch::Sender::new(0), hurry: Notify::new() }
    }
}

impl OwnLog {
    /// The copy as far as it is verified.
    pub(crate) fn log(&self) -> Option<VerifiedLog> {
        locked(&self.state).log.clone()
    }

    /// What nobody overlooks.
    pub(crate) fn alarm(&self) -> Option<String> {
        locked(&self.state).alarm.clone()
    }

    /// Whose word completeness is, where it isn't the copy's alone; nothing where all is well.
    pub(crate) fn warning(&self) -> Option<String> {
        let state = locked(&self.state);
        if state.alarm.is_some() {
            return state.alarm.clone();
        }
        match (&state.failure, &state.log) {
            (Some(why), Some(_)) => Some(zh_en!(
                "本机的登记册副本未能更新，仍以上次核验的为准：{why}",
                "this desk's copy of the log isn't up to date, what was verified last is used: {why}"
            )),
            (Some(why), None) => Some(zh_en!(
                "本机没有可用的登记册副本，有无遗漏只能以登记系统的答复为准：{why}",
                "this desk has no copy of the log: that nothing is left out is the registry's word: {why}"
            )),
            (None, None) => Some(zh_en!(
                "本机正在核验登记册（已核验{}条），有无遗漏暂时只能以登记系统的答复为准：请稍后重新打开",
                "this desk is verifying the log ({} entries so far): until then it is the registry's word that nothing is left out; open it again in a moment",
                self.verified.load(Ordering::Relaxed)
            )),
            (None, Some(_)) => None,
        }
    }

    /// How far the copy is, in words.
    pub(crate) fn told(&self) -> String {
        let reach = locked(&self.state).log.as_ref().map(VerifiedLog::reach);
        self.warning().unwrap_or_else(|| match reach {
            None => String::new(),
            Some(reach) => {
                let (size, at) = (reach.size, time_text(reach.logged_at));
                zh_en!(
                    "本机已核验登记册共{size}条，最后一条登记于{at}。",
                    "This desk has verified the log: {size} entries, the last logged {at}."
                )
            }
        })
    }
}

/// Keeps the copy while the key is open.
pub(crate) async fn run(app: &App) {
    let mut rounds = Rounds::every(EVERY);
    let (mut copy, mut is_done) = (None, true);
    loop {
        let seat = tokio::select! {
            seat = rounds.next(app) => Some(seat),
            () = app.own_log.hurry.notified() => app.seat(),
            () = tokio::time::sleep(AGAIN), if !is_done => app.seat(),
        };
        let asked = app.own_log.asked.load(Ordering::SeqCst);
        if let Some(seat) = seat {
            let looked = look(app, &seat, &mut copy).await;
            is_done = looked.is_ok();
            let mut state = locked(&app.own_log.state);
            (state.alarm, state.failure) = match looked {
                Ok(Look::UpToDate(log)) => {
                    state.log = Some(log);
                    (None, None)
                }
                Ok(Look::Alarm(alarm)) => (Some(alarm.text()), None),
                Err(error) => (state.alarm.take(), Some(reason(&error))),
            };
        }
        app.own_log.done.send_replace(asked);
    }
}

/// Why, in words. What a service says of one case is for whoever writes a client, and in English.
fn reason(error: &Error) -> String {
    let told = match error {
        Error::Http(HttpError::Refused { problem, .. }) => problems::told(&problem.kind),
        _ => None,
    };
    told.map_or_else(
        || error_chain(error),
        |(title, todo)| zh_en!(("{}：{}", title.zh, todo.zh), ("{}: {}", title.en, todo.en)),
    )
}

async fn look(app: &App, seat: &Seat, copy: &mut Option<LogCopy>) -> Result<Look, Error> {
    let copy = match copy {
        Some(copy) => copy,
        None => copy.insert(LogCopy::open(&app.home.path(DIRECTORY), app.own_log.verified.clone())?),
    };
    let caller = seat.caller()?;
    copy.look(&seat.registry(&caller), &mut os_rng()).await
}

impl App {
    /// The seat with the copy as it is once it was brought up to date; after a while as it is.
    pub(crate) async fn with_newest_log(&self, seat: &Seat) -> Seat {
        let own = &self.own_log;
        let mut done = own.done.subscribe();
        let asked = own.asked.fetch_add(1, Ordering::SeqCst) + 1;
        own.hurry.notify_one();
        // Whoever doesn't wait longer is told how far it is.
        let _ = tokio::time::timeout(PATIENCE, done.wait_for(|done| *done >= asked)).await;
        Seat { log: own.log(), ..seat.clone() }
    }
}
