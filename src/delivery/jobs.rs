//! What is due by the clock: workers that lag, receipts that are owed, disabled endpoints that may be well again,
//! attempts that are too old. Each does what the store says is due, and says what it did; running it twice changes
//! nothing.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use callboard_api::registry::propagation::{Fulfilment, PushState};
use callboard_client::{http, runtime::error_chain};
use callboard_federation::encoding::Time;
use serde_json::{Value, json};

use super::{Delivery, overdue::OverdueReceipt};
use crate::{ledger::LedgerError, store::endpoints::EndpointState};

/// How old a docket may be that an endpoint hasn't got until that is an alarm, in milliseconds.
const LAG: i64 = 60_000;
/// Disabled endpoints that are tried at once.
const TESTED: usize = 100;
/// How long the operators' own address may take.
const TELL_WITHIN: Duration = Duration::from_secs(5);

/// Alarms that hold, each by what it is of, and where operators are told.
pub(super) struct Alarms {
    holding: Mutex<BTreeMap<String, Value>>,
    operations: Option<String>,
}

impl Alarms {
    pub(super) fn new(operations_url: &str) -> Self {
        let operations = Some(operations_url.to_owned()).filter(|url| !url.is_empty());
        Self { holding: Mutex::default(), operations }
    }

    /// Notes which alarms of a kind hold now, and tells of those that began or ended.
    async fn update(&self, kind: &str, now_holding: BTreeMap<String, Value>) {
        let (begun, ended) = {
            let mut holding = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
            let of_kind = |key: &str| key.starts_with(kind);
            let begun: Vec<Value> =
                now_holding.iter().filter(|(key, _)| !holding.contains_key(*key)).map(|(_, of)| of.clone()).collect();
            let is_over = |key: &String| of_kind(key) && !now_holding.contains_key(key);
            let ended: Vec<Value> = holding.iter().filter(|(key, _)| is_over(key)).map(|(_, of)| of.clone()).collect();
            holding.retain(|key, _| !is_over(key));
            holding.extend(now_holding);
            (begun, ended)
        };
        for (alarm, all, state) in [(kind, begun, "begun"), (kind, ended, "ended")] {
            for of in all {
                let told = json!({"type": alarm, "state": state, "data": of});
                tracing::warn!(alarm, state, of = %told["data"], "ALARM of delivery");
                metrics::counter!("callboard_registry_delivery_alarms_total", "alarm" => alarm.to_owned(), "state" => state).increment(1);
                self.tell_operators(&told).await;
            }
        }
    }

    /// Whether a member lags, by the last look.
    pub(super) fn is_lagging(&self, member: &str) -> bool {
        let holding = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        holding.iter().any(|(key, of)| key.starts_with("delivery.lag") && of["member"] == member)
    }

    async fn tell_operators(&self, alarm: &Value) {
        let Some(url) = &self.operations else { return };
        let post = async {
            let client = http::direct_client()?;
            http::post(&client, url, "application/json", alarm.to_string().into_bytes()).await
        };
        match tokio::time::timeout(TELL_WITHIN, post).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(error = error_chain(&error), "the operators' address takes no alarm"),
            Err(_) => tracing::warn!("the operators' address does not answer"),
        }
    }
}

