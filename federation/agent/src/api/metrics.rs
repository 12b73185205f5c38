//! `/metrics` of the agent: all that it counts, and how it stands when somebody looks. No person and no account is in it.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use callboard_client::exposition::{
    InitialValue::{Absent, By},
    Metric, count, counter, gauge, histogram, seconds_between,
};
use callboard_federation::{encoding::Time, report::ReportState};

use super::{ApiError, App};
use crate::error::AgentError;

pub const TABLE: &[Metric] = &[
    counter("callboard_agent_checks_total", "People who were checked, by decision")
        .begins(By("decision", &["allow", "review", "refuse", "blocked"])),
    histogram(
        "callboard_agent_check_seconds",
        "Time until a question of one or many people was decided, logged and answered",
    ),
    gauge(
        "callboard_agent_view_age_seconds",
        "Since the view that checks are answered from was witnessed; 4294967295 for none",
    ),
    gauge("callboard_agent_ready", "1 if checks are answered otherwise than blocked: stale"),
    gauge("callboard_agent_log_followed", "Entries of the registry's log that were followed and verified"),
    gauge("callboard_agent_log_behind", "Entries that the registry last said it has beyond the witnessed view"),
    gauge("callboard_agent_registry_contact_age_seconds", "Since the registry last answered"),
    gauge(
        "callboard_agent_alarms",
        "Alarms about log, registry or this machine that hold now; callboard-agent doctor names them",
    ),
    counter("callboard_agent_alarms_total", "Alarms that began, by name").begins(Absent),
    gauge("callboard_agent_second_agent", "1 if another agent has this member's key, and this one gives way to it"),
    gauge("callboard_agent_uncounted_dockets", "Dockets in the log that do not count"),
    gauge(
        "callboard_agent_tokens_failing",
        "1 if the token service's last answer was of no use: new people are blocked",
    ),
    gauge("callboard_agent_quota_left", "New people that may be asked about until the token service's day is over"),
    gauge("callboard_agent_quota_age_seconds", "Since the token service told what is left"),
    gauge("callboard_agent_quota_per_day", "New people that may be asked about in a day"),
    gauge("callboard_agent_hook_owed", "People of whom the hook is yet to take a call"),
    gauge("callboard_agent_hook_owed_age_seconds", "Since the oldest call was first made that the hook has not taken"),
    gauge("callboard_agent_hook_failing", "People of whom a call to the hook failed"),
    counter("callboard_agent_hook_calls_total", "Calls to the hook, by outcome").begins(Absent),
    counter("callboard_agent_hook_reported_total", "People whom dockets concern, where the hook is only reported to"),
    counter("callboard_agent_messages_total", "Messages that the registry pushed, by outcome").begins(Absent),
    gauge("callboard_agent_receipts_owed", "Dockets that a receipt is owed for, in effect or not"),
    gauge("callboard_agent_receipts_owed_age_seconds", "Since the oldest of them that is in effect took effect"),
    counter("callboard_agent_receipts_total", "Receipts that the registry took"),
    counter("callboard_agent_reports_total", "Reports that the registry took"),
    gauge("callboard_agent_reports_unfiled", "Reports that the registry has not taken yet"),
    gauge("callboard_agent_reports_asked", "Reports about which the secretariat asks something"),
    gauge("callboard_agent_reports_open_age_seconds", "Since the registry had the oldest report that has not ended"),
    gauge("callboard_agent_identities_asked", "Accounts whose identity the secretariat asks this member for"),
    gauge("callboard_agent_identities_asked_age_seconds", "Since the oldest of these was asked"),
    gauge(
        "callboard_agent_anchors_owed",
        "Roots of the log of checks that are signed, and not logged by the registry yet",
    ),
    gauge(
        "callboard_agent_anchor_age_seconds",
        "Since the newest root of the log of checks was signed; a day with checks has one",
    ),
    gauge("callboard_agent_anchor_refused", "1 if the registry refused the last anchor for good"),
    counter("callboard_agent_requests_refused_total", "Requests that no operation saw, as they were foreign, by why")
        .begins(Absent),
    counter("callboard_agent_anchors_refused_total", "Anchors that the registry refused for good"),
];

