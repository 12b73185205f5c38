//! Delivery: every docket to every member's endpoint, and what members say of having acted.
//!
//! The log is the queue: an endpoint is a [`endpoint_worker`] with a cursor in it. In reading order: [`guard`] says
//! where we connect to, `message` what is sent, `attempt` sends it, [`retry`] decides what follows, `endpoint_worker`
//! goes on, `recorder` writes it down; [`receipts`] takes members' words, [`propagation`] says how far a docket has
//! come, [`reach`] how soon the last were with members, and [`compliance`] how members stand, `overdue` what they owe of any docket, [`jobs`] what is due by the clock.
//! SQL is `store`'s, HTTP `api`'s.

mod attempt;
pub mod compliance;
mod endpoint_worker;
pub mod guard;
pub mod jobs;
mod message;
pub mod outages;
mod overdue;
pub mod propagation;
pub mod reach;
pub mod receipts;
mod recorder;
pub mod retry;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use callboard_client::{
    clock::Clock,
    runtime::{error_chain, os_rng},
};
use callboard_federation::{
    encoding::{EndpointId, Time},
    roster::is_sandbox,
    webhook::{Secret, Signer},
};
use callboard_service::group_commit::Queue;
use guard::Guard;
use rand_core::Rng as _;
use serde_json::json;
use tokio::{
    sync::{Notify, OnceCell},
    task::JoinHandle,
};

use crate::{
    ledger::Ledger,
    store::{StoreError, attempts::StoredAttempt, endpoints::StoredEndpoint},
};

/// How often the endpoints are looked at where nobody told of a change: another node may have made one.
const LOOK: Duration = Duration::from_secs(30);
/// How long an endpoint may take for a test, whose caller waits.
const TEST_WITHIN: Duration = Duration::from_secs(10);

/// What stands here is shared by all workers.
pub struct Delivery {
    ledger: Arc<Ledger>,
    clock: Arc<dyn Clock>,
    guard: Guard,
    client: reqwest::Client,
    reports: Queue<recorder::WorkerReport, ()>,
    /// The workers that run, and of which generation each is.
    workers: Mutex<HashMap<EndpointId, (u64, JoinHandle<()>)>>,
    changed: Notify,
    receipts: receipts::ReceiptQueue,
    receipt_rate: receipts::ReceiptRate,
    notices: compliance::Notices,
    alarms: jobs::Alarms,
    overdue: tokio::sync::Mutex<overdue::OverdueWatch>,
    outages: OnceCell<outages::Outages>,
    /// One look at compliance at a time.
    compliance_turn: tokio::sync::Mutex<()>,
    reach: reach::ReachAtHand,
    keeper: Mutex<Option<JoinHandle<()>>>,
}

impl Delivery {
    /// Starts a worker for each endpoint that is active.
    ///
    /// Alarms are told at `operations_url`, unless it is empty.
    pub fn start(
        ledger: Arc<Ledger>,
        clock: Arc<dyn Clock>,
        guard: Guard,
        operations_url: &str,
    ) -> Result<Arc<Self>, reqwest::Error> {
        let reports = Queue::start(recorder::WAITING, recorder::Recorder(ledger.store().clone()));
        let delivery = Arc::new(Self {
            receipts: Queue::start(receipts::WAITING, receipts::ReceiptWriter(ledger.store().clone())),
            receipt_rate: receipts::ReceiptRate::default(),
            ledger,
            clock,
            guard,
            client: guard.client()?,
            reports,
            workers: Mutex::default(),
            changed: Notify::new(),
            notices: compliance::Notices::default(),
            alarms: jobs::Alarms::new(operations_url),
            overdue: tokio::sync::Mutex::default(),
            outages: OnceCell::new(),
            compliance_turn: tokio::sync::Mutex::default(),
            reach: reach::ReachAtHand::default(),
            keeper: Mutex::default(),
        });
        let keeper = tokio::spawn(delivery.clone().keep_workers());
        *delivery.keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(keeper);
        Ok(delivery)
    }

    pub const fn guard(&self) -> Guard {
        self.guard
    }

    /// Whether nothing of this registry binds anybody.
    pub fn is_sandbox(&self) -> bool {
        self.ledger.replay().roster().is_some_and(|roster| is_sandbox(&roster.issuer))
    }

    /// Tells that an endpoint was made, changed or deleted.
    pub fn look_at_endpoints(&self) {
        self.changed.notify_one();
    }

    /// Ends every worker; what they did is written by then or sent again.
    pub fn stop(&self) {
        let keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(keeper) = keeper {
            keeper.abort();
        }
        self.workers().drain().for_each(|(_, (_, worker))| worker.abort());
    }

