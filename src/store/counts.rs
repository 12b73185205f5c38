//! Counts, for the public statistics.

use callboard_federation::statement::Kind;

use super::{Store, StoreError, reading, to_u64};

const RECORDS: &str = "SELECT kind, COUNT(*), COUNT(erased_by) FROM record GROUP BY kind ORDER BY kind";
const SHARES: &str = "SELECT CAST(COALESCE(SUM(times), 0) AS BIGINT) FROM share_given";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[RECORDS, SHARES];

/// What the store holds, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Records by kind, erased ones included.
    pub records: Vec<(Kind, u64)>,
    /// Records that were erased.
    pub erased: u64,
    /// How many times a share was given.
    pub shares_given: u64,
}

impl Store {
    /// Counts what is stored.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let (rows, shares): (Vec<(String, i64, i64)>, i64) = reading!(self, pool => (
            sqlx::query_as(RECORDS).fetch_all(pool).await?,
            sqlx::query_scalar(SHARES).fetch_one(pool).await?,
        ));
        let mut counts = Counts { records: Vec::new(), erased: 0, shares_given: to_u64(shares, "share_given")? };
        for (kind, all, erased) in rows {
            let kind = Kind::from_word(&kind).ok_or(StoreError::Unreadable("record"))?;
            counts.records.push((kind, to_u64(all, "record")?));
            counts.erased += to_u64(erased, "record")?;
        }
        Ok(counts)
    }
}
