//! The agent as a whole: its parts, its start and its end.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicUsize},
    time::Duration,
};

use callboard_client::{
    clock::Clock,
    http::{self, HttpError},
    runtime::os_rng,
};
use callboard_federation::{encoding::Time, roster::is_sandbox, sealed::SealError, webhook::Secret, zh_en};
use callboard_keys::MemberKey;
use callboard_service::{Bounds, origin::Hosts, serve::serve_unix};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
    task::JoinSet,
};

use crate::{
    anchors, api,
    book::{Book, BookError},
    checks::{Checks, ChecksError},
    config::Config,
    notifications::secret,
    quota::{LastTold, Quota},
    replica::{Replica, ReplicaError},
    secret_file::SecretFileError,
    socket::{self, SocketError, SocketFile},
    store::{Database, StoreError, notifications::HookStore, quota::QuotaStore, receipts::ReceiptStore},
    token::TokenFile,
    webhook_receiver::Seen,
};

/// Connections that are kept, about 20 KiB each.
const CONNECTIONS: usize = 2_000;
/// How long what an agent does may take to end. With [`CLOSE_WITHIN`] and the process itself it is less than ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(6);
/// How long its files may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);

/// A member's agent.
pub struct Agent {
    pub(crate) config: Config,
    pub(crate) key: Arc<MemberKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) client: reqwest::Client,
    /// The hook is on the platform's own network.
    pub(crate) hook_client: reqwest::Client,
    pub(crate) replica: Replica,
    pub(crate) book: Book,
    pub(crate) checks: Checks,
    /// What whoever asks over TCP shows.
    pub(crate) token: Arc<TokenFile>,
    pub(crate) hook: HookStore,
    /// What calls to the hook are signed with.
    pub(crate) hook_secret: Secret,
    /// Wakes whoever tells the hook: something may have changed for someone.
    pub(crate) hook_work: Notify,
    pub(crate) receipt_work: Notify,
    /// Wakes whoever anchors: a day may be over.
    pub(crate) anchor_work: Notify,
    /// People of whom a call to the hook failed.
    pub(crate) hook_failing: AtomicUsize,
    pub(crate) receipts: ReceiptStore,
    /// When receipts are filed again after the registry took none.
    pub(crate) receipts_again: Mutex<Time>,
    /// Why the registry took no receipt when one was last filed, if it took none.
    pub(crate) receipt_failure: Mutex<Option<String>>,
    pub(crate) seen: Seen,
    pub(crate) is_sandbox: bool,
    pub(crate) metrics: Option<PrometheusHandle>,
    /// Why the registry didn't take the last anchor, if it didn't.
    pub(crate) anchor_failure: Mutex<Option<String>>,
    /// Why the token service's last answer was of no use, and whether it was a wrong proof.
    tokens: Mutex<Option<(bool, String)>>,
    /// The member's points, as the token service last told.
    pub(crate) points: LastTold,
    database: Database,
}

/// An agent that answers.
pub struct Running {
    /// Where.
    pub addr: SocketAddr,
    agent: Arc<Agent>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    /// Taken away at the end.
    _socket: Option<SocketFile>,
}

