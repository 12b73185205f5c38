//! Holding a store, and what it signed, against the log that it is to be restored to.
//!
//! A store that lost entries begins as the log does. One that has others is of another history: nothing is appended to
//! it, and what convicts whoever signed both is told.

use callboard_federation::{
    encoding::Hash,
    evidence::Evidence,
    tlog::{
        checkpoint::SignedCheckpoint,
        merkle::{Tree, leaf_hash},
    },
    zh_en,
};

use super::{RestoreError, RestoreSource};
use crate::{
    ledger::{LedgerError, load::PAGE, signed_notes::SignedNotes},
    store::Store,
};

/// How a store stands to the log that it is restored to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreComparison {
    pub stored: u64,
    /// How many the log has, by what was read.
    pub shown: u64,
    /// How many were signed, by the last note that was kept.
    pub signed: Option<u64>,
}

#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("{}", zh_en!("存储的第{index}条与导出内容不同，没有追加任何内容。\n  存储：{stored}\n  导出：{shown}\n其中之一不是会员单位所见的登记册：请向两家会员单位询问各自会签的根值",
        "entry {index} of the store is another than the export's, so nothing is appended.\n  the store: {stored}\n  the export: {shown}\nOne of them is not the log that members saw: ask two of them which root they cosigned"))]
    Entry {
        /// The first that differs.
        index: u64,
        stored: String,
        shown: String,
        /// What convicts the log, if it signed both.
        evidence: Option<Box<Evidence>>,
    },
    #[error("{}", zh_en!("登记册对{size}条签署的根值为 {signed}，导出内容得出 {shown}：没有追加任何内容。其中之一不是会员单位所见的登记册：请向两家会员单位询问各自会签的根值",
        "the log signed the root {signed} for {size} entries, the export gives {shown}: nothing is appended. One of them is not the log that members saw: ask two of them which root they cosigned"))]
    Signed { size: u64, signed: Hash, shown: Hash, evidence: Option<Box<Evidence>> },
}

impl HistoryError {
    /// What convicts the log, if it signed both histories.
    pub fn evidence(&self) -> Option<&Evidence> {
        match self {
            Self::Entry { evidence, .. } | Self::Signed { evidence, .. } => evidence.as_deref(),
        }
    }
}

/// Holds a store and the notes that were kept beside it against a source.
///
/// # Errors
/// [`HistoryError`] if they are of two histories.
pub async fn compare(
    store: &Store,
    notes: &dyn SignedNotes,
    source: &RestoreSource,
) -> Result<StoreComparison, RestoreError> {
    let stored = store.head().await?.size;
    let kept: Vec<SignedCheckpoint> = notes.newest()?.into_iter().chain(notes.contradiction()?).collect();
    let (mut tree, mut from) = (Tree::new(), 0);
    while from < stored {
        let leaves = store.leaves(from, stored.min(from + PAGE)).await?;
        if leaves.is_empty() {
            return Err(LedgerError::Unreadable { index: from }.into());
        }
        for (index, leaf) in (from..).zip(&leaves) {
            let hash = leaf_hash(leaf);
            let shown = source.tree().subtree(0, index);
            if shown.is_some_and(|shown| shown != hash) {
                return Err(Box::new(history_error(store, &kept, source, index, leaf, tree).await?).into());
            }
            tree.push(hash);
        }
        from += leaves.len() as u64;
    }
    for note in &kept {
        let stated = note.checkpoint();
        if let Some(shown) = source.tree().root(stated.size).filter(|shown| *shown != stated.root) {
            let evidence = Evidence::between(note, source.note(), source.tree(), &source.log_keys()).map(Box::new);
            let (size, signed) = (stated.size, stated.root);
            return Err(Box::new(HistoryError::Signed { size, signed, shown, evidence }).into());
        }
    }
    let signed = kept.iter().map(|note| note.checkpoint().size).max();
    Ok(StoreComparison { stored, shown: source.size(), signed })
}

/// What an entry that differs proves; `tree` is that of the entries before it.
async fn history_error(
    store: &Store,
    kept: &[SignedCheckpoint],
    source: &RestoreSource,
    index: u64,
    leaf: &[u8],
    mut tree: Tree,
) -> Result<HistoryError, RestoreError> {
    let shown = source.lines_from(index)?.next().transpose()?.map(|line| line.entry).unwrap_or_default();
    for leaf in store.leaves(index, store.head().await?.size).await? {
        tree.push(leaf_hash(&leaf));
    }
    // The larger of two notes needs its own tree to show what it has at the size of the smaller.
    let proven = |note: &SignedCheckpoint| {
        let of_larger = if note.checkpoint().size > source.size() { &tree } else { source.tree() };
        Evidence::between(note, source.note(), of_larger, &source.log_keys())
    };
    let text = |leaf: &[u8]| String::from_utf8_lossy(leaf).into_owned();
    let evidence = kept.iter().find_map(proven).map(Box::new);
    Ok(HistoryError::Entry { index, stored: text(leaf), shown: text(&shown), evidence })
}
