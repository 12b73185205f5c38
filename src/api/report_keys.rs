//! Report keys. The operations: [`callboard_api::registry::report_keys`].

use callboard_api::{
    Anyone, Seat,
    registry::report_keys::{ReportKeyTaken, ReportKeys, SeatReportKey},
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{from_json, to_json},
    replay::MAX_AHEAD_MILLIS,
    report::public::MAX_FILE_BYTES,
    report_key::declared::check,
};
use callboard_rules::reports::{in_force, names_to};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError};
use crate::store::{StoreError, report_keys::StoredReportKey};

pub(super) async fn publish(app: App, call: Call<Seat, (), (), Envelope>) -> Result<Reply<ReportKeyTaken>, ApiError> {
    let (by, envelope) = (call.by, call.body);
    let now = app.clock.now();
    let declared = {
        let replay = app.ledger.replay();
        let roster = replay.roster().ok_or(ApiError::SeatsOnly)?;
        check(&envelope, roster)?
    };
    if declared.seat != by.key_id {
        return Err(ApiError::ReportKeyRefused("another seat signed it than the one that asks"));
    }
    // A seat's clock may be as far from ours as a signer's may.
    if declared.declared.at > now.plus_millis(MAX_AHEAD_MILLIS) {
        return Err(ApiError::ReportKeyRefused("`at` is after the registry's clock"));
    }
    let payload_hash = envelope.payload_hash();
    let stored = StoredReportKey {
        seat: by.key_id,
        published_at: declared.declared.at,
        taken_at: now,
        payload_hash,
        envelope: to_json(&envelope),
    };
    let store = app.ledger.store();
    let is_new = store.put_report_key(&stored).await?;
    let keys = store.report_keys().await?;
    if !keys.iter().any(|held| held.seat == by.key_id && held.payload_hash == payload_hash) {
        return Err(ApiError::ReportKeyRefused("a later one holds, or another of the same `at`"));
    }
    Ok(Reply::given_before(ReportKeyTaken { report_key: payload_hash }, !is_new))
}

pub(super) async fn list(app: App, _: Call<Anyone>) -> Result<ReportKeys, ApiError> {
    let (keys, is_apart) = in_force_now(&app).await?;
    let config = &app.config;
    Ok(ReportKeys {
        issuer: config.registry.issuer.clone(),
        keys,
        names_apart: is_apart,
        files_bytes: MAX_FILE_BYTES,
        contact_zh: config.public_reports.contact_zh.clone(),
        contact_en: config.public_reports.contact_en.clone(),
    })
}

/// The report keys of the secretariat's seats in force, and whether a policy lets only some of them read names.
pub(super) async fn in_force_now(app: &App) -> Result<(Vec<SeatReportKey>, bool), ApiError> {
    let stored = app.ledger.store().report_keys().await?;
    let replay = app.ledger.replay();
    let readers = names_to(in_force(replay.policies().values(), app.clock.now()));
    let Some(roster) = replay.roster() else { return Ok((Vec::new(), false)) };
    let mut keys = Vec::new();
    for StoredReportKey { envelope, .. } in stored {
        let envelope: Envelope = from_json(&envelope).map_err(|_| StoreError::Unreadable("report_key"))?;
        // A seat that left, or has another role, is passed over: nothing is sealed to it any more.
        let Ok(held) = check(&envelope, roster) else { continue };
        let holder = roster.seat(&held.seat).map(|seat| seat.holder.as_str());
        keys.push(SeatReportKey {
            seat: held.seat,
            public_key: held.declared.public_key.to_string(),
            reads_names: readers.is_empty() || holder.is_some_and(|holder| readers.iter().any(|of| of == holder)),
            envelope,
        });
    }
    Ok((keys, !readers.is_empty()))
}
