//! The agent as a whole: builds its parts, starts what runs by itself, and ends it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use callboard_client::{clock::Clock, runtime::os_rng};
use callboard_federation::{roster::is_sandbox, zh_en};
use callboard_keys::MemberKey;
use callboard_service::{Bounds, origin::Hosts, serve::serve_unix};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    anchors::Anchors,
    api,
    app::App,
    book::Book,
    check::{
        answer::Checker, current::CurrentAnswers, details::Details, enrol::Enroller, inquiry::InquiryReader,
        people::PeopleLookup,
    },
    checks::Checks,
    config::Config,
    error::AgentError,
    file_error::FileError,
    latest::Latest,
    notifications::{HookClient, Notifications, secret},
    quota::LastQuota,
    receipts::Receipts,
    registry::Registry,
    replica::Replica,
    reports::Reports,
    socket::{self, SocketFile},
    store::{Database, notifications::HookStore, quota::QuotaStore, receipts::ReceiptStore, reports::ReportStore},
    token::TokenFile,
    webhook_receiver::WebhookReceiver,
};

/// Connections that are kept, about 20 KiB each.
const CONNECTIONS: usize = 2_000;
/// How long what an agent does may take to end. With [`CLOSE_WITHIN`] and the process itself it is less than ten
/// seconds.
const STOP_WITHIN: Duration = Duration::from_secs(6);
/// How long its files may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

pub struct Agent {
    pub addr: SocketAddr,
    app: Arc<App>,
    database: Database,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Taken away at the end.
    _socket: Option<SocketFile>,
}

async fn build(
    config: Config,
    key: MemberKey,
    clock: Arc<dyn Clock>,
    metrics: Option<PrometheusHandle>,
) -> Result<(App, Database), AgentError> {
    let key = Arc::new(key);
    // First, since it takes the directory for this process alone.
    let replica = Replica::open(&config, key.clone(), clock.clone()).await?;
    let database = Database::open_book(&config.directory).await?;
    let book = Book::open(&config.directory, database.clone(), &mut os_rng()).await?;
    let checks = Checks::open(database.clone(), book.key().clone()).await?;
    let registry = Registry::new(&config, key, clock.clone())?;
    let quota = Arc::new(LastQuota::open(QuotaStore::new(database.clone())).await?);
    let tokens = Arc::new(Latest::default());
    let is_sandbox = is_sandbox(&config.issuer);
    if is_sandbox {
        tracing::warn!(
            issuer = config.issuer,
            "SANDBOX: nothing in it binds anybody, and no real person has a place in it"
        );
    }
    let reader = InquiryReader::new(&config, book.clone(), is_sandbox);
    let people = PeopleLookup {
        book: book.clone(),
        registry: registry.clone(),
        clock: clock.clone(),
        quota: quota.clone(),
        failure: tokens.clone(),
    };
    let details = Details { book: book.clone(), replica: replica.clone(), registry: registry.clone() };
    let current = CurrentAnswers {
        book: book.clone(),
        replica: replica.clone(),
        clock: clock.clone(),
        max_staleness: config.max_staleness(),
    };
    let receipts = Arc::new(Receipts {
        store: ReceiptStore::new(database.clone()),
        replica: replica.clone(),
        registry: registry.clone(),
        member: config.member.clone(),
        clock: clock.clone(),
        has_hook: config.calls().is_some(),
        work: Notify::new(),
        retry_at: Latest::default(),
        failure: Latest::default(),
    });
    let secret = secret::open(&config.directory, &mut os_rng())?;
    let hook = HookClient::new(&config, secret, clock.clone())?;
    let app = App {
        checker: Checker {
            reader: reader.clone(),
            people: people.clone(),
            details,
            replica: replica.clone(),
            checks: checks.clone(),
            clock: clock.clone(),
            max_staleness: config.max_staleness(),
        },
        enroller: Enroller { reader, people, replica: replica.clone(), book: book.clone(), clock: clock.clone() },
        notifications: Notifications::new(&config, HookStore::new(database.clone()), hook, &current, &receipts),
        anchors: Anchors {
            checks: checks.clone(),
            replica: replica.clone(),
            registry: registry.clone(),
            member: config.member.clone(),
            clock: clock.clone(),
            keep_checks_days: config.keep_checks_days,
            work: Notify::new(),
            failure: Latest::default(),
        },
        reports: Reports {
            store: ReportStore::new(database.clone()),
            key: book.key().clone(),
            replica: replica.clone(),
            registry: registry.clone(),
            member: config.member.clone(),
            issuer: config.issuer.clone(),
            clock: clock.clone(),
            max_staleness: config.max_staleness(),
            work: Notify::new(),
            failure: Latest::default(),
            questions: Latest::default(),
            refresh_at: Latest::default(),
            retry_at: Latest::default(),
            sending: tokio::sync::Mutex::default(),
        },
        webhook: WebhookReceiver::new(&config.directory, replica.clone(), clock.clone()),
        token: Arc::new(TokenFile::open(&config.directory, &mut os_rng())?),
        config,
        clock,
        registry,
        replica,
        book,
        checks,
        current,
        receipts,
        quota,
        tokens,
        is_sandbox,
        metrics,
    };
    Ok((app, database))
}

