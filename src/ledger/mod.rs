//! The log, as its one writer: what it takes, in which order, and what everyone sees of it.
//!
//! In reading order: [`sequencer`] takes dockets in, and the day's [`anchors`]; [`load`] brings the log back after a start or a fault with the same
//! replay that everyone else runs; [`checkpoint`] signs; [`witnesses`] gathers who watches; [`tiles`] and [`proofs`] show; `recent` has what was logged last at hand;
//! [`audit`] derives everything again from the leaves, [`export`] writes them out. Rules are `callboard_federation::replay`'s, SQL is `store`'s, HTTP
//! `api`'s.

pub mod anchors;
pub mod audit;
pub mod checkpoint;
pub mod export;
pub mod key_file;
pub mod load;
pub mod proofs;
mod recent;
mod sample;
pub mod sequencer;
pub mod tiles;
pub mod witnesses;

use std::sync::{Arc, RwLock, RwLockReadGuard};

use callboard_client::clock::Clock;
use callboard_federation::{
    encoding::{Hash, Time},
    replay::{Fault, Refusal, Replay},
    standing::{Standing, StandingError},
    statement::EpochTag,
};
use checkpoint::{Board, LogKey};
use sequencer::{Queue, Sequencer, Waypoints};
use tokio::sync::watch;

use crate::store::{Store, StoreError};

/// The log of one registry.
pub struct Ledger {
    store: Store,
    clock: Arc<dyn Clock>,
    key: LogKey,
    /// May be ahead of the board by the batch being written; readers ask for the board's size.
    replay: RwLock<Replay>,
    board: watch::Sender<Arc<Board>>,
    queue: Queue,
    recent: recent::Recent,
}

/// Why the ledger can't do what is asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The docket doesn't count, by this rule.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The shares aren't those of the statements.
    #[error(transparent)]
    Share(#[from] callboard_federation::hand_in::ShareError),
    /// The store failed; whether what was asked happened shows when it is asked again.
    #[error("the store failed: {0}")]
    Store(#[from] StoreError),
    /// The stored log isn't one that could have been written.
    #[error("the stored log is at fault: {0}")]
    Fault(#[from] Fault),
    /// A stored envelope or entry can't be read.
    #[error("entry {index} of the store can't be read")]
    Unreadable {
        /// The entry's index.
        index: u64,
    },
    /// The log begins with another docket than the one that is pinned, or is of another issuer.
    #[error("the stored log is of another issuer than the configuration says")]
    Issuer,
    /// The sequencer has stopped.
    #[error("the ledger is stopping")]
    Stopping,
}

impl Ledger {
    /// Brings the log back from the store and starts its sequencer.
    pub async fn open(
        store: Store,
        key: LogKey,
        clock: Arc<dyn Clock>,
        waypoints: Arc<dyn Waypoints>,
    ) -> Result<Arc<Self>, LedgerError> {
        store.claim_origin(key.origin()).await?;
        let replay = load::replay(&store, None).await?;
        if replay.roster().is_some_and(|roster| roster.issuer != key.origin()) {
            return Err(LedgerError::Issuer);
        }
        let lines = witnesses::stored(&store, &replay).await?;
        let board = Board::new(&key, replay.tree(), replay.roster(), clock.now(), lines);
        let (queue, waiting) = sequencer::queue();
        let ledger = Arc::new(Self {
            store,
            clock,
            key,
            replay: RwLock::new(replay),
            board: watch::Sender::new(Arc::new(board)),
            queue,
            recent: recent::Recent::default(),
        });
        ledger.recent.begin_at(ledger.size());
        tokio::spawn(Sequencer::new(Arc::downgrade(&ledger), waypoints).run(waiting));
        Ok(ledger)
    }

    /// The store that the log is kept in; for reading.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The log's state; entries at and beyond the published size aren't anybody's to see yet.
    pub fn replay(&self) -> RwLockReadGuard<'_, Replay> {
        self.replay.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What everyone sees now.
    pub fn board(&self) -> Arc<Board> {
        self.board.borrow().clone()
    }

    /// How many entries everyone sees.
    pub fn size(&self) -> u64 {
        self.board.borrow().newest.size
    }

    /// Tells of each new checkpoint and cosignature.
    pub fn subscribe(&self) -> watch::Receiver<Arc<Board>> {
        self.board.subscribe()
    }

    /// The hash that pins the log, once it has begun.
    pub fn genesis(&self) -> Option<Hash> {
        self.replay().genesis()
    }

    /// The standing of the one person who has `tags`, by what is published, at `at`.
    pub fn standing(&self, tags: &[EpochTag], at: Time) -> Result<Standing, StandingError> {
        let size = self.size();
        self.replay().standing(tags, size, at)
    }

    /// Signs the newest checkpoint anew, with this minute's time: a quiet log is still seen to be alive (formats §8).
    pub fn refresh(&self) {
        let replay = self.replay();
        self.post(|board| Some(board.refreshed(&self.key, replay.roster(), self.clock.now())));
    }

    fn post(&self, change: impl FnOnce(&Board) -> Option<Board>) {
        self.board.send_if_modified(|board| match change(board) {
            Some(changed) => {
                *board = Arc::new(changed);
                true
            }
            None => false,
        });
    }
}
