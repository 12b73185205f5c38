//! `/metrics` of the registry, on its own port: all that it counts, and how it stands when somebody looks.
//!
//! What is counted where it happens stands in [`TABLE`] too, so that each has its HELP. No label is a stranger's:
//! routes and methods are the router's own, witnesses the roster's, jobs those of `jobs`.

use std::{path::PathBuf, sync::Arc};

use axum::{Router, extract::State, routing::get};
use callboard_client::{
    clock::Clock,
    exposition::{
        InitialValue::{Absent, By, Zero},
        Metric, count, counter, gauge, histogram, seconds_between,
    },
};
use callboard_federation::encoding::Time;
use metrics_exporter_prometheus::PrometheusHandle;

use super::public;
use crate::{
    ledger::{Ledger, checkpoint::PublishedState, writership::Writership},
    store::{Store, StoreError},
};

/// A cosignature counts as fresh for so long, in seconds: agents cosign what is newest each minute.
const FRESH: f64 = 300.0;
const DAY_MILLIS: i64 = 86_400_000;

pub const TABLE: &[Metric] = &[
    histogram(
        "callboard_registry_http_request_seconds",
        "Time until a request was answered, by method, route and status",
    ),
    histogram(
        "callboard_registry_store_transaction_seconds",
        "Time of each transaction of the store, by name and outcome",
    ),
    gauge("callboard_registry_store_failing", "1 if the last write failed: dockets get 503, and reading goes on"),
    gauge("callboard_registry_disk_free_bytes", "Free on the fullest of the disks of this machine that are written to"),
    histogram(
        "callboard_registry_sequencer_batch_seconds",
        "Time until a batch of dockets was logged, committed and signed",
    ),
    histogram("callboard_registry_sequencer_batch_dockets", "Dockets of each batch"),
    gauge(
        "callboard_registry_log_writership",
        "1 for the state that the node is in: writes, unsettled, fenced, behind, other-history",
    ),
    gauge("callboard_registry_log_entries", "Entries of the log"),
    gauge(
        "callboard_registry_checkpoint_age_seconds",
        "Since the newest checkpoint was signed; it is signed anew each half minute",
    ),
    gauge("callboard_registry_unwitnessed_entries", "Entries that the roster's quorum has not cosigned yet"),
    gauge("callboard_registry_witnesses", "Witnesses that the roster in force names"),
    gauge("callboard_registry_witness_quorum", "How many of them a view needs"),
    gauge("callboard_registry_witnesses_fresh", "Witnesses that cosigned within five minutes"),
    gauge(
        "callboard_registry_witness_age_seconds",
        "Since each witness cosigned last, as long as the checkpoint is shown",
    ),
    counter("callboard_registry_witness_answers_total", "Answers of the witnesses that are asked, by outcome")
        .begins(By("outcome", &["cosigned", "failed"])),
    gauge("callboard_registry_delivery_lanes", "Endpoints that are being sent to").begins(Zero),
    gauge("callboard_registry_delivery_endpoints", "Endpoints, by state")
        .begins(By("state", &["active", "paused", "disabled"])),
    gauge("callboard_registry_delivery_owed", "Entries that active endpoints have not taken yet, all together")
        .begins(Zero),
    gauge("callboard_registry_delivery_lagging_endpoints", "Endpoints whose next docket is over a minute old")
        .begins(Zero),
    gauge(
        "callboard_registry_delivery_lag_seconds",
        "Age of the oldest docket that an active endpoint has not taken, once over a minute",
    )
    .begins(Zero),
    counter("callboard_registry_delivery_attempts_total", "Attempts to push, by outcome")
        .begins(By("outcome", &["taken", "failed"])),
    histogram("callboard_registry_delivery_attempt_seconds", "Time until an endpoint answered, or was given up"),
    counter(
        "callboard_registry_delivery_writes_failed_total",
        "Batches of attempts that the store did not take, and that are tried again",
    ),
    counter("callboard_registry_delivery_alarms_total", "Alarms of delivery that began or ended, by alarm and state")
        .begins(Absent),
    gauge("callboard_registry_receipts_owed", "Receipts that members owe for the last dockets, in time or not")
        .begins(Zero),
    gauge("callboard_registry_receipts_overdue", "Of these, those whose time is over").begins(Zero),
    gauge("callboard_registry_receipts_overdue_age_seconds", "Since the oldest overdue receipt was due").begins(Zero),
    counter("callboard_registry_case_events_total", "Events of cases that were taken, by act"),
    counter("callboard_registry_reports_total", "Reports that were filed, by kind")
        .begins(By("kind", &["violation", "not-this-person", "authority", "court", "paper", "public", "public-minor"])),
    counter(
        "callboard_registry_public_reports_refused_total",
        "Reports of the public that were refused, by what was full",
    )
    .begins(By("why", &["hour", "bytes"])),
    counter("callboard_registry_report_acts_total", "What was done with reports, by act")
        .begins(By("act", &["accept", "dismiss", "merge", "ask", "answer", "add", "ask-identity", "note"])),
    counter("callboard_registry_drafts_total", "Drafts that seats sent").begins(Zero),
    counter("callboard_registry_draft_answers_total", "Answers of seats to drafts, by act")
        .begins(By("act", &["sign", "refuse", "ask", "reply", "withdraw", "stop"])),
    counter("callboard_registry_anchors_total", "Anchors of members that were handed in, by outcome")
        .begins(By("outcome", &["taken", "refused"])),
    gauge(
        "callboard_registry_anchors_waiting_age_seconds",
        "Since the end of the oldest day whose anchors are not logged yet",
    ),
    counter("callboard_registry_shares_given_total", "Shares of records that were given to members"),
    counter(
        "callboard_registry_shares_given_uncounted_total",
        "Of these, those that the store could not count at once",
    ),
    counter(
        "callboard_registry_nonces_unstored_total",
        "Nonces of signed requests that are held in memory, as the store takes none",
    ),
    histogram("callboard_registry_job_seconds", "Time of each run of a job, by name and outcome"),
    gauge("callboard_registry_job_last_run_timestamp_seconds", "When each job began last, since 1970"),
    gauge("callboard_registry_job_failed", "1 for a job whose last run failed"),
    gauge(
        "callboard_registry_audit_differences",
        "What the last audit of the store found to differ from what was published",
    )
    .begins(Zero),
];

