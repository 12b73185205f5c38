//! Cases. The operations: [`callboard_api::registry::cases`].
//!
//! What may be done is the rules' to say, and the ledger's to ask them; here is who is shown what.

use callboard_api::{
    Seat, Signed,
    registry::cases::{CaseChain, CaseEntry, Cases, CasesBefore, ChainFrom, KeptCaseEvent, NewCaseEvent, SealedPart},
};
use callboard_federation::encoding::{Base64, CaseId, Hash};
use callboard_service::operation::Reply;

use super::{App, Call, authority::Principal, problem::ApiError};
use crate::{
    ledger::cases::{TakenCaseEvent, kept_event},
    store::cases::CaseList,
};

/// The most places in which one sealed part is looked for: nobody has a reason to seal one twice.
const PLACES: u64 = 16;

pub(super) async fn add(
    app: App,
    call: Call<Signed, CaseId, (), NewCaseEvent>,
) -> Result<Reply<KeptCaseEvent>, ApiError> {
    let TakenCaseEvent { event, before } = app.ledger.take_case_event(call.part, call.by.key_id, call.body).await?;
    Ok(Reply::given_before(event, before))
}

pub(super) async fn list(app: App, call: Call<Seat, (), CasesBefore>) -> Result<Cases, ApiError> {
    let (query, store) = (call.query, app.ledger.store());
    let rows = query.rows();
    let before = match query.before {
        Some(before) => Some((shown(&app, before).await?.changed_at, before)),
        None => None,
    };
    let cases = store.cases(CaseList { state: query.state, before, rows }).await?;
    let next = cases.last().map(|last| last.case).filter(|_| cases.len() as u64 == rows);
    Ok(Cases { cases, next })
}

pub(super) async fn show(app: App, call: Call<Seat, CaseId, ChainFrom>) -> Result<CaseChain, ApiError> {
    let (id, from, rows) = (call.part, call.query.from.unwrap_or(0), call.query.rows());
    let case = shown(&app, id).await?;
    let stored = app.ledger.store().case_events(id, from, rows).await?;
    let events = stored.iter().map(kept_event).collect::<Result<Vec<_>, _>>()?;
    let next = from.saturating_add(events.len() as u64);
    let next = Some(next).filter(|next| !events.is_empty() && *next < case.events);
    Ok(CaseChain { case, events, next })
}

pub(super) async fn head(app: App, call: Call<Signed, CaseId>) -> Result<CaseEntry, ApiError> {
    let id = call.part;
    let is_shown = match &call.by.who {
        Principal::Seat(_) => true,
        Principal::Member(member) => app.ledger.hosts_of_case(id, member).await?,
    };
    if is_shown { shown(&app, id).await } else { Err(ApiError::NotFound) }
}

pub(super) async fn sealed_part(app: App, call: Call<Seat, Hash>) -> Result<SealedPart, ApiError> {
    let store = app.ledger.store();
    let places = store.sealed_places(call.part, PLACES).await?;
    if places.is_empty() {
        return Err(ApiError::NotFound);
    }
    for (case, seq) in places {
        if app.ledger.may_read_sealed(case, seq, call.by.key_id).await?
            && let Some(sealed) = store.sealed_part(case, seq).await?
        {
            return Ok(SealedPart { sealed: Base64(sealed) });
        }
    }
    Err(ApiError::CaseAccess)
}

async fn shown(app: &App, id: CaseId) -> Result<CaseEntry, ApiError> {
    app.ledger.store().case(id).await?.ok_or(ApiError::NotFound)
}
