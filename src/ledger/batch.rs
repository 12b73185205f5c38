//! A batch before it is written: which of its dockets count, each after those before it, and the entries that come of
//! it.
//!
//! Memory alone changes here; that it becomes the log is [`super::sequencer`]'s.

use std::{collections::HashMap, sync::PoisonError};

use callboard_federation::{
    disclosure::DocketDisclosure,
    dsse::Envelope,
    encoding::{Hash, Octets, Time, to_json},
    entry::anchors_root,
    replay::{ReadDocket, Replay},
    statement::{Act, Statement},
    tlog::merkle::leaf_hash,
};

use super::{Ledger, LedgerError, checkpoint::LogKey};
use crate::store::{AnchorsOfDay, NewDocket, NewEntry, NewEntryContent, NewRecord};

/// Where a docket stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    pub index: u64,
    /// Whether it stood there before it was handed in this time.
    pub before: bool,
}

pub(super) enum Submission {
    /// A docket as handed in and read by its caller, with its shares.
    Docket(Box<DocketSubmission>),
    /// The members' anchors that were taken on a day.
    Anchors { taken_on: i64 },
}

pub(super) struct DocketSubmission {
    pub(super) read: ReadDocket<DocketDisclosure>,
    pub(super) shares: Vec<Option<Octets<32>>>,
}

/// What each docket of a batch came to, and the entries of those that count.
pub(super) fn check(
    ledger: &Ledger,
    batch: &[Submission],
    days: &mut HashMap<i64, AnchorsOfDay>,
    now: Time,
) -> (Vec<NewEntry>, Vec<Result<LogPosition, LedgerError>>) {
    let mut replay = ledger.replay.write().unwrap_or_else(PoisonError::into_inner);
    // A clock that was set back doesn't stop the log: its time never decreases (formats §8).
    let logged_at = replay.logged_at().map_or(now, |last| now.max(last));
    let mut entries = Vec::new();
    let outcome = |submission: &Submission| {
        let index = replay.tree().size();
        let (entry, logged) = match submission {
            Submission::Docket(docket) => {
                if let Some(index) = replay.index_of(&docket.read.payload_hash()) {
                    return Ok(LogPosition { index, before: true });
                }
                check_key(&replay, Some(&docket.read), &ledger.key)?;
                (replay.log(&docket.read, logged_at)?, new_docket(docket))
            }
            Submission::Anchors { taken_on } => {
                check_key(&replay, None, &ledger.key)?;
                let day = days.entry(*taken_on).or_default();
                let count = day.waiting.len() as u64;
                if count == 0 {
                    let before = day.index.map(|index| LogPosition { index, before: true });
                    return before.ok_or(LedgerError::Unreadable { index });
                }
                let entry = replay.log_anchors(anchors_root(std::mem::take(&mut day.waiting)), logged_at);
                day.index = Some(index);
                (
                    entry.ok_or(LedgerError::Unreadable { index })?,
                    NewEntryContent::Anchors { taken_on: *taken_on, count },
                )
            }
        };
        let leaf = entry.to_string().into_bytes();
        // The root that is signed is that of the very bytes that are stored.
        debug_assert_eq!(replay.tree().subtree(0, index), Some(leaf_hash(&leaf)));
        entries.push(NewEntry { index, logged_at: entry.logged_at, leaf, logged });
        Ok(LogPosition { index, before: false })
    };
    let outcomes = batch.iter().map(outcome).collect();
    (entries, outcomes)
}

/// Whether this registry's key signs the log after a docket, or after anchors: whoever logs what it can't sign leaves a
/// log that nobody sees. Another key's log goes on with a roster that names this one, and nothing before it.
fn check_key(replay: &Replay, docket: Option<&ReadDocket<DocketDisclosure>>, key: &LogKey) -> Result<(), LedgerError> {
    let own = key.verifier();
    let next = match docket.map(ReadDocket::statements) {
        Some([Some(Statement { act: Act::Roster(roster), .. })]) => Some(&roster.value),
        _ => replay.roster(),
    };
    // Without a roster nothing but the first counts, and it names the key or another's.
    if next.is_none_or(|roster| roster.log.contains(&own)) {
        Ok(())
    } else {
        Err(LedgerError::LogKey { own: Box::new(own) })
    }
}

fn new_docket(DocketSubmission { read, shares }: &DocketSubmission) -> NewEntryContent {
    let (docket, DocketDisclosure { envelope, items, publication }) = (read.docket(), read.disclosed());
    let mut records = Vec::with_capacity(docket.items.len());
    for ((item, bytes), share) in docket.items.iter().zip(items).zip(shares) {
        let share = share.map(|share| share.0);
        records.push(NewRecord { id: item.record, kind: item.kind, statement: bytes.clone(), share });
    }
    let erased = read.statements().iter().flatten().filter_map(|statement| match &statement.act {
        Act::Erasure { about, .. } => Some(about),
        _ => None,
    });
    NewEntryContent::Docket(NewDocket {
        payload_hash: read.payload_hash(),
        docket_id: docket.id,
        envelope: envelope_bytes(envelope),
        publication: publication.as_ref().map(|text| (Hash::of(text), Some(text.clone()))),
        records,
        erased: erased.flatten().copied().collect(),
    })
}

/// An envelope as the store keeps it: the payload's bytes stay as received, in base64.
fn envelope_bytes(envelope: &Envelope) -> Vec<u8> {
    to_json(envelope)
}
