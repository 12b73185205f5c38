//! When the registry did not run.

use callboard_federation::encoding::Time;

use super::{Store, StoreError, column::values};

const PUT: &str = "INSERT INTO outage (began_at, ended_at) VALUES ($1, $2) ON CONFLICT (began_at) DO NOTHING";
const ALL: &str = "SELECT began_at, ended_at FROM outage ORDER BY began_at";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUT, ALL];

impl Store {
    pub async fn put_outage(&self, began_at: Time, ended_at: Time) -> Result<(), StoreError> {
        self.note_outcome(self.execute(PUT, &values![began_at, ended_at]).await).map(drop)
    }

    /// When it did not run, in order.
    pub async fn outages(&self) -> Result<Vec<(Time, Time)>, StoreError> {
        let outages: Vec<(i64, i64)> = self.rows(ALL, &[]).await?;
        Ok(outages.into_iter().map(|(began, ended)| (Time::from_millis(began), Time::from_millis(ended))).collect())
    }
}
