//! Whether this node signs: asked of the store, and said to whoever asks it anything.
//!
//! A node that was fenced, or whose store is older than what was signed, answers nothing that speaks of the log: its
//! answer would be of an older size. It learns of it from the store, before each answer where the store is shared; on
//! one file the operating system's lock says enough. What this node signed and its store doesn't bear out, any member
//! may show it.

use std::sync::{PoisonError, RwLock};

use callboard_federation::{
    encoding::Hash,
    tlog::{checkpoint::SignedCheckpoint, merkle::Tree},
};
use tokio::{
    sync::{Mutex, watch},
    time::Instant,
};

use super::{Ledger, LedgerError};
use crate::store::{LogHead, StoreError};

/// Whether this node signs, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writership {
    Writes,
    /// What it wrote last isn't known to be there: nothing is sequenced before it is. The store says why.
    Unsettled(&'static str),
    /// Another node has taken over, for good.
    Fenced {
        own: u64,
        by: u64,
    },
    /// The store holds fewer entries than were signed.
    Behind {
        signed: u64,
        stored: u64,
    },
    /// The store's entries aren't those that were signed.
    OtherHistory {
        /// The size whose root differs.
        size: u64,
    },
}

impl Writership {
    /// Its word in log, metrics and `/readyz`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Writes => "writes",
            Self::Unsettled(_) => "unsettled",
            Self::Fenced { .. } => "fenced",
            Self::Behind { .. } => "behind",
            Self::OtherHistory { .. } => "other-history",
        }
    }

    /// Every word, for the metric that has one series each.
    const WORDS: [&str; 5] = ["writes", "unsettled", "fenced", "behind", "other-history"];

    /// What this node may still say of the log: everything, unless another writes it or the store is older than it.
    pub(super) const fn answers(self) -> Result<(), LedgerError> {
        match self {
            Self::Writes | Self::Unsettled(_) => Ok(()),
            Self::Fenced { own, by } => Err(LedgerError::Store(StoreError::Fenced { own, by })),
            Self::Behind { signed, stored } => Err(LedgerError::Behind { signed, stored }),
            Self::OtherHistory { size } => Err(LedgerError::OtherHistory { size }),
        }
    }
}

/// What this node knows of its right to sign.
pub(super) struct WritershipMonitor {
    known: RwLock<WritershipStatus>,
    /// Whether this node signs nothing any more, for good.
    is_retired: watch::Sender<bool>,
    /// When the last question to the store began that was answered.
    asked: Mutex<Option<Instant>>,
}

struct WritershipStatus {
    now: Writership,
    /// Whether a note of ours was shown that the store doesn't bear out: for good, until a restored store is started.
    is_contradicted: bool,
}

impl WritershipMonitor {
    pub(super) fn new() -> Self {
        set_gauge(Writership::Writes);
        let known = WritershipStatus { now: Writership::Writes, is_contradicted: false };
        Self { known: RwLock::new(known), is_retired: watch::Sender::new(false), asked: Mutex::new(None) }
    }

    fn get(&self) -> Writership {
        self.known.read().unwrap_or_else(PoisonError::into_inner).now
    }

    fn lasting(&self) -> Writership {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.is_contradicted || matches!(known.now, Writership::Fenced { .. }) {
            known.now
        } else {
            Writership::Writes
        }
    }

    /// Notes how it stands. Who was fenced stays so, and who has signed what the store doesn't hold.
    fn set(&self, next: Writership) {
        self.change(next, false);
    }

    fn change(&self, next: Writership, contradicts: bool) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.is_contradicted |= contradicts;
        let passes = matches!(next, Writership::Writes | Writership::Unsettled(_));
        let stays = matches!(known.now, Writership::Fenced { .. }) || (known.is_contradicted && passes);
        if stays || known.now == next {
            return;
        }
        known.now = next;
        let is_retired = known.is_contradicted || matches!(next, Writership::Fenced { .. });
        drop(known);
        self.is_retired.send_replace(is_retired);
        set_gauge(next);
        log_change(next);
    }
}

fn log_change(now: Writership) {
    match now {
        Writership::Writes => tracing::info!("this node writes the log again"),
        Writership::Unsettled(why) => tracing::warn!(why, "what was written last is not known to be there"),
        Writership::Fenced { own, by } => tracing::error!(
            epoch.own = own,
            epoch.by = by,
            "ALARM: another node has taken the log over: this one signs nothing more"
        ),
        Writership::Behind { signed, stored } => tracing::error!(
            signed,
            stored,
            "ALARM: the store is older than what was signed: nothing is signed; see `callboard restore`"
        ),
        Writership::OtherHistory { size } => tracing::error!(
            size,
            "ALARM: the store's entries are not those that were signed: nothing is signed; see `callboard restore`"
        ),
    }
}

