//! Dockets: submitting one, and what was logged. The operations: [`callboard_api::registry::dockets`].

use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use callboard_api::{
    Anyone,
    registry::{
        Page,
        dockets::{DocketLogged, DocketRow, Dockets, LoggedDocket},
    },
};
use callboard_federation::{docket::Docket, encoding::Hash, entry::Entry, hand_in::HandIn};

use super::{App, Call, body, problem::ApiError};
use crate::ledger::{LedgerError, load::disclosure};

/// By hand: what is longer than other requests is read no further than needed to see who signed it.
pub(super) async fn submit(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let body = body::read_docket(request.into_body(), &app).await?;
    let handed = HandIn::from_json(&body)?;
    let docket = handed.docket.payload_hash();
    let restored = app.ledger.restore_shares(&handed).await?;
    let logged = app.ledger.submit(handed).await?;
    let status = if logged.before { StatusCode::OK } else { StatusCode::CREATED };
    let shares = Some(restored).filter(|shares| *shares > 0);
    let answer = DocketLogged { docket, index: logged.index, size: app.ledger.size(), shares };
    Ok((status, axum::Json(answer)).into_response())
}

pub(super) async fn list(app: App, call: Call<Anyone, (), Page>) -> Result<Dockets, ApiError> {
    let page = call.query;
    let size = app.ledger.size();
    let rows = app.ledger.store().dockets_after(page.after, page.rows()).await?;
    let published = rows.into_iter().filter(|row| row.index < size).map(|row| DocketRow {
        index: row.index,
        docket: row.payload_hash,
        id: row.docket_id,
        logged_at: row.logged_at,
        records: row.records,
        publication: row.publication,
    });
    let dockets: Vec<DocketRow> = published.collect();
    let last = dockets.last().map(|row| row.index);
    let next = last.filter(|last| dockets.len() as u64 == page.rows() && last + 1 < size);
    Ok(Dockets { dockets, next })
}

pub(super) async fn show(app: App, call: Call<Anyone, Hash>) -> Result<LoggedDocket, ApiError> {
    let docket = call.part;
    let stored = app.ledger.store().docket(docket).await?.filter(|stored| stored.index < app.ledger.size());
    let line = disclosure(stored.ok_or(ApiError::NotFound)?)?;
    let index = line.index;
    let unreadable = || ApiError::Ledger(LedgerError::Unreadable { index });
    let entry = Entry::parse(&line.entry).map_err(|_| unreadable())?;
    let envelope = line.docket.map(|docket| docket.envelope).ok_or_else(unreadable)?;
    let items = Docket::from_json(&envelope.payload.0).map_err(|_| unreadable())?.items;
    Ok(LoggedDocket { docket, index, logged_at: entry.logged_at, envelope, items })
}
