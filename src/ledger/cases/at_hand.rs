//! The cases that were replayed last, and who holds each: one at a time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use callboard_federation::encoding::CaseId;
use callboard_rules::case::Case;
use tokio::sync::OwnedMutexGuard;

/// The most cases in memory, a thousand items each at most.
const MOST: usize = 256;

/// A case that nobody else takes events into; `None` if it has to be read from the store.
pub(in crate::ledger) type HeldCase = OwnedMutexGuard<Option<Case>>;

#[derive(Default)]
pub(in crate::ledger) struct CasesAtHand(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    slots: HashMap<CaseId, Slot>,
    /// How often one was held.
    uses: u64,
}

struct Slot {
    case: Arc<tokio::sync::Mutex<Option<Case>>>,
    /// When it was held last, in uses of all of them.
    used: u64,
}

impl CasesAtHand {
    /// Waits until nobody else holds the case.
    pub(in crate::ledger) async fn hold(&self, id: CaseId) -> HeldCase {
        let case = self.0.lock().unwrap_or_else(PoisonError::into_inner).slot(id);
        case.lock_owned().await
    }
}

impl Shelf {
    fn slot(&mut self, id: CaseId) -> Arc<tokio::sync::Mutex<Option<Case>>> {
        self.uses += 1;
        if !self.slots.contains_key(&id) && self.slots.len() >= MOST {
            let idle = self.slots.iter().filter(|(_, slot)| Arc::strong_count(&slot.case) == 1);
            if let Some(oldest) = idle.min_by_key(|(_, slot)| slot.used).map(|(id, _)| *id) {
                self.slots.remove(&oldest);
            }
        }
        let used = self.uses;
        let slot = self.slots.entry(id).or_insert_with(|| Slot { case: Arc::default(), used });
        slot.used = used;
        slot.case.clone()
    }
}
