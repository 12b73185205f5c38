//! How far dockets have come with members, *signed, logged, delivered, receipted*; and who hasn't carried them out.

use std::collections::BTreeMap;

use callboard_federation::{
    encoding::{Hash, Time},
    receipt::Exception,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Anyone, Operation, Signed, operations};

/// Where a member stands with a docket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fulfilment {
    /// It is in effect.
    InEffect,
    /// But for exceptions.
    Partly,
    /// It isn't, and the member says why.
    Declined,
    /// The member has time yet.
    Awaited,
    /// The member hasn't said anything in time.
    Overdue,
    /// The docket asks for no receipt.
    NotAsked,
}

/// Whether a member is pushed to at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PushState {
    /// It has no endpoint, and pulls.
    None,
    /// Its endpoints failed for too long.
    Disabled,
    /// It has paused them.
    Paused,
    /// One at least is sent to.
    Active,
}

/// A docket and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "index": 7, "records": 1,
    "signedAt": "2026-11-25T08:00:00.000Z", "loggedAt": "2026-11-25T08:00:00.400Z", "dueAt": "2026-11-26T08:00:00.400Z",
    "lags": {"logged": 400, "delivered": {"members": 1, "p50": 460, "p95": 460, "max": 460}, "receipted": {"members": 0}},
    "counts": {"awaited": 1},
    "members": [{"member": "alpha", "name": "Alpha Live", "pushed": "active", "deliveredAt": "2026-11-25T08:00:00.460Z",
        "acted": "awaited", "receipts": 0, "exceptions": 0}],
}))]
pub struct Propagation {
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    /// Its index in the log.
    pub index: u64,
    /// How many records it has.
    pub records: u64,
    /// *Signed*: the time that its signers signed.
    pub signed_at: Time,
    /// *Logged*.
    pub logged_at: Time,
    /// When receipts are due, if any are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// How long it took since it was signed, over the members that got so far.
    pub lags: Lags,
    /// How many members stand where.
    pub counts: BTreeMap<Fulfilment, u64>,
    /// The members that were bound when it was logged, in the order of their list.
    pub members: Vec<MemberPropagation>,
}

/// How long each step took since the docket was signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lags {
    /// Until it was logged, in milliseconds.
    pub logged: i64,
    /// Until members had it.
    pub delivered: Spread,
    /// Until members said what they had done.
    pub receipted: Spread,
}

/// Lengths of time of several members, in milliseconds; by nearest rank, absent where there is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spread {
    /// How many members.
    pub members: u64,
    /// The median.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50: Option<i64>,
    /// The 95th percentile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p95: Option<i64>,
    /// The longest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// A member and a docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberPropagation {
    /// The member's id.
    pub member: String,
    /// Its name.
    pub name: String,
    /// Where its duty desk is reached, if it is overdue and the list in force says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Whether it is pushed to, now.
    pub pushed: PushState,
    /// *Delivered*; absent for who pulls, and once attempts are no longer kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Time>,
    /// *Receipted*: when the registry had the receipt that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipted_at: Option<Time>,
    /// What it says, or that it says nothing.
    pub acted: Fulfilment,
    /// How many receipts it has filed; the latest stands.
    pub receipts: u64,
    /// How many records aren't in effect with it, by its own word.
    pub exceptions: u64,
    /// The first of them and why, for members and seats.
    #[serde(skip)]
    pub excerpt: Vec<Exception>,
}

/// How a member stands with the last dockets of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberCompliance {
    /// The member's id.
    pub member: String,
    /// Its name.
    pub name: String,
    /// Where its duty desk is reached, if the list says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// Whether it is pushed to.
    pub pushed: PushState,
    /// Whether an endpoint of it hasn't got a docket that is over a minute old.
    pub lags: bool,
    /// Of how many dockets it is reminded.
    pub reminded: u64,
    /// How many dockets stand where with it.
    pub counts: BTreeMap<Fulfilment, u64>,
    /// What is overdue, declined or not whole, the newest twenty, newest first.
    pub open: Vec<OpenDocket>,
}

/// A docket that a member hasn't carried out, or not whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OpenDocket {
    /// SHA-256 of its payload.
    pub docket: Hash,
    /// Where the member stands with it.
    pub acted: Fulfilment,
    /// When its receipt was or is due.
    pub due_at: Time,
    /// What isn't in effect with the member, and why, in its words: the first few; its receipt has all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// How the members in force stand with the last two hundred entries of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"members": [{
    "member": "alpha", "name": "Alpha Live", "pushed": "active", "lags": false, "reminded": 0,
    "counts": {"in-effect": 3, "partly": 1},
    "open": [{"docket": "994ebc50376e990dac3e844b6a272988a32b484fb42ce726c4b782572f00466c", "acted": "partly",
        "dueAt": "2026-11-26T08:00:00.400Z", "exceptions": [
        {"record": "019c167f-cc00-73bb-b093-53149ac499ee", "reason": "no such account here"}]}],
}]}))]
pub struct Compliance {
    /// In the order of their list.
    pub members: Vec<MemberCompliance>,
}

impl Fulfilment {
    /// The word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InEffect => "in-effect",
            Self::Partly => "partly",
            Self::Declined => "declined",
            Self::Awaited => "awaited",
            Self::Overdue => "overdue",
            Self::NotAsked => "not-asked",
        }
    }
}

/// A length of time in words, as pages and commands show it.
pub fn lag_text(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{:02} s", millis / 1_000, millis % 1_000 / 10),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
        3_600_000..86_400_000 => format!("{} h {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
        _ => format!("{} d {} h", millis / 86_400_000, millis % 86_400_000 / 3_600_000),
    }
}

operations! {
    /// The operations on how far dockets have come.
    OPERATIONS:

    /// Shows how far a docket has come: signed, logged, delivered, receipted, with each member
    ///
    /// For everyone, without what members say of single records. `lags` are milliseconds since `signedAt`.
    GET_DOCKET_PROPAGATION: [Anyone, Hash, (), (), Propagation] =
        Operation::get("/v1/dockets/{docket}/propagation", "receipts").part("SHA-256 of the payload")
            .gives(&[(200, "How far it has come")]).cached("no-cache").problems("malformed not-found");

    /// Shows members and seats who has carried out the last dockets, who is overdue, who declined and why
    GET_COMPLIANCE: [Signed, (), (), (), Compliance] =
        Operation::get("/v1/compliance", "receipts").gives(&[(200, "The members")]).forwarded();
}
