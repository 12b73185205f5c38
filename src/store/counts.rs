//! Counts, for the public statistics. What counts and isn't erased, the replay counts.

use super::{Store, StoreError, to_u64};

const ERASED: &str = "SELECT COUNT(*) FROM record WHERE erased_by IS NOT NULL";
const SHARES: &str = "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM share_given";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[ERASED, SHARES];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreCounts {
    pub erased: u64,
    pub shares_given: u64,
}

impl Store {
    pub async fn counts(&self) -> Result<StoreCounts, StoreError> {
        let (erased,): (i64,) = self.one(ERASED, &[]).await?;
        let (shares,): (i64,) = self.one(SHARES, &[]).await?;
        Ok(StoreCounts { erased: to_u64(erased, "record")?, shares_given: to_u64(shares, "share_given")? })
    }
}
