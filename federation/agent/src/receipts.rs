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
use serde::Serialize;
use tokio::sync::{Notify, watch};
use utoipa::ToSchema;

use crate::{
    config::Config,
    error::AgentError,
    latest::Latest,
    registry::Registry,
    replica::{Reading, Replica},
    store::receipts::{ReceiptStore, StoredReceipt},
};

/// Receipts that are signed or filed at once.
const AT_ONCE: u32 = 64;
/// Why a receipt isn't signed.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The docket isn't in the witnessed view.
    #[error("{}", zh_en!("在本会员端已见证的登记册中没有文书 {_0}",
        "no docket {_0} is in the log as far as it is witnessed here"))]
    Docket(Hash),
    /// What it excepts doesn't fit.
    #[error(transparent)]
    Exceptions(#[from] ExceptionsError),
}

/// How far a receipt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ReceiptProgress)]
pub(crate) enum Progress {
    /// The registry took it.
    Filed,
    /// It is signed, and the registry hasn't taken it.
    Signed,
    /// Nothing is signed before the docket's last record is in effect.
    ToCome,
    /// The hook hasn't taken what the docket changed.
    WaitsForHook,
    /// It is signed by itself in a moment.
    Due,
    /// Nobody but a person says it here: no hook is called, or another agent of the member files receipts.
    ByCommand,
}

/// The dockets among these entries that a receipt of this member is due for, and when the last record of each is in effect.
pub(crate) fn due(log: &Reading<'_>, member: &str, indexes: &BTreeSet<u64>) -> BTreeMap<u64, Time> {
    let is_bound = |index: &u64| log.replay().bound_at(*index).iter().any(|(id, _)| id.as_str() == member);
    let moves = |index: &u64| log.records(*index, *index + 1).any(|record| record.policy.is_some());
    let in_effect = |index: u64| Some((index, log.records(index, index + 1).map(|record| record.starts).max()?));
    indexes.iter().copied().filter(|index| is_bound(index) && moves(index)).filter_map(in_effect).collect()
}

/// How often is looked whether a receipt may be signed or filed: a docket takes effect without a word.
const LOOK: Duration = Duration::from_secs(1);

/// Signs and files receipts, and tells how far each has come.
#[derive(Clone)]
pub(crate) struct Receipts(Arc<Inner>);

struct Inner {
    store: ReceiptStore,
    replica: Replica,
    registry: Registry,
    member: MemberId,
    clock: Arc<dyn Clock>,
    /// Whether a hook is called, which says by itself that a docket is in effect.
    has_hook: bool,
    /// Wakes whoever files: the hook may have taken what was missing.
    work: Notify,
    /// When receipts are filed again after the registry took none.
    retry_at: Latest<Time>,
    /// Why the registry took none when one was last filed, if it took none.
    failure: Latest<String>,
}

