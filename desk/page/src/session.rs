//! The key while it is open, and all that was opened with it. It locks itself when nobody does anything.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_client::{
    clock::{AheadClock, Clock as _},
    http::{self, Caller, HttpError},
    pin::Pin,
    sandbox_clock::SandboxClock,
};
use callboard_desk::{drafts::changed::Changes, registry::Registry, sign::Reading, verified_log::VerifiedLog};
use callboard_federation::{
    encoding::{DraftId, KeyId, RecordId, Time},
    roster::Role,
};
use callboard_keys::SeatKey;
use zeroize::Zeroizing;

use crate::{App, cases::kept::Known, locked, work::Work};

/// How long it stays open without an act.
const IDLE_MILLIS: i64 = 15 * 60 * 1_000;
/// How many forms that were sent are remembered: more than a person sends while a page is shown.
const SPENT: usize = 200;

/// A seat that is there: what work of it needs.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) key: Arc<SeatKey>,
    /// The name of its key file.
    pub(crate) file: String,
    /// Its home, where its own acts in cases are kept.
    pub(crate) home: Arc<Path>,
    pub(crate) pin: Arc<Pin>,
    pub(crate) clock: Arc<AheadClock>,
    /// Whose clock that is, in a sandbox.
    pub(crate) sandbox: Option<Arc<SandboxClock>>,
    /// The desk's own copy of the log, as far as it was verified.
    pub(crate) log: Option<VerifiedLog>,
}

/// A draft as its signer saw it.
#[derive(Clone)]
pub(crate) struct Shown {
    pub(crate) draft: DraftId,
    /// What the form of its page bears.
    pub(crate) word: String,
    pub(crate) reading: Arc<Reading>,
    /// What is otherwise than in the draft before it.
    pub(crate) changes: Option<Changes>,
}

/// What its holder looked up last; on no disk, and gone once it is locked.
#[derive(Default)]
pub(crate) struct Recent {
    /// What was typed to find somebody.
    pub(crate) search: Zeroizing<String>,
    /// What the registry said of whom a record is of.
    pub(crate) standing: Option<(RecordId, Vec<String>)>,
    /// Whose pages were opened, each told to the secretariat once.
    pub(crate) noted: Vec<RecordId>,
}

pub(crate) struct Session {
    seat: Seat,
    last_act: Time,
    shown: Option<Shown>,
    spent: Vec<String>,
    /// What it drafts and hasn't sent.
    pub(crate) work: Work,
    recent: Recent,
    /// What was read of cases.
    pub(crate) cases: Known,
}

/// Whoever deals with drafts for a seat.
macro_rules! drafts {
    ($seat:expr, $drafts:ident) => {
        $crate::session::drafts!($seat, $drafts, registry);
    };
    ($seat:expr, $drafts:ident, $registry:ident) => {
        let caller = $seat.caller()?;
        let $registry = $seat.registry(&caller);
        let $drafts = callboard_desk::drafts::Drafts::begin(&$registry, &$seat.key).await?;
    };
}
pub(crate) use drafts;

impl Seat {
    pub(crate) fn caller(&self) -> Result<Caller<'_>, HttpError> {
        Ok(Caller::new(http::client()?, self.key.signing_key(), &*self.clock))
    }

    /// The pinned registry, held against the desk's own copy of its log.
    pub(crate) fn registry<'a>(&'a self, caller: &'a Caller<'a>) -> Registry<'a> {
        Registry::new(&self.pin, caller).with_home(&self.home).with_log(self.log.as_ref())
    }

    /// The name of its key file, without the ending.
    pub(crate) fn stem(&self) -> &str {
        self.file.strip_suffix(".key").unwrap_or(&self.file)
    }

    pub(crate) fn id(&self) -> KeyId {
        self.key.public_key().id()
    }

    /// Whether it is of the secretariat, as its key says.
    pub(crate) fn is_secretariat(&self) -> bool {
        self.key.role() == Role::Secretariat
    }

    /// The instant now, as the registry has it.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }
}

/// How soon what runs by itself sees that the key is open.
const ROUND: Duration = Duration::from_secs(2);
/// How soon it is done again where it came to nothing: somebody waits for it.
const SOON: Duration = Duration::from_secs(10);

/// What is done once the key is open, and again each time so long has gone by, until it is locked.
pub(crate) struct Rounds {
    every: Duration,
    last: Option<Instant>,
    /// How long it waits this time.
    pause: Duration,
}

impl Rounds {
    pub(crate) const fn every(every: Duration) -> Self {
        Self { every, last: None, pause: every }
    }

    /// This time it came to nothing.
    pub(crate) const fn again_soon(&mut self) {
        self.pause = SOON;
    }

    /// Waits until it is to be done, and gives the seat for it.
    pub(crate) async fn next(&mut self, app: &App) -> Seat {
        loop {
            tokio::time::sleep(ROUND).await;
            match app.seat() {
                // Whoever unlocks it begins anew.
                None => self.last = None,
                Some(seat) if self.last.is_none_or(|last| last.elapsed() >= self.pause) => {
                    (self.last, self.pause) = (Some(Instant::now()), self.every);
                    return seat;
                }
                Some(_) => {}
            }
        }
    }
}

impl App {
    pub(crate) fn begin(&self, seat: Seat) {
        let last_act = self.machine.now();
        *self.session() = Some(Session {
            seat,
            last_act,
            shown: None,
            spent: Vec::new(),
            work: Work::default(),
            recent: Recent::default(),
            cases: Known::default(),
        });
    }

    /// The seat, for an act of its holder's, unless it is locked.
    pub(crate) fn acting_seat(&self) -> Option<Seat> {
        let seat = self.seat()?;
        if let Some(session) = self.session().as_mut() {
            session.last_act = self.machine.now();
        }
        Some(seat)
    }

    /// The seat, unless it is locked: it locks itself.
    pub(crate) fn seat(&self) -> Option<Seat> {
        let mut session = self.session();
        let idle = self.machine.now().as_millis() - session.as_ref()?.last_act.as_millis();
        if idle >= IDLE_MILLIS {
            *session = None;
            locked(&self.deriving).take();
        }
        Some(Seat { log: self.own_log.log(), ..session.as_ref()?.seat.clone() })
    }

    /// What was shown of a draft, if it is the last that was.
    pub(crate) fn shown(&self, draft: DraftId) -> Option<Shown> {
        self.session().as_ref()?.shown.clone().filter(|shown| shown.draft == draft)
    }

    /// Remembers what is shown now.
    pub(crate) fn show(&self, shown: Shown) {
        if let Some(session) = self.session().as_mut() {
            session.shown = Some(shown);
        }
    }

    /// Forgets what is shown: it is read anew, in another language.
    pub(crate) fn show_anew(&self) {
        if let Some(session) = self.session().as_mut() {
            session.shown = None;
        }
    }

    /// What was looked up last, for whoever reads or changes it; nothing while it is locked.
    pub(crate) fn recent<T>(&self, with: impl FnOnce(&mut Recent) -> T) -> Option<T> {
        self.session().as_mut().map(|session| with(&mut session.recent))
    }

    /// Whether a form was taken already.
    pub(crate) fn is_spent(&self, once: &str) -> bool {
        self.session().as_ref().is_some_and(|session| session.spent.iter().any(|spent| spent == once))
    }

    pub(crate) fn spend(&self, once: &str) {
        if let Some(session) = self.session().as_mut() {
            session.spent.push(once.to_owned());
            if session.spent.len() > SPENT {
                session.spent.remove(0);
            }
        }
    }
}
