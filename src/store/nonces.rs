//! Nonces of signed requests: each is taken once, across restarts and nodes.

use callboard_federation::encoding::{KeyId, Time};

use super::{Store, StoreError, writing};

const TAKE: &str = "INSERT INTO nonce (key_id, nonce, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const FORGET: &str = "DELETE FROM nonce WHERE expires < $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[TAKE, FORGET];

impl Store {
    /// Takes a nonce; `false` if it was taken before. It is remembered until `expires` at least.
    pub async fn take_nonce(&self, key_id: KeyId, nonce: [u8; 16], expires: Time) -> Result<bool, StoreError> {
        let taken = writing!(self, pool => sqlx::query(TAKE)
            .bind(key_id.as_bytes().as_slice())
            .bind(nonce.as_slice())
            .bind(expires.as_millis())
            .execute(pool)
            .await?
            .rows_affected());
        Ok(taken == 1)
    }

    /// Forgets nonces that `created` alone refuses by now; how many.
    pub async fn forget_nonces_before(&self, now: Time) -> Result<u64, StoreError> {
        Ok(writing!(self, pool => sqlx::query(FORGET).bind(now.as_millis()).execute(pool).await?.rows_affected()))
    }
}
