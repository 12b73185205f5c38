//! What the agent raises the alarm about, each by a stable name.
//!
//! A *lie* stops the view: nothing of it is answered from until a clean answer comes, and a fork for good. A docket that
//! doesn't count is a *report*: it has no effect whoever logged it, so the view goes on.

use std::{collections::BTreeMap, fmt};

use callboard_federation::{
    encoding::Time,
    replay::{Fault, FaultKind},
    tlog::view::ClockFault,
};
use serde::Serialize;

/// What is wrong with what the registry shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
    /// The log signed two histories: an evidence file says so. Nothing is answered any more.
    Fork,
    /// A line isn't what its leaf says, or what the checkpoint covers.
    RewrittenEntry,
    /// A statement is missing that no erasure names.
    MissingDisclosure,
    /// A statement is shown that an erasure names.
    StillDisclosed,
    /// A statement isn't the one that was signed.
    SwappedStatement,
    /// Lines are out of order or out of time.
    OutOfOrder,
    /// The log says that something was logged after now.
    LoggedInFuture,
    /// The log says that something was logged before a witness saw that it wasn't there.
    LoggedInPast,
    /// The checkpoint isn't signed by the log, or a line under it doesn't verify.
    CheckpointSignature,
    /// The checkpoint is of fewer entries than one before it.
    OlderCheckpoint,
    /// The log isn't the pinned one.
    AnotherLog,
    /// The answer isn't a feed.
    Malformed,
}

/// A docket that doesn't count, and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The docket's index.
    pub index: u64,
    /// The rule.
    pub rule: &'static str,
}

/// What is wrong now, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alarm {
    /// What.
    pub lie: Lie,
    /// Since when.
    pub since: Time,
    /// Where, in words without an identity.
    pub detail: String,
}

/// Every alarm that stands.
#[derive(Debug, Clone, Default)]
pub(super) struct Alarms(BTreeMap<Lie, Alarm>);

impl Lie {
    /// Its name in status, log and metric.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::RewrittenEntry => "rewritten-entry",
            Self::MissingDisclosure => "missing-disclosure",
            Self::StillDisclosed => "still-disclosed",
            Self::SwappedStatement => "swapped-statement",
            Self::OutOfOrder => "out-of-order",
            Self::LoggedInFuture => "logged-in-future",
            Self::LoggedInPast => "logged-in-past",
            Self::CheckpointSignature => "checkpoint-signature",
            Self::OlderCheckpoint => "older-checkpoint",
            Self::AnotherLog => "another-log",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<&Fault> for Lie {
    fn from(fault: &Fault) -> Self {
        match fault.kind {
            FaultKind::Index { .. } | FaultKind::LoggedAt => Self::OutOfOrder,
            FaultKind::Entry | FaultKind::Envelope | FaultKind::Publication => Self::RewrittenEntry,
            FaultKind::Commitment { .. } => Self::SwappedStatement,
            FaultKind::Items | FaultKind::NotErased { .. } => Self::MissingDisclosure,
            FaultKind::StillDisclosed { .. } => Self::StillDisclosed,
        }
    }
}

impl From<&ClockFault> for Lie {
    fn from(fault: &ClockFault) -> Self {
        match fault {
            ClockFault::Ahead { .. } => Self::LoggedInFuture,
            ClockFault::Backdated { .. } => Self::LoggedInPast,
        }
    }
}

impl Alarms {
    /// Raises one; one that stands already keeps its time.
    pub(super) fn raise(&mut self, lie: Lie, detail: String, now: Time) {
        tracing::error!(alarm = lie.as_str(), detail, "ALARM: what the registry shows is not taken");
        metrics::counter!("callboard_agent_alarms_total", "lie" => lie.as_str()).increment(1);
        let since = self.0.get(&lie).map_or(now, |alarm| alarm.since);
        self.0.insert(lie, Alarm { lie, since, detail });
    }

    /// A clean answer ends every alarm but that of a fork.
    pub(super) fn clear(&mut self) {
        self.0.retain(|lie, _| *lie == Lie::Fork);
    }

    /// Whether a fork is proven.
    pub(super) fn is_forked(&self) -> bool {
        self.0.contains_key(&Lie::Fork)
    }

    /// Those that stand.
    pub(super) fn all(&self) -> Vec<Alarm> {
        self.0.values().cloned().collect()
    }
}
