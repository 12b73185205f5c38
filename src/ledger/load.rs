//! Bringing the log back from the store: at the start, and after a fault. The same replay that everyone else runs.

use std::collections::BTreeSet;

use callboard_federation::{
    disclosure::{Disclosed, Disclosure},
    dsse::Envelope,
    encoding::{Hash, from_json},
    replay::{Followed, Replay},
};

use super::LedgerError;
use crate::store::{Store, StoredEntry};

/// How many entries are read at once: a page of batches of some dozens is a few megabytes.
pub const PAGE: u64 = 500;

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
pub async fn catch_up(store: &Store, replay: &mut Replay) -> Result<Option<BTreeSet<u64>>, LedgerError> {
    let size = store.head().await?.size;
    while replay.tree().size() < size {
        let from = replay.tree().size();
        for stored in store.entries(from, size.min(from + PAGE)).await? {
            if let Followed::BeginAgain(more) = replay.follow(&disclosure(stored)?)? {
                return Ok(Some(more));
            }
        }
    }
    Ok(None)
}

/// A stored entry as the feed discloses it.
pub fn disclosure(stored: StoredEntry) -> Result<Disclosure, LedgerError> {
    let index = stored.index;
    let envelope: Envelope = from_json(&stored.envelope).map_err(|_| LedgerError::Unreadable { index })?;
    let docket = Disclosed { envelope, items: stored.items, publication: stored.publication };
    Ok(Disclosure { index, entry: stored.leaf, docket: Some(docket) })
}
