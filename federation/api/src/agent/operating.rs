//! What whoever operates the agent looks at: how it stands, whether it lives, and whether it answers.

use std::{borrow::Cow, fmt};

use callboard_federation::encoding::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::checks::Quota;
use crate::{Anyone, Operation, Shape, Token, operations};

/// How the agent stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "member": "alpha", "issuer": "callboard.example", "sandbox": false, "at": "2026-11-25T08:00:00.000Z",
    "log": {"size": 8, "confirmed": 8, "witnessed": 8, "witnessedSince": "2026-11-25T07:59:50.000Z", "unwitnessed": false,
        "quorum": 2, "isWitness": true, "isMember": true, "behind": 0, "alarms": [], "kept": [], "uncounted": []},
    "wrongTokenKey": false, "accounts": 3, "identities": 3, "checks": 12, "nextAnchor": "2026-11-26T00:00:00.000Z",
    "hookOwed": 0, "hookFailing": 0, "hookSize": 8, "hookWaiting": 0, "hasHook": true, "hookMode": "call", "receiptsOwed": 0,
    "reportsUnfiled": 0, "reportsAsked": 0, "identitiesAsked": 0,
}))]
pub struct AgentStatus {
    /// Whose agent it is.
    pub member: String,
    /// The log's origin.
    pub issuer: String,
    /// Whether nothing of it binds anybody.
    pub sandbox: bool,
    /// What its clock says.
    pub at: Time,
    /// Why checks are answered `stale` now, if they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// The log as it is known.
    pub log: LogStatus,
    /// Why the token service's last answer was of no use, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<String>,
    /// Whether that was a wrong proof: another key than the roster's.
    pub wrong_token_key: bool,
    /// The member's points at the token service, as it last told; absent before it told any today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// Accounts in the tag book.
    pub accounts: u64,
    /// Identities in it.
    pub identities: u64,
    /// Checks logged.
    pub checks: u64,
    /// When the root of the log of checks is signed next, at the earliest. The registry logs the anchors of a UTC day once it
    /// is over.
    pub next_anchor: Time,
    /// People of whom the hook hasn't taken what a check would answer.
    pub hook_owed: u64,
    /// Of how many of them a call failed, and waits for its next turn.
    pub hook_failing: usize,
    /// Up to which size the log was looked through for the platform's people.
    pub hook_size: u64,
    /// People to be looked at: a docket, an instant or what is known of them may have changed what a check would answer.
    pub hook_waiting: u64,
    /// Whether the platform has a hook.
    pub has_hook: bool,
    /// `call`, or `report`, where it isn't called.
    pub hook_mode: HookMode,
    /// Of the newest dockets how many people each concerns, where the hook isn't called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hook_reported: Vec<DocketReport>,
    /// Why the registry doesn't have the last anchor, if it doesn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor_failure: Option<String>,
    /// Dockets without a receipt that the registry took.
    pub receipts_owed: u64,
    /// Reports of this platform that the registry hasn't taken.
    pub reports_unfiled: u64,
    /// Reports of this platform about which the secretariat asks something.
    pub reports_asked: u64,
    /// Questions whose an account is that wait for this platform, as the registry last told.
    pub identities_asked: u64,
}

/// A docket that the hook isn't called for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Reported, example = json!({"index": 31, "people": 3}))]
pub struct DocketReport {
    /// Its index.
    pub index: u64,
    /// How many of the platform's people it concerns.
    pub people: u64,
}

/// Whether the hook is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HookMode {
    /// It is.
    #[default]
    Call,
    /// It isn't: what it would be told of is reported.
    Report,
}

/// All that an agent says of its view.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LogStatus {
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

/// What is wrong with a log, a registry or this machine. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
    /// The word that stands in JSON.
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

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An alarm that is raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// A docket that was logged and doesn't count: it has no effect, and the view goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UncountedDocket {
    /// Its index.
    pub index: u64,
    /// The rule that it breaks.
    pub breaks: Cow<'static, str>,
}

/// Another agent that has this member's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherAgent {
    /// Since when it is seen.
    pub since: Time,
    /// Its last cosignature.
    pub cosigned_at: Time,
}

operations! {
    /// The operations for operators.
    OPERATIONS:

    /// Looks at the registry's feed at once: a hint that there is news
    SYNC_LOG: [Token, (), (), (), ()] = Operation::post("/sync", "operating").answers(&[(202, "It looks")]);

    /// Says how the agent stands: the log, alarms, the tag book, what is owed to the hook
    GET_STATUS: [Token, (), (), (), AgentStatus] =
        Operation::get("/status", "operating").gives(&[(200, "How it stands")]).problems("unavailable");

    /// Says that the process lives
    GET_HEALTH: [Anyone, (), (), (), ()] =
        Operation::get("/healthz", "operating").answers(&[(200, "It lives")])
            .content("text/plain", Shape::inline::<String>(), None).problems("!not-acceptable");

    /// Says whether checks are answered otherwise than `stale`
    GET_READINESS: [Anyone, (), (), (), ()] =
        Operation::get("/readyz", "operating").answers(&[(200, "They are")])
            .content("text/plain", Shape::inline::<String>(), None).problems("not-ready !not-acceptable");
}
