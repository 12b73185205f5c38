//! The bell: sweeps that are due by the clock. Each is idempotent and does what ledger and store say is due; missing one
//! costs nothing but time.
//!
//! `callboard jobs` shows when each last ran, from the rows that are kept here. A nightly sweep rings often and runs when
//! the store says that it hasn't run since the last night began: a night that was missed is made up for at the start.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_client::{clock::Clock, program::told};
use callboard_federation::encoding::Time;
use tokio::sync::{Mutex, watch};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::{
    delivery::Delivery,
    ledger::{Ledger, LedgerError, audit, witnesses::Asker},
    store::{Store, jobs::StoredJob},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);
/// How often a nightly sweep asks whether it is due.
const NIGHTLY_LOOK: Duration = Duration::from_mins(10);
/// When the night begins: three in the morning in Beijing, in milliseconds of the UTC day.
const NIGHT: i64 = 19 * 3_600_000;
const DAY: i64 = 24 * 3_600_000;
/// Entries that the hourly look takes.
const SAMPLE: u64 = 64;

/// When a sweep runs.
#[derive(Debug, Clone, Copy)]
enum Rings {
    /// Each time that so long has passed.
    Every(Duration),
    /// Once a night.
    Nightly,
}

/// What a sweep did, in words; or why it couldn't.
type Swept = Result<String, LedgerError>;
type Acting = Pin<Box<dyn Future<Output = Swept> + Send>>;

/// What is swept.
pub struct Rooms {
    /// The log.
    pub ledger: Arc<Ledger>,
    /// What is pushed.
    pub delivery: Arc<Delivery>,
    /// By what is due.
    pub clock: Arc<dyn Clock>,
    /// Who asks witnesses, if there are any to ask.
    pub asker: Option<Asker>,
    /// How long attempts are kept, in days.
    pub keep_attempts_days: u32,
}

/// Starts the bell; dropped or shut down, it falls silent. `forget_addresses` forgets who asked the API and no longer does.
pub async fn start(
    rooms: Rooms,
    forget_addresses: impl Fn() + Send + Sync + 'static,
) -> Result<JobScheduler, JobSchedulerError> {
    let Rooms { ledger, delivery, clock, asker, keep_attempts_days } = rooms;
    let (store, is_out) = (ledger.store().clone(), ledger.is_out());
    let bell = Bell { scheduler: JobScheduler::new().await?, store, clock: clock.clone(), is_out };
    let of = ledger.clone();
    // The log shows that it is alive at least once a minute (formats §8); twice, so that one missed bell isn't seen.
    bell.ring("refresh-checkpoint", Rings::Every(30 * SECOND), move || {
        let ledger = of.clone();
        Box::pin(async move { ledger.refresh().await.map(|()| "signed anew".to_owned()) })
    })
    .await?;
    let (of, now) = (ledger.clone(), clock.clone());
    bell.ring("forget-nonces", Rings::Every(5 * MINUTE), move || {
        let (ledger, now) = (of.clone(), now.now());
        Box::pin(async move { Ok(format!("{} forgotten", ledger.store().forget_nonces_before(now).await?)) })
    })
    .await?;
    // Addresses that ask no more are forgotten before they are many.
    bell.ring("forget-addresses", Rings::Every(5 * MINUTE), move || {
        forget_addresses();
        done("idle addresses forgotten")
    })
    .await?;
    let of = ledger.clone();
    bell.ring("count-shares", Rings::Every(MINUTE), move || {
        let ledger = of.clone();
        Box::pin(async move { Ok(format!("{} shares counted late", ledger.store().count_givings().await?)) })
    })
    .await?;
    let of = ledger.clone();
    bell.ring("log-anchors", Rings::Every(10 * MINUTE), move || {
        let ledger = of.clone();
        Box::pin(async move { Ok(format!("{} days logged", ledger.log_anchors().await?)) })
    })
    .await?;
    let of = ledger.clone();
    bell.ring("audit-sample", Rings::Every(60 * MINUTE), move || {
        let ledger = of.clone();
        Box::pin(async move {
            let differing = ledger.sample(SAMPLE).await?;
            Ok(audited(&differing, &format!("{} entries looked at", SAMPLE.min(ledger.size()))))
        })
    })
    .await?;
    let of = ledger.clone();
    bell.ring("audit-log", Rings::Nightly, move || {
        let ledger = of.clone();
        Box::pin(async move {
            let report = audit::of_store(ledger.store(), ledger.genesis(), None).await?;
            let uncounted =
                report.uncounted().map(|(docket, rule)| format!("entry {} doesn't count: {rule}", docket.index));
            let differing: Vec<String> = report.differences.iter().map(ToString::to_string).chain(uncounted).collect();
            Ok(audited(&differing, &format!("{} entries audited", report.size)))
        })
    })
    .await?;
    let of = delivery.clone();
    bell.ring("watch-lag", Rings::Every(15 * SECOND), move || {
        let delivery = of.clone();
        Box::pin(async move { delivery.watch_lag().await })
    })
    .await?;
    let of = delivery.clone();
    bell.ring("watch-receipts", Rings::Every(MINUTE), move || {
        let delivery = of.clone();
        Box::pin(async move { delivery.watch_receipts().await })
    })
    .await?;
    let of = delivery.clone();
    bell.ring("test-disabled", Rings::Every(60 * MINUTE), move || {
        let delivery = of.clone();
        Box::pin(async move { delivery.test_disabled().await })
    })
    .await?;
    bell.ring("forget-attempts", Rings::Nightly, move || {
        let delivery = delivery.clone();
        Box::pin(async move { delivery.forget_attempts(keep_attempts_days).await })
    })
    .await?;
    if let Some(asker) = asker {
        let asker = Arc::new(Mutex::new(asker));
        // Witnesses elsewhere are asked as often as members cosign.
        bell.ring("ask-witnesses", Rings::Every(30 * SECOND), move || {
            let (asker, ledger) = (asker.clone(), ledger.clone());
            Box::pin(async move {
                asker.lock().await.ask(&ledger).await;
                Ok("asked".to_owned())
            })
        })
        .await?;
    }
    bell.scheduler.start().await?;
    Ok(bell.scheduler)
}

