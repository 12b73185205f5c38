//! The people who were looked up lately: a check of one of them asks no file.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::{Held, key::Lookup};

/// People in each of two generations: some 30 MB together.
const GENERATION: usize = 100_000;

/// What is known of each identity. When the younger generation is full, it becomes the older, and that is forgotten.
#[derive(Default)]
pub(super) struct Cache(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Lookup, Arc<[Held]>>,
    old: HashMap<Lookup, Arc<[Held]>>,
}

impl Cache {
    pub(super) fn get(&self, lookup: &Lookup) -> Option<Arc<[Held]>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = all.young.get(lookup) {
            return Some(held.clone());
        }
        let held = all.old.remove(lookup)?;
        all.put(*lookup, held.clone());
        Some(held)
    }

    pub(super) fn put(&self, lookup: Lookup, held: Arc<[Held]>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(lookup, held);
    }

    pub(super) fn forget(&self, lookup: &Lookup) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.remove(lookup);
        all.old.remove(lookup);
    }
}

impl Generations {
    fn put(&mut self, lookup: Lookup, held: Arc<[Held]>) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(lookup, held);
    }
}
