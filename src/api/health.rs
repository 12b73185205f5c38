//! Whether the registry lives, and whether it can take work; for whoever operates it.

use std::path::Path;

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, problem::ApiError};
use crate::{ledger::writership::Writership, store::Store};

/// Below this a disk counts as full: a docket has up to 100 MB, and SQLite writes what it logs twice.
const LOW_DISK: u64 = 256 * 1024 * 1024;

/// What a probe is told.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
}

/// What a probe is told of a registry that can take work.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"status": "ok", "size": 20, "diskFreeBytes": 61_203_283_968_u64}))]
pub struct Ready {
    /// Always `ok`.
    #[schema(pattern = "^ok$")]
    status: &'static str,
    /// The log's size.
    size: u64,
    /// Free on the disk of this machine that has least of it, of those that it writes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    disk_free_bytes: Option<u64>,
}

/// Says that the process lives
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", extensions(("x-problems" = json!("!unavailable !fenced !store-behind !not-acceptable"))), tag = "operating", responses((status = 200, description = "It lives", body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Says whether dockets can be taken
///
/// 503 if another node has taken over (`fenced`), if the store is older than what was signed (`store-behind`), if it doesn't
/// answer (`unavailable`), if it was restored a moment ago (`just-restored`), or if the last write failed or a disk is full
/// (`not-ready`, `detail` says which). All but the first two end by themselves.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
    extensions(("x-problems" = json!("not-ready just-restored !not-acceptable"))),
    tag = "operating",
    responses(
        (status = 200, description = "It can take work", body = Ready),
    )
)]
pub async fn ready(State(app): State<App>) -> Result<Json<Ready>, ApiError> {
    app.ledger.store().ping().await?;
    app.ledger.assure().await?;
    if let Some(after) = super::authority::until_ready(app.ledger.restored_at(), app.clock.now()) {
        return Err(ApiError::JustRestored { after });
    }
    if !app.ledger.takes_dockets() {
        return Err(ApiError::NotReady("nothing is sequenced any more: start it again"));
    }
    if let Writership::Unsettled(why) = app.ledger.writership() {
        return Err(ApiError::NotReady(why));
    }
    if let Some(why) = app.ledger.store().failing() {
        return Err(ApiError::NotReady(why));
    }
    let disk_free_bytes = disk_free_bytes(app.ledger.store(), &app.config.log.signed_note);
    if disk_free_bytes.is_some_and(|free| free < LOW_DISK) {
        return Err(ApiError::NotReady("a disk is almost full"));
    }
    Ok(Json(Ready { status: "ok", size: app.ledger.size(), disk_free_bytes }))
}

/// What is free on the disks of this machine that are written to, where there is least.
pub(super) fn disk_free_bytes(store: &Store, signed_note: &Path) -> Option<u64> {
    let free = |file: &Path| {
        let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(directory).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    };
    [store.file(), Some(signed_note)].into_iter().flatten().filter_map(free).min()
}