fn set_gauge(now: Writership) {
    for word in Writership::WORDS {
        metrics::gauge!("callboard_registry_log_writership", "state" => word)
            .set(f64::from(u8::from(word == now.word())));
    }
}

impl Ledger {
    /// Whether this node signs, as far as it knows.
    pub fn writership(&self) -> Writership {
        self.monitor.get()
    }

    /// Whether this node still writes the log, asked of the store by a question that begins after this call did. Of
    /// callers at once few ask.
    ///
    /// # Errors
    /// `Fenced`, `Behind`, `OtherHistory`; `Unavailable` if a shared store can't be asked.
    pub async fn check_writership(&self) -> Result<(), LedgerError> {
        self.may_sign()?;
        if !self.store.is_shared() {
            return self.writership().answers();
        }
        let called = Instant::now();
        let mut asked = self.monitor.asked.lock().await;
        if asked.is_none_or(|asked| asked < called) {
            let begins = Instant::now();
            let head = self.store.head().await?;
            self.check_head(&head, None)?;
            *asked = Some(begins);
        }
        drop(asked);
        self.may_sign()
    }

    /// Tells whether this node signs nothing any more, for good: then it pushes nothing and runs no job either.
    pub fn is_retired(&self) -> watch::Receiver<bool> {
        self.monitor.is_retired.subscribe()
    }

    /// Whether nothing is known that forbids this node to sign for good. Whether it may now, only the store can say.
    pub(super) fn may_sign(&self) -> Result<(), LedgerError> {
        self.monitor.lasting().answers()
    }

    /// Holds the store's head against what this node has published, or against `tree` at the head's size.
    pub(super) fn check_head(&self, head: &LogHead, tree: Option<&Tree>) -> Result<(), LedgerError> {
        let state = self.published();
        let published = state.newest.note.checkpoint();
        let (signed, stored) = (published.size, head.size);
        let root = tree.map_or((signed == stored).then_some(published.root), |tree| tree.root(stored));
        let found = match self.store.term() {
            Some(own) if own != head.term => Writership::Fenced { own: own.epoch, by: head.term.epoch },
            _ if stored < signed => Writership::Behind { signed, stored },
            _ if root.is_some_and(|root| root != head.root) => Writership::OtherHistory { size: stored },
            _ => return Ok(()),
        };
        self.monitor.set(found);
        found.answers()
    }

    /// Notes that the store took a write, and that nothing is pending.
    pub(super) fn note_written(&self) {
        self.monitor.set(Writership::Writes);
    }

    pub(super) fn note_failed(&self, error: &LedgerError) {
        self.monitor.set(match error {
            LedgerError::Store(StoreError::Fenced { own, by }) => Writership::Fenced { own: *own, by: *by },
            LedgerError::Behind { signed, stored } => Writership::Behind { signed: *signed, stored: *stored },
            LedgerError::OtherHistory { size } => Writership::OtherHistory { size: *size },
            LedgerError::Store(StoreError::Unavailable(why)) => Writership::Unsettled(why),
            LedgerError::Notes(_) => Writership::Unsettled("the signed note can't be kept"),
            _ => Writership::Unsettled("the store refuses what was written"),
        });
    }

    /// Takes a note that somebody shows for one that this log may have signed. If it did, and the store doesn't bear it
    /// out, that is kept, and nothing is signed any more: whoever goes on signs a second history.
    ///
    /// # Errors
    /// `Behind` or `OtherHistory` if so; `Fenced` if another node signed it.
    pub async fn check_shown_note(&self, note: &SignedCheckpoint) -> Result<(), LedgerError> {
        let stated = note.checkpoint();
        if note.verify(&[self.key.verifier()]).is_err() || stated.origin.as_str() != self.key.origin() {
            // A stranger's, whatever it says.
            return Ok(());
        }
        let root_of = |size| self.replay().tree().root(size).filter(|_| size <= self.size());
        if root_of(stated.size) == Some(stated.root) {
            return Ok(());
        }
        // Another node may have signed it, and this one is only late to know; or a batch of ours was just published.
        let head = self.store.head().await?;
        self.check_head(&head, None)?;
        let ours: Option<Hash> = root_of(stated.size);
        if ours == Some(stated.root) || (ours.is_none() && stated.size <= head.size) {
            return Ok(());
        }
        let found = match ours {
            Some(_) => Writership::OtherHistory { size: stated.size },
            None => Writership::Behind { signed: stated.size, stored: head.size },
        };
        tracing::error!(note = %note, "ALARM: a note is shown that this log signed and its store does not bear out");
        // Kept or not, nothing is signed from here on.
        self.monitor.change(found, true);
        self.notes.keep_contradiction(note).await?;
        found.answers()
    }
}
