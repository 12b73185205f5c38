//! The steps of the [`super::sequencer`], and what a test puts beside each: nothing of it decides anything.

use crate::store::StoreError;

/// A step of the sequencer, by name: what tests break, and metrics tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SequencerStep {
    /// The head row's lock is taken, and the head is the one that memory has.
    Lock,
    /// Entries, records and head are written.
    Write,
    /// The transaction is committed.
    Commit,
    /// The checkpoint is signed, and kept outside the store.
    Keep,
    /// Everyone may see the entries.
    Publish,
    /// Who waits gets an answer.
    Answer,
}

impl SequencerStep {
    /// Every step, in order.
    pub const ALL: [Self; 6] = [Self::Lock, Self::Write, Self::Commit, Self::Keep, Self::Publish, Self::Answer];
}

/// What a test puts beside each step, to let it fail before it happened or after. Nothing, outside tests.
pub trait FaultPoints: Send + Sync + 'static {
    /// Before the step: an error is «failed».
    fn before(&self, step: SequencerStep) -> Result<(), StoreError>;
    /// After the step: an error is «failed, but happened».
    fn after(&self, step: SequencerStep) -> Result<(), StoreError>;
}

#[derive(Debug, Clone, Copy)]
pub struct NoFaults;

impl FaultPoints for NoFaults {
    fn before(&self, _: SequencerStep) -> Result<(), StoreError> {
        Ok(())
    }

    fn after(&self, _: SequencerStep) -> Result<(), StoreError> {
        Ok(())
    }
}
