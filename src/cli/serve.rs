//! `callboard serve`: the registry.

use std::{path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use callboard_client::{
    clock::Clock,
    exposition,
    runtime::{self, Bind},
    sandbox_clock::{ClockArg, SandboxClock},
};
use callboard_federation::language::Phrase;
use callboard_service::{Bounds, serve};
use rand_core::Rng as _;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{
    api::{
        App,
        body::BodyMemory,
        metrics,
        router::{health_router, router},
    },
    config::Config,
    delivery::{Delivery, guard::Guard},
    jobs::{JobContext, Jobs},
    ledger::{
        Ledger, LedgerConfig, checkpoint::read_log_key, sequencer::NoFaults, signed_notes::NoteFile,
        witnesses::WitnessClient,
    },
    pages::{self, PagesState},
    store::{NodeId, Store},
};

/// How long what isn't a request may take to end, after the requests: together they have less than ten seconds.
const CLOSE_WITHIN: Duration = Duration::from_secs(3);
/// Connections of those who scrape metrics and watch health.
const WATCHERS: usize = 64;

const EXAMPLES: &str = "\
Examples:
  callboard serve registry                 the registry whose data directory `callboard init` made
  callboard serve registry --sandbox       one whose issuer ends in .test; it says so
";

/// Serves the registry of a data directory
#[derive(clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Serve {
    /// The data directory, with `callboard.toml` in it
    directory: PathBuf,
    /// Sign on though the last signed note isn't there, when members are known to hold no more than the store
    #[arg(long)]
    without_signed_note: bool,
    /// Take over from a node that seems to live (PostgreSQL): it signs nothing more from then on
    #[arg(long)]
    take_over: bool,
    /// Serve a sandbox: an issuer that ends in `.test`, for trying things out
    #[arg(long)]
    sandbox: bool,
    #[command(flatten)]
    clock: ClockArg,
    #[command(flatten)]
    bind: Bind,
    #[command(flatten)]
    logging: super::Logging,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        super::serve_on(&self.logging, self.serve())
    }

    async fn serve(&self) -> anyhow::Result<ExitCode> {
        let mut config = Config::read(&self.directory.join("callboard.toml"))?;
        config.registry.listen = self.bind.instead_of(config.registry.listen);
        runtime::writes_to(&self.directory)?;
        config.check_custody(&self.directory, self.sandbox)?;
        if self.sandbox {
            tracing::warn!(registry.issuer = config.registry.issuer, "this is a SANDBOX: nothing in it binds anybody");
        }
        let recorded = exposition::install(metrics::TABLE).context(Phrase::new("运行指标", "metrics"))?;
        let metrics_listener = TcpListener::bind(config.registry.metrics_listen)
            .await
            .context(Phrase::new("在运行指标的地址监听", "listening for metrics"))?;
        let told_to_stop = super::told_to_stop();
        let ahead = self.clock.ahead(&config.registry.issuer).await?;
        let clock: Arc<dyn Clock> = SandboxClock::clock_of(ahead.as_ref());
        let how = StartOptions { without_note: self.without_signed_note, takes_over: self.take_over };
        let signed_note = config.log.signed_note.clone();
        tokio::pin!(told_to_stop);
        let registry = tokio::select! {
            registry = Registry::start(config, clock.clone(), how) => registry?,
            // A start that breaks off is as one that died: the next begins with what was committed.
            () = &mut told_to_stop => return Ok(ExitCode::SUCCESS),
        };
        let shown = metrics::MetricsSource { recorded, ledger: registry.ledger.clone(), clock, signed_note };
        let watched = metrics::router(shown).merge(health_router(registry.app.clone()));
        let watched = tokio::spawn(serve(metrics_listener, watched, Bounds::of(WATCHERS), std::future::pending()));
        SandboxClock::follow_until(ahead.as_ref(), told_to_stop, async || registry.is_set_ahead().await).await;
        tracing::info!("stopping: what was answered is in the log");
        watched.abort();
        registry.stop().await?;
        Ok(ExitCode::SUCCESS)
    }
}

