//! The latest of what is noted again and again, for whoever asks how things stand.

use std::sync::{Mutex, PoisonError};

/// What was noted last, if it holds still.
#[derive(Debug)]
pub(crate) struct Latest<T>(Mutex<Option<T>>);

impl<T: Clone> Latest<T> {
    pub(crate) const fn new(value: Option<T>) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn set(&self, value: Option<T>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }

    pub(crate) fn get(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T: Clone> Default for Latest<T> {
    fn default() -> Self {
        Self::new(None)
    }
}
