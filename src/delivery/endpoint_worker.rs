//! A worker: one endpoint, sent the log's dockets one by one in their order. It waits for nobody but its own endpoint.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use callboard_client::runtime::{error_chain, os_rng};
use callboard_federation::{encoding::Time, statement::Kind, webhook::Signer};
use rand_core::Rng as _;
use reqwest::Url;

use super::{
    Delivery,
    attempt::Attempt,
    message::messages,
    outages::Outages,
    recorder::WorkerReport,
    retry::{Decision, FailureStreak, LONGEST_RETRY_AFTER_SECONDS, decide},
};
use crate::store::{
    attempts::{EndpointUpdate, StoredAttempt},
    endpoints::{EndpointState, EndpointStatus, StoredEndpoint},
};

/// How often a worker that waits looks at the clock, which may be moved.
const LOOK: Duration = Duration::from_millis(500);
/// How many dockets in a row that nobody wants are written down as one step.
const SKIPPED: u64 = 64;
/// How long a worker waits after the store failed.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct EndpointWorker {
    delivery: Arc<Delivery>,
    endpoint: StoredEndpoint,
    url: Url,
    /// Prepared keys, and until when each is valid.
    signers: Vec<(Signer, Option<Time>)>,
    /// The kinds that it wants; empty for all.
    kinds: Vec<Kind>,
    streak: FailureStreak,
    next_index: u64,
    /// How many parts of it were taken.
    next_part: usize,
    /// Where the store believes it to stand: what is skipped is written with what comes after.
    reported_index: u64,
}

impl EndpointWorker {
    pub(super) fn new(delivery: Arc<Delivery>, endpoint: StoredEndpoint, url: Url) -> Self {
        let EndpointStatus { failures, failing_since, next_index, .. } = endpoint.status;
        let signers = super::signers(&endpoint);
        let kinds = kinds_of(&endpoint.kinds);
        let (streak, reported_index) = (FailureStreak { failures, failing_since }, next_index);
        Self { delivery, endpoint, url, signers, kinds, streak, next_index, next_part: 0, reported_index }
    }

    /// Sends until the endpoint is disabled; whoever changes it ends this worker and begins another.
    pub(super) async fn run(mut self) {
        let mut state = self.delivery.ledger.subscribe();
        if let Some(at) = self.endpoint.status.retry_at {
            self.wait_until(at).await;
        }
        loop {
            let size = self.delivery.ledger.size();
            let next = match self.delivery.ledger.next_docket(self.next_index).await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(error = error_chain(&error), "the next docket can't be read");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let Some(recent) = next else {
                // Nothing but anchors, up to there.
                self.next_index = self.next_index.max(size);
                self.report_skipped(0).await;
                // The ledger is gone, or there is something new.
                if state.wait_for(|state| state.newest.size > size).await.is_err() {
                    return;
                }
                continue;
            };
            let docket = &recent.docket;
            if self.kinds.is_empty() || docket.items.iter().any(|(_, kind)| self.kinds.contains(kind)) {
                let parts = messages(&recent, &self.delivery.ledger);
                let last = parts.len().saturating_sub(1);
                let part = self.next_part.min(last);
                let Some((id, body)) = parts.get(part) else { continue };
                let at = MessagePosition { index: docket.index, part, is_last: part == last };
                if !self.send(at, id, body).await {
                    return;
                }
            } else {
                self.next_index = docket.index + 1;
                self.report_skipped(SKIPPED).await;
            }
        }
    }

