//! `callboard-desk`: a committee's seat does its work in a browser page on its own computer.
//!
//! It listens on loopback alone, for the one browser that was opened with a token. What a draft means, what waits, what
//! must be confirmed, and every check before a signature is `callboard_desk`'s; here forms are read and pages written.
//! They work without JavaScript; they load their own style, and one module of our own that shows progress in place.
//!
//! In reading order: [`cli`], the program; [`gate`], who may ask; [`home`], what lies in the seat's directory;
//! [`session`], the key while it is open; the pages [`unlock`], [`today`] and [`draft`]; [`acts`], what their forms do;
//! [`first_day`], how a seat begins; [`roster`], [`members`] and [`policies`], each drafted from forms ([`work`]) and sent
//! once its difference was read ([`proposal`]); [`import`], a committee's own file on its way to a draft; [`submitter`],
//! which hands in what enough have signed, and [`hand_in`], which takes a docket that lies elsewhere; [`alarms`], what else
//! there is to look at; [`own_log`], the copy of the log that letters rest on; [`cases`], what is decided and how. Of the secretariat's seats besides:
//! [`people`], whom the seat has to do with; [`records`], acts on what was decided; [`reports`], what is brought before the
//! committee; [`reseal`], another seat reads a draft.
//! [`paper`] prints, [`page`] writes, [`form`] reads, [`clock_check`] compares the machine's clock, [`word`] makes what nobody
//! guesses, [`saying`] has all of it said in one [`language`].

mod acts;
mod alarms;
mod cases;
pub mod cli;
mod clock_check;
mod draft;
mod first_day;
mod form;
mod gate;
mod hand_in;
mod home;
mod import;
mod language;
mod members;
mod own_log;
mod page;
mod paper;
mod people;
mod policies;
mod proposal;
mod records;
mod reports;
mod reseal;
mod roster;
mod saying;
mod session;
mod submitter;
mod today;
mod unlock;
mod word;
mod work;

use std::{
    future::pending,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::StatusCode,
    middleware,
    response::Response,
    routing::{get, post},
};
use callboard_client::clock::Clock;
use callboard_federation::{language::Language, zh_en};
use tokio::{net::TcpListener, sync::Notify};

use alarms::Watch;
pub use cli::Settings;
use clock_check::Skew;
use gate::Gate;
use home::Home;
use import::job::Job;
use own_log::OwnLog;
use people::keeper::{self, Keeper};
use session::Session;
use submitter::Notice;

/// The most bytes of a form: a text of 8 KiB, written as forms are, and a tick for each of a thousand letters.
const FORM_BYTES: usize = 128 * 1_024;

/// How long the last page has to reach the browser.
const QUIT_AFTER: Duration = Duration::from_millis(500);

/// A desk that listens.
pub struct Desk {
    listeners: Vec<TcpListener>,
    app: Arc<App>,
}

/// What every page is made of.
struct App {
    gate: Gate,
    home: Home,
    /// Whoever sits here may change it.
    language: Mutex<Language>,
    /// The machine's clock; the registry's, which in a sandbox is another, is of the session.
    machine: Arc<dyn Clock>,
    settings: Settings,
    session: Mutex<Option<Session>>,
    /// One act after the other: a form that is sent twice finds what it did the first time.
    acting: tokio::sync::Mutex<()>,
    skew: Mutex<Option<Skew>>,
    notices: Mutex<Vec<Notice>>,
    watch: Watch,
    /// Somebody is done with it.
    quit: Notify,
    /// What is being drafted of a file; the key is open as long.
    deriving: Mutex<Option<Job>>,
    keeper: Keeper,
    own_log: OwnLog,
}

