//! Shares: given to members and seats that ask, and each time counted.

use callboard_federation::encoding::{KeyId, RecordId, Time};

use super::{
    Store, StoreError, measured, reading, to_array, to_u64,
    transaction::{Writing, writing_in},
};

const SHARE: &str = "SELECT share FROM record WHERE id = $1 AND share IS NOT NULL";
/// An erasure waits for it, and then forgets this giving too; or is waited for, and there is no share.
const LOCK_SHARE: &str = "SELECT share FROM record WHERE id = $1 AND share IS NOT NULL FOR SHARE";
const GIVE: &str = "INSERT INTO share_given (record, member, key_id, first_at, last_at, times) \
    VALUES ($1, $2, $3, $4, $4, 1) \
    ON CONFLICT (record, member, key_id) DO UPDATE SET last_at = $4, times = share_given.times + 1";
const GIVEN: &str = "SELECT member, MIN(first_at), MAX(last_at), CAST(SUM(times) AS BIGINT) FROM share_given WHERE record = $1 \
    GROUP BY member ORDER BY MIN(first_at), member";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[SHARE, GIVE, GIVEN];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[LOCK_SHARE];

/// Who was given a record's share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareGiven {
    /// The member's id, or `seat:ROLE`.
    pub member: String,
    /// When first.
    pub first_at: Time,
    /// When last.
    pub last_at: Time,
    /// How many times.
    pub times: u64,
}

impl Store {
    /// Gives a record's share to a member's or a seat's key, and counts it; `None` if the record has none.
    pub async fn take_share(
        &self,
        record: RecordId,
        member: &str,
        key_id: KeyId,
        at: Time,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let id = record.as_bytes().as_slice();
        measured("give-share", async {
            let mut transaction = self.begin_as_writer().await?;
            let share: Option<Vec<u8>> = match &mut transaction {
                Writing::Sqlite(transaction) => {
                    sqlx::query_scalar(SHARE).bind(id).fetch_optional(&mut **transaction).await?
                }
                Writing::Postgres(transaction) => {
                    sqlx::query_scalar(LOCK_SHARE).bind(id).fetch_optional(&mut **transaction).await?
                }
            };
            let Some(share) = share else { return Ok(None) };
            let share = to_array(&share, "record")?;
            writing_in!(&mut transaction, transaction => sqlx::query(GIVE)
                .bind(id)
                .bind(member)
                .bind(key_id.as_bytes().as_slice())
                .bind(at.as_millis())
                .execute(&mut **transaction)
                .await
                .map(drop))?;
            transaction.commit().await?;
            Ok(Some(share))
        })
        .await
    }

    /// Who was given a record's share, whichever of its keys it asked with.
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