impl Receipts {
    /// Receipts of a member.
    pub(crate) fn new(
        config: &Config,
        store: ReceiptStore,
        replica: &Replica,
        registry: &Registry,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner {
            store,
            replica: replica.clone(),
            registry: registry.clone(),
            member: config.member.clone(),
            clock: clock.clone(),
            has_hook: config.calls().is_some(),
            work: Notify::new(),
            retry_at: Latest::default(),
            failure: Latest::default(),
        }))
    }

    /// Signs and files receipts until told to stop; a registry that hangs holds up no call of the hook.
    pub(crate) async fn run(&self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.file().await {
                tracing::error!(error = error_chain(&error), "receipts are not signed");
            }
            tokio::select! {
                () = self.0.work.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// The rows.
    pub(crate) fn store(&self) -> &ReceiptStore {
        &self.0.store
    }

    /// Looks at once whether one can be signed or filed.
    pub(crate) fn hurry(&self) {
        self.0.work.notify_one();
    }

    /// Notes the receipts that are due for what was looked through.
    pub(crate) async fn owe(&self, due: &BTreeMap<u64, Time>) -> Result<(), AgentError> {
        let mut dockets = Vec::new();
        for (index, effective_at) in due {
            dockets.extend(self.0.replica.docket(*index).await?.map(|docket| (docket, *index, *effective_at)));
        }
        if dockets.is_empty() { Ok(()) } else { Ok(self.0.store.owe(&dockets).await?) }
    }

    /// Signs what is in effect by now, and files what is signed.
    pub(crate) async fn file(&self) -> Result<(), AgentError> {
        let is_replica = self.0.replica.other_agent().is_some();
        // Without a hook that is called nobody says that it is done but a person; beside another agent of the member, that one.
        if self.0.has_hook && !is_replica {
            for docket in self.0.store.done(self.0.clock.now(), AT_ONCE).await? {
                match self.sign(docket, Outcome::InEffect, Vec::new()).await? {
                    Ok(()) => {}
                    Err(why) => tracing::debug!(%why, "a receipt waits"),
                }
            }
        }
        if let Some(at) = self.0.replica.registry_restored_at() {
            let again = self.0.store.file_again(at).await?;
            if again > 0 {
                tracing::warn!(
                    receipts = again,
                    "the registry was restored: receipts that it may lack are filed again"
                );
            }
        }
        let unfiled = self.0.store.unfiled(AT_ONCE).await?;
        let now = self.0.clock.now();
        if unfiled.is_empty() || self.0.retry_at.get().is_some_and(|retry_at| now < retry_at) {
            return Ok(());
        }
        for (docket, envelope) in unfiled {
            let url = self.0.registry.at("/v1/receipts");
            match http::post(self.0.registry.client(), &url, "application/json", envelope.clone().into_bytes()).await {
                Ok(_) => {
                    self.0.store.filed(docket, &envelope, now).await?;
                    self.0.failure.set(None);
                    metrics::counter!("callboard_agent_receipts_total").increment(1);
                }
                Err(error) => {
                    tracing::warn!(error = error_chain(&error), "a receipt was not filed; it is tried again");
                    self.0.failure.set(Some(error_chain(&error)));
                    let pause = error.retry_after().map_or(0, |pause| pause.as_millis());
                    self.0.retry_at.set(Some(now.plus_millis(i64::try_from(pause).unwrap_or(0).max(5_000))));
                    // One that the registry doesn't take, signed with a key that was replaced since, holds up no other.
                    if !matches!(error, HttpError::Refused { status, .. } if status.is_client_error()) {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    /// How far a receipt has come.
    pub(crate) fn progress(&self, row: &StoredReceipt) -> Progress {
        match row {
            StoredReceipt { filed_at: Some(_), .. } => Progress::Filed,
            StoredReceipt { envelope: Some(_), .. } => Progress::Signed,
            _ if !self.0.has_hook || self.0.replica.other_agent().is_some() => Progress::ByCommand,
            StoredReceipt { effective_at, .. } if *effective_at > self.0.clock.now() => Progress::ToCome,
            StoredReceipt { people: 1.., .. } => Progress::WaitsForHook,
            _ => Progress::Due,
        }
    }

    /// Why the registry took none when one was last filed, if it took none.
    pub(crate) fn failure(&self) -> Option<String> {
        self.0.failure.get()
    }

    /// Signs a receipt and keeps it, to be filed.
    pub(crate) async fn sign(
        &self,
        docket: Hash,
        outcome: Outcome,
        exceptions: Vec<Exception>,
    ) -> Result<Result<(), ReceiptError>, AgentError> {
        let checked = {
            let log = self.0.replica.read();
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
        let receipt =
            Receipt { v: 1, member: self.0.member.clone(), docket, outcome, exceptions, at: self.0.clock.now() };
        let envelope = to_json(&receipt.sign(self.0.registry.key().request_key()));
        self.0.store.sign(docket, index, &String::from_utf8_lossy(&envelope)).await?;
        Ok(Ok(()))
    }
}
