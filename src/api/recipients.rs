//! Members' recipients. The operations: [`callboard_api::registry::recipients`].

use callboard_api::{
    Member, Seat,
    registry::recipients::{KeptRecipient, RecipientTaken},
};
use callboard_federation::{
    declaration::{MemberRecipient, check},
    dsse::Envelope,
    encoding::{from_json, to_json},
    members::MemberId,
    replay::MAX_AHEAD_MILLIS,
};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError};
use crate::store::{StoreError, recipients::StoredRecipient};

pub(super) async fn publish(app: App, call: Call<Member, (), (), Envelope>) -> Result<Reply<RecipientTaken>, ApiError> {
    let (by, envelope) = (call.by, call.body);
    let MemberRecipient { at, .. } = declared(&app, &by, &envelope)?;
    let (payload_hash, now) = (envelope.payload_hash(), app.clock.now());
    let stored = StoredRecipient { published_at: at, taken_at: now, payload_hash, envelope: to_json(&envelope) };
    let store = app.ledger.store();
    let is_new = store.put_recipient(by.as_str(), &stored).await?;
    let holds = store.recipient(by.as_str()).await?.is_some_and(|held| held.payload_hash == payload_hash);
    if !holds {
        return Err(ApiError::RecipientRefused("a later one holds, or another of the same `at`"));
    }
    Ok(Reply::given_before(RecipientTaken { recipient: payload_hash }, !is_new))
}

pub(super) async fn show(app: App, call: Call<Seat, String>) -> Result<KeptRecipient, ApiError> {
    let stored = app.ledger.store().recipient(&call.part).await?.ok_or(ApiError::NotFound)?;
    let envelope = from_json(&stored.envelope).map_err(|_| StoreError::Unreadable("member_recipient"))?;
    Ok(KeptRecipient { taken_at: stored.taken_at, envelope })
}

/// What the member says of itself.
fn declared(app: &App, by: &MemberId, envelope: &Envelope) -> Result<MemberRecipient, ApiError> {
    let replay = app.ledger.replay();
    let members = replay.members().map(|members| &members.document.value);
    let declared: MemberRecipient = check(envelope, |id| {
        let (member, key) = members?.of_key(id)?;
        Some((*key, &member.member))
    })?;
    if declared.member != *by || declared.issuer != app.config.registry.issuer {
        return Err(ApiError::RecipientRefused("it is another member's, or for another registry"));
    }
    // A member's clock may be as far from ours as a signer's may.
    let is_ahead = declared.at > app.clock.now().plus_millis(MAX_AHEAD_MILLIS);
    if is_ahead { Err(ApiError::RecipientRefused("`at` is after the registry's clock")) } else { Ok(declared) }
}