/// What a start may pass over, because whoever starts it says so.
#[derive(Debug, Clone, Copy, Default)]
pub struct StartOptions {
    /// The last signed note isn't there.
    pub without_note: bool,
    /// Another node seems to live.
    pub takes_over: bool,
}

pub struct Registry {
    pub ledger: Arc<Ledger>,
    app: App,
    jobs: Jobs,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

impl Registry {
    /// Opens the store, brings the log back, and listens.
    pub async fn start(config: Config, clock: Arc<dyn Clock>, how: StartOptions) -> anyhow::Result<Self> {
        let mut node = [0; 16];
        super::os_rng().fill_bytes(&mut node);
        let opening = LedgerConfig {
            store: Store::open(&config.registry.store).await.context(Phrase::new("打开存储", "opening the store"))?,
            key: read_log_key(&config.log.key, &config.registry.issuer)?,
            clock: clock.clone(),
            notes: Arc::new(NoteFile::new(config.log.signed_note.clone())),
            without_note: how.without_note,
            node: NodeId::new(node),
            takes_over: how.takes_over,
            fault_points: Arc::new(NoFaults),
        };
        let ledger = Ledger::open(opening).await?;

        let witnesses = &config.witnesses.ask;
        let witness_client =
            if witnesses.is_empty() { None } else { Some(WitnessClient::new(witnesses.iter().cloned())?) };
        let limits = config.limits.requests(&config.public_reports);
        let counted = limits.clone();
        let guard = Guard { loopback: config.delivery.loopback };
        let delivery = Delivery::start(ledger.clone(), clock.clone(), guard, &config.delivery.operations_url)?;
        // Before a job runs, from which it is seen when the registry last did.
        delivery.outages().await?;
        let parts = JobContext {
            ledger: ledger.clone(),
            delivery: delivery.clone(),
            clock: clock.clone(),
            witness_client,
            keep_attempts_days: config.delivery.keep_attempts_days,
        };
        let jobs = Jobs::start(parts, move || counted.forget_idle()).await?;

        let listener = TcpListener::bind(config.registry.listen).await.context(Phrase::new("监听", "listening"))?;
        let (issuer, listen) = (&config.registry.issuer, listener.local_addr()?);
        tracing::info!(registry.issuer = issuer, log.size = ledger.size(), %listen, "the registry serves");
        let bounds = config.limits.bounds();
        let (stop, stopping) = watch::channel(false);
        let config = Arc::new(config);
        let mut told = stopping.clone();
        let app = App {
            ledger: ledger.clone(),
            delivery: delivery.clone(),
            clock,
            config,
            stopping,
            bodies: BodyMemory::default(),
        };
        let (delivery, ledger_of, clock, config) = (delivery, ledger.clone(), app.clock.clone(), app.config.clone());
        let pages = pages::router(PagesState { delivery, ledger: ledger_of, clock, config });
        let service = router(app.clone(), Some(limits), pages);
        // A sender that is gone has nothing more to wait for either.
        let served = serve(listener, service, bounds, async move { drop(told.wait_for(|told| *told).await) });
        Ok(Self { ledger, app, jobs, stop, served: tokio::spawn(served) })
    }

    /// What falls due when the clock of a sandbox is set ahead: its jobs go by the machine's.
    pub async fn is_set_ahead(&self) {
        if let Err(error) = self.ledger.log_anchors().await {
            tracing::warn!(%error, "the anchors of the days that are over are not logged");
        }
        if let Err(error) = self.ledger.refresh().await {
            tracing::warn!(%error, "the log is not signed anew");
        }
    }

    /// Finishes the requests that it has, and closes the store; within ten seconds, whatever is open.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        self.served.await?;
        self.app.delivery.stop();
        let closed = tokio::time::timeout(CLOSE_WITHIN, async {
            self.jobs.stop().await?;
            self.ledger.store().close().await;
            anyhow::Ok(())
        });
        closed.await.unwrap_or_else(|_| {
            tracing::warn!("the store did not close in time; what was answered is in the log all the same");
            Ok(())
        })
    }
}
