//! When the store was last restored: what was kept beside the log may be older than that, or gone.

use callboard_federation::encoding::Time;

use super::{Store, StoreError, column::values};

const MARK: &str = "UPDATE head SET restored_at = $1 WHERE one = 1";
const WHEN: &str = "SELECT restored_at FROM head WHERE one = 1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[MARK, WHEN];

impl Store {
    /// Notes that the store was restored, as the node that writes.
    pub async fn mark_restored(&self, at: Time) -> Result<(), StoreError> {
        let mut transaction = self.begin_as_writer().await?;
        transaction.execute(MARK, &values![at]).await?;
        transaction.commit().await
    }

    pub async fn restored_at(&self) -> Result<Option<Time>, StoreError> {
        let (at,): (Option<i64>,) = self.one(WHEN, &[]).await?;
        Ok(at.map(Time::from_millis))
    }
}
