//! What is sent of a docket: its parts, serialised once for all endpoints.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use axum::body::Bytes;
use callboard_federation::{
    encoding::{Time, to_json},
    statement::Kind,
    webhook::{MAX_PART, Message, MessageKind, Part, PushedItem, message_id},
};

use crate::{
    ledger::{Ledger, LedgerError},
    store::DocketItems,
};

/// How many dockets are kept serialised: workers that keep up are within a few of one another.
const KEPT: usize = 256;
/// How many entries are read at once by a worker that is behind.
const PAGE: u64 = 32;

/// A docket as it is sent.
pub(super) struct Outgoing {
    pub(super) index: u64,
    pub(super) logged_at: Time,
    /// The kinds of its records, for whoever wants some alone.
    pub(super) kinds: Vec<Kind>,
    /// Id and body of each part.
    pub(super) parts: Vec<(String, Bytes)>,
}

impl Outgoing {
    fn of(docket: &DocketItems, ledger: &Ledger) -> Self {
        let checkpoint = ledger.board().newest.note.to_string();
        let replay = ledger.replay();
        let parts = docket.items.chunks(MAX_PART);
        let count = parts.len() as u64;
        let part = |(part, items): (u64, &[_])| {
            let items = items.iter().map(|(id, kind)| PushedItem::of(*id, *kind, replay.records())).collect();
            let (index, docket_hash) = (docket.index, docket.payload_hash);
            let data = Part { index, docket: docket_hash, part, parts: count, items, checkpoint: checkpoint.clone() };
            let message = Message { kind: MessageKind::DocketLogged, timestamp: docket.logged_at, data };
            (message_id(&docket_hash, part), Bytes::from(to_json(&message)))
        };
        let mut kinds: Vec<Kind> = docket.items.iter().map(|(_, kind)| *kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Self { index: docket.index, logged_at: docket.logged_at, kinds, parts: (0..).zip(parts).map(part).collect() }
    }
}

/// The dockets that were serialised last.
#[derive(Default)]
pub(super) struct Messages(Mutex<VecDeque<Arc<Outgoing>>>);

impl Messages {
    /// The first docket at or after `from`, if there is one among those published.
    pub(super) async fn next(&self, ledger: &Ledger, from: u64) -> Result<Option<Arc<Outgoing>>, LedgerError> {
        let mut from = from;
        while from < ledger.size() {
            if let Some(kept) = self.kept(from) {
                return Ok(Some(kept));
            }
            let to = from + PAGE;
            let dockets = ledger.dockets(from, to).await?;
            // The first is wanted now, the others next.
            let kept = dockets.iter().map(|docket| self.keep(docket, ledger));
            if let Some(first) = kept.collect::<Vec<_>>().into_iter().next() {
                return Ok(Some(first));
            }
            from = to;
        }
        Ok(None)
    }

    /// The docket of this very index, if it is kept.
    fn kept(&self, index: u64) -> Option<Arc<Outgoing>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find(|outgoing| outgoing.index == index).cloned()
    }

    /// Serialises it, unless another worker just did.
    fn keep(&self, docket: &DocketItems, ledger: &Ledger) -> Arc<Outgoing> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outgoing) = kept.iter().rev().find(|outgoing| outgoing.index == docket.index) {
            return outgoing.clone();
        }
        let outgoing = Arc::new(Outgoing::of(docket, ledger));
        if outgoing.kinds.contains(&Kind::Erasure) {
            // What it erased may stand in those that are kept.
            kept.clear();
        }
        kept.push_back(outgoing.clone());
        if kept.len() > KEPT {
            kept.pop_front();
        }
        outgoing
    }
}
