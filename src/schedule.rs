//! The bell: sweeps that are due by the clock. Each is idempotent and does what ledger and store say is due; missing one
//! costs nothing but time.

use std::{sync::Arc, time::Duration};

use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::ledger::{Ledger, witnesses::Asker};
use callboard_client::clock::Clock;

/// The log shows that it is alive at least once a minute (formats §8); twice, so that one missed bell isn't seen.
const REFRESH: Duration = Duration::from_secs(30);
/// Witnesses elsewhere are asked as often as members cosign.
const ASK_WITNESSES: Duration = Duration::from_secs(30);
/// Nonces outlive their requests by two minutes; forgetting them is not urgent.
const FORGET_NONCES: Duration = Duration::from_mins(5);
/// Addresses that ask no more are forgotten before they are many.
const FORGET_ADDRESSES: Duration = Duration::from_mins(5);
/// How soon after a day its anchors are logged; members wait for nothing.
const LOG_ANCHORS: Duration = Duration::from_mins(10);

/// Starts the bell; dropped or shut down, it falls silent. `forget_addresses` forgets who asked the API and no longer does.
pub async fn start(
    ledger: Arc<Ledger>,
    clock: Arc<dyn Clock>,
    asker: Option<Asker>,
    forget_addresses: impl Fn() + Send + Sync + 'static,
) -> Result<JobScheduler, JobSchedulerError> {
    let bell = JobScheduler::new().await?;
    let refreshed = ledger.clone();
    bell.add(Job::new_repeated(REFRESH, move |_, _| refreshed.refresh())?).await?;

    let swept = ledger.clone();
    let forget = move |_, _| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let (ledger, now) = (swept.clone(), clock.now());
        Box::pin(async move {
            match ledger.store().forget_nonces_before(now).await {
                Ok(forgotten) => tracing::debug!(nonces.forgotten = forgotten, "forgot nonces of old requests"),
                Err(error) => tracing::warn!(%error, "nonces of old requests stay until the next bell"),
            }
        })
    };
    bell.add(Job::new_repeated_async(FORGET_NONCES, forget)?).await?;

    bell.add(Job::new_repeated(FORGET_ADDRESSES, move |_, _| forget_addresses())?).await?;

    let anchored = ledger.clone();
    let log_anchors = move |_, _| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
        let ledger = anchored.clone();
        Box::pin(async move {
            match ledger.log_anchors().await {
                Ok(0) => {}
                Ok(entries) => tracing::info!(log.entries = entries, "members' anchors are logged"),
                Err(error) => tracing::warn!(%error, "members' anchors wait for the next bell"),
            }
        })
    };
    bell.add(Job::new_repeated_async(LOG_ANCHORS, log_anchors)?).await?;

    if let Some(asker) = asker {
        let asker = Arc::new(tokio::sync::Mutex::new(asker));
        let ask = move |_, _| -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
            let (asker, ledger) = (asker.clone(), ledger.clone());
            Box::pin(async move { asker.lock().await.ask(&ledger).await })
        };
        bell.add(Job::new_repeated_async(ASK_WITNESSES, ask)?).await?;
    }
    bell.start().await?;
    Ok(bell)
}
