//! When the registry did not run.

use callboard_federation::encoding::Time;

use super::{Store, StoreError, reading, writing};

const PUT: &str = "INSERT INTO outage (began_at, ended_at) VALUES ($1, $2) ON CONFLICT (began_at) DO NOTHING";
const ALL: &str = "SELECT began_at, ended_at FROM outage ORDER BY began_at";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[PUT, ALL];

impl Store {
    /// Keeps that the registry did not run from one instant to the other.
    pub async fn put_outage(&self, began_at: Time, ended_at: Time) -> Result<(), StoreError> {
        let put = async {
            writing!(self, pool => sqlx::query(PUT)
                .bind(began_at.as_millis())
                .bind(ended_at.as_millis())
                .execute(pool)
                .await
                .map(drop))?;
            Ok(())
        };
        self.noted(put.await)
    }

    /// When it did not run, in order.
    pub async fn outages(&self) -> Result<Vec<(Time, Time)>, StoreError> {
        let rows: Vec<(i64, i64)> = reading!(self, pool => sqlx::query_as(ALL).fetch_all(pool).await?);
        Ok(rows.into_iter().map(|(began, ended)| (Time::from_millis(began), Time::from_millis(ended))).collect())
    }
}
