//! Public documents: roster, members, policies, publications. The operations: [`callboard_api::registry::documents`].

use callboard_api::{
    Anyone,
    registry::documents::{Policies, PolicyRow},
};
use callboard_federation::{
    encoding::Hash,
    policy::Policy,
    proof_file::{ProofFile, notice::NoticeFile},
};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError, records::proof_of};
use crate::ledger::notices::NoticeProof;

pub(super) async fn roster(app: App, _: Call<Anyone>) -> Result<ProofFile, ApiError> {
    let record = app.ledger.replay().documents().rosters.last().copied();
    proof_of(&app, record.ok_or(ApiError::NotFound)?).await
}

pub(super) async fn members(app: App, _: Call<Anyone>) -> Result<ProofFile, ApiError> {
    let record = app.ledger.replay().members().map(|members| members.record);
    proof_of(&app, record.ok_or(ApiError::NotFound)?).await
}

pub(super) async fn policies(app: App, _: Call<Anyone>) -> Result<Policies, ApiError> {
    let replay = app.ledger.replay();
    let row = |(sha256, policy): (&Hash, &Policy)| {
        Some(PolicyRow {
            instrument: policy.instrument.clone(),
            version: policy.version.clone(),
            sha256: *sha256,
            effective_from: policy.effective_from,
            record: *replay.documents().policies.get(sha256)?,
        })
    };
    let mut policies: Vec<PolicyRow> = replay.policies().iter().filter_map(row).collect();
    policies.sort();
    Ok(Policies { policies })
}

pub(super) async fn policy(app: App, call: Call<Anyone, Hash>) -> Result<ProofFile, ApiError> {
    let record = app.ledger.replay().documents().policies.get(&call.part).copied();
    proof_of(&app, record.ok_or(ApiError::NotFound)?).await
}

pub(super) async fn publication(app: App, call: Call<Anyone, Hash>) -> Result<Reply<serde_json::Value>, ApiError> {
    let text = app.ledger.store().publication(call.part, app.ledger.size()).await?;
    Ok(Reply::bytes(text.ok_or(ApiError::NotFound)?))
}

pub(super) async fn notice(app: App, call: Call<Anyone, Hash>) -> Result<NoticeFile, ApiError> {
    match app.ledger.notice_file(call.part).await? {
        NoticeProof::File(file) => Ok(*file),
        NoticeProof::Unknown => Err(ApiError::NotFound),
        NoticeProof::NotWitnessed => Err(ApiError::NotWitnessed),
    }
}
