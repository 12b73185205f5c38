//! How the agent stands, and whether it answers.

use axum::extract::State;
use callboard_api::agent::operating::{AgentStatus, DocketReport, HookMode};
use callboard_federation::report::ReportState;

use super::{ApiError, App, Call};

/// Dockets that the status names, where the hook isn't called.
const REPORTED: u32 = 20;

pub(super) async fn sync(app: App, _: Call) -> Result<(), ApiError> {
    app.replica.hurry();
    Ok(())
}

pub(super) async fn status(app: App, _: Call) -> Result<AgentStatus, ApiError> {
    let now = app.clock.now();
    let stale = app.replica.read().fresh(now, app.config.max_staleness()).err();
    let (accounts, identities) = app.book.size().await?;
    // In the order of the way: what was seen done before is done behind it.
    let log = app.replica.status();
    let (hook_size, _) = app.notifications.store().cursor().await?;
    let hook_waiting = app.notifications.store().waiting(now).await?;
    let owed = app.notifications.store().owed().await?;
    let hook_mode = app.config.hook_mode;
    let reported = match hook_mode {
        HookMode::Report => app.notifications.store().reported(REPORTED).await?,
        HookMode::Call => Vec::new(),
    };
    let tokens = app.tokens.get();
    Ok(AgentStatus {
        member: app.config.member.to_string(),
        issuer: app.config.issuer.clone(),
        sandbox: app.is_sandbox,
        at: now,
        stale: stale.map(|stale| stale.to_string()),
        log,
        wrong_token_key: tokens.as_ref().is_some_and(|failure| failure.is_wrong_key),
        tokens: tokens.map(|failure| failure.detail),
        quota: app.quota.at(now),
        accounts,
        identities,
        checks: app.checks.root().0,
        next_anchor: app.anchors.next().await?,
        hook_owed: if app.config.calls().is_some() { owed } else { 0 },
        hook_failing: app.notifications.failing(),
        hook_size,
        hook_waiting,
        has_hook: app.config.hook.is_some(),
        hook_mode,
        hook_reported: reported.iter().map(|of| DocketReport { index: of.log_index, people: of.people }).collect(),
        anchor_failure: app.anchors.failure().await?,
        receipts_owed: app.receipts.store.owed().await?,
        reports_unfiled: app.reports.store.count_unfiled().await?,
        reports_asked: app.reports.store.of_state(ReportState::Asked).await?,
        identities_asked: app.reports.questions.get().map_or(0, |open| open.count),
    })
}

pub(super) async fn ready(State(app): State<App>) -> Result<&'static str, ApiError> {
    app.replica.read().fresh(app.clock.now(), app.config.max_staleness())?;
    Ok("ready\n")
}
