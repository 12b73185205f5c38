//! Writes what workers did, in batches and off the sending path: what came in during one commit is the next.
//!
//! If we die, workers begin where they stood at the last commit, and send what wasn't written once more, with the same
//! ids.

use callboard_client::runtime::error_chain;
use callboard_federation::encoding::EndpointId;
use callboard_service::group_commit::Commit;
use std::{collections::HashMap, time::Duration};

use crate::store::{
    Store, StoreError,
    attempts::{EndpointUpdate, StoredAttempt},
};

/// What may wait to be written: a worker that is further ahead waits, so that a crash repeats no more than this.
pub(super) const WAITING: usize = 8_192;
/// How long the store is left alone after it failed.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) struct WorkerReport {
    pub(super) attempt: Option<StoredAttempt>,
    pub(super) update: Option<EndpointUpdate>,
}

pub(super) struct Recorder(pub(super) Store);

impl Commit for Recorder {
    type Item = WorkerReport;
    type Answer = ();

    const AT_ONCE: usize = 4_096;

    /// Tries until it is written; the task ends where this node writes no more.
    async fn commit(&mut self, reports: Vec<WorkerReport>) -> Option<Vec<()>> {
        let answers = vec![(); reports.len()];
        let mut attempts = Vec::with_capacity(reports.len());
        let mut updates: HashMap<EndpointId, EndpointUpdate> = HashMap::new();
        for report in reports {
            attempts.extend(report.attempt);
            // The last word of a worker is where it stands.
            updates.extend(report.update.map(|update| (update.endpoint, update)));
        }
        let updates: Vec<EndpointUpdate> = updates.into_values().collect();
        while let Err(error) = self.0.keep_attempts(&attempts, &updates).await {
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
