//! What the registry pushes, the platform's hook, and this platform's word that it acted: what it said, and still owes.

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use callboard_api::agent::pushed::{HookTest, NewReceipt, ReceiptPage, ReceiptState, ReceiptsBefore};
use callboard_federation::{
    dsse::Envelope,
    encoding::{CheckId, from_json},
    receipt::Receipt,
    webhook::HEADERS,
};

use super::{ApiError, App, Call};
use crate::store::{StoreError, receipts::StoredReceipt};

/// Receipts of one page, unless a request asks for fewer, and at most.
const PAGE: (u32, u32) = (100, 1_000);

/// A message is verified as the bytes that came.
pub(super) async fn take(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, ApiError> {
    let body = body.map_err(|_| ApiError::TooLarge)?;
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    app.webhook.take(HEADERS.map(header), &body)??;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn file(app: App, call: Call<(), (), NewReceipt>) -> Result<(), ApiError> {
    let NewReceipt { docket, outcome, exceptions } = call.body;
    app.receipts.sign(docket, outcome, exceptions).await??;
    Ok(app.receipts.file().await?)
}

pub(super) async fn list(app: App, call: Call<(), ReceiptsBefore>) -> Result<ReceiptPage, ApiError> {
    let ReceiptsBefore { before, limit, owed } = call.query;
    let limit = limit.unwrap_or(PAGE.0).clamp(1, PAGE.1);
    let rows = app.receipts.store.before(before, owed, limit).await?;
    let next = rows.last().map(|last| last.index).filter(|_| rows.len() == limit as usize);
    let receipts = rows.into_iter().map(|row| state(&app, row)).collect::<Result<_, _>>()?;
    Ok(ReceiptPage { receipts, next, failure: app.receipts.failure.get() })
}

fn state(app: &App, row: StoredReceipt) -> Result<ReceiptState, StoreError> {
    let state = app.receipts.progress(&row);
    let StoredReceipt { docket, index, effective_at, envelope, filed_at, people } = row;
    let read = |envelope: String| {
        let envelope: Envelope = from_json(envelope.as_bytes())?;
        from_json::<Receipt>(&envelope.payload.0)
    };
    let said = envelope.map(read).transpose().map_err(|_| StoreError::Foreign("a receipt"))?;
    Ok(ReceiptState {
        docket,
        index,
        state,
        outcome: said.as_ref().map(|said| said.outcome),
        signed_at: said.as_ref().map(|said| said.at),
        filed_at,
        effective_at: if said.is_none() { Some(effective_at) } else { None },
        people,
    })
}

pub(super) async fn finish(app: App, call: Call<CheckId>) -> Result<(), ApiError> {
    if app.notifications.finish(call.part).await? { Ok(()) } else { Err(ApiError::NotFound) }
}

pub(super) async fn test(app: App, _: Call) -> Result<HookTest, ApiError> {
    app.notifications.hook().test().await.ok_or(ApiError::NoHook)
}
