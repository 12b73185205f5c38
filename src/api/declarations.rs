//! What members declare of their own permanent bans. The operations: [`callboard_api::registry::declarations`].

use callboard_api::{
    Member, Signed,
    registry::declarations::{
        DeclarationTaken, Declarations, FiledDeclaration, FiledDeclarations, KeptDeclaration, OfQuarter,
    },
};
use callboard_federation::{
    bans::{BansDeclared, BansError},
    declaration::check,
    dsse::Envelope,
    members::MemberId,
    quarter::Quarter,
    replay::MAX_AHEAD_MILLIS,
};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError};
use crate::store::bans_declared::StoredBansDeclared;

/// The most declarations of a member for a quarter: whoever corrects itself more often doesn't count.
const MOST: usize = 100;
/// Declarations of a member that are listed: of years.
const LISTED: u64 = 1_000;

pub(super) async fn declare(
    app: App,
    call: Call<Member, (), (), Envelope>,
) -> Result<Reply<DeclarationTaken>, ApiError> {
    let (by, envelope) = (call.by, call.body);
    let declared = declared(&app, &by, &envelope)?;
    let (payload_hash, store) = (envelope.payload_hash(), app.ledger.store());
    let taken = DeclarationTaken { declaration: payload_hash };
    let kept = store.bans_declared_for(by.as_str(), declared.period).await?;
    if kept.iter().any(|kept| kept.payload_hash == payload_hash) {
        return Ok(Reply::given_before(taken, true));
    }
    if kept.last().is_some_and(|holds| holds.declared.at >= declared.at) {
        return Err(ApiError::BansRefused("a later one holds, or another of the same `at`"));
    }
    if kept.len() >= MOST {
        return Err(ApiError::BansRefused("it was corrected as often as it may be"));
    }
    let new = StoredBansDeclared { declared, taken_at: app.clock.now(), payload_hash, envelope };
    if !store.put_bans_declared(&new).await? {
        let kept = store.bans_declared_for(by.as_str(), new.declared.period).await?;
        // The same came twice at once, or another of its time came first.
        if kept.iter().all(|kept| kept.payload_hash != payload_hash) {
            return Err(ApiError::BansRefused("another has the same `at`"));
        }
        return Ok(Reply::given_before(taken, true));
    }
    Ok(Reply::given_before(taken, false))
}

pub(super) async fn list(app: App, call: Call<Signed, (), OfQuarter>) -> Result<Declarations, ApiError> {
    let kept = app.ledger.store().bans_declared(call.query.period).await?;
    let of_one = kept.chunk_by(|one, next| one.declared.member == next.declared.member);
    let shown = of_one.flat_map(|all| (1..).zip(all).map(move |(number, kept)| shown(kept, number == all.len())));
    Ok(Declarations { declarations: shown.collect() })
}

fn shown(kept: &StoredBansDeclared, holds: bool) -> KeptDeclaration {
    let StoredBansDeclared { declared, taken_at, envelope, .. } = kept;
    let (member, at) = (declared.member.clone(), declared.at);
    KeptDeclaration { member, at, taken_at: *taken_at, holds, envelope: envelope.clone() }
}

pub(super) async fn filed(app: App, call: Call<Member>) -> Result<FiledDeclarations, ApiError> {
    let kept = app.ledger.store().bans_declared_by(call.by.as_str(), LISTED).await?;
    let mut periods: Vec<Quarter> = Vec::new();
    let mut declarations = Vec::new();
    for StoredBansDeclared { declared, taken_at, .. } in kept {
        let BansDeclared { period, bans, codes, at, .. } = declared;
        // The latest of a quarter comes first.
        let holds = periods.last() != Some(&period);
        if holds {
            periods.push(period);
        }
        declarations.push(FiledDeclaration { period, bans, codes, at, taken_at, holds });
    }
    let missing = app.ledger.quarters_not_declared(call.by.as_str(), &periods);
    Ok(FiledDeclarations { declarations, missing })
}

/// What the member says of itself, of a quarter that is over by the registry's clock, too.
fn declared(app: &App, by: &MemberId, envelope: &Envelope) -> Result<BansDeclared, ApiError> {
    let declared: BansDeclared = {
        let replay = app.ledger.replay();
        let members = replay.members().map(|members| &members.document.value);
        let key_of =
            |id: &_| members.and_then(|members| members.of_key(id)).map(|(member, key)| (*key, &member.member));
        check(envelope, key_of).map_err(ApiError::BansDeclaration)?
    };
    if declared.member != *by || declared.issuer != app.config.registry.issuer {
        return Err(ApiError::BansRefused("it is another member's, or for another registry"));
    }
    declared.check()?;
    let now = app.clock.now();
    if now < declared.period.ends() {
        return Err(BansError::Period.into());
    }
    // A member's clock may be as far from ours as a signer's may.
    let is_ahead = declared.at > now.plus_millis(MAX_AHEAD_MILLIS);
    if is_ahead { Err(ApiError::BansRefused("`at` is after the registry's clock")) } else { Ok(declared) }
}
