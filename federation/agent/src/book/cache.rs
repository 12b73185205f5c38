//! Who and what was looked up lately: a check of one of them asks no file.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::store::Lookup;

/// Entries in each of two generations: some 30 MB of identities together, and twice that of accounts.
const GENERATION: usize = 100_000;

/// What is known by each lookup. When the younger generation is full, it becomes the older, and that is forgotten.
pub(super) struct Cache<T>(Mutex<Generations<T>>);

struct Generations<T> {
    young: HashMap<Lookup, T>,
    old: HashMap<Lookup, T>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::new(Generations { young: HashMap::new(), old: HashMap::new() }))
    }
}

impl<T: Clone> Cache<T> {
    pub(super) fn get(&self, lookup: &Lookup) -> Option<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = all.young.get(lookup) {
            return Some(held.clone());
        }
        let held = all.old.remove(lookup)?;
        all.put(*lookup, held.clone());
        Some(held)
    }

    pub(super) fn put(&self, lookup: Lookup, held: T) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(lookup, held);
    }

    pub(super) fn forget(&self, lookup: &Lookup) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.young.remove(lookup);
        all.old.remove(lookup);
    }
}

impl<T> Generations<T> {
    fn put(&mut self, lookup: Lookup, held: T) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(lookup, held);
    }
}
