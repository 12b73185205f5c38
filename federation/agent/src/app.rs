//! The parts of a running agent, side by side: an operation of the API takes those that it needs.

use std::sync::Arc;

use callboard_client::clock::Clock;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::{
    anchors::Anchors,
    book::Book,
    check::people::TokensFailure,
    check::{answer::Checker, current::CurrentAnswers, enrol::Enroller},
    checks::Checks,
    config::Config,
    latest::Latest,
    notifications::Notifications,
    quota::LastQuota,
    receipts::Receipts,
    registry::Registry,
    replica::Replica,
    reports::Reports,
    token::TokenFile,
    webhook_receiver::WebhookReceiver,
};

/// No logic is on it.
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) registry: Registry,
    pub(crate) replica: Replica,
    pub(crate) book: Book,
    pub(crate) checks: Checks,
    pub(crate) checker: Checker,
    pub(crate) enroller: Enroller,
    pub(crate) current: CurrentAnswers,
    pub(crate) notifications: Notifications,
    pub(crate) receipts: Arc<Receipts>,
    pub(crate) anchors: Anchors,
    pub(crate) reports: Reports,
    pub(crate) webhook: WebhookReceiver,
    /// The member's points, as the token service last told.
    pub(crate) quota: Arc<LastQuota>,
    /// Why the token service's last answer was of no use.
    pub(crate) tokens: Arc<Latest<TokensFailure>>,
    /// What whoever asks over TCP shows.
    pub(crate) token: Arc<TokenFile>,
    pub(crate) is_sandbox: bool,
    pub(crate) metrics: Option<PrometheusHandle>,
}
