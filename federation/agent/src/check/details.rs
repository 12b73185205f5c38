//! Opening details on a hit: with the seal keys of all that the account holds, and the record's share, which the registry gives
//! and counts. What opened is kept, encrypted, so that a share is asked for once.

use std::sync::Arc;

use callboard_api::{
    agent::{Names, answer::CheckAnswer},
    registry::records::TAKE_RECORD_SHARE,
};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_federation::{
    encoding::{RecordId, from_json, to_json},
    sealed::{self, Plain, Share},
};

use super::notes;
use crate::{
    book::{Account, Book, IdentityTag, holder::Holder},
    error::AgentError,
    registry::Registry,
    replica::Replica,
    store::Lookup,
};

pub(crate) struct Details {
    pub(crate) book: Book,
    pub(crate) replica: Replica,
    pub(crate) registry: Registry,
}

impl Details {
    /// Opens what can be opened of a hit; what can't is said, and changes no decision.
    ///
    /// Told names are compared with what opened, and whether they differ is kept, so that the hook says the same.
    pub(super) async fn open(
        &self,
        answer: &mut CheckAnswer,
        names: &Names,
        account: &Account,
        identities: &[(Lookup, Arc<[IdentityTag]>)],
    ) -> Result<(), AgentError> {
        let mut compared = Vec::new();
        for reason in &mut answer.reasons {
            let mut why = None;
            for (identity, held) in identities {
                match self.details_of(reason.record, identity, held).await {
                    Ok(Some(details)) => {
                        reason.details = Some(details);
                        why = None;
                        break;
                    }
                    Ok(None) => {}
                    Err(error) => why = Some(error_chain(&error)),
                }
            }
            reason.sealed = why;
            let differs = reason.details.as_ref().and_then(|details| names.differ_from(&details.names));
            compared.extend(differs.map(|differs| (reason.record, differs)));
            reason.name_differs = differs.unwrap_or_else(|| account.holder.names_differ.contains(&reason.record));
        }
        answer.name_differs = answer.reasons.iter().any(|reason| reason.name_differs);
        let differs = notes::name_differs();
        answer.notes.retain(|note| *note != differs);
        answer.notes.extend(answer.name_differs.then_some(differs));
        if account.holder.compared(&compared) != account.holder {
            let change = |holder: &Holder| holder.compared(&compared);
            self.book.change_holder(&account.lookup, change, &mut os_rng()).await?;
        }
        Ok(())
    }

    /// The details of a record that one identity opens; `None` if it has none for that identity.
    async fn details_of(
        &self,
        record: RecordId,
        identity: &Lookup,
        held: &[IdentityTag],
    ) -> Result<Option<Plain>, AgentError> {
        if let Some(kept) = self.book.details(record, identity).await? {
            return Ok(from_json(&kept).ok());
        }
        let Some(statement) = self.replica.statement(record).await? else { return Ok(None) };
        let Some(details) = statement.details() else { return Ok(None) };
        let is_wrapped = |held: &&IdentityTag| {
            details.wraps.iter().any(|wrap| wrap.epoch == held.tag.epoch && wrap.tag == held.tag.tag)
        };
        let Some(held) = held.iter().find(is_wrapped) else { return Ok(None) };
        let share = self.share_of(record).await?;
        let plain = sealed::open(details, record, &held.holder(), &share)?;
        self.book.keep_details(record, identity, &to_json(&plain), &mut os_rng()).await?;
        Ok(Some(plain))
    }

    async fn share_of(&self, record: RecordId) -> Result<Share, AgentError> {
        let question = TAKE_RECORD_SHARE.with(&record, &(), &());
        let url = self.registry.at(&question.address);
        let answer = self.registry.caller().post(&url, Vec::new(), &mut os_rng()).await?;
        let told = question.read(&answer).map_err(|_| AgentError::Share)?;
        Ok(Share::from_bytes(told.share.0))
    }
}