impl Delivery {
    /// Raises an alarm for each endpoint whose next docket is over a minute old, and ends it when that is over.
    pub async fn watch_lag(&self) -> Result<String, LedgerError> {
        let (now, size) = (self.clock.now(), self.ledger.size());
        let (mut lagging, mut longest) = (BTreeMap::new(), 0);
        let (mut counts, mut owed) = (EndpointState::ALL.map(|state| (state, 0_u32)), 0_u64);
        for endpoint in self.ledger.store().endpoints().await? {
            let status = &endpoint.status;
            counts.iter_mut().filter(|(state, _)| *state == status.state).for_each(|(_, count)| *count += 1);
            if status.state == EndpointState::Active {
                owed += size.saturating_sub(status.next_index);
            }
            if status.state != EndpointState::Active || status.next_index >= size {
                continue;
            }
            let Some(next) = self.ledger.next_docket(status.next_index).await? else { continue };
            let age = now.as_millis() - next.docket.logged_at.as_millis();
            if age > LAG {
                longest = longest.max(age);
                let (member, id, behind) = (&endpoint.member, endpoint.id, size - status.next_index);
                let since = status.failing_since;
                let of = json!({"member": member, "endpoint": id, "behind": behind, "failingSince": since});
                lagging.insert(format!("delivery.lag {id}"), of);
            }
        }
        for (state, endpoints) in counts {
            metrics::gauge!("callboard_registry_delivery_endpoints", "state" => state.as_str()).set(endpoints);
        }
        metrics::gauge!("callboard_registry_delivery_owed").set(u32::try_from(owed).unwrap_or(u32::MAX));
        let count = lagging.len();
        metrics::gauge!("callboard_registry_delivery_lagging_endpoints").set(u32::try_from(count).unwrap_or(u32::MAX));
        metrics::gauge!("callboard_registry_delivery_lag_seconds")
            .set(f64::from(i32::try_from(longest / 1_000).unwrap_or(i32::MAX)));
        self.alarms.update("delivery.lag", lagging).await;
        Ok(format!("{count} endpoints lag"))
    }

    /// Reminds members of the receipts that they owe, in their feeds, and raises an alarm for what is overdue.
    pub async fn watch_receipts(&self) -> Result<String, LedgerError> {
        let members = self.note_notices().await?;
        let overdue = self.overdue_receipts().await?;
        let now = self.clock.now();
        let oldest = overdue.iter().map(|receipt| receipt.due_at).min().unwrap_or(now);
        let overdue = overdue.into_iter().map(|OverdueReceipt { member, docket, due_at }| {
            let of = json!({"member": member, "docket": docket, "dueAt": due_at});
            (format!("receipt.overdue {member} {docket}"), of)
        });
        let overdue = overdue.collect();
        let (mut disabled, mut all, mut awaited) = (BTreeMap::new(), 0, 0);
        for row in &members {
            all += row.counts.get(&Fulfilment::Overdue).copied().unwrap_or(0);
            awaited += row.counts.get(&Fulfilment::Awaited).copied().unwrap_or(0);
            if row.pushed == PushState::Disabled {
                disabled.insert(format!("endpoint.disabled {}", row.member), json!({"member": row.member}));
            }
        }
        let without = disabled.len();
        let owed = u32::try_from(all + awaited).unwrap_or(u32::MAX);
        metrics::gauge!("callboard_registry_receipts_owed").set(owed);
        let age = now.as_millis() - oldest.as_millis();
        metrics::gauge!("callboard_registry_receipts_overdue_age_seconds")
            .set(f64::from(i32::try_from(age / 1_000).unwrap_or(i32::MAX)));
        metrics::gauge!("callboard_registry_receipts_overdue").set(u32::try_from(all).unwrap_or(u32::MAX));
        self.alarms.update("receipt.overdue", overdue).await;
        self.alarms.update("endpoint.disabled", disabled).await;
        Ok(format!("{all} receipts overdue, {without} members without a working endpoint"))
    }

    /// Sends each disabled endpoint a test; one that takes it goes on from where it stands.
    pub async fn test_disabled(&self) -> Result<String, LedgerError> {
        let endpoints = self.ledger.store().endpoints().await?;
        let disabled = endpoints.into_iter().filter(|endpoint| endpoint.status.state == EndpointState::Disabled);
        let (mut tested, mut enabled) = (0, 0);
        for mut endpoint in disabled.take(TESTED) {
            tested += 1;
            if self.test(&endpoint).await.is_ok_and(|attempt| attempt.is_taken) {
                endpoint.status.state = EndpointState::Active;
                endpoint.status.reason = None;
                // Whoever changed it meanwhile has decided.
                enabled += u32::from(self.ledger.store().change_endpoint(&endpoint).await?);
            }
        }
        if enabled > 0 {
            self.look_at_endpoints();
        }
        Ok(format!("{enabled} of {tested} disabled endpoints are well again"))
    }

    pub async fn forget_attempts(&self, keep_days: u32) -> Result<String, LedgerError> {
        let before: Time = self.clock.now().plus_days(-i64::from(keep_days));
        let forgotten = self.ledger.store().forget_attempts_before(before).await?;
        Ok(format!("{forgotten} attempts forgotten"))
    }
}
