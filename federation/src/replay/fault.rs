//! Faults: lines that the log doesn't bear out. They stop a view; a docket that doesn't count doesn't.

use crate::encoding::RecordId;

/// A fault of tree, time or disclosure, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("entry {index}: {kind}")]
pub struct Fault {
    /// The entry's index.
    pub index: u64,
    /// What is wrong with it.
    pub kind: FaultKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Not the next index.
    #[error("the line says index {got}")]
    Index {
        /// The index that the line says.
        got: u64,
    },
    /// The leaf isn't an entry of the log, or not of what the line shows.
    #[error("the leaf is no entry of such a line")]
    Entry,
    /// `loggedAt` is before that of the entry before.
    #[error("`loggedAt` is before that of the entry before it")]
    LoggedAt,
    /// Payload, its type, key ids or signatures aren't those that the leaf says.
    #[error("the envelope is not the one that the leaf says")]
    Envelope,
    /// Not as many statements as items.
    #[error("not every item of the docket is disclosed")]
    Items,
    /// A statement doesn't open its commitment.
    #[error("the statement of {record:?} does not open its commitment")]
    Commitment {
        /// The record.
        record: RecordId,
    },
    /// The publication is missing, isn't the docket's, or the docket has none.
    #[error("the publication is not the docket's")]
    Publication,
    /// A statement is missing that no logged erasure names.
    #[error("{record:?} is not disclosed, and no erasure names it")]
    NotErased {
        /// The record.
        record: RecordId,
    },
    /// A statement is disclosed that a logged erasure names.
    #[error("{record:?} is erased, and still disclosed")]
    StillDisclosed {
        /// The record.
        record: RecordId,
    },
}
