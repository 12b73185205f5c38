//! Records, their proofs and shares, and standings. The operations: [`callboard_api::registry::records`].

use callboard_api::{
    MaybeSigned, Signed,
    registry::records::{RecordPlace, Share, Standings, StandingsQuestion},
};
use callboard_federation::{
    encoding::{Base64, Octets, RecordId},
    proof_file::ProofFile,
    standing::{Standing, links_of},
    statement::Statement,
};

use super::{
    App, Call,
    problem::{ApiError, MalformedRequest},
};
use crate::ledger::proofs::ProofOutcome;

const MAX_TAGS: usize = 1_000;

pub(super) async fn show(app: App, call: Call<MaybeSigned, RecordId>) -> Result<RecordPlace, ApiError> {
    let stored = app.ledger.store().record(call.part).await?.filter(|stored| stored.index < app.ledger.size());
    let stored = stored.ok_or(ApiError::NotFound)?;
    Ok(RecordPlace {
        record: call.part,
        kind: stored.kind,
        index: stored.index,
        position: stored.position,
        erased: stored.statement.is_none(),
        statement: stored.statement.filter(|_| call.by.is_some()).map(Base64),
    })
}

pub(super) async fn proof(app: App, call: Call<Signed, RecordId>) -> Result<ProofFile, ApiError> {
    proof_of(&app, call.part).await
}

pub(super) async fn proof_of(app: &App, id: RecordId) -> Result<ProofFile, ApiError> {
    match app.ledger.proof_file(id).await? {
        ProofOutcome::File(file) => Ok(*file),
        ProofOutcome::Unknown => Err(ApiError::NotFound),
        ProofOutcome::Erased => Err(ApiError::Erased),
        ProofOutcome::NotWitnessed => Err(ApiError::NotWitnessed),
    }
}

pub(super) async fn share(app: App, call: Call<Signed, RecordId>) -> Result<Share, ApiError> {
    let (id, by) = (call.part, call.by);
    let record = app.ledger.store().record(id).await?.filter(|record| record.index < app.ledger.size());
    let statement = record.ok_or(ApiError::NotFound)?.statement.ok_or(ApiError::Erased)?;
    let share = app.ledger.store().take_share(id, &by.who.name(), by.key_id, app.clock.now()).await?;
    metrics::counter!("callboard_registry_shares_given_total").increment(u64::from(share.is_some()));
    let Some(share) = share else {
        // Erased meanwhile, without details, or lost: a share is there as long as what it opens is.
        let has_details = Statement::from_json(&statement).is_ok_and(|statement| statement.details().is_some());
        return Err(if has_details { ApiError::ShareLost } else { ApiError::NotFound });
    };
    Ok(Share { share: Octets(share) })
}

pub(super) async fn standings(app: App, call: Call<Signed, (), (), StandingsQuestion>) -> Result<Standings, ApiError> {
    let StandingsQuestion { persons, at } = call.body;
    let tags: usize = persons.iter().map(Vec::len).sum();
    if persons.iter().any(Vec::is_empty) || !(1..=MAX_TAGS).contains(&tags) {
        return Err(ApiError::Malformed(MalformedRequest::Tags));
    }
    let at = at.unwrap_or_else(|| app.clock.now());
    let (published, replay) = (app.ledger.published(), app.ledger.replay());
    let size = published.newest.size;
    let standings: Result<Vec<Standing>, _> = persons.iter().map(|tags| replay.standing(tags, size, at)).collect();
    let links_of = |tags: &Vec<_>| links_of(replay.records(), tags, size, at).into_iter().map(|link| link.id).collect();
    let links = persons.iter().map(links_of).collect();
    Ok(Standings { standings: standings?, links, checkpoint: published.newest.note.to_string() })
}
