//! Members' anchors, and the log's own of open cases: one of each a day, and which entry of the log holds them.
//!
//! Both taking one and logging those of a day happen under the head row's lock ([`AppendTransaction`]), so that none
//! comes between a day's end and its entry. What may be taken is the ledger's to decide.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, to_json},
};

use super::{
    AppendTransaction, NewAnchor, Store, StoreError,
    column::{from_row, values},
    transaction::WriteTransaction,
};

const OF_MEMBER: &str = "SELECT log_index, payload_hash, envelope FROM anchor WHERE member = $1 AND of_day = $2";
const FILED: &str = "SELECT log_index, payload_hash, envelope FROM anchor \
    WHERE member = $1 AND of_day > $2 ORDER BY of_day LIMIT $3";
const OF_ENTRIES: &str = "SELECT log_index, payload_hash, envelope FROM anchor \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, payload_hash";
const OF_DAY: &str = "SELECT log_index, payload_hash, envelope FROM anchor WHERE taken_on = $1";
const OLDEST_DAY: &str = "SELECT MIN(taken_on) FROM anchor WHERE log_index IS NULL";
const PUT: &str = "INSERT INTO anchor (member, of_day, taken_on, payload_hash, envelope) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (member, of_day) DO NOTHING";
/// The log's own of a day, until that day is logged.
const PUT_OF_THE_LOG: &str = "INSERT INTO anchor (member, of_day, taken_on, payload_hash, envelope) \
    VALUES ('', $1, $1, $2, $3) ON CONFLICT (member, of_day) DO UPDATE SET payload_hash = $2, envelope = $3 \
    WHERE anchor.log_index IS NULL";
const LOG: &str = "UPDATE anchor SET log_index = $1 WHERE taken_on = $2 AND log_index IS NULL";

const WAITING: &str = "SELECT taken_on, payload_hash FROM anchor WHERE log_index IS NULL ORDER BY taken_on";
/// What the log holds is the member's word of that day, whatever waits.
const RESTORE: &str = "INSERT INTO anchor (member, of_day, taken_on, payload_hash, envelope, log_index) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (member, of_day) DO UPDATE \
    SET taken_on = $3, payload_hash = $4, envelope = $5, log_index = $6";

#[cfg(test)]
pub(super) const SQL: &[&str] =
    &[OF_MEMBER, FILED, OF_ENTRIES, OF_DAY, OLDEST_DAY, PUT, PUT_OF_THE_LOG, LOG, WAITING, RESTORE];

/// Whose the log's own anchor is: no member's id is empty.
pub const OF_THE_LOG: &str = "";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnchor {
    /// The index of the entry that holds it, once it is logged.
    pub index: Option<u64>,
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

struct WaitingAnchor {
    taken_on: i64,
    payload_hash: Hash,
}

from_row!(StoredAnchor, "anchor", |row| Self {
    index: row.get("log_index")?,
    payload_hash: row.get("payload_hash")?,
    envelope: row.get("envelope")?,
});

from_row!(WaitingAnchor, "anchor", |row| Self {
    taken_on: row.get("taken_on")?,
    payload_hash: row.get("payload_hash")?,
});

impl Store {
    /// A member's anchor of a day, whose day it is by the anchor's own time.
    pub async fn anchor_of(&self, member: &str, of_day: i64) -> Result<Option<StoredAnchor>, StoreError> {
        self.row(OF_MEMBER, &values![member, of_day]).await
    }

    /// A member's anchors of the days after one, by day.
    pub async fn filed_anchors(&self, member: &str, after: u64, rows: u64) -> Result<Vec<StoredAnchor>, StoreError> {
        self.rows(FILED, &values![member, after, rows]).await
    }

    /// The anchors that the entries from `from` to before `to` hold, in the order of entries and of the tree of each.
    pub async fn anchors(&self, from: u64, to: u64) -> Result<Vec<StoredAnchor>, StoreError> {
        self.rows(OF_ENTRIES, &values![from, to]).await
    }

    pub async fn oldest_waiting_day(&self) -> Result<Option<i64>, StoreError> {
        let (day,) = self.one(OLDEST_DAY, &[]).await?;
        Ok(day)
    }
}

impl AppendTransaction {
    /// Keeps an anchor, unless the member has one of that day.
    pub async fn put_anchor(&mut self, anchor: &NewAnchor) -> Result<(), StoreError> {
        let NewAnchor { member, of_day, taken_on, payload_hash, envelope } = anchor;
        let values = values![member, *of_day, *taken_on, payload_hash, envelope];
        self.transaction.execute(PUT, &values).await.map(drop)
    }

    /// Keeps the log's own anchor of a day, in place of an earlier one.
    pub async fn put_anchor_of_the_log(&mut self, day: i64, envelope: &Envelope) -> Result<(), StoreError> {
        let (payload_hash, envelope) = (envelope.payload_hash(), to_json(envelope));
        self.transaction.execute(PUT_OF_THE_LOG, &values![day, &payload_hash, &envelope]).await.map(drop)
    }

    /// The hashes of the payloads of anchors that wait, by the day on which they were taken.
    pub async fn waiting_anchors(&mut self) -> Result<Vec<(i64, Vec<Hash>)>, StoreError> {
        let mut days: Vec<(i64, Vec<Hash>)> = Vec::new();
        for WaitingAnchor { taken_on, payload_hash } in self.transaction.rows(WAITING, &[]).await? {
            match days.last_mut().filter(|(last, _)| *last == taken_on) {
                Some((_, hashes)) => hashes.push(payload_hash),
                None => days.push((taken_on, vec![payload_hash])),
            }
        }
        Ok(days)
    }

    pub async fn restore_anchors(&mut self, index: u64, anchors: &[NewAnchor]) -> Result<(), StoreError> {
        self.transaction.restore_anchors(index, anchors).await
    }

    pub async fn anchors_of_day(&mut self, taken_on: i64) -> Result<AnchorsOfDay, StoreError> {
        let mut day = AnchorsOfDay::default();
        let anchors: Vec<StoredAnchor> = self.transaction.rows(OF_DAY, &values![taken_on]).await?;
        for StoredAnchor { index, payload_hash, .. } in anchors {
            day.index = day.index.max(index);
            day.waiting.extend(index.is_none().then_some(payload_hash));
        }
        Ok(day)
    }
}

impl WriteTransaction {
    pub(super) async fn restore_anchors(&mut self, index: u64, anchors: &[NewAnchor]) -> Result<(), StoreError> {
        for NewAnchor { member, of_day, taken_on, payload_hash, envelope } in anchors {
            let values = values![member, *of_day, *taken_on, payload_hash, envelope, index];
            self.execute(RESTORE, &values).await?;
        }
        Ok(())
    }

    /// Notes which entry holds the anchors of a day that wait.
    pub(super) async fn log_anchors(&mut self, taken_on: i64, index: u64, expected: u64) -> Result<(), StoreError> {
        let got = self.execute(LOG, &values![index, taken_on]).await?;
        if got == expected { Ok(()) } else { Err(StoreError::AnchorsMoved { expected, got }) }
    }
}