pub struct MetricsSource {
    pub recorded: PrometheusHandle,
    pub ledger: Arc<Ledger>,
    pub clock: Arc<dyn Clock>,
    /// The file of the last signed note, whose disk is written to.
    pub signed_note: PathBuf,
}

/// `/metrics` in Prometheus' text format.
pub fn router(shown: MetricsSource) -> Router {
    let show = async |State(shown): State<Arc<MetricsSource>>| {
        shown.set_gauges().await;
        shown.recorded.render()
    };
    Router::new().route("/metrics", get(show)).with_state(Arc::new(shown))
}

impl MetricsSource {
    async fn set_gauges(&self) {
        let (now, store) = (self.clock.now(), self.ledger.store());
        let is_failing = store.failing().is_some() || matches!(self.ledger.writership(), Writership::Unsettled(_));
        metrics::gauge!("callboard_registry_store_failing").set(f64::from(u8::from(is_failing)));
        if let Some(free) = public::disk_free_bytes(store, &self.signed_note) {
            #[expect(clippy::cast_precision_loss, reason = "a disk's last bytes don't matter")]
            metrics::gauge!("callboard_registry_disk_free_bytes").set(free as f64);
        }
        self.set_log_gauges(&self.ledger.published(), now);
        // What the store doesn't tell stays as it was last; that it fails is told above.
        if let Err(error) = set_store_gauges(store, now).await {
            tracing::debug!(%error, "the store does not tell how it stands");
        }
    }

    fn set_log_gauges(&self, state: &PublishedState, now: Time) {
        metrics::gauge!("callboard_registry_log_entries").set(count(state.newest.size));
        let witnessed = state.witnessed.as_ref().map_or(0, |witnessed| witnessed.size);
        metrics::gauge!("callboard_registry_unwitnessed_entries").set(count(state.newest.size - witnessed));
        if let Some(signed_at) = state.newest.signed_at {
            let age = seconds_between(signed_at.as_millis(), now.as_millis());
            metrics::gauge!("callboard_registry_checkpoint_age_seconds").set(age);
        }
        let replay = self.ledger.replay();
        let Some(roster) = replay.roster() else { return };
        let mut fresh = 0_u32;
        for key in &roster.witnesses.keys {
            let Some(seconds) = state.cosigned_at(key) else { continue };
            let millis = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000);
            let age = seconds_between(millis, now.as_millis());
            fresh += u32::from(age <= FRESH);
            metrics::gauge!("callboard_registry_witness_age_seconds", "witness" => key.name().to_string()).set(age);
        }
        metrics::gauge!("callboard_registry_witnesses_fresh").set(f64::from(fresh));
        metrics::gauge!("callboard_registry_witnesses").set(count(roster.witnesses.keys.len()));
        metrics::gauge!("callboard_registry_witness_quorum").set(count(roster.witnesses.quorum));
    }
}

async fn set_store_gauges(store: &Store, now: Time) -> Result<(), StoreError> {
    for job in store.jobs().await? {
        let began = seconds_between(0, job.began_at.as_millis());
        metrics::gauge!("callboard_registry_job_last_run_timestamp_seconds", "name" => job.name.clone()).set(began);
        let has_failed = f64::from(u8::from(job.outcome.is_err()));
        metrics::gauge!("callboard_registry_job_failed", "name" => job.name).set(has_failed);
    }
    let waiting = store.oldest_waiting_day().await?;
    let age = waiting.map_or(0.0, |day| seconds_between((day + 1).saturating_mul(DAY_MILLIS), now.as_millis()));
    metrics::gauge!("callboard_registry_anchors_waiting_age_seconds").set(age);
    Ok(())
}
