//! Members' receipts: verified against the log, kept all, in batches. Of a member and docket the latest holds, and a
//! member files so many a minute for one docket.
//!
//! A receipt needs no signed request: its own signature is its right, and whoever finds one may hand it in. Implements
//! `docs/formats.md` §11.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time, to_json},
    members::MemberId,
    receipt::{Exception, ExceptionsError, Receipt, ReceiptError, check, check_exceptions},
    replay::MAX_AHEAD_MILLIS,
};
use callboard_service::group_commit::{Commit, Queue};

use super::Delivery;
use crate::{
    ledger::LedgerError,
    store::{Store, StoreError, receipts::NewReceipt},
};

/// What may wait for the next commit; beyond, callers wait to be let in.
pub(super) const WAITING: usize = 4_096;

/// Receipts of one member for one docket in a minute: each is kept, and one says all.
const A_MINUTE: u32 = 10;
const MINUTE_MILLIS: i64 = 60_000;
/// Exceptions that are shown beside a receipt, and the most characters of the reason of each; its envelope has all.
const SHOWN: usize = 5;
const SHOWN_CHARS: usize = 200;

#[derive(Default)]
pub(super) struct ReceiptRate(Mutex<MinuteCount>);

/// A minute, and how many each member filed for each docket in it.
#[derive(Default)]
struct MinuteCount {
    number: i64,
    filed: HashMap<(MemberId, u64), u32>,
}

#[derive(Debug, thiserror::Error)]
pub enum SubmitReceiptError {
    /// Not a receipt, or not signed by a member in force whom it names.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    #[error("no docket {0} that asks for receipts is in the log")]
    Docket(Hash),
    #[error(transparent)]
    Exceptions(#[from] ExceptionsError),
    #[error("`at` is {at}, after {to}")]
    Time { at: Time, to: Time },
    #[error("{A_MINUTE} receipts a minute are taken of a member for a docket; again in {after} s")]
    TooMany {
        /// Seconds until the next is taken.
        after: u64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptAcceptance {
    /// SHA-256 of its payload.
    pub receipt: Hash,
    /// Whether the registry had it before.
    pub before: bool,
}

/// Writes receipts; a caller is told whether its own is new.
pub(super) struct ReceiptWriter(pub(super) Store);

pub(super) type ReceiptQueue = Queue<NewReceipt, Result<bool, Arc<StoreError>>>;

impl Delivery {
    /// Takes a receipt. The same payload again gets the same answer.
    pub async fn submit_receipt(
        &self,
        envelope: &Envelope,
    ) -> Result<Result<ReceiptAcceptance, SubmitReceiptError>, LedgerError> {
        let (receipt, index) = match self.check_receipt(envelope) {
            Ok(checked) => checked,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Err(after) = self.receipt_rate.count(&receipt.member, index, self.clock.now()) {
            return Ok(Err(SubmitReceiptError::TooMany { after }));
        }
        let payload_hash = envelope.payload_hash();
        let receipt = NewReceipt {
            payload_hash,
            index,
            member: receipt.member.to_string(),
            outcome: receipt.outcome.as_str().to_owned(),
            at: receipt.at,
            taken_at: self.clock.now(),
            exceptions: receipt.exceptions.len() as u64,
            excerpt: excerpt(&receipt.exceptions),
            envelope: to_json(envelope),
        };
        match self.receipts.ask(receipt).await.map_err(|_| LedgerError::Stopping)? {
            Ok(is_new) => Ok(Ok(ReceiptAcceptance { receipt: payload_hash, before: !is_new })),
            Err(error) => {
                tracing::error!(%error, "receipts can't be written");
                Err(StoreError::Unavailable("receipts can't be written").into())
            }
        }
    }

    fn check_receipt(&self, envelope: &Envelope) -> Result<(Receipt, u64), SubmitReceiptError> {
        let replay = self.ledger.replay();
        let members = replay.members().map(|members| &members.document.value);
        let receipt = check(envelope, |id| {
            let (member, key) = members?.of_key(id)?;
            Some((*key, &member.member))
        })?;
        let asked = |index: &u64| *index < self.ledger.size();
        let index = replay.index_of(&receipt.docket).filter(asked).ok_or(SubmitReceiptError::Docket(receipt.docket))?;
        check_exceptions(receipt.outcome, &receipt.exceptions, |record| {
            replay.records().get(record).is_some_and(|record| record.place.index == index)
        })?;
        // A member's clock may be as far from ours as a signer's may.
        let to = self.clock.now().plus_millis(MAX_AHEAD_MILLIS);
        if receipt.at > to {
            return Err(SubmitReceiptError::Time { at: receipt.at, to });
        }
        Ok((receipt, index))
    }
}

impl ReceiptRate {
    /// Takes one of a member for a docket; how many seconds to wait, if it filed enough in this minute.
    fn count(&self, member: &MemberId, index: u64, now: Time) -> Result<(), u64> {
        let this = now.as_millis().div_euclid(MINUTE_MILLIS);
        let mut of_minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if of_minute.number != this {
            *of_minute = MinuteCount { number: this, filed: HashMap::new() };
        }
        let filed = of_minute.filed.entry((member.clone(), index)).or_default();
        if *filed >= A_MINUTE {
            let left = MINUTE_MILLIS - now.as_millis().rem_euclid(MINUTE_MILLIS);
            return Err(u64::try_from(left).unwrap_or(0).div_ceil(1_000));
        }
        *filed += 1;
        Ok(())
    }
}

/// The first exceptions, with the beginning of their reasons.
fn excerpt(exceptions: &[Exception]) -> Vec<Exception> {
    let begin = |exception: &Exception| Exception {
        record: exception.record,
        reason: exception.reason.chars().take(SHOWN_CHARS).collect(),
    };
    exceptions.iter().take(SHOWN).map(begin).collect()
}

impl Commit for ReceiptWriter {
    type Item = NewReceipt;
    type Answer = Result<bool, Arc<StoreError>>;

    const AT_ONCE: usize = 1_000;

    async fn commit(&mut self, mut receipts: Vec<NewReceipt>) -> Option<Vec<Self::Answer>> {
        let payloads: Vec<Hash> = receipts.iter().map(|receipt| receipt.payload_hash).collect();
        // PostgreSQL takes no row twice in one statement.
        let mut seen = HashSet::new();
        receipts.retain(|receipt| seen.insert(receipt.payload_hash));
        let written = self.0.put_receipts(&receipts).await.map_err(Arc::new);
        let mut new: Result<HashSet<Hash>, _> = written.map(|new| new.into_iter().collect());
        let is_new = |payload| new.as_mut().map(|new| new.remove(payload)).map_err(|error| error.clone());
        Some(payloads.iter().map(is_new).collect())
    }
}
