//! Bringing the log back from the store: at the start, and after a fault. The same replay that everyone else runs.

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
    let mut replay = Replay::new(genesis);
    catch_up(store, &mut replay).await?;
    Ok(replay)
}

/// Follows the store from where `replay` stands to its end.
///
/// While one page is followed, the next is read.
pub async fn catch_up(store: &Store, replay: &mut Replay) -> Result<(), LedgerError> {
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
            Ok(LineEffect::BeginAgain(again)) => Err(Ok(again)),
            Ok(_) => Ok(()),
            Err(fault) => Err(Err(fault)),
        });
        match followed {
            Ok(()) => {}
            Err(Ok(again)) => {
                *replay = *again;
                next = page(0);
            }
            Err(Err(fault)) => return Err(fault.into()),
        }
    }
    Ok(())
}

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