fn done(what: &str) -> Acting {
    let what = what.to_owned();
    Box::pin(async { Ok(what) })
}

/// What an audit found, in words; a difference is for whoever is woken by it.
fn audited<D: std::fmt::Debug>(differences: &[D], looked: &str) -> String {
    metrics::gauge!("callboard_registry_audit_differences").set(u32::try_from(differences.len()).unwrap_or(u32::MAX));
    if differences.is_empty() {
        return format!("{looked}, all as published");
    }
    tracing::error!(?differences, "ALARM: the store does not bear out what the log has published");
    format!("{looked}, {} DIFFER: run `callboard audit`", differences.len())
}

struct Bell {
    scheduler: JobScheduler,
    store: Store,
    clock: Arc<dyn Clock>,
    /// Whether another node sweeps from now on.
    is_out: watch::Receiver<bool>,
}

impl Bell {
    /// Has a sweep rung for. One that still runs isn't begun again.
    async fn ring(
        &self,
        name: &'static str,
        rings: Rings,
        act: impl Fn() -> Acting + Send + Sync + 'static,
    ) -> Result<(), JobSchedulerError> {
        let sweep =
            Arc::new(Sweep { name, rings, act: Box::new(act), is_out: self.is_out.clone(), running: Mutex::new(()) });
        let (store, clock) = (self.store.clone(), self.clock.clone());
        let every = match rings {
            Rings::Every(every) => every,
            Rings::Nightly => {
                // A night that was missed is made up for now, not in ten minutes.
                let (sweep, store, clock) = (sweep.clone(), store.clone(), clock.clone());
                tokio::spawn(async move { sweep.run(&store, &*clock).await });
                NIGHTLY_LOOK
            }
        };
        let rung = move |_, _| -> Pin<Box<dyn Future<Output = ()> + Send>> {
            let (sweep, store, clock) = (sweep.clone(), store.clone(), clock.clone());
            Box::pin(async move { sweep.run(&store, &*clock).await })
        };
        self.scheduler.add(Job::new_repeated_async(every, rung)?).await.map(drop)
    }
}

struct Sweep {
    name: &'static str,
    rings: Rings,
    act: Box<dyn Fn() -> Acting + Send + Sync>,
    is_out: watch::Receiver<bool>,
    running: Mutex<()>,
}

impl Sweep {
    async fn run(&self, store: &Store, clock: &dyn Clock) {
        let Ok(_running) = self.running.try_lock() else { return };
        if *self.is_out.borrow() {
            return;
        }
        let began_at = clock.now();
        if matches!(self.rings, Rings::Nightly) {
            match store.jobs().await {
                Ok(jobs) => {
                    let last = jobs.into_iter().find(|job| job.name == self.name).map(|job| job.began_at);
                    if !is_due(last, began_at) {
                        return;
                    }
                }
                Err(error) => {
                    return tracing::warn!(job = self.name, error = told(&error), "a sweep waits for the next bell");
                }
            }
        }
        let began = Instant::now();
        let outcome = (self.act)().await.map_err(|error| told(&error));
        let took = began.elapsed();
        let word = if outcome.is_ok() { "done" } else { "failed" };
        metrics::histogram!("callboard_registry_job_seconds", "name" => self.name, "outcome" => word).record(took);
        match &outcome {
            Ok(did) => tracing::debug!(job = self.name, did, "a sweep is done"),
            Err(error) => tracing::warn!(job = self.name, error, "a sweep failed; the next bell does it again"),
        }
        let next_at = Some(match self.rings {
            Rings::Every(every) => began_at.plus_millis(i64::try_from(every.as_millis()).unwrap_or(i64::MAX)),
            Rings::Nightly => Time::from_millis(night_before(began_at) + DAY),
        });
        let took_millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let row = StoredJob { name: self.name.to_owned(), began_at, took_millis, outcome, next_at };
        if let Err(error) = store.put_job(&row).await {
            tracing::debug!(job = self.name, error = told(&error), "when a sweep ran is not kept");
        }
    }
}

/// Whether a nightly sweep is due: it hasn't run since the last night began, or ran by a clock that was ahead.
fn is_due(last: Option<Time>, now: Time) -> bool {
    last.is_none_or(|last| last.as_millis() < night_before(now) || last > now)
}

/// When the last night began, in milliseconds since 1970.
fn night_before(now: Time) -> i64 {
    (now.as_millis() - NIGHT).div_euclid(DAY) * DAY + NIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nightly_sweep_runs_once_a_night_whenever_the_bell_rings() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let night = at("2026-11-24T19:00:00.000Z");
        assert!(is_due(None, night));
        assert!(is_due(Some(at("2026-11-24T18:59:59.999Z")), night), "the night has begun");
        assert!(!is_due(Some(night), at("2026-11-25T18:59:59.999Z")), "once is enough");
        assert!(is_due(Some(night), at("2026-11-25T19:00:00.000Z")));
        assert!(is_due(Some(at("2026-11-01T00:00:00.000Z")), at("2026-11-25T12:00:00.000Z")), "nights were missed");
        assert!(is_due(Some(at("2027-01-01T00:00:00.000Z")), night), "the clock was set back");
    }
}
