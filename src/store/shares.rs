//! Shares: given to members that ask, and each time counted.

use callboard_federation::encoding::{KeyId, RecordId, Time};

use super::{Store, StoreError, measured, reading, to_array, to_u64, writing};

const SHARE: &str = "SELECT share FROM record WHERE id = $1 AND share IS NOT NULL";
const GIVE: &str = "INSERT INTO share_given (record, member, key_id, first_at, last_at, times) \
    VALUES ($1, $2, $3, $4, $4, 1) \
    ON CONFLICT (record, member, key_id) DO UPDATE SET last_at = $4, times = share_given.times + 1";
const GIVEN: &str =
    "SELECT member, first_at, last_at, times FROM share_given WHERE record = $1 ORDER BY first_at, member";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[SHARE, GIVE, GIVEN];

/// A member that was given a record's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareGiven {
    /// The member's id.
    pub member: String,
    /// When first.
    pub first_at: Time,
    /// When last.
    pub last_at: Time,
    /// How many times.
    pub times: u64,
}

impl Store {
    /// Gives a record's share to a member's key, and counts it; `None` if the record has none.
    pub async fn take_share(
        &self,
        record: RecordId,
        member: &str,
        key_id: KeyId,
        at: Time,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let id = record.as_bytes().as_slice();
        measured("give-share", async {
            writing!(self, pool => {
                let mut transaction = pool.begin().await?;
                let share: Option<Vec<u8>> =
                    sqlx::query_scalar(SHARE).bind(id).fetch_optional(&mut *transaction).await?;
                let Some(share) = share else { return Ok(None) };
                sqlx::query(GIVE)
                    .bind(id)
                    .bind(member)
                    .bind(key_id.as_bytes().as_slice())
                    .bind(at.as_millis())
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                to_array(&share, "record").map(Some)
            })
        })
        .await
    }

    /// Who was given a record's share.
    pub async fn shares_given(&self, record: RecordId) -> Result<Vec<ShareGiven>, StoreError> {
        let id = record.as_bytes().as_slice();
        let rows: Vec<(String, i64, i64, i64)> =
            reading!(self, pool => sqlx::query_as(GIVEN).bind(id).fetch_all(pool).await?);
        rows.into_iter()
            .map(|(member, first_at, last_at, times)| {
                Ok(ShareGiven {
                    member,
                    first_at: Time::from_millis(first_at),
                    last_at: Time::from_millis(last_at),
                    times: to_u64(times, "share_given")?,
                })
            })
            .collect()
    }
}