    /// Makes an attempt, and waits as long as it says; `false` if the endpoint is disabled.
    async fn send(&mut self, at: MessagePosition, id: &str, body: &Bytes) -> bool {
        let now = self.delivery.clock.now();
        let valid = |(_, until): &&(Signer, Option<Time>)| until.is_none_or(|until| now < until);
        let signers: Vec<Signer> = self.signers.iter().filter(valid).map(|(signer, _)| signer.clone()).collect();
        let (client, url, body) = (&self.delivery.client, &self.url, body.clone());
        let attempted = Attempt { client, url, signers: &signers, id, body, patience: None }.send(now).await;
        let ended = self.delivery.clock.now();
        // They are known before the first worker is.
        let none = Outages::default();
        let outages = self.delivery.outages.get().unwrap_or(&none);
        let decision = decide(attempted.outcome, self.streak, ended, outages, os_rng().next_u32());
        let (mut state, mut reason, mut retry_at) = (EndpointState::Active, None, None);
        match decision {
            Decision::Delivered if at.is_last => (self.next_index, self.next_part) = (at.index + 1, 0),
            // If we die before the last is taken, all are sent again.
            Decision::Delivered => (self.next_index, self.next_part) = (at.index, at.part + 1),
            Decision::Retry { at, .. } => retry_at = Some(at),
            Decision::Disable(why) => (state, reason) = (EndpointState::Disabled, Some(why.to_owned())),
        }
        self.streak = match decision {
            Decision::Delivered => FailureStreak::default(),
            Decision::Retry { streak, .. } => streak,
            Decision::Disable(_) => self.streak,
        };
        let attempt = StoredAttempt {
            endpoint: self.endpoint.id,
            index: Some(at.index),
            part: at.part as u64,
            is_last: at.is_last,
            at: now,
            millis: attempted.millis,
            status: attempted.status(),
            is_taken: decision == Decision::Delivered,
            answer: attempted.answer,
        };
        let outcome = if attempt.is_taken { "taken" } else { "failed" };
        metrics::counter!("callboard_registry_delivery_attempts_total", "outcome" => outcome).increment(1);
        metrics::histogram!("callboard_registry_delivery_attempt_seconds")
            .record(Duration::from_millis(attempt.millis));
        self.report(Some(attempt), state, reason, retry_at).await;
        match decision {
            Decision::Delivered => {}
            Decision::Retry { at, .. } => self.wait_until(at).await,
            Decision::Disable(why) => {
                tracing::warn!(member = self.endpoint.member, endpoint = %self.endpoint.id, why, "an endpoint is disabled");
                return false;
            }
        }
        true
    }

    async fn report(
        &mut self,
        attempt: Option<StoredAttempt>,
        state: EndpointState,
        reason: Option<String>,
        retry_at: Option<Time>,
    ) {
        let FailureStreak { failures, failing_since } = self.streak;
        let status = EndpointStatus { state, reason, next_index: self.next_index, failures, failing_since, retry_at };
        let update = EndpointUpdate { endpoint: self.endpoint.id, generation: self.endpoint.generation, status };
        self.reported_index = self.next_index;
        // It fails when the recorder is gone, and then so are we.
        let _ = self.delivery.reports.send(WorkerReport { attempt, update: Some(update) }).await;
    }

    /// What is skipped is written once it is more than so much, so that a restart needn't skip it again.
    async fn report_skipped(&mut self, more_than: u64) {
        if self.next_index.saturating_sub(self.reported_index) > more_than {
            self.report(None, EndpointState::Active, None, None).await;
        }
    }

    async fn wait_until(&self, at: Time) {
        loop {
            let left = at.as_millis() - self.delivery.clock.now().as_millis();
            // Longer than anything is put off: the clock was set back, and nobody waits for it to catch up.
            let Some(left) =
                u64::try_from(left).ok().filter(|left| (1..=LONGEST_RETRY_AFTER_SECONDS * 1_000).contains(left))
            else {
                return;
            };
            tokio::time::sleep(LOOK.min(Duration::from_millis(left))).await;
        }
    }
}

#[derive(Clone, Copy)]
struct MessagePosition {
    index: u64,
    part: usize,
    is_last: bool,
}

fn kinds_of(text: &str) -> Vec<Kind> {
    text.split(' ').filter_map(|word| Kind::ALL.into_iter().find(|kind| kind.as_str() == word)).collect()
}
