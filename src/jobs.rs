//! Periodic jobs. Each is idempotent; a missed run only delays it.
//!
//! Schedules are cron expressions with seconds, in UTC. `callboard jobs` shows the last run of each, from the rows that
//! are kept here. A nightly job is looked at often and runs when the store says that it has not run since the last
//! night began. A night that was missed is made up for at the start.

use std::{
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use callboard_client::{
    clock::{Clock, MachineClock},
    runtime::error_chain,
};
use callboard_federation::encoding::Time;
use tokio::sync::{Mutex, watch};
use tokio_cron_scheduler::{JobScheduler, JobSchedulerError};

use crate::{
    delivery::Delivery,
    ledger::{Ledger, LedgerError, audit, witnesses::WitnessClient},
    store::{Store, jobs::StoredJob},
};

/// When the store is asked whether a nightly job is due.
const NIGHTLY_LOOK: &str = "0 */10 * * * *";
/// When the night begins: three in the morning in Beijing, in milliseconds of the UTC day.
const NIGHT: i64 = 19 * 3_600_000;
const DAY: i64 = 24 * 3_600_000;
/// Entries that the hourly audit samples.
const SAMPLE: u64 = 64;

/// What a job did, in words; or why it failed.
type JobOutcome = Result<String, LedgerError>;
type JobFuture = Pin<Box<dyn Future<Output = JobOutcome> + Send>>;

#[derive(Debug, Clone, Copy)]
enum Schedule {
    Cron(&'static str),
    Nightly,
}

struct Job {
    name: &'static str,
    schedule: Schedule,
    run: Box<dyn Fn() -> JobFuture + Send + Sync>,
    /// Held while it runs: a run that still goes on isn't begun again.
    running: Mutex<()>,
}

pub struct JobContext {
    pub ledger: Arc<Ledger>,
    pub delivery: Arc<Delivery>,
    pub clock: Arc<dyn Clock>,
    /// Who asks witnesses, if there are any to ask.
    pub witness_client: Option<WitnessClient>,
    pub keep_attempts_days: u32,
}

pub struct Jobs(JobScheduler);

impl Jobs {
    /// `forget_addresses` forgets who asked the API and no longer does.
    pub async fn start(
        parts: JobContext,
        forget_addresses: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        let runner = Arc::new(Runner {
            store: parts.ledger.store().clone(),
            clock: parts.clock.clone(),
            is_retired: parts.ledger.is_retired(),
        });
        for job in all_jobs(parts, forget_addresses) {
            let (job, runner) = (Arc::new(job), runner.clone());
            let cron = match job.schedule {
                Schedule::Cron(cron) => cron,
                Schedule::Nightly => {
                    // A night that was missed is made up for now, not in ten minutes.
                    let (job, runner) = (job.clone(), runner.clone());
                    tokio::spawn(async move { runner.run(&job, None).await });
                    NIGHTLY_LOOK
                }
            };
            let tick = tokio_cron_scheduler::Job::new_async(cron, move |id, mut scheduler| {
                let (job, runner) = (job.clone(), runner.clone());
                Box::pin(async move {
                    let next = scheduler.next_tick_for_job(id).await.ok().flatten();
                    let next = next.map(|at| Time::from_millis(at.timestamp_millis()));
                    runner.run(&job, next).await;
                })
            });
            scheduler.add(tick?).await?;
        }
        scheduler.start().await?;
        Ok(Self(scheduler))
    }

    /// Starts no further run.
    pub async fn stop(mut self) -> Result<(), JobSchedulerError> {
        self.0.shutdown().await
    }
}

fn new_job<T, W>(name: &'static str, schedule: Schedule, part: &T, work: impl Fn(T) -> W + Send + Sync + 'static) -> Job
where
    T: Clone + Send + Sync + 'static,
    W: Future<Output = JobOutcome> + Send + 'static,
{
    let part = part.clone();
    Job { name, schedule, run: Box::new(move || Box::pin(work(part.clone()))), running: Mutex::new(()) }
}

fn all_jobs(parts: JobContext, forget_addresses: impl Fn() + Clone + Send + Sync + 'static) -> Vec<Job> {
    use Schedule::{Cron, Nightly};
    let JobContext { ledger, delivery, clock, witness_client, keep_attempts_days } = parts;
    let mut jobs = vec![
        // A log shows each minute that it is alive (formats §8); twice, so that one missed run isn't seen.
        new_job("refresh-checkpoint", Cron("*/30 * * * * *"), &ledger, |ledger| async move {
            ledger.refresh().await.map(|()| "signed anew".to_owned())
        }),
        new_job("forget-nonces", Cron("10 */5 * * * *"), &(ledger.clone(), clock), |(ledger, clock)| async move {
            Ok(format!("{} forgotten", ledger.store().forget_nonces_before(clock.now()).await?))
        }),
        // Addresses that ask no more are forgotten before they are many.
        new_job("forget-addresses", Cron("20 */5 * * * *"), &forget_addresses, |forget| async move {
            forget();
            Ok("idle addresses forgotten".to_owned())
        }),
        new_job("count-shares", Cron("5 * * * * *"), &ledger, |ledger| async move {
            Ok(format!("{} shares counted late", ledger.store().count_late_shares().await?))
        }),
        new_job("case-clockwork", Cron("*/10 * * * * *"), &ledger, |ledger| async move {
            Ok(format!("{} events of cases", ledger.run_clockwork().await?))
        }),
        new_job("log-anchors", Cron("40 */10 * * * *"), &ledger, |ledger| async move {
            Ok(format!("{} days logged", ledger.log_anchors().await?))
        }),
        new_job("audit-sample", Cron("50 17 * * * *"), &ledger, |ledger| async move {
            let differing = ledger.sample(SAMPLE).await?;
            Ok(audit_outcome(&differing, &format!("{} entries looked at", SAMPLE.min(ledger.size()))))
        }),
        new_job("audit-log", Nightly, &ledger, |ledger| async move {
            let report = audit::of_store(ledger.store(), ledger.genesis(), None).await?;
            let uncounted =
                report.uncounted().map(|(docket, rule)| format!("entry {} doesn't count: {rule}", docket.index));
            let differing: Vec<String> = report.differences.iter().map(ToString::to_string).chain(uncounted).collect();
            Ok(audit_outcome(&differing, &format!("{} entries audited", report.size)))
        }),
        new_job("erase-reports", Nightly, &ledger, |ledger| async move {
            Ok(format!("{} reports erased", ledger.erase_reports().await?))
        }),
        new_job("watch-lag", Cron("*/15 * * * * *"), &delivery, |delivery| async move { delivery.watch_lag().await }),
        new_job("watch-receipts", Cron("25 * * * * *"), &delivery, |delivery| async move {
            delivery.watch_receipts().await
        }),
        new_job(
            "test-disabled",
            Cron("35 23 * * * *"),
            &delivery,
            |delivery| async move { delivery.test_disabled().await },
        ),
        new_job("forget-attempts", Nightly, &delivery, move |delivery| async move {
            delivery.forget_attempts(keep_attempts_days).await
        }),
    ];
    if let Some(witness_client) = witness_client {
        let parts = (Arc::new(Mutex::new(witness_client)), ledger);
        // Witnesses elsewhere are asked as often as members cosign.
        jobs.push(new_job("ask-witnesses", Cron("*/30 * * * * *"), &parts, |(witness_client, ledger)| async move {
            witness_client.lock().await.ask(&ledger).await;
            Ok("asked".to_owned())
        }));
    }
    jobs
}

/// What an audit found, in words; a difference is for whoever is woken by it.
fn audit_outcome<D: std::fmt::Debug>(differences: &[D], looked: &str) -> String {
    metrics::gauge!("callboard_registry_audit_differences").set(u32::try_from(differences.len()).unwrap_or(u32::MAX));
    if differences.is_empty() {
        return format!("{looked}, all as published");
    }
    tracing::error!(?differences, "ALARM: the store does not bear out what the log has published");
    format!("{looked}, {} DIFFER: run `callboard audit`", differences.len())
}

struct Runner {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Whether another node runs the jobs from now on.
    is_retired: watch::Receiver<bool>,
}

impl Runner {
    /// Runs a job if it is due, and keeps how it ended. `next` is its next instant by the machine's clock.
    async fn run(&self, job: &Job, next: Option<Time>) {
        let Ok(_running) = job.running.try_lock() else { return };
        if *self.is_retired.borrow() {
            return;
        }
        let began_at = self.clock.now();
        let next_at = match job.schedule {
            // A sandbox's clock may be ahead of the machine's.
            Schedule::Cron(_) => {
                next.map(|next| began_at.plus_millis(next.as_millis() - MachineClock.now().as_millis()))
            }
            Schedule::Nightly => {
                match self.store.jobs().await {
                    Ok(jobs) => {
                        let last = jobs.into_iter().find(|row| row.name == job.name).map(|row| row.began_at);
                        if !is_due(last, began_at) {
                            return;
                        }
                    }
                    Err(error) => {
                        return tracing::warn!(
                            job = job.name,
                            error = error_chain(&error),
                            "a job waits for its next run"
                        );
                    }
                }
                Some(Time::from_millis(night_before(began_at) + DAY))
            }
        };
        let began = Instant::now();
        let outcome = (job.run)().await.map_err(|error| error_chain(&error));
        let took = began.elapsed();
        let word = if outcome.is_ok() { "done" } else { "failed" };
        metrics::histogram!("callboard_registry_job_seconds", "name" => job.name, "outcome" => word).record(took);
        match &outcome {
            Ok(did) => tracing::debug!(job = job.name, did, "a job is done"),
            Err(error) => tracing::warn!(job = job.name, error, "a job failed; its next run does it again"),
        }
        let row = StoredJob { name: job.name.to_owned(), began_at, took_millis: millis(took), outcome, next_at };
        if let Err(error) = self.store.put_job(&row).await {
            tracing::debug!(job = job.name, error = error_chain(&error), "when a job ran is not kept");
        }
    }
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a nightly job is due: it hasn't run since the last night began, or ran by a clock that was ahead.
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
    fn a_nightly_job_runs_once_a_night_however_often_it_is_looked_at() {
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
