//! Receipts: the member's signed word that a docket is in effect here, filed by itself once its last record is in effect and
//! the hook has taken every call that carried what it changed; partly, or not and why, by command. Implements
//! `docs/formats.md` §11.
//!
//! A receipt is due for a docket that was logged while this member was bound and that moves a standing, so names a policy.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use callboard_api::{agent::pushed::ReceiptProgress, registry::receipts::SUBMIT_RECEIPT};
use callboard_client::{
    clock::Clock,
    http::{self, HttpError},
    runtime::error_chain,
};
use callboard_federation::{
    encoding::{Hash, Time, to_json},
    members::MemberId,
    receipt::{Exception, ExceptionsError, Outcome, Receipt, check_exceptions},
    zh_en,
};
use tokio::sync::{Notify, watch};

use crate::{
    error::AgentError,
    latest::Latest,
    registry::Registry,
    replica::{Replica, VerifiedLog},
    store::receipts::{ReceiptStore, StoredReceipt, UnfiledReceipt},
};

/// Receipts that are signed or filed at once.
const AT_ONCE: u32 = 64;

#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    #[error("{}", zh_en!("在本会员端已见证的登记册中没有文书 {_0}",
        "no docket {_0} is in the log as far as it is witnessed here"))]
    Docket(Hash),
    #[error(transparent)]
    Exceptions(#[from] ExceptionsError),
}

/// The dockets among these entries that a receipt of this member is due for, and when the last record of each is in
/// effect.
pub(crate) fn due(log: &VerifiedLog<'_>, member: &str, indexes: &BTreeSet<u64>) -> BTreeMap<u64, Time> {
    let is_bound = |index: &u64| log.replay().bound_at(*index).iter().any(|(id, _)| id.as_str() == member);
    let moves = |index: &u64| log.records(*index, *index + 1).any(|record| record.policy.is_some());
    let in_effect = |index: u64| Some((index, log.records(index, index + 1).map(|record| record.starts).max()?));
    indexes.iter().copied().filter(|index| is_bound(index) && moves(index)).filter_map(in_effect).collect()
}

/// How often is looked whether a receipt may be signed or filed: a docket takes effect without a word.
const LOOK: Duration = Duration::from_secs(1);

pub(crate) struct Receipts {
    pub(crate) store: ReceiptStore,
    pub(crate) replica: Replica,
    pub(crate) registry: Registry,
    pub(crate) member: MemberId,
    pub(crate) clock: Arc<dyn Clock>,
    /// Whether a hook is called, which says by itself that a docket is in effect.
    pub(crate) has_hook: bool,
    /// Wakes whoever files: the hook may have taken what was missing.
    pub(crate) work: Notify,
    /// When receipts are filed again after the registry took none.
    pub(crate) retry_at: Latest<Time>,
    /// Why the registry took none when one was last filed, if it took none.
    pub(crate) failure: Latest<String>,
}

impl Receipts {
    /// Signs and files receipts until told to stop; a registry that hangs holds up no call of the hook.
    pub(crate) async fn run(&self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.file().await {
                tracing::error!(error = error_chain(&error), "receipts are not signed");
            }
            tokio::select! {
                () = self.work.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    pub(crate) async fn owe(&self, due: &BTreeMap<u64, Time>) -> Result<(), AgentError> {
        let mut dockets = Vec::new();
        for (index, effective_at) in due {
            dockets.extend(self.replica.docket(*index).await?.map(|docket| (docket, *index, *effective_at)));
        }
        if dockets.is_empty() { Ok(()) } else { Ok(self.store.owe(&dockets).await?) }
    }

    /// Signs what is in effect by now, and files what is signed.
    pub(crate) async fn file(&self) -> Result<(), AgentError> {
        let is_replica = self.replica.other_agent().is_some();
        // Without a hook that is called nobody says that it is done but a person; beside another agent of the member,
        // that one.
        if self.has_hook && !is_replica {
            for docket in self.store.done(self.clock.now(), AT_ONCE).await? {
                match self.sign(docket, Outcome::InEffect, Vec::new()).await? {
                    Ok(()) => {}
                    Err(why) => tracing::debug!(%why, "a receipt waits"),
                }
            }
        }
        if let Some(at) = self.replica.registry_restored_at() {
            let again = self.store.file_again(at).await?;
            if again > 0 {
                tracing::warn!(
                    receipts = again,
                    "the registry was restored: receipts that it may lack are filed again"
                );
            }
        }
        let unfiled = self.store.unfiled(AT_ONCE).await?;
        let now = self.clock.now();
        if unfiled.is_empty() || self.retry_at.get().is_some_and(|retry_at| now < retry_at) {
            return Ok(());
        }
        for UnfiledReceipt { docket, envelope } in unfiled {
            let url = self.registry.at(SUBMIT_RECEIPT.description.path);
            match http::post(self.registry.client(), &url, "application/json", envelope.clone().into_bytes()).await {
                Ok(_) => {
                    self.store.filed(docket, &envelope, now).await?;
                    self.failure.set(None);
                    metrics::counter!("callboard_agent_receipts_total").increment(1);
                }
                Err(error) => {
                    tracing::warn!(error = error_chain(&error), "a receipt was not filed; it is tried again");
                    self.failure.set(Some(error_chain(&error)));
                    let pause = error.retry_after().map_or(0, |pause| pause.as_millis());
                    self.retry_at.set(Some(now.plus_millis(i64::try_from(pause).unwrap_or(0).max(5_000))));
                    // One that the registry doesn't take, signed with a key that was replaced since, holds up no other.
                    if !matches!(error, HttpError::Refused { status, .. } if status.is_client_error()) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) fn progress(&self, row: &StoredReceipt) -> ReceiptProgress {
        match row {
            StoredReceipt { filed_at: Some(_), .. } => ReceiptProgress::Filed,
            StoredReceipt { envelope: Some(_), .. } => ReceiptProgress::Signed,
            _ if !self.has_hook || self.replica.other_agent().is_some() => ReceiptProgress::ByCommand,
            StoredReceipt { effective_at, .. } if *effective_at > self.clock.now() => ReceiptProgress::ToCome,
            StoredReceipt { people: 1.., .. } => ReceiptProgress::WaitsForHook,
            _ => ReceiptProgress::Due,
        }
    }

    /// Signs a receipt and keeps it, to be filed.
    pub(crate) async fn sign(
        &self,
        docket: Hash,
        outcome: Outcome,
        exceptions: Vec<Exception>,
    ) -> Result<Result<(), ReceiptError>, AgentError> {
        let checked = {
            let log = self.replica.read();
            let witnessed = log.witnessed().unwrap_or(0);
            let index = log.replay().index_of(&docket).filter(|index| *index < witnessed);
            index.ok_or(ReceiptError::Docket(docket)).and_then(|index| {
                let is_of = |record| log.record(record).is_some_and(|record| record.place.index == index);
                check_exceptions(outcome, &exceptions, is_of)?;
                Ok(index)
            })
        };
        let index = match checked {
            Ok(index) => index,
            Err(refused) => return Ok(Err(refused)),
        };
        let receipt = Receipt { v: 1, member: self.member.clone(), docket, outcome, exceptions, at: self.clock.now() };
        let envelope = to_json(&receipt.sign(self.registry.key().request_key()));
        self.store.sign(docket, index, &String::from_utf8_lossy(&envelope)).await?;
        Ok(Ok(()))
    }
}
