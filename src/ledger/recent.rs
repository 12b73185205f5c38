//! The dockets that were logged last, by what their items are: what is pushed at once needs no reading of the store.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Ledger, LedgerError};
use crate::store::{DocketItems, NewEntry, NewLogged};

/// How many are kept: some seconds of the fastest burst, a few megabytes.
const KEPT: usize = 1_024;

/// The last dockets, oldest first, and from which entry on all are here.
#[derive(Default)]
pub(super) struct Recent(Mutex<(u64, VecDeque<Arc<DocketItems>>)>);

impl Recent {
    /// Forgets all: what is logged from this entry on will be here.
    pub(super) fn begin_at(&self, size: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (size, VecDeque::new());
    }

    pub(super) fn extend(&self, entries: &[NewEntry]) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries {
            let NewLogged::Docket(docket) = &entry.logged else { continue };
            let items = docket.records.iter().map(|record| (record.id, record.kind)).collect();
            let (payload_hash, logged_at) = (docket.payload_hash, entry.logged_at);
            recent.1.push_back(Arc::new(DocketItems { index: entry.index, payload_hash, logged_at, items }));
            if recent.1.len() > KEPT
                && let Some(oldest) = recent.1.pop_front()
            {
                recent.0 = oldest.index + 1;
            }
        }
    }

    fn from(&self, from: u64, to: u64) -> Option<Vec<Arc<DocketItems>>> {
        let recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = recent.1.partition_point(|docket| docket.index < from);
        let within = recent.1.iter().skip(first).take_while(|docket| docket.index < to).cloned();
        (recent.0 <= from).then(|| within.collect())
    }
}

impl Ledger {
    /// The published dockets among the entries from `from` to before `to`: from memory, if they were logged lately.
    pub async fn dockets(&self, from: u64, to: u64) -> Result<Vec<Arc<DocketItems>>, LedgerError> {
        let to = to.min(self.size());
        match self.recent.from(from, to) {
            Some(dockets) => Ok(dockets),
            None => Ok(self.store.docket_items(from, to).await?.into_iter().map(Arc::new).collect()),
        }
    }
}
