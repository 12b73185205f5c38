//! The running service: its parts, its routes, its start and its end.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use callboard_api::{
    document::{self, Entry, Problems, add_signatures, negotiated},
    tokens::{self as of, HeldKey, HeldKeyState, HeldKeys},
};
use callboard_client::{
    clock::Clock,
    exposition::{count, seconds_between},
};
use callboard_federation::{encoding::Hash, problems};
use callboard_service::{
    Bounds,
    cors::{PublicReads, cors},
    limit::{LimitLayer, limit},
    media::{MediaTypes, negotiate},
    operation::Routes,
};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::JoinSet,
};
use utoipa::OpenApi;

use super::{
    Config, FollowError, TokensError,
    app::{App, RngSource},
    evaluate,
    follow::Follower,
    problem::{Problem, ProblemDocument},
    seed::Seeds,
    store::Store,
    view::EpochError,
};

/// How long a request may take, its body's arrival among it.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long all of it may take to end; with what the process closes besides, less than ten seconds.
const STOP_WITHIN: Duration = Duration::from_secs(8);
/// How often what counts no longer is forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(1);

pub struct TokenService {
    /// Its directory: seeds and store.
    pub dir: PathBuf,
    pub config: Config,
    /// The hash that pins the registry's log.
    pub genesis: Hash,
    /// Whether an issuer that ends in `.test` is meant.
    pub sandbox: bool,
    pub clock: Arc<dyn Clock>,
    /// Where proofs' nonces come from.
    pub os_rng: RngSource,
    /// The process's metrics, to be shown on their own port.
    pub metrics: Option<PrometheusHandle>,
}

pub struct RunningService {
    pub addr: SocketAddr,
    pub metrics_addr: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    served: Arc<App>,
}

impl TokenService {
    /// Reads seeds and store, looks at the registry once, and answers.
    ///
    /// It starts with what it knew when the registry can't be reached; not when what it knew isn't of the pinned log.
    pub async fn start(self) -> Result<RunningService, TokensError> {
        let Self { dir, config, genesis, sandbox, clock, os_rng, metrics } = self;
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
        let served = Arc::new(App {
            limits: config.requests(),
            turns: Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)),
            config,
            seeds,
            store,
            follower,
            clock,
            os_rng,
        });

        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let (at, bounds) = (served.config.listen, served.config.bounds());
        let addr = listen(at, router(Arc::clone(&served)), bounds.clone(), &stopped, &mut tasks).await?;
        let metrics_addr = match metrics {
            None => None,
            Some(handle) => {
                let looked = Arc::clone(&served);
                let show = async move || {
                    looked.set_gauges();
                    handle.render()
                };
                // Health stands here too, where no load of the API reaches it.
                let shown = health_router(Arc::clone(&served)).route("/metrics", get(show));
                Some(listen(served.config.metrics_listen, shown, bounds, &stopped, &mut tasks).await?)
            }
        };
        tasks.spawn({
            let (served, stopped) = (Arc::clone(&served), stopped.clone());
            async move { served.follower.run(stopped).await }
        });
        tasks.spawn({
            let served = Arc::clone(&served);
            async move { served.forget_old(stopped).await }
        });
        tracing::info!(%addr, "the token service answers");
        Ok(RunningService { addr, metrics_addr, stop, tasks, served })
    }
}

impl RunningService {
    pub async fn follow(&self) -> Result<(), FollowError> {
        self.served.follower.poll().await
    }

    /// Takes no more requests, finishes those that it has, and closes the store.
    ///
    /// It takes at most [`STOP_WITHIN`]: a registry that hangs is given up, and a request that does.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(STOP_WITHIN, async {
            while self.tasks.join_next().await.is_some() {}
            self.served.store.close().await;
        });
        if ended.await.is_err() {
            tracing::warn!("not all ended in time; what was answered is kept all the same");
            self.tasks.abort_all();
        }
    }
}

impl App {
    fn set_gauges(&self) {
        let view = self.follower.view();
        let (roster, members) = view.versions();
        metrics::gauge!("callboard_tokens_roster_version").set(count(roster));
        metrics::gauge!("callboard_tokens_members_version").set(count(members));
        if let Some(at) = view.confirmed_at {
            let age = seconds_between(at.as_millis(), self.clock.now().as_millis());
            metrics::gauge!("callboard_tokens_roster_age_seconds").set(age);
        }
    }

    /// Forgets what counts no longer, until told to stop.
    async fn forget_old(&self, mut stop: watch::Receiver<bool>) {
        loop {
            let now = self.clock.now();
            if let Err(error) = self.store.forget_nonces(now).await {
                tracing::error!(%error, "nonces could not be forgotten");
            }
            let kept = now.plus_days(-i64::from(self.config.keep_batches_days));
            match self.store.forget_batches(kept).await {
                Ok(0) => {}
                Ok(batches) => tracing::info!(batches, "batches beyond the audit period are forgotten"),
                Err(error) => tracing::error!(%error, "old batches could not be forgotten"),
            }
            self.limits.forget_idle();
            if tokio::time::timeout(FORGET_EVERY, stop.wait_for(|stop| *stop)).await.is_ok() {
                return;
            }
        }
    }
}

