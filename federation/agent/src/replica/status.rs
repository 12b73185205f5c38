//! What an agent says of its view: how far it reaches, who watches, and what is wrong, by names that stay.

use callboard_federation::{
    encoding::Time,
    replay::{LineError, LineErrorKind},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReplicaError, other_agent::OtherAgent};

/// What is wrong with a log, a registry or this machine. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Alarm {
    /// The log signed two histories: an evidence file stands in the directory, and until a person takes it away nothing
    /// is answered.
    Fork,
    /// The log doesn't begin with the pinned roster: it is another, or `genesis` is wrong.
    WrongGenesis,
    /// What is disclosed isn't what the log signed.
    RewrittenEntry,
    /// An entry is missing.
    Gap,
    /// A statement is missing that no erasure names.
    MissingDisclosure,
    /// A statement or publication isn't the one that was signed.
    SwappedStatement,
    /// A statement is disclosed that an erasure names.
    StillDisclosed,
    /// An answer breaks off, has no end, or is none of the feed.
    MalformedAnswer,
    /// The checkpoint isn't signed by the log, or a line of it doesn't verify.
    UnsignedCheckpoint,
    /// The log is smaller than one that was cosigned.
    RolledBack,
    /// An entry is logged ahead of this machine's clock: one of the two is wrong.
    LoggedAtAhead,
    /// An entry is logged before a time at which it wasn't there, or before the one before it.
    LoggedAtBehind,
    /// Cosignatures are ahead of this machine's clock: most likely it is slow.
    ClockBehind,
    /// The replica was damaged or of another log: it was set aside, and is followed anew. Nothing is wrong with the log.
    ReplicaSetAside,
}

impl Alarm {
    pub(super) const fn of(fault: &LineError) -> Self {
        match fault.kind {
            LineErrorKind::Index { .. } => Self::Gap,
            LineErrorKind::Entry | LineErrorKind::Envelope => Self::RewrittenEntry,
            LineErrorKind::LoggedAt => Self::LoggedAtBehind,
            LineErrorKind::Items | LineErrorKind::NotErased { .. } => Self::MissingDisclosure,
            LineErrorKind::Commitment { .. } | LineErrorKind::Publication => Self::SwappedStatement,
            LineErrorKind::StillDisclosed { .. } => Self::StillDisclosed,
        }
    }

    /// Whether no view is answered from, however young.
    pub(super) const fn ends_answers(self) -> bool {
        matches!(self, Self::Fork | Self::WrongGenesis)
    }

    /// Whether a checkpoint that holds shows it to be over.
    pub(super) const fn passes(self) -> bool {
        !matches!(self, Self::Fork | Self::ReplicaSetAside)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fork => "fork",
            Self::WrongGenesis => "wrong-genesis",
            Self::RewrittenEntry => "rewritten-entry",
            Self::Gap => "gap",
            Self::MissingDisclosure => "missing-disclosure",
            Self::SwappedStatement => "swapped-statement",
            Self::StillDisclosed => "still-disclosed",
            Self::MalformedAnswer => "malformed-answer",
            Self::UnsignedCheckpoint => "unsigned-checkpoint",
            Self::RolledBack => "rolled-back",
            Self::LoggedAtAhead => "logged-at-ahead",
            Self::LoggedAtBehind => "logged-at-behind",
            Self::ClockBehind => "clock-behind",
            Self::ReplicaSetAside => "replica-set-aside",
        }
    }
}

impl std::fmt::Display for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An alarm that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RaisedAlarm)]
pub struct AlarmState {
    /// Which.
    pub alarm: Alarm,
    /// Since when.
    pub since: Time,
    /// In this case.
    pub detail: String,
}

/// What doesn't do its part when the log isn't followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = Failing)]
pub enum FailureSide {
    /// The registry, or what lies between: it isn't reached, refuses, or doesn't end.
    Registry,
    /// The agent's own files.
    Store,
    /// What the log shows doesn't hold: an alarm says what.
    Log,
}

impl FailureSide {
    pub(super) const fn of(error: &ReplicaError) -> Option<Self> {
        Some(match error {
            ReplicaError::Http(_) | ReplicaError::Slow => Self::Registry,
            ReplicaError::Store(_) | ReplicaError::File(_) => Self::Store,
            ReplicaError::Answer(_) | ReplicaError::Alarm { .. } => Self::Log,
            ReplicaError::Stopping => return None,
        })
    }
}

/// A docket that was logged and doesn't count: it has no effect, and the view goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct UncountedDocket {
    /// Its index.
    pub index: u64,
    /// The rule that it breaks.
    pub breaks: &'static str,
}

/// All that an agent says of its view.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = LogStatus)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// How many entries were followed.
    pub size: u64,
    /// How many are under a root that the log signed.
    pub confirmed: u64,
    /// How many are in the newest witnessed view, from which checks are answered.
    pub witnessed: Option<u64>,
    /// Since when it is witnessed.
    pub witnessed_since: Option<Time>,
    /// Whether the roster asks for no witness at all.
    pub unwitnessed: bool,
    /// How many witnesses the roster in force asks for.
    pub quorum: Option<u64>,
    /// Whether the roster names this member's witness key.
    pub is_witness: bool,
    /// Whether the members' list names this member's request key; unknown before the log is followed.
    pub is_member: Option<bool>,
    /// Where the list says that its duty desk is reached, if it does.
    pub duty_contact: Option<String>,
    /// How many entries the registry last said it has beyond the witnessed view.
    pub behind: u64,
    /// When the registry last answered.
    pub last_contact: Option<Time>,
    /// Why the last look failed, if it did.
    pub failure: Option<String>,
    /// On whose side that is: the registry's, what lies between included; this machine's disk; what the registry shows.
    pub failing: Option<FailureSide>,
    /// What the registry tells this member: `endpoint-disabled`, `receipts-due=2`, `receipts-overdue=1`.
    pub notices: Option<String>,
    /// Another agent that has this member's key, and cosigns: this one gives way to it.
    pub other_agent: Option<OtherAgent>,
    /// What is wrong.
    pub alarms: Vec<AlarmState>,
    /// Files in the agent's directory that keep what was wrong: evidence of a fork, and signed roots that what was
    /// shown didn't bear out.
    pub kept: Vec<String>,
    /// The newest dockets that don't count.
    pub uncounted: Vec<UncountedDocket>,
}
