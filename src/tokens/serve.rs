//! The running service: its parts, its routes, its start and its end.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use callboard_client::clock::Clock;
use callboard_federation::{encoding::Hash, tag::Epoch, token_key::TokenPublicKey};
use metrics_exporter_prometheus::PrometheusHandle;
use rand_core::CryptoRng;
use serde::Serialize;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use tower_http::timeout::TimeoutLayer;

use super::{
    Config, FollowError, TokensError, burst::Bursts, evaluate, follow::Follower, problem::Problem, seed::Seeds,
    store::Store, view::NotLive,
};

/// How long a request may take, its body's arrival among it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often what counts no longer is forgotten.
const SWEEP: Duration = Duration::from_mins(1);

/// Makes the randomness of one proof.
pub type Chance = Arc<dyn Fn() -> Box<dyn CryptoRng> + Send + Sync>;

/// A token service that is about to start.
pub struct Service {
    /// Its directory: seeds and store.
    pub dir: PathBuf,
    /// Its settings.
    pub config: Config,
    /// The hash that pins the registry's log.
    pub genesis: Hash,
    /// Whether an issuer that ends in `.test` is meant.
    pub sandbox: bool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where proofs' nonces come from.
    pub chance: Chance,
    /// The process's metrics, to be shown on their own port.
    pub metrics: Option<PrometheusHandle>,
}

/// A token service that answers.
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Where it shows metrics.
    pub metrics_addr: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    served: Arc<Served>,
}

/// What every request needs.
pub(super) struct Served {
    pub(super) config: Config,
    pub(super) seeds: Seeds,
    pub(super) store: Store,
    pub(super) follower: Follower,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) chance: Chance,
    pub(super) turns: Semaphore,
    pub(super) bursts: Bursts,
}

impl Service {
    /// Reads seeds and store, looks at the registry once, and answers.
    ///
    /// It starts with what it knew when the registry can't be reached; not when what it knew isn't of the pinned log.
    pub async fn start(self) -> Result<Running, TokensError> {
        let Self { dir, config, genesis, sandbox, clock, chance, metrics } = self;
        if config.is_sandbox() && !sandbox {
            return Err(TokensError::Sandbox);
        }
        if config.is_sandbox() {
            tracing::warn!(issuer = config.issuer, "SANDBOX: nothing that this service makes tags for is real");
        }
        let seeds = Seeds::read(&dir, &config.issuer)?;
        let store = Store::open(&dir).await?;
        let follower = Follower::resume(config.clone(), genesis, store.clone(), Arc::clone(&clock)).await?;
        if let Err(error) = follower.poll().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "started without the registry");
        }
        let served = Arc::new(Served {
            bursts: Bursts::new(config.requests_per_second, config.requests_at_once, Arc::clone(&clock)),
            turns: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            config,
            seeds,
            store,
            follower,
            clock,
            chance,
        });

        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let addr = listen(served.config.listen, router(Arc::clone(&served)), &stopped, &mut tasks).await?;
        let metrics_addr = match metrics.clone() {
            None => None,
            Some(handle) => {
                let shown = Router::new().route("/metrics", get(async move || handle.render()));
                Some(listen(served.config.metrics_listen, shown, &stopped, &mut tasks).await?)
            }
        };
        tasks.spawn({
            let (served, stopped) = (Arc::clone(&served), stopped.clone());
            async move { served.follower.run(stopped).await }
        });
        tasks.spawn({
            let served = Arc::clone(&served);
            async move { served.sweep(stopped, metrics).await }
        });
        tracing::info!(%addr, "the token service answers");
        Ok(Running { addr, metrics_addr, stop, tasks, served })
    }
}

impl Running {
    /// Looks at the registry now.
    pub async fn follow(&self) -> Result<(), FollowError> {
        self.served.follower.poll().await
    }

    /// Takes no more requests, finishes those that it has, and closes the store.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.served.store.close().await;
    }
}

impl Served {
    /// Forgets what counts no longer, and says how it stands, until told to stop.
    async fn sweep(&self, mut stop: watch::Receiver<bool>, metrics: Option<PrometheusHandle>) {
        loop {
            if let Err(error) = self.store.forget_nonces(self.clock.now()).await {
                tracing::error!(%error, "nonces could not be forgotten");
            }
            self.bursts.forget();
            if let Some(metrics) = &metrics {
                metrics.run_upkeep();
            }
            let (roster, members) = self.follower.view().versions();
            for (name, version) in
                [("callboard_tokens_roster_version", roster), ("callboard_tokens_members_version", members)]
            {
                metrics::gauge!(name).set(u32::try_from(version).unwrap_or(u32::MAX));
            }
            if tokio::time::timeout(SWEEP, stop.wait_for(|stop| *stop)).await.is_ok() {
                return;
            }
        }
    }
}

/// Listens, and serves until told to stop.
async fn listen(
    at: SocketAddr,
    router: Router,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, TokensError> {
    let listener = TcpListener::bind(at).await.map_err(|source| TokensError::Listen { at, source })?;
    let addr = listener.local_addr().map_err(|source| TokensError::Listen { at, source })?;
    let mut stopped = stopped.clone();
    tasks.spawn(async move {
        let stop = async move {
            // An error says that the service is gone, which is as good.
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the listener failed");
        }
    });
    Ok(addr)
}

fn router(served: Arc<Served>) -> Router {
    Router::new()
        .route("/v1/tokens", post(evaluate::evaluate))
        .route("/v1/epochs", get(epochs))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::Method)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .with_state(served)
}

/// The epochs of which this service holds a key.
#[derive(Serialize)]
struct HeldKeys {
    issuer: String,
    sandbox: bool,
    epochs: Vec<Held>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    number: Epoch,
    public_key: TokenPublicKey,
    state: HeldState,
}

/// How the roster stands to a key that is held here.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum HeldState {
    /// It is evaluated with.
    Live,
    /// No longer.
    Closed,
    /// The roster doesn't name the epoch, or not yet.
    Unlisted,
    /// The roster names another key for it.
    Foreign,
}

/// Names the epochs that this service holds a key of, each with its public key and how the roster stands to it.
async fn epochs(State(served): State<Arc<Served>>) -> Json<HeldKeys> {
    let view = served.follower.view();
    let held = |(number, public_key)| {
        let state = match view.live_key(number) {
            Ok(named) if named == public_key => HeldState::Live,
            Ok(_) => HeldState::Foreign,
            Err(NotLive::Closed) => HeldState::Closed,
            Err(NotLive::Unknown) => HeldState::Unlisted,
        };
        Held { number, public_key, state }
    };
    let config = &served.config;
    Json(HeldKeys {
        issuer: config.issuer.clone(),
        sandbox: config.is_sandbox(),
        epochs: served.seeds.keys().map(held).collect(),
    })
}

/// Says whether the service knows a roster that the registry confirmed of late.
async fn ready(State(served): State<Arc<Served>>) -> Result<&'static str, Problem> {
    let seconds = i64::try_from(served.config.ready_seconds).unwrap_or(i64::MAX);
    let since = served.follower.view().confirmed_at.ok_or(Problem::NotReady)?;
    let age = served.clock.now().as_seconds().saturating_sub(since.as_seconds());
    if age <= seconds { Ok("ready\n") } else { Err(Problem::NotReady) }
}
