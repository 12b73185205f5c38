//! Faults: lines that the log doesn't bear out. They stop a view; a docket that doesn't count doesn't.

use crate::{encoding::RecordId, zh_en};

/// A fault of tree, time or disclosure, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("第{index}条：{kind}", "entry {index}: {kind}"))]
pub struct LineError {
    /// The entry's index.
    pub index: u64,
    /// What is wrong with it.
    pub kind: LineErrorKind,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineErrorKind {
    /// Not the next index.
    #[error("{}", zh_en!("该行自称第{got}条", "the line says index {got}"))]
    Index {
        /// The index that the line says.
        got: u64,
    },
    /// The leaf isn't an entry of the log, or not of what the line shows.
    #[error("{}", zh_en!("叶节点不是这一行的条目", "the leaf is no entry of such a line"))]
    Entry,
    /// `loggedAt` is before that of the entry before.
    #[error("{}", zh_en!("`loggedAt` 早于上一条", "`loggedAt` is before that of the entry before it"))]
    LoggedAt,
    /// Payload, its type, key ids or signatures aren't those that the leaf says.
    #[error("{}", zh_en!("签名封装与叶节点所载不符", "the envelope is not the one that the leaf says"))]
    Envelope,
    /// Not as many statements as items.
    #[error("{}", zh_en!("文书各项未全部披露", "not every item of the docket is disclosed"))]
    Items,
    /// A statement doesn't open its commitment.
    #[error("{}", zh_en!("{record:?} 的内容与承诺值不符", "the statement of {record:?} does not open its commitment"))]
    Commitment {
        /// The record.
        record: RecordId,
    },
    /// The publication is missing, isn't the docket's, or the docket has none.
    #[error("{}", zh_en!("公布内容不是该文书的", "the publication is not the docket's"))]
    Publication,
    /// A statement is missing that no logged erasure names.
    #[error("{}", zh_en!("{record:?} 未披露，又没有删除决定书列明它",
        "{record:?} is not disclosed, and no erasure names it"))]
    NotErased {
        /// The record.
        record: RecordId,
    },
    /// A statement is disclosed that a logged erasure names.
    #[error("{}", zh_en!("{record:?} 已被删除，却仍然披露", "{record:?} is erased, and still disclosed"))]
    StillDisclosed {
        /// The record.
        record: RecordId,
    },
}