impl Agent {
    /// Opens the agent's directory and starts to follow and to answer.
    pub async fn start(
        config: Config,
        key: MemberKey,
        clock: Arc<dyn Clock>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Self, AgentError> {
        let of_key = format!("{} at {}", key.member(), key.issuer());
        let of_config = format!("{} at {}", config.member, config.issuer);
        if of_key != of_config {
            return Err(AgentError::OtherKey { key: of_key, config: of_config });
        }
        let (app, database) = build(config, key, clock, metrics).await?;
        let app = Arc::new(app);
        let at = app.config.listen;
        let listen = || FileError::io(zh_en!("无法在 {at} 监听", "listening on {at}"));
        let listener = TcpListener::bind(at).await.map_err(listen())?;
        let addr = listener.local_addr().map_err(listen())?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let bounds = Bounds::of(CONNECTIONS).within_open_files();
        let router = api::router(app.clone(), Hosts::listening(addr, &app.config.hosts));
        tasks.spawn(callboard_service::serve(listener, router, bounds.clone(), end(stopped.clone())));
        let mut socket_file = None;
        if let Some(path) = &app.config.socket {
            let (listener, file) = socket::listen(path)?;
            let router = api::router(app.clone(), Hosts::of_socket());
            tasks.spawn(serve_unix(listener, router, bounds, end(stopped.clone())));
            socket_file = Some(file);
        }
        let (part, stopping) = (app.clone(), stopped.clone());
        tasks.spawn(async move { part.replica.run(stopping).await });
        let (part, stopping) = (app.clone(), stopped.clone());
        tasks.spawn(async move { part.notifications.run(stopping).await });
        let (part, stopping) = (app.clone(), stopped.clone());
        tasks.spawn(async move { part.receipts.run(stopping).await });
        let (part, stopping) = (app.clone(), stopped.clone());
        tasks.spawn(async move { part.reports.run(stopping).await });
        let part = app.clone();
        tasks.spawn(async move { part.anchors.run(stopped).await });
        tracing::info!(%addr, member = %app.config.member, "the agent answers");
        if !addr.ip().is_loopback() {
            tracing::warn!(%addr, "the API answers beyond this machine: the token and identities cross the network as they are, unless TLS ends before it");
        }
        Ok(Self { addr, app, database, stop, tasks, _socket: socket_file })
    }

    /// Where the platform's hook is.
    pub fn hook(&self) -> Option<&str> {
        self.app.config.hook.as_ref().map(callboard_client::pin::Address::as_str)
    }

    /// Looks at the registry's feed, and at the clock, at once.
    pub fn hurry(&self) {
        self.app.replica.hurry();
        self.app.notifications.hurry();
        self.app.anchors.work.notify_one();
        self.app.reports.work.notify_one();
    }

    /// Finishes the requests that it has, and closes its files.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // A hook that hangs is given up: its call is owed still.
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP_WITHIN, ended).await.is_err() {
            self.tasks.shutdown().await;
        }
        let closed = tokio::time::timeout(CLOSE_WITHIN, async {
            self.app.replica.close().await;
            self.database.close().await;
        });
        if closed.await.is_err() {
            tracing::warn!("the store did not close in time; what was answered is logged all the same");
        }
    }
}

/// Ends once the agent is told to stop, or is gone.
async fn end(mut stop: watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}
