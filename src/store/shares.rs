//! Shares: given to members and seats that ask, and each time counted.

use std::sync::PoisonError;

use callboard_federation::encoding::{KeyId, RecordId, Time};

use super::{
    Store, StoreError,
    batch::{Batch, batch},
    column::{from_row, values},
    measured,
    transaction::WriteTransaction,
};

const SHARE: &str = "SELECT share FROM record WHERE id = $1 AND share IS NOT NULL";
/// An erasure waits for it, and then forgets this giving too; or is waited for, and there is no share.
const LOCK_SHARE: &str = "SELECT share FROM record WHERE id = $1 AND share IS NOT NULL FOR SHARE";
const GIVE: &str = "INSERT INTO share_given (record, member, key_id, first_at, last_at, times) \
    VALUES ($1, $2, $3, $4, $4, 1) \
    ON CONFLICT (record, member, key_id) DO UPDATE SET last_at = $4, times = share_given.times + 1";
/// Of what isn't erased; a record without details never has one.
const WITHOUT: &str = "SELECT log_index, item_position, id, statement FROM record \
    WHERE log_index >= $1 AND log_index < $2 AND share IS NULL AND statement IS NOT NULL ORDER BY log_index, item_position";
const RESTORE: Batch = batch!(
    "WITH lost (id, share) AS (",
    "$1::BYTEA[], $2::BYTEA[]",
    ") UPDATE record SET share = lost.share FROM lost \
     WHERE record.id = lost.id AND record.share IS NULL AND record.statement IS NOT NULL"
);
const GIVEN: &str = "SELECT member, MIN(first_at) AS first_at, MAX(last_at) AS last_at, CAST(SUM(times) AS BIGINT) AS times \
    FROM share_given WHERE record = $1 GROUP BY member ORDER BY MIN(first_at), member";

/// How many givings are held in memory at most while they can't be counted; beyond, no share is given.
const HELD: usize = 10_000;

/// Givings that aren't counted yet: of which record, to which member's key, when.
pub(super) type UncountedShares = Vec<(RecordId, String, KeyId, Time)>;

#[cfg(test)]
pub(super) const SQL: &[&str] = &[SHARE, GIVE, GIVEN, WITHOUT];

#[cfg(test)]
pub(super) const BATCHES: &[Batch] = &[RESTORE];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[LOCK_SHARE];

/// A record without a share: one that has no details, or whose share was lost with a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordWithoutShare {
    pub index: u64,
    /// The position of its item, from 0.
    pub position: u64,
    pub id: RecordId,
    pub statement: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRecipient {
    /// The member's id, or `seat:ROLE`.
    pub member: String,
    pub first_at: Time,
    pub last_at: Time,
    pub times: u64,
}

struct StoredShare([u8; 32]);

from_row!(StoredShare, "record", |row| Self(row.get("share")?));

from_row!(RecordWithoutShare, "record", |row| Self {
    index: row.get("log_index")?,
    position: row.get("item_position")?,
    id: row.get("id")?,
    statement: row.get("statement")?,
});

from_row!(ShareRecipient, "share_given", |row| Self {
    member: row.get("member")?,
    first_at: row.get("first_at")?,
    last_at: row.get("last_at")?,
    times: row.get("times")?,
});

impl Store {
    /// Gives a record's share to a member's or a seat's key, and counts it; `None` if the record has none. While
    /// nothing can be written it is given all the same, since somebody's livelihood may wait for it, and counted once
    /// that passes.
    pub async fn take_share(
        &self,
        record: RecordId,
        member: &str,
        key_id: KeyId,
        at: Time,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        match self.note_outcome(self.take_share_now(record, member, key_id, at).await) {
            Err(StoreError::Unavailable(why)) => self.take_share_uncounted(record, (member, key_id, at), why).await,
            taken => taken,
        }
    }

    async fn take_share_uncounted(
        &self,
        record: RecordId,
        (member, key_id, at): (&str, KeyId, Time),
        why: &'static str,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        let Some(StoredShare(share)) = self.row(SHARE, &values![&record]).await? else { return Ok(None) };
        let mut held = self.uncounted_shares.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= HELD {
            return Err(StoreError::Unavailable(why));
        }
        held.push((record, member.to_owned(), key_id, at));
        metrics::counter!("callboard_registry_shares_given_uncounted_total").increment(1);
        Ok(Some(share))
    }

    /// Counts the shares that were given while nothing could be written; how many.
    pub async fn count_late_shares(&self) -> Result<u64, StoreError> {
        let mut counted = 0;
        loop {
            let next = self.uncounted_shares.lock().unwrap_or_else(PoisonError::into_inner).first().cloned();
            let Some((record, member, key_id, at)) = next else { return Ok(counted) };
            // Of one that was erased meanwhile nothing is kept.
            self.note_outcome(self.take_share_now(record, &member, key_id, at).await)?;
            self.uncounted_shares.lock().unwrap_or_else(PoisonError::into_inner).remove(0);
            counted += 1;
        }
    }

    async fn take_share_now(
        &self,
        record: RecordId,
        member: &str,
        key_id: KeyId,
        at: Time,
    ) -> Result<Option<[u8; 32]>, StoreError> {
        measured("give-share", async {
            let mut transaction = self.begin_as_writer().await?;
            let look = if matches!(transaction, WriteTransaction::Sqlite(_)) { SHARE } else { LOCK_SHARE };
            let Some(StoredShare(share)) = transaction.row(look, &values![&record]).await? else { return Ok(None) };
            transaction.execute(GIVE, &values![&record, member, &key_id, at]).await?;
            transaction.commit().await?;
            Ok(Some(share))
        })
        .await
    }

    /// The records without a share of the entries from `from` to before `to`, in order.
    pub async fn records_without_share(&self, from: u64, to: u64) -> Result<Vec<RecordWithoutShare>, StoreError> {
        self.rows(WITHOUT, &values![from, to]).await
    }

    /// Keeps shares that were lost, of records that still have a statement; how many.
    pub async fn restore_shares(&self, shares: &[(RecordId, [u8; 32])]) -> Result<u64, StoreError> {
        measured("restore-shares", async {
            let mut transaction = self.begin_as_writer().await?;
            let restored = RESTORE.execute(&mut transaction, shares, |(id, share)| values![id, share]).await?;
            transaction.commit().await?;
            Ok(restored)
        })
        .await
    }

    /// Who was given a record's share, whichever of its keys it asked with.
    pub async fn share_recipients(&self, record: RecordId) -> Result<Vec<ShareRecipient>, StoreError> {
        self.rows(GIVEN, &values![&record]).await
    }
}
