//! Cosignatures of checkpoints: the newest line of each witness for a size.

use super::{Store, StoreError, reading, to_array, to_i64, to_u64, writing};

const PUT: &str = "INSERT INTO cosignature (name, key_hash, size, cosigned_at, line) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (name, key_hash, size) DO UPDATE SET cosigned_at = $4, line = $5 WHERE cosignature.cosigned_at < $4";
const AT: &str = "SELECT name, key_hash, cosigned_at, line FROM cosignature WHERE size = $1 ORDER BY name";
const FORGET: &str = "DELETE FROM cosignature WHERE size < $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUT, AT, FORGET];

/// A witness's line under the checkpoint of a size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCosignature {
    /// The witness's name.
    pub name: String,
    /// The 4-byte hash of its name and key.
    pub hash: [u8; 4],
    /// The size that is cosigned.
    pub size: u64,
    /// When, in seconds since 1970.
    pub timestamp: u64,
    /// The line, with its newline.
    pub line: String,
}

impl Store {
    /// Keeps a line, unless a newer one of that witness for that size is kept.
    pub async fn put_cosignature(&self, cosignature: &StoredCosignature) -> Result<(), StoreError> {
        let StoredCosignature { name, hash, size, timestamp, line } = cosignature;
        writing!(self, pool => sqlx::query(PUT)
            .bind(name)
            .bind(hash.as_slice())
            .bind(to_i64(*size))
            .bind(to_i64(*timestamp))
            .bind(line)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The lines under the checkpoint of a size.
    pub async fn cosignatures_at(&self, size: u64) -> Result<Vec<StoredCosignature>, StoreError> {
        let rows: Vec<(String, Vec<u8>, i64, String)> =
            reading!(self, pool => sqlx::query_as(AT).bind(to_i64(size)).fetch_all(pool).await?);
        rows.into_iter()
            .map(|(name, hash, timestamp, line)| {
                let (hash, timestamp) = (to_array(&hash, "cosignature")?, to_u64(timestamp, "cosignature")?);
                Ok(StoredCosignature { name, hash, size, timestamp, line })
            })
            .collect()
    }

    /// Forgets lines under checkpoints of smaller sizes.
    pub async fn forget_cosignatures_below(&self, size: u64) -> Result<(), StoreError> {
        writing!(self, pool => sqlx::query(FORGET).bind(to_i64(size)).execute(pool).await.map(drop))?;
        Ok(())
    }
}