/// Why there is no agent, or no answer.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The key file is of another member, or of another registry.
    #[error("{}", zh_en!("密钥文件属于 {key}，而 member.toml 写的是 {config}",
        "the key file is of {key}, member.toml of {config}"))]
    OtherKey {
        /// Of whom and where the key is.
        key: String,
        /// Of whom and where the configuration is.
        config: String,
    },
    /// Its address is taken.
    #[error("{}", zh_en!("无法在 {at} 监听", "listening on {at}"))]
    Listen {
        /// The address.
        at: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The replica.
    #[error(transparent)]
    Replica(#[from] ReplicaError),
    /// The tag book.
    #[error(transparent)]
    Book(#[from] BookError),
    /// The log of checks.
    #[error(transparent)]
    Checks(#[from] ChecksError),
    /// A secret of the agent's directory.
    #[error(transparent)]
    SecretFile(#[from] SecretFileError),
    /// The Unix socket.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The registry.
    #[error("{}", zh_en!("登记系统", "the registry"))]
    Http(#[source] HttpError),
    /// The registry can't do what it is asked to on the agent's behalf.
    #[error("{}", zh_en!("登记系统暂时无法受理", "the registry can't do it now"))]
    Registry,
    /// Details don't open.
    #[error("{}", zh_en!("密封内容", "the details"))]
    Seal(#[from] SealError),
    /// What the registry gives as a share isn't one.
    #[error("{}", zh_en!("登记系统答复的不是密钥份额", "the registry's answer is no share"))]
    Share,
    /// An endpoint's secret isn't one, or can't be kept.
    #[error("{}", zh_en!("推送地址的密钥不成立，或无法存入会员端目录：请删除该推送地址",
        "an endpoint's secret is not one, or can't be kept in the agent's directory: delete the endpoint"))]
    Secret,
}

impl AgentError {
    /// What of the agent's own files this is, if it is.
    pub(crate) fn store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) | Self::Book(BookError::Store(error)) | Self::Replica(ReplicaError::Store(error)) => {
                Some(error)
            }
            Self::Checks(ChecksError::Store(error)) => match &**error {
                BookError::Store(error) => Some(error),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Agent {
    /// Opens the agent's directory and starts to follow and to answer.
    pub async fn start(
        config: Config,
        key: MemberKey,
        clock: Arc<dyn Clock>,
        metrics: Option<PrometheusHandle>,
    ) -> Result<Running, AgentError> {
        let of_key = format!("{} at {}", key.member(), key.issuer());
        let of_config = format!("{} at {}", config.member, config.issuer);
        if of_key != of_config {
            return Err(AgentError::OtherKey { key: of_key, config: of_config });
        }
        let is_sandbox = is_sandbox(&config.issuer);
        if is_sandbox {
            tracing::warn!(
                issuer = config.issuer,
                "SANDBOX: nothing in it binds anybody, and no real person has a place in it"
            );
        }
        let key = Arc::new(key);
        // First, since it takes the directory for this process alone.
        let replica = Replica::open(&config, key.clone(), clock.clone()).await?;
        let database = Database::open_book(&config.directory).await?;
        let book = Book::open(&config.directory, database.clone(), &mut os_rng()).await?;
        let checks = Checks::open(database.clone(), book.key().clone()).await?;
        let agent = Arc::new(Self {
            client: http::client().map_err(AgentError::Http)?,
            hook_client: http::direct_client().map_err(AgentError::Http)?,
            token: Arc::new(TokenFile::open(&config.directory, &mut os_rng())?),
            hook: HookStore::new(database.clone()),
            hook_secret: secret::open(&config.directory, &mut os_rng())?,
            hook_work: Notify::new(),
            receipt_work: Notify::new(),
            anchor_work: Notify::new(),
            hook_failing: AtomicUsize::new(0),
            anchor_failure: Mutex::default(),
            receipts: ReceiptStore::new(database.clone()),
            receipts_again: Mutex::new(Time::from_millis(0)),
            receipt_failure: Mutex::default(),
            seen: Seen::default(),
            is_sandbox,
            metrics,
            tokens: Mutex::default(),
            points: LastTold::open(QuotaStore::new(database.clone())).await?,
            config,
            key,
            clock,
            replica,
            book,
            checks,
            database,
        });

        let at = agent.config.listen;
        let listen = |source| AgentError::Listen { at, source };
        let listener = TcpListener::bind(at).await.map_err(listen)?;
        let addr = listener.local_addr().map_err(listen)?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let bounds = Bounds::of(CONNECTIONS).within_files();
        let router = api::router(agent.clone(), Hosts::listening(addr, &agent.config.hosts));
        tasks.spawn(callboard_service::serve(listener, router, bounds.clone(), told(stopped.clone())));
        let mut socket_file = None;
        if let Some(path) = &agent.config.socket {
            let (listener, file) = socket::listen(path)?;
            let router = api::router(agent.clone(), Hosts::of_socket());
            tasks.spawn(serve_unix(listener, router, bounds, told(stopped.clone())));
            socket_file = Some(file);
        }
        let replica = agent.replica.clone();
        let told = stopped.clone();
        tasks.spawn(async move { replica.run(told).await });
        tasks.spawn(agent.clone().run_hook(stopped.clone()));
        tasks.spawn(agent.clone().run_receipts(stopped.clone()));
        tasks.spawn(anchors::run(agent.clone(), stopped));
        tracing::info!(%addr, member = %agent.config.member, "the agent answers");
        if !addr.ip().is_loopback() {
            tracing::warn!(%addr, "the API answers beyond this machine: the token and identities cross the network as they are, unless TLS ends before it");
        }
        Ok(Running { addr, agent, stop, tasks, _socket: socket_file })
    }

    /// Where the platform's hook is.
    pub fn hook(&self) -> Option<&str> {
        self.config.hook.as_ref().map(callboard_client::pin::Address::as_str)
    }

    /// Why the token service's last answer was of no use, and whether its proof was wrong.
    pub(crate) fn tokens(&self) -> Option<(bool, String)> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The member's points, as the token service last told; nothing before it told any today.
    pub(crate) fn quota(&self) -> Option<Quota> {
        self.points.at(self.clock.now())
    }

    pub(crate) fn note_tokens(&self, failure: Option<(bool, String)>) {
        *self.tokens.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

/// Ends once the agent is told to stop, or is gone.
async fn told(mut stop: watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

impl Running {
    /// The agent.
    pub const fn agent(&self) -> &Arc<Agent> {
        &self.agent
    }

    /// Looks at the registry's feed, and at the clock, at once.
    pub fn hurry(&self) {
        self.agent.replica.hurry();
        self.agent.hook_work.notify_one();
        self.agent.anchor_work.notify_one();
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
            self.agent.replica.close().await;
            self.agent.database.close().await;
        });
        if closed.await.is_err() {
            tracing::warn!("the store did not close in time; what was answered is logged all the same");
        }
    }
}
