//! Writes what workers did, in batches and off the sending path: what came in during one commit is the next.
//!
//! If we die, workers begin where they stood at the last commit, and send what wasn't written once more, with the same ids.

use callboard_client::runtime::error_chain;
use callboard_federation::encoding::EndpointId;
use std::{collections::HashMap, time::Duration};
use tokio::sync::mpsc;

use crate::store::{
    Store, StoreError,
    attempts::{Moved, StoredAttempt},
};

/// What may wait to be written: a worker that is further ahead waits, so that a crash repeats no more than this.
pub(super) const WAITING: usize = 8_192;
/// What one commit takes.
const AT_ONCE: usize = 4_096;
/// How long the store is left alone after it failed.
const PAUSE: Duration = Duration::from_secs(1);

/// An attempt, and where its worker stands since.
pub(super) struct Step {
    pub(super) attempt: Option<StoredAttempt>,
    pub(super) moved: Option<Moved>,
}

/// Writes until every worker is gone.
pub(super) async fn record(store: Store, mut steps: mpsc::Receiver<Step>) {
    let mut batch = Vec::new();
    loop {
        // Workers that are about to tell get in: a commit of many costs hardly more than one of few.
        tokio::task::yield_now().await;
        if steps.recv_many(&mut batch, AT_ONCE).await == 0 {
            return;
        }
        let mut attempts = Vec::with_capacity(batch.len());
        let mut moved: HashMap<EndpointId, Moved> = HashMap::new();
        for step in batch.drain(..) {
            attempts.extend(step.attempt);
            // The last word of a worker is where it stands.
            moved.extend(step.moved.map(|moved| (moved.endpoint, moved)));
        }
        let moved: Vec<Moved> = moved.into_values().collect();
        while let Err(error) = store.keep_attempts(&attempts, &moved).await {
            metrics::counter!("callboard_registry_delivery_writes_failed_total").increment(1);
            tracing::error!(error = error_chain(&error), attempts = attempts.len(), "attempts wait to be written");
            if matches!(error, StoreError::Unavailable("it is closed") | StoreError::Fenced { .. }) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