impl Desk {
    /// Listens on this machine's loopback addresses.
    pub async fn open(settings: Settings, language: Language, machine: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let asked = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
        let taken = || zh_en!("端口 {} 无法使用", "port {} can't be listened on", settings.port);
        let listener = TcpListener::bind(asked).await.with_context(taken)?;
        let port = listener.local_addr()?.port();
        // A browser may take «localhost» for either: nobody else is to listen under that name.
        let other = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).await;
        let mut listeners = vec![listener];
        match other {
            Ok(other) => listeners.push(other),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => return Err(error).with_context(taken),
            Err(_) => {}
        }
        let app = App {
            gate: Gate::new(port),
            home: settings.home.as_deref().map_or_else(Home::usual, |home| Ok(Home::at(home)))?,
            language: Mutex::new(language),
            machine,
            settings,
            session: Mutex::default(),
            acting: tokio::sync::Mutex::default(),
            skew: Mutex::default(),
            notices: Mutex::default(),
            watch: Watch::default(),
            quit: Notify::new(),
            deriving: Mutex::default(),
            keeper: Keeper::default(),
            own_log: OwnLog::default(),
        };
        Ok(Self { listeners, app: Arc::new(app) })
    }

    /// The first address, with the token that is used once.
    pub fn first_url(&self) -> String {
        self.app.gate.first_url()
    }

    /// Serves until `stop` ends, and then wipes what was open.
    pub async fn serve(self, stop: impl Future<Output = ()>) -> anyhow::Result<()> {
        let Self { listeners, app } = self;
        let router = router(app.clone());
        let mut tasks = tokio::task::JoinSet::new();
        for listener in listeners {
            let router = router.clone();
            tasks.spawn(async move { axum::serve(listener, router).await });
        }
        tasks.spawn(saying::saying(app.clone(), watch(app.clone())));
        tokio::select! {
            () = stop => {}
            () = app.quit.notified() => {}
            Some(ended) = tasks.join_next() => ended??,
        }
        tasks.shutdown().await;
        app.lock();
        Ok(())
    }
}

/// What runs by itself.
async fn watch(app: Arc<App>) -> std::io::Result<()> {
    clock_check::look(&app).await;
    tokio::join!(
        submitter::run(&app),
        alarms::run(&app),
        keeper::run(&app),
        own_log::run(&app),
        cases::known::run(&app)
    );
    pending().await
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(today::show))
        .route("/unlock", post(unlock::open))
        .route("/lock", post(unlock::lock))
        .route("/quit", post(quit))
        .route("/language", post(language::switch))
        .route("/drafts/{draft}", get(draft::show))
        .route("/drafts/{draft}/sign", post(acts::sign))
        .route("/drafts/{draft}/reseal", post(reseal::reseal))
        .route("/drafts/{draft}/{act}", post(acts::answer))
        .merge(import::router())
        .route("/hand-in", post(hand_in::take))
        .route("/proposal", get(proposal::show))
        .route("/proposal/send", post(proposal::send))
        .merge(first_day::routes())
        .merge(roster::routes())
        .merge(members::routes())
        .merge(policies::routes())
        .merge(people::routes())
        .merge(records::routes())
        .merge(reports::routes())
        .merge(cases::routes())
        .merge(paper::routes())
        .fallback(page::not_found)
        .layer(middleware::from_fn_with_state(app.clone(), gate::guard))
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .layer(middleware::from_fn_with_state(app.clone(), saying::speak))
        .with_state(app)
}

/// Locks the desk, and ends the program once that is said.
async fn quit(State(app): State<Arc<App>>, _: form::Form) -> Response {
    app.lock();
    let said =
        page::told(&app, StatusCode::OK, zh_en!("已退出，可以关闭此页", "it has ended: this page can be closed"));
    tokio::spawn(async move {
        tokio::time::sleep(QUIT_AFTER).await;
        app.quit.notify_one();
    });
    said
}

impl App {
    /// Wipes the key and everything that was opened with it.
    fn lock(&self) {
        self.session().take();
        locked(&self.deriving).take();
    }

    fn language(&self) -> Language {
        *locked(&self.language)
    }

    fn session(&self) -> MutexGuard<'_, Option<Session>> {
        locked(&self.session)
    }
}

/// What a mutex holds; nothing in here is half done when something panics.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