    fn workers(&self) -> MutexGuard<'_, HashMap<EndpointId, (u64, JoinHandle<()>)>> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn keep_workers(self: Arc<Self>) {
        let mut is_retired = self.ledger.is_retired();
        // No endpoint is judged before it is known for how long it could be sent to.
        while let Err(error) = self.outages().await {
            if matches!(error, StoreError::Unavailable("it is closed")) {
                return;
            }
            tracing::error!(error = error_chain(&error), "when the registry was off can't be read");
            tokio::time::sleep(LOOK).await;
        }
        loop {
            if *is_retired.borrow_and_update() {
                // Another node pushes from now on.
                self.workers().drain().for_each(|(_, (_, worker))| worker.abort());
                return;
            }
            match self.ledger.store().endpoints().await {
                Ok(endpoints) => self.match_workers(endpoints),
                Err(StoreError::Unavailable("it is closed")) => return,
                Err(error) => tracing::error!(error = error_chain(&error), "the endpoints can't be read"),
            }
            tokio::select! {
                () = self.changed.notified() => {}
                _ = is_retired.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// One worker for each endpoint that is active, of its newest generation, and no other.
    fn match_workers(self: &Arc<Self>, endpoints: Vec<StoredEndpoint>) {
        use crate::store::endpoints::EndpointState::Active;
        let active = endpoints.into_iter().filter(|endpoint| endpoint.status.state == Active);
        let active: HashMap<EndpointId, StoredEndpoint> = active.map(|endpoint| (endpoint.id, endpoint)).collect();
        let mut workers = self.workers();
        workers.retain(|id, (generation, worker)| {
            let stays =
                active.get(id).is_some_and(|endpoint| endpoint.generation == *generation) && !worker.is_finished();
            if !stays {
                worker.abort();
            }
            stays
        });
        for (id, endpoint) in active {
            if workers.contains_key(&id) {
                continue;
            }
            // What was allowed when it was made may not be any more.
            let url = match self.guard.check(&endpoint.url) {
                Ok(url) => url,
                Err(why) => {
                    tracing::warn!(member = endpoint.member, endpoint = %id, %why, "an endpoint is not sent to");
                    continue;
                }
            };
            let generation = endpoint.generation;
            workers.insert(
                id,
                (generation, tokio::spawn(endpoint_worker::EndpointWorker::new(self.clone(), endpoint, url).run())),
            );
        }
        metrics::gauge!("callboard_registry_delivery_lanes").set(u32::try_from(workers.len()).unwrap_or(u32::MAX));
    }

    /// Sends an endpoint a test message, as dockets are sent, and waits for what comes of it; it is kept as an attempt.
    pub async fn test(&self, endpoint: &StoredEndpoint) -> Result<StoredAttempt, guard::EndpointAddressError> {
        let url = self.guard.check(&endpoint.url)?;
        let now = self.clock.now();
        let mut random = [0; 16];
        os_rng().fill_bytes(&mut random);
        let id = format!("msg_{}", hex::encode(random));
        let body = json!({"type": "endpoint.test", "timestamp": now, "data": {"endpoint": endpoint.id}}).to_string();
        let signers: Vec<Signer> = signers(endpoint).into_iter().map(|(signer, _)| signer).collect();
        let (client, url, body) = (&self.client, &url, body.into());
        let attempt = attempt::Attempt { client, url, signers: &signers, id: &id, body, patience: Some(TEST_WITHIN) };
        let attempted = attempt.send(now).await;
        let attempt = StoredAttempt {
            endpoint: endpoint.id,
            index: None,
            part: 0,
            is_last: true,
            at: now,
            millis: attempted.millis,
            status: attempted.status(),
            is_taken: attempted.status().is_some_and(|status| (200..300).contains(&status)),
            answer: attempted.answer,
        };
        // It fails when the recorder is gone: nobody will look then.
        let _ = self.reports.send(recorder::WorkerReport { attempt: Some(attempt.clone()), update: None }).await;
        Ok(attempt)
    }
}

/// What an endpoint's messages are signed with: its secret, and the one before as long as that is valid.
fn signers(endpoint: &StoredEndpoint) -> Vec<(Signer, Option<Time>)> {
    let old = endpoint.old_secret.as_ref().map(|(secret, until)| (secret, Some(*until)));
    let all = [Some((&endpoint.secret, None)), old].into_iter().flatten();
    all.filter_map(|(secret, until)| Some((Signer::new(&Secret::from_bytes(secret).ok()?), until))).collect()
}
