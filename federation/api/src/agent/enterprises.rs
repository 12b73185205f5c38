//! Enterprises that a measure holds for: the association's boycott, as every member sees it.

use callboard_federation::{
    docket::Publication,
    encoding::Time,
    policy::Words,
    standing::{Action, Reason},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::View;
use crate::{Operation, Token, operations};

/// Which page.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnterprisesBefore {
    /// Those of dockets before this index: `next` of the page before.
    pub before: Option<u64>,
    /// How many: 1 to 1,000; those of one docket are never parted, so that a page may have more.
    #[param(default = 100)]
    pub limit: Option<u32>,
}

/// A measure that holds for an enterprise.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnterpriseMeasure {
    /// The index of the entry that logged it.
    pub index: u64,
    /// From when it has effect.
    pub starts_at: Time,
    /// What is asked of members.
    pub action: Action,
    /// The measure, in the policy's words.
    pub words: Words,
    /// What holds.
    pub reason: Reason,
    /// What appeared in public with the docket: it names enterprises. Without it, the enterprise is known to whoever asks by
    /// its number alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub publication: Option<Publication>,
}

/// Measures that hold for enterprises, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"enterprises": [{
    "index": 31,
    "startsAt": "2026-11-25T08:00:00.000Z", "action": "refuse", "words": {"zh": "警示（停止直播服务）", "en": "suspension"},
    "reason": {"record": "019c167f-cc00-73bb-b093-53149ac499ee", "measure": "suspension", "scopes": [], "phase": "in-force",
        "disputed": false, "soft": false},
    "publication": {"v": 1, "zh": "…", "en": "…"}}],
    "asOf": {"size": 32, "since": "2026-11-25T08:00:00.000Z", "witnessed": true}}))]
pub struct EnterprisePage {
    /// Those of the page.
    pub enterprises: Vec<EnterpriseMeasure>,
    /// `before` of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// How far the log is known.
    pub as_of: View,
}

operations! {
    /// The operations on enterprises.
    OPERATIONS:

    /// Lists the measures that hold for enterprises now: whom all members boycott
    ///
    /// Told from the verified log, nothing is asked of the registry. Whether an enterprise that you work with is among them, a
    /// check of its `cn-uscc` says.
    LIST_ENTERPRISES: [Token, (), EnterprisesBefore, (), EnterprisePage] =
        Operation::get("/enterprises", "log").query().gives(&[(200, "A page")]).problems("malformed not-ready unavailable");
}
