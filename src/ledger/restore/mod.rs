//! Restoring: what a store lost of the log is brought back from an export, byte for byte.
//!
//! Any member has the whole log, verified line by line, and an agent writes it out as a registry does
//! (`callboard_client::export`). In reading order: [`source`] reads exports, and holds all of it against the pin and
//! what the log signed; [`compare`] holds a store against that; [`append`] brings the lost entries in; [`missing`] says
//! what no export has: shares, and anchors of members whose exports weren't there. Until a store holds what was signed,
//! `serve` refuses it ([`super::signed_notes`]). The succession is the same act by another operator: the note that the
//! restored log begins with is signed by the key before, and stands until a roster is logged that names the new one
//! ([`super::Ledger::open`]).

pub mod append;
pub mod compare;
pub mod missing;
pub mod source;

pub use append::RestoreSummary;
pub use compare::{HistoryError, StoreComparison};
pub use missing::{DocketWithoutShares, MissingData};
pub use source::{RestorePins, RestoreSource, SourceError};

use super::{LedgerError, signed_notes::SignedNotesError};
use crate::store::StoreError;
use callboard_federation::zh_en;

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The store, or what it signed, is of another history than the exports.
    #[error(transparent)]
    History(#[from] Box<HistoryError>),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Notes(#[from] SignedNotesError),
    #[error("{}", zh_en!("登记内容第{number}行与核验时不同：导出内容已被改动",
        "line {number} of the feed is not the one that was verified: the export changed meanwhile"))]
    Changed {
        /// The line, from 1.
        number: u64,
    },
    #[error("{}", zh_en!("第{index}条是不计入的文书，又使用了登记册中另一文书的编号：存储中每项内容和每条记录只存一次",
        "entry {index} holds a docket that does not count and names what another docket of the log holds: a store keeps each payload and each record once"))]
    NoRoom { index: u64 },
}
