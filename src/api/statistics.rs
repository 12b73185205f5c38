//! Counts, and nothing that could tell of a person.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, problem::ApiError};

/// What the registry holds, in numbers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "size": 12, "records": {"ruling": 90, "annulment": 1}, "erased": 0, "members": 2, "rosterVersion": 1, "sharesGiven": 3,
}))]
pub struct Statistics {
    /// Entries of the log.
    size: u64,
    /// Records by kind that count and weren't erased; those that were annulled or have ended are among them.
    records: BTreeMap<String, u64>,
    /// Records whose statements were erased.
    erased: u64,
    /// Members bound by the rules.
    members: u64,
    /// The version of the roster in force.
    roster_version: Option<u64>,
    /// How many times a member was given a record's share.
    shares_given: u64,
}

/// Counts of what the registry holds
///
/// Numbers alone: they tell of no person. Cached for a minute.
#[utoipa::path(
    get,
    path = "/v1/statistics",
    operation_id = "get_statistics",
    tag = "public",
    responses(
        (status = 200, description = "The counts", body = Statistics),
    )
)]
pub async fn show(State(app): State<App>) -> Result<([(&'static str, &'static str); 1], Json<Statistics>), ApiError> {
    let counts = app.ledger.store().counts().await?;
    let replay = app.ledger.replay();
    let members = replay.members().map_or(0, |members| members.document.value.members.len() as u64);
    let statistics = Statistics {
        size: app.ledger.size(),
        records: replay.records().kinds().map(|(kind, count)| (kind.to_string(), count)).collect(),
        erased: counts.erased,
        members,
        roster_version: replay.roster().map(|roster| roster.version),
        shares_given: counts.shares_given,
    };
    Ok(([("cache-control", "public, max-age=60")], Json(statistics)))
}