async fn listen(
    at: SocketAddr,
    router: Router,
    bounds: Bounds,
    stopped: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> Result<SocketAddr, TokensError> {
    let listener = TcpListener::bind(at).await.map_err(|source| TokensError::Listen { at, source })?;
    let addr = listener.local_addr().map_err(|source| TokensError::Listen { at, source })?;
    let mut stopped = stopped.clone();
    // An error says that the service is gone, which is as good.
    let stop = async move { drop(stopped.wait_for(|stop| *stop).await) };
    tasks.spawn(callboard_service::serve(listener, router, bounds, stop));
    Ok(addr)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Callboard token service",
        description = "Makes tags of identities without seeing whose: a batch of blinded points in, evaluated points and one \
            proof out (RFC 9497). Formats: docs/formats.md §3. Every refusal is an RFC 9457 problem whose `type` is stable \
            (docs/errors.md). Each GET answers HEAD too; another method at a known address is 405 with `Allow`, an unknown \
            address 404.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Callboard"),
    ),
    servers((url = "https://tokens.callboard.example", description = "An example")),
    components(schemas(ProblemDocument)),
    tags(
        (name = "tokens", description = "For members and seats"),
        (name = "public", description = "For everyone"),
        (name = "operating", description = "For whoever operates the service"),
    ),
)]
struct ApiDoc;

fn operations() -> Routes<Arc<App>> {
    Routes::default()
        .by_hand(&of::EVALUATE_POINTS.description, post(evaluate::evaluate))
        .by_hand(&of::LIST_EPOCHS.description, get(epochs))
        .by_hand(&of::GET_HEALTH.description, get(alive))
        .by_hand(&of::GET_READINESS.description, get(ready))
}

/// The OpenAPI document, as `openapi/tokens.json` has it.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = ApiDoc::openapi();
    document::add(&mut document, of::OPERATIONS.iter().copied().map(Entry::from));
    add_signatures(&mut document);
    let listed = problems::in_english(problems::TOKENS);
    let problems = Problems {
        listed: &listed,
        rules: &[],
        always: &["too-slow", "rate-limited"],
        secured: &["unsigned", "request-signature", "request-replayed", "key-unknown"],
        retried: &["rate-limited", "quota-spent", "key-not-yet"],
        headers: &[],
    };
    problems.describe(&mut document);
    document
}

fn router(served: Arc<App>) -> Router {
    let types = MediaTypes::of(negotiated(&openapi()), |mismatch| Problem::from(mismatch).into_response());
    let refuse = |retry_after| Problem::TooFast { retry_after }.into_response();
    // What is left of a quota is told instead.
    let limited = LimitLayer { limits: Arc::clone(&served.limits), refuse, tells: false };
    operations()
        .into_router()
        .fallback(async || Problem::NotFound)
        .method_not_allowed_fallback(async || Problem::Method)
        .layer(middleware::from_fn_with_state(types, negotiate))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(limited, limit))
        .layer(middleware::from_fn_with_state(PublicReads::of(["/v1/epochs".to_owned()]), cors))
        .with_state(served)
}

fn health_router(served: Arc<App>) -> Router {
    Router::new()
        .route(of::GET_HEALTH.description.path, get(alive))
        .route(of::GET_READINESS.description.path, get(ready))
        .with_state(served)
}

/// A request that isn't done in time is told so; each is timed, by route and status.
async fn in_time(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let done = tokio::time::timeout(PATIENCE, next.run(request)).await;
    let response = done.unwrap_or_else(|_| Problem::TooSlow.into_response());
    let status = response.status().as_u16().to_string();
    metrics::histogram!("callboard_tokens_request_seconds", "route" => route, "status" => status)
        .record(began.elapsed());
    response
}

async fn epochs(State(served): State<Arc<App>>) -> Json<HeldKeys> {
    let view = served.follower.view();
    let held = |(number, public_key)| {
        let state = match view.live_key(number) {
            Ok(named) if named == public_key => HeldKeyState::Live,
            Ok(_) => HeldKeyState::Foreign,
            Err(EpochError::Closed) => HeldKeyState::Closed,
            Err(EpochError::Unknown) => HeldKeyState::Unlisted,
        };
        HeldKey { number, public_key, state }
    };
    let config = &served.config;
    Json(HeldKeys {
        issuer: config.issuer.clone(),
        sandbox: config.is_sandbox(),
        epochs: served.seeds.keys().map(held).collect(),
    })
}

async fn alive() -> &'static str {
    "alive\n"
}

async fn ready(State(served): State<Arc<App>>) -> Result<&'static str, Problem> {
    let seconds = i64::try_from(served.config.ready_seconds).unwrap_or(i64::MAX);
    let since = served.follower.view().confirmed_at.ok_or(Problem::NotReady)?;
    let age = served.clock.now().as_seconds().saturating_sub(since.as_seconds());
    if age <= seconds { Ok("ready\n") } else { Err(Problem::NotReady) }
}
