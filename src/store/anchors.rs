//! Members' anchors: one a member and day, and which entry of the log holds them.
//!
//! Both taking one and logging those of a day happen under the head row's lock ([`Append`]), so that none comes between a
//! day's end and its entry. What may be taken is the ledger's to decide.

use callboard_federation::encoding::Hash;

use super::{
    Append, Store, StoreError, reading, to_array, to_i64, to_u64,
    transaction::{Writing, writing_in},
};

const OF_MEMBER: &str = "SELECT log_index, payload_hash, envelope FROM anchor WHERE member = $1 AND of_day = $2";
const OF_ENTRIES: &str = "SELECT log_index, payload_hash, envelope FROM anchor \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, payload_hash";
const OF_DAY: &str = "SELECT log_index, payload_hash, envelope FROM anchor WHERE taken_on = $1";
const OLDEST_DAY: &str = "SELECT MIN(taken_on) FROM anchor WHERE log_index IS NULL";
const PUT: &str = "INSERT INTO anchor (member, of_day, taken_on, payload_hash, envelope) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (member, of_day) DO NOTHING";
const LOG: &str = "UPDATE anchor SET log_index = $1 WHERE taken_on = $2 AND log_index IS NULL";

const WAITING: &str = "SELECT taken_on, payload_hash FROM anchor WHERE log_index IS NULL ORDER BY taken_on";
/// What the log holds is the member's word of that day, whatever waits.
const RESTORE: &str = "INSERT INTO anchor (member, of_day, taken_on, payload_hash, envelope, log_index) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (member, of_day) DO UPDATE \
    SET taken_on = $3, payload_hash = $4, envelope = $5, log_index = $6";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[OF_MEMBER, OF_ENTRIES, OF_DAY, OLDEST_DAY, PUT, LOG, WAITING, RESTORE];

/// An anchor that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnchor {
    /// The index of the entry that holds it, once it is logged.
    pub index: Option<u64>,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

/// An anchor to keep.
pub struct NewAnchor<'a> {
    /// Whose it is.
    pub member: &'a str,
    /// The day of its own time, since 1970.
    pub of_day: i64,
    /// The registry's day, whose anchors are logged together.
    pub taken_on: i64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: &'a [u8],
}

/// An anchor of an entry that is brought back.
#[derive(Clone)]
pub struct RestoredAnchor {
    /// Whose it is.
    pub member: String,
    /// The day of its own time, since 1970.
    pub of_day: i64,
    /// A day that was over when it was logged.
    pub taken_on: i64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

/// What is known of the anchors that were taken on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnchorsOfDay {
    /// Hashes of the payloads of those that wait.
    pub waiting: Vec<Hash>,
    /// The newest entry that holds some.
    pub index: Option<u64>,
}

type Row = (Option<i64>, Vec<u8>, Vec<u8>);

impl Store {
    /// A member's anchor of a day, whose day it is by the anchor's own time.
    pub async fn anchor_of(&self, member: &str, of_day: i64) -> Result<Option<StoredAnchor>, StoreError> {
        let row: Option<Row> = reading!(self, pool =>
            sqlx::query_as(OF_MEMBER).bind(member).bind(of_day).fetch_optional(pool).await?);
        row.map(read).transpose()
    }

    /// The anchors that the entries from `from` to before `to` hold, in the order of entries and of the tree of each.
    pub async fn anchors(&self, from: u64, to: u64) -> Result<Vec<StoredAnchor>, StoreError> {
        let rows: Vec<Row> = reading!(self, pool =>
            sqlx::query_as(OF_ENTRIES).bind(to_i64(from)).bind(to_i64(to)).fetch_all(pool).await?);
        rows.into_iter().map(read).collect()
    }

    /// The oldest day on which anchors were taken that wait.
    pub async fn oldest_waiting_day(&self) -> Result<Option<i64>, StoreError> {
        Ok(reading!(self, pool => sqlx::query_scalar(OLDEST_DAY).fetch_one(pool).await?))
    }
}

