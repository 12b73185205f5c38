//! Cosignatures of checkpoints: the newest line of each witness for a size.

use super::{
    Store, StoreError,
    column::{from_row, values},
};

const PUT: &str = "INSERT INTO cosignature (name, key_hash, size, cosigned_at, line) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (name, key_hash, size) DO UPDATE SET cosigned_at = $4, line = $5 WHERE cosignature.cosigned_at < $4";
const AT: &str = "SELECT name, key_hash, size, cosigned_at, line FROM cosignature WHERE size = $1 ORDER BY name";
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
    pub size: u64,
    /// When, in seconds since 1970.
    pub timestamp: u64,
    /// The line, with its newline.
    pub line: String,
}

from_row!(StoredCosignature, "cosignature", |row| Self {
    name: row.get("name")?,
    hash: row.get("key_hash")?,
    size: row.get("size")?,
    timestamp: row.get("cosigned_at")?,
    line: row.get("line")?,
});

impl Store {
    /// Keeps a line, unless a newer one of that witness for that size is kept.
    pub async fn put_cosignature(&self, cosignature: &StoredCosignature) -> Result<(), StoreError> {
        let StoredCosignature { name, hash, size, timestamp, line } = cosignature;
        self.execute(PUT, &values![name, hash, *size, *timestamp, line]).await.map(drop)
    }

    pub async fn cosignatures_at(&self, size: u64) -> Result<Vec<StoredCosignature>, StoreError> {
        self.rows(AT, &values![size]).await
    }

    pub async fn forget_cosignatures_below(&self, size: u64) -> Result<(), StoreError> {
        self.execute(FORGET, &values![size]).await.map(drop)
    }
}
