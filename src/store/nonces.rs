//! Nonces of signed requests: each is taken once, across restarts and nodes.
//!
//! While they can't be stored, as on a full disk, requests that only read go on: their nonces are held in memory until
//! they count no longer. What is lost if this process ends meanwhile is that such a request could be sent once more; it
//! would read the same again.

use std::{collections::HashMap, sync::PoisonError};

use callboard_federation::encoding::{KeyId, Time};

use super::{Store, StoreError, column::values};

const TAKE: &str = "INSERT INTO nonce (key_id, nonce, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FORGET: &str = "DELETE FROM nonce WHERE expires < $1";
/// How many are held in memory at most: some megabytes. Beyond, requests wait for the store.
const HELD: usize = 50_000;

#[cfg(test)]
pub(super) const SQL: &[&str] = &[TAKE, FORGET];

/// Nonces that are held in memory, each until it counts no longer.
pub(super) type UnstoredNonces = HashMap<(KeyId, [u8; 16]), Time>;

impl Store {
    /// Takes a nonce; `false` if it was taken before. It is remembered until `expires` at least.
    pub async fn take_nonce(&self, key_id: KeyId, nonce: [u8; 16], expires: Time) -> Result<bool, StoreError> {
        // One that was held in memory is taken, though the store never had it.
        if self.unstored_nonces.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&(key_id, nonce)) {
            return Ok(false);
        }
        let taken = self.execute(TAKE, &values![&key_id, &nonce, expires]).await;
        Ok(self.note_outcome(taken)? == 1)
    }

    /// The same, of a request that only reads: where the store takes nothing, the nonce is held in memory.
    pub async fn take_nonce_of_reading(
        &self,
        key_id: KeyId,
        nonce: [u8; 16],
        expires: Time,
        now: Time,
    ) -> Result<bool, StoreError> {
        match self.take_nonce(key_id, nonce, expires).await {
            Err(StoreError::Unavailable(why)) => {
                let mut held = self.unstored_nonces.lock().unwrap_or_else(PoisonError::into_inner);
                if held.len() >= HELD {
                    held.retain(|_, expires| *expires >= now);
                }
                if held.len() >= HELD {
                    return Err(StoreError::Unavailable(why));
                }
                metrics::counter!("callboard_registry_nonces_unstored_total").increment(1);
                Ok(held.insert((key_id, nonce), expires).is_none())
            }
            taken => taken,
        }
    }

    /// Forgets nonces that `created` alone refuses by now; how many.
    pub async fn forget_nonces_before(&self, now: Time) -> Result<u64, StoreError> {
        self.unstored_nonces.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, expires| *expires >= now);
        self.execute(FORGET, &values![now]).await
    }
}