impl Append {
    /// Keeps an anchor, unless the member has one of that day.
    pub async fn put_anchor(&mut self, anchor: &NewAnchor<'_>) -> Result<(), StoreError> {
        let NewAnchor { member, of_day, taken_on, payload_hash, envelope } = anchor;
        writing_in!(&mut self.transaction, transaction => sqlx::query(PUT)
            .bind(*member)
            .bind(*of_day)
            .bind(*taken_on)
            .bind(payload_hash.as_bytes().as_slice())
            .bind(*envelope)
            .execute(&mut **transaction)
            .await
            .map(drop))?;
        Ok(())
    }

    /// The hashes of the payloads of anchors that wait, by the day on which they were taken.
    pub async fn waiting_anchors(&mut self) -> Result<Vec<(i64, Vec<Hash>)>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = writing_in!(&mut self.transaction, transaction =>
            sqlx::query_as(WAITING).fetch_all(&mut **transaction).await?);
        let mut days: Vec<(i64, Vec<Hash>)> = Vec::new();
        for (day, hash) in rows {
            let hash = Hash::from_bytes(to_array(&hash, "anchor")?);
            match days.last_mut().filter(|(last, _)| *last == day) {
                Some((_, hashes)) => hashes.push(hash),
                None => days.push((day, vec![hash])),
            }
        }
        Ok(days)
    }

    /// Brings back the anchors of an entry that is there.
    pub async fn restore_anchors(&mut self, index: u64, anchors: &[RestoredAnchor]) -> Result<(), StoreError> {
        self.transaction.restore_anchors(index, anchors).await
    }

    /// The anchors that were taken on a day.
    pub async fn anchors_of_day(&mut self, taken_on: i64) -> Result<AnchorsOfDay, StoreError> {
        let rows: Vec<Row> = writing_in!(&mut self.transaction, transaction =>
            sqlx::query_as(OF_DAY).bind(taken_on).fetch_all(&mut **transaction).await?);
        let mut day = AnchorsOfDay::default();
        for row in rows {
            let StoredAnchor { index, payload_hash, .. } = read(row)?;
            day.index = day.index.max(index);
            day.waiting.extend(index.is_none().then_some(payload_hash));
        }
        Ok(day)
    }
}

impl Writing {
    /// Brings back the anchors of an entry.
    pub(super) async fn restore_anchors(&mut self, index: u64, anchors: &[RestoredAnchor]) -> Result<(), StoreError> {
        for RestoredAnchor { member, of_day, taken_on, payload_hash, envelope } in anchors {
            writing_in!(&mut *self, transaction => sqlx::query(RESTORE)
                .bind(member.as_str())
                .bind(of_day)
                .bind(taken_on)
                .bind(payload_hash.as_bytes().as_slice())
                .bind(envelope.as_slice())
                .bind(to_i64(index))
                .execute(&mut **transaction)
                .await
                .map(drop))?;
        }
        Ok(())
    }

    /// Notes which entry holds the anchors of a day that wait.
    pub(super) async fn log_anchors(&mut self, taken_on: i64, index: u64, expected: u64) -> Result<(), StoreError> {
        let got = writing_in!(self, transaction => {
            let logged = sqlx::query(LOG).bind(to_i64(index)).bind(taken_on).execute(&mut **transaction).await?;
            logged.rows_affected()
        });
        if got == expected { Ok(()) } else { Err(StoreError::AnchorsMoved { expected, got }) }
    }
}

fn read((index, payload_hash, envelope): Row) -> Result<StoredAnchor, StoreError> {
    Ok(StoredAnchor {
        index: index.map(|index| to_u64(index, "anchor")).transpose()?,
        payload_hash: Hash::from_bytes(to_array(&payload_hash, "anchor")?),
        envelope,
    })
}
