//! Bringing the log back from the store: at the start, and after a fault. The same replay that everyone else runs.

use std::collections::BTreeSet;

use callboard_client::parallel::read_ahead;
use callboard_federation::{
    disclosure::{Disclosure, DocketDisclosure},
    dsse::Envelope,
    encoding::{Hash, from_json},
    replay::{LineEffect, Replay},
};

use super::LedgerError;
use crate::store::{Store, StoredEntry};

/// How many entries are read at once: a page of batches of some dozens is some twenty megabytes.
pub const PAGE: u64 = 128;

/// The state after all entries of the store; `genesis` pins the beginning, where it is known.
pub async fn replay(store: &Store, genesis: Option<Hash>) -> Result<Replay, LedgerError> {
    let mut told = BTreeSet::new();
    loop {
        let mut replay = Replay::new(genesis, told.clone());
        match catch_up(store, &mut replay).await? {
            None => return Ok(replay),
            Some(more) => told.extend(more),
        }
    }
}

/// Follows the store from where `replay` stands to its end; `Some` if the replay has to begin again, told so.
///
/// While one page is followed, the next is read.
pub async fn catch_up(store: &Store, replay: &mut Replay) -> Result<Option<BTreeSet<u64>>, LedgerError> {
    let size = store.head().await?.size;
    let page = |from: u64| {
        let store = store.clone();
        tokio::spawn(async move {
            if from == size {
                return Ok(Vec::new());
            }
            let stored = store.entries(from, size.min(from + PAGE)).await?;
            stored.into_iter().map(disclosure).collect::<Result<Vec<_>, LedgerError>>()
        })
    };
    let mut next = page(replay.tree().size());
    while replay.tree().size() < size {
        let lines = next.await.map_err(|_| LedgerError::Stopping)??;
        if lines.is_empty() {
            return Err(LedgerError::Unreadable { index: replay.tree().size() });
        }
        next = page(replay.tree().size() + lines.len() as u64);
        let followed = read_ahead(&lines, |line| match replay.follow_read(line) {
            Ok(LineEffect::BeginAgain(more)) => Err(Ok(more)),
            Ok(_) => Ok(()),
            Err(fault) => Err(Err(fault)),
        });
        match followed {
            Ok(()) => {}
            Err(Ok(more)) => return Ok(Some(more)),
            Err(Err(fault)) => return Err(fault.into()),
        }
    }
    Ok(None)
}

/// A stored entry as the feed discloses it.
pub fn disclosure(stored: StoredEntry) -> Result<Disclosure, LedgerError> {
    let index = stored.index;
    let docket = match stored.envelope {
        None => None,
        Some(envelope) => {
            let envelope: Envelope = from_json(&envelope).map_err(|_| LedgerError::Unreadable { index })?;
            Some(DocketDisclosure { envelope, items: stored.items, publication: stored.publication })
        }
    };
    Ok(Disclosure { index, entry: stored.leaf, docket })
}
