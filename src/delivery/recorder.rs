//! Writes what workers did, in batches and off the sending path: what came in during one commit is the next.
//!
//! If we die, workers begin where they stood at the last commit, and send what wasn't written once more, with the same ids.

use callboard_client::runtime::error_chain;
use callboard_federation::encoding::EndpointId;
use callboard_service::group_commit::Commit;
use std::{collections::HashMap, time::Duration};

use crate::store::{
    Store, StoreError,
    attempts::{Moved, StoredAttempt},
};

/// What may wait to be written: a worker that is further ahead waits, so that a crash repeats no more than this.
pub(super) const WAITING: usize = 8_192;
/// How long the store is left alone after it failed.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct Step {
    pub(super) attempt: Option<StoredAttempt>,
    pub(super) moved: Option<Moved>,
}

pub(super) struct Recorder(pub(super) Store);

impl Commit for Recorder {
    type Item = Step;
    type Answer = ();

    const AT_ONCE: usize = 4_096;

    /// Tries until it is written; the task ends where this node writes no more.
    async fn commit(&mut self, steps: Vec<Step>) -> Option<Vec<()>> {
        let answers = vec![(); steps.len()];
        let mut attempts = Vec::with_capacity(steps.len());
        let mut moved: HashMap<EndpointId, Moved> = HashMap::new();
        for step in steps {
            attempts.extend(step.attempt);
            // The last word of a worker is where it stands.
            moved.extend(step.moved.map(|moved| (moved.endpoint, moved)));
        }
        let moved: Vec<Moved> = moved.into_values().collect();
        while let Err(error) = self.0.keep_attempts(&attempts, &moved).await {
            metrics::counter!("callboard_registry_delivery_writes_failed_total").increment(1);
            tracing::error!(error = error_chain(&error), attempts = attempts.len(), "attempts wait to be written");
            if matches!(error, StoreError::Unavailable("it is closed") | StoreError::Fenced { .. }) {
                return None;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Some(answers)
    }
}
