//! Counts for everyone, and what operators watch. The operations: [`callboard_api::registry::public`].

use std::path::Path;

use callboard_api::{
    Anyone,
    registry::public::{Health, Ready, Statistics},
};

use super::{App, Call, authority::until_ready, problem::ApiError};
use crate::{ledger::writership::Writership, store::Store};

/// Below this a disk counts as full: a docket has up to 100 MB, and SQLite writes what it logs twice.
const LOW_DISK: u64 = 256 * 1024 * 1024;
const OK: &str = "ok";

/// Counts, and nothing that could tell of a person.
pub(super) async fn statistics(app: App, _: Call<Anyone>) -> Result<Statistics, ApiError> {
    let counts = app.ledger.store().counts().await?;
    let replay = app.ledger.replay();
    Ok(Statistics {
        size: app.ledger.size(),
        records: replay.records().kinds().map(|(kind, count)| (kind.to_string(), count)).collect(),
        erased: counts.erased,
        members: replay.members().map_or(0, |members| members.document.value.members.len() as u64),
        roster_version: replay.roster().map(|roster| roster.version),
        shares_given: counts.shares_given,
    })
}

pub(super) async fn health(_: App, _: Call<Anyone>) -> Result<Health, ApiError> {
    Ok(Health { status: OK.to_owned() })
}

pub(super) async fn ready(app: App, _: Call<Anyone>) -> Result<Ready, ApiError> {
    app.ledger.store().ping().await?;
    app.ledger.check_writership().await?;
    if let Some(after) = until_ready(app.ledger.restored_at(), app.clock.now()) {
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
    Ok(Ready { status: OK.to_owned(), size: app.ledger.size(), disk_free_bytes })
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