pub(super) async fn metrics(State(app): State<App>) -> Response {
    let Some(metrics) = &app.metrics else { return ApiError::NotFound.into_response() };
    show_view(&app);
    // What the files don't tell stays as it was last; that they fail is in the log lines of whoever needs them.
    if let Err(error) = show_owed(&app).await {
        tracing::debug!(%error, "the agent's files do not tell what is owed");
    }
    metrics.render().into_response()
}

fn show_view(app: &App) {
    let (now, status) = (app.clock.now(), app.replica.status());
    let age = |since: Option<Time>| {
        since.map_or(f64::from(u32::MAX), |since| seconds_between(since.as_millis(), now.as_millis()))
    };
    let is = |holds: bool| f64::from(u8::from(holds));
    let is_ready = app.replica.read().fresh(now, app.config.max_staleness()).is_ok();
    metrics::gauge!("callboard_agent_view_age_seconds").set(age(status.witnessed_since));
    metrics::gauge!("callboard_agent_ready").set(is(is_ready));
    metrics::gauge!("callboard_agent_log_followed").set(count(status.size));
    metrics::gauge!("callboard_agent_log_behind").set(count(status.behind));
    metrics::gauge!("callboard_agent_registry_contact_age_seconds").set(age(status.last_contact));
    metrics::gauge!("callboard_agent_alarms").set(count(status.alarms.len()));
    metrics::gauge!("callboard_agent_second_agent").set(is(status.other_agent.is_some()));
    metrics::gauge!("callboard_agent_uncounted_dockets").set(count(status.uncounted.len()));
    metrics::gauge!("callboard_agent_tokens_failing").set(is(app.tokens.get().is_some()));
    if let Some(quota) = app.quota.at(now) {
        metrics::gauge!("callboard_agent_quota_left").set(count(quota.left));
        metrics::gauge!("callboard_agent_quota_age_seconds").set(age(Some(quota.told_at)));
        if let Some(per_day) = quota.per_day {
            metrics::gauge!("callboard_agent_quota_per_day").set(count(per_day));
        }
    }
    metrics::gauge!("callboard_agent_hook_failing").set(count(app.notifications.failing()));
}

async fn show_owed(app: &App) -> Result<(), AgentError> {
    let now = app.clock.now();
    let age = |since: Option<Time>| since.map_or(0.0, |since| seconds_between(since.as_millis(), now.as_millis()));
    let hook = app.notifications.store();
    metrics::gauge!("callboard_agent_hook_owed").set(count(hook.owed().await?));
    metrics::gauge!("callboard_agent_hook_owed_age_seconds").set(age(hook.oldest_call().await?));
    metrics::gauge!("callboard_agent_receipts_owed").set(count(app.receipts.store.owed().await?));
    metrics::gauge!("callboard_agent_receipts_owed_age_seconds").set(age(app.receipts.store.oldest_owed(now).await?));
    let reports = &app.reports;
    metrics::gauge!("callboard_agent_reports_unfiled").set(count(reports.store.count_unfiled().await?));
    metrics::gauge!("callboard_agent_reports_asked").set(count(reports.store.of_state(ReportState::Asked).await?));
    metrics::gauge!("callboard_agent_reports_open_age_seconds").set(age(reports.store.oldest_open().await?));
    let asked = reports.questions.get();
    metrics::gauge!("callboard_agent_identities_asked").set(count(asked.map_or(0, |open| open.count)));
    metrics::gauge!("callboard_agent_identities_asked_age_seconds").set(age(asked.and_then(|open| open.oldest)));
    let checks = app.checks.store();
    metrics::gauge!("callboard_agent_anchors_owed").set(count(checks.unsettled().await?.len()));
    metrics::gauge!("callboard_agent_anchor_age_seconds").set(age(checks.last_anchor().await?.map(|last| last.at)));
    let is_refused = checks.refused_anchor().await?.is_some();
    metrics::gauge!("callboard_agent_anchor_refused").set(f64::from(u8::from(is_refused)));
    Ok(())
}
