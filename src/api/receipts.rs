//! Receipts: a member's word that it acted. The operations: [`callboard_api::registry::receipts`].

use callboard_api::{
    Anyone, Member, Signed,
    registry::{
        Page,
        receipts::{FiledReceipt, FiledReceipts, KeptReceipt, ReceiptTaken, Receipts},
    },
};
use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, from_json},
};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError};
use crate::{delivery::receipts::SubmitReceiptError, ledger::LedgerError, store::receipts::LatestReceipt};

pub(super) async fn submit(app: App, call: Call<Anyone, (), (), Envelope>) -> Result<Reply<ReceiptTaken>, ApiError> {
    let taken = match app.delivery.submit_receipt(&call.body).await? {
        Err(SubmitReceiptError::TooMany { after }) => return Err(ApiError::RateLimited { after }),
        taken => taken?,
    };
    Ok(Reply::given_before(ReceiptTaken { receipt: taken.receipt }, taken.before))
}

pub(super) async fn list(app: App, call: Call<Signed, Hash, Page>) -> Result<Receipts, ApiError> {
    let page = call.query;
    let index = app.ledger.replay().index_of(&call.part).filter(|index| *index < app.ledger.size());
    let index = index.ok_or(ApiError::NotFound)?;
    let (mut receipts, mut last) = (Vec::new(), page.after.unwrap_or(0));
    for stored in app.ledger.store().receipts_after(index, last, page.rows()).await? {
        let envelope = from_json(&stored.envelope).map_err(|_| LedgerError::Unreadable { index })?;
        let (member, outcome, at, taken_at) = (stored.member, stored.outcome, stored.at, stored.taken_at);
        receipts.push(KeptReceipt { member, outcome, at, taken_at, envelope, holds: stored.holds });
        last = stored.number;
    }
    let has_more = !app.ledger.store().receipts_after(index, last, 1).await?.is_empty();
    Ok(Receipts { receipts, next: has_more.then_some(last) })
}

pub(super) async fn filed(app: App, call: Call<Member, (), Page>) -> Result<FiledReceipts, ApiError> {
    // Nobody owes a receipt for entry 0, the first roster.
    let (after, limit) = (call.query.after.unwrap_or(0), call.query.rows());
    let rows = app.ledger.store().filed_receipts(call.by.as_str(), after, limit).await?;
    let next = rows.last().map(|last| last.index).filter(|_| rows.len() as u64 == limit);
    let shown = |LatestReceipt { index, outcome, at, exceptions, .. }| FiledReceipt { index, outcome, at, exceptions };
    Ok(FiledReceipts { receipts: rows.into_iter().map(shown).collect(), next })
}
