//! Proof that it was checked, and the blinds of an account's checks.

use callboard_api::agent::{Reference, tag_book::Whom};
use callboard_federation::{
    anchor::CheckFile,
    encoding::{CheckId, from_json},
};
use serde_json::Value;

use super::{ApiError, App, Call, tag_book::whom_at};
use crate::store::{StoreError, checks::StoredAnchor};

pub(super) async fn prove(app: App, call: Call<CheckId>) -> Result<CheckFile, ApiError> {
    let check = app.checks.prove(call.part).await?.ok_or(ApiError::NotFound)?;
    let anchor = app.checks.store().anchor(check.size).await?;
    let log_index = anchor.as_ref().and_then(|anchor| anchor.log_index);
    let read = |anchor: StoredAnchor| from_json(anchor.envelope.as_bytes());
    let anchor = anchor.map(read).transpose().map_err(|_| StoreError::Foreign("an anchor"))?;
    let logged = match (&anchor, log_index) {
        (Some(anchor), Some(index)) => app.anchors.proof(anchor, index).await,
        _ => None,
    };
    Ok(CheckFile { check, anchor, log_index, logged })
}

pub(super) async fn blinds(app: App, call: Call<Reference, Whom>) -> Result<Vec<Value>, ApiError> {
    let mut lines = Vec::new();
    for person in whom_at(&app, call.part, call.query).await? {
        lines.extend(app.checks.blinded(&app.book.account_lookup(&person)).await?);
    }
    lines.sort_by_key(|(place, _)| *place);
    Ok(lines.into_iter().filter_map(|(_, line)| serde_json::from_slice(&line).ok()).collect())
}
