//! For everyone: counts; and what operators watch.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Anyone, Operation, operations};

/// What the registry holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "size": 12, "records": {"ruling": 90, "annulment": 1}, "erased": 0, "members": 2, "rosterVersion": 1, "sharesGiven": 3,
}))]
pub struct Statistics {
    /// Entries of the log.
    pub size: u64,
    /// Records by kind that count and weren't erased; those that were annulled or have ended are among them.
    pub records: BTreeMap<String, u64>,
    /// Records whose statements were erased.
    pub erased: u64,
    /// Members bound by the rules.
    pub members: u64,
    /// The version of the roster in force.
    pub roster_version: Option<u64>,
    /// How many times a member was given a record's share.
    pub shares_given: u64,
}

/// What a probe is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    pub status: String,
}

/// What a probe is told of a registry that can take work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"status": "ok", "size": 20, "diskFreeBytes": 61_203_283_968_u64}))]
pub struct Ready {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    pub status: String,
    /// The log's size.
    pub size: u64,
    /// Free on the disk of this machine that has least of it, of those that it writes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free_bytes: Option<u64>,
}

operations! {
    /// The operations for everyone, and for operators.
    OPERATIONS:

    /// Counts of what the registry holds
    ///
    /// Numbers alone: they tell of no person. Cached for a minute.
    GET_STATISTICS: [Anyone, (), (), (), Statistics] =
        Operation::get("/v1/statistics", "public").gives(&[(200, "The counts")]).cached("public, max-age=60");

    /// Says that the process lives
    GET_HEALTH: [Anyone, (), (), (), Health] =
        Operation::get("/healthz", "operating").gives(&[(200, "It lives")])
            .problems("!unavailable !fenced !store-behind !not-acceptable");

    /// Says whether dockets can be taken
    ///
    /// 503 if another node has taken over (`fenced`), if the store is older than what was signed (`store-behind`), if it
    /// doesn't answer (`unavailable`), if it was restored a moment ago (`just-restored`), or if the last write failed or a disk
    /// is full (`not-ready`, `detail` says which). All but the first two end by themselves.
    GET_READINESS: [Anyone, (), (), (), Ready] =
        Operation::get("/readyz", "operating").gives(&[(200, "It can take work")])
            .problems("not-ready just-restored !not-acceptable");
}
