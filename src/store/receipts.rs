//! Members' receipts: all are kept, numbered as they were taken. Of a member and docket the one that holds has a row of
//! its own.

use std::collections::{BTreeMap, HashSet};

use callboard_federation::{
    encoding::{Hash, Time, from_json, to_json},
    receipt::Exception,
};

use super::{
    Store, StoreError,
    batch::{Batch, ROWS, batch},
    column::{from_row, values},
    measured, to_u64,
    transaction::WriteTransaction,
};

/// The most bytes of envelopes on a page: one is always there.
const PAGE_BYTES: u64 = 4 << 20;

const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM receipt";
const INSERT: Batch = batch!(
    "INSERT INTO receipt \
        (payload_hash, number, log_index, member, outcome, receipted_at, taken_at, exceptions, excerpt, envelope) ",
    "$1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::TEXT[], $5::TEXT[], $6::BIGINT[], $7::BIGINT[], $8::BIGINT[], $9::TEXT[], \
     $10::BYTEA[]",
    " ON CONFLICT (payload_hash) DO NOTHING RETURNING payload_hash"
);
const HOLD: Batch = batch!(
    "INSERT INTO receipt_holding (log_index, member, payload_hash, receipted_at, taken_at, filed) ",
    "$1::BIGINT[], $2::TEXT[], $3::BYTEA[], $4::BIGINT[], $5::BIGINT[], $6::BIGINT[]",
    " ON CONFLICT (log_index, member) DO UPDATE SET filed = receipt_holding.filed + excluded.filed, \
        payload_hash = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.payload_hash ELSE receipt_holding.payload_hash END, \
        taken_at = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.taken_at ELSE receipt_holding.taken_at END, \
        receipted_at = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.receipted_at ELSE receipt_holding.receipted_at END"
);
const SIZES: &str = "SELECT number, CAST(LENGTH(envelope) AS BIGINT) FROM receipt \
    WHERE log_index = $1 AND number > $2 ORDER BY number LIMIT $3";
const PAGE: &str = "SELECT r.number, r.member, r.outcome, r.receipted_at, r.taken_at, r.envelope, \
        CAST(CASE WHEN h.payload_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) AS holds \
    FROM receipt r LEFT JOIN receipt_holding h \
        ON h.log_index = r.log_index AND h.member = r.member AND h.payload_hash = r.payload_hash \
    WHERE r.log_index = $1 AND r.number > $2 AND r.number <= $3 ORDER BY r.number";
const HOLDING: &str = "SELECT h.log_index, h.member, r.outcome, h.receipted_at, h.taken_at, r.exceptions, r.excerpt, h.filed \
    FROM receipt_holding h JOIN receipt r ON r.payload_hash = h.payload_hash \
    WHERE h.log_index >= $1 AND h.log_index < $2 ORDER BY h.log_index, h.member";
const FILED: &str = "SELECT h.log_index, h.member, r.outcome, h.receipted_at, h.taken_at, r.exceptions, r.excerpt, h.filed \
    FROM receipt_holding h JOIN receipt r ON r.payload_hash = h.payload_hash \
    WHERE h.member = $1 AND h.log_index > $2 ORDER BY h.log_index LIMIT $3";
const MEMBERS: &str = "SELECT member FROM receipt_holding WHERE log_index = $1";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[LAST, SIZES, PAGE, HOLDING, FILED, MEMBERS];

#[cfg(test)]
pub(super) const BATCHES: &[Batch] = &[INSERT, HOLD];

/// A receipt that was verified, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The index of the docket's entry.
    pub index: u64,
    pub member: String,
    /// `in-effect`, `partly` or `declined`.
    pub outcome: String,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it first.
    pub taken_at: Time,
    /// How many records it excepts.
    pub exceptions: u64,
    /// The first of them.
    pub excerpt: Vec<Exception>,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
    /// Its place among all.
    pub number: u64,
    pub member: String,
    /// `in-effect`, `partly` or `declined`.
    pub outcome: String,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it first.
    pub taken_at: Time,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
    /// Whether it is the one that holds.
    pub holds: bool,
}

/// The receipt of a member for a docket that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestReceipt {
    /// The index of the docket's entry.
    pub index: u64,
    pub member: String,
    /// `in-effect`, `partly` or `declined`.
    pub outcome: String,
    /// When, by the member's clock.
    pub at: Time,
    /// When the registry had it first.
    pub taken_at: Time,
    /// How many records it excepts.
    pub exceptions: u64,
    /// The first of them.
    pub excerpt: Vec<Exception>,
    /// How many the member filed for the docket.
    pub filed: u64,
}

struct NewPayload(Hash);

from_row!(NewPayload, "receipt", |row| Self(row.get("payload_hash")?));

from_row!(StoredReceipt, "receipt", |row| Self {
    number: row.get("number")?,
    member: row.get("member")?,
    outcome: row.get("outcome")?,
    at: row.get("receipted_at")?,
    taken_at: row.get("taken_at")?,
    envelope: row.get("envelope")?,
    holds: row.get("holds")?,
});

from_row!(LatestReceipt, "receipt_holding", |row| Self {
    index: row.get("log_index")?,
    member: row.get("member")?,
    outcome: row.get("outcome")?,
    at: row.get("receipted_at")?,
    taken_at: row.get("taken_at")?,
    exceptions: row.get("exceptions")?,
    excerpt: row.unless_unreadable("excerpt", from_json(row.get::<String>("excerpt")?.as_bytes()).ok())?,
    filed: row.get("filed")?,
});

impl Store {
    /// Keeps receipts; those that are kept already stay as they are. The payloads of those that are new.
    pub async fn put_receipts(&self, receipts: &[NewReceipt]) -> Result<Vec<Hash>, StoreError> {
        let kept = measured("keep-receipts", async {
            let (mut transaction, mut new) = (self.begin_as_writer().await?, Vec::new());
            // One task of the node that writes numbers them, so nobody else does meanwhile.
            let (last,): (i64,) = transaction.one(LAST, &[]).await?;
            let mut number = to_u64(last, "receipt")?;
            for chunk in receipts.chunks(ROWS) {
                let kept = transaction.insert_receipts(chunk, number).await?;
                number += chunk.len() as u64;
                HOLD.execute(&mut transaction, &latest_by_member(chunk, &kept), |(receipt, filed)| {
                    let NewReceipt { index, member, payload_hash, at, taken_at, .. } = receipt;
                    values![*index, member, payload_hash, *at, *taken_at, *filed]
                })
                .await?;
                new.extend(kept);
            }
            transaction.commit().await?;
            Ok(new)
        });
        self.note_outcome(kept.await)
    }

    /// The receipts for a docket after a number, as they were taken: so many rows, and no more bytes than a page has.
    pub async fn receipts_after(&self, index: u64, after: u64, rows: u64) -> Result<Vec<StoredReceipt>, StoreError> {
        let sizes: Vec<(i64, i64)> = self.rows(SIZES, &values![index, after, rows]).await?;
        let mut bytes = 0;
        let fits = |(_, size): &&(i64, i64)| {
            let is_first = bytes == 0;
            bytes += u64::try_from(*size).unwrap_or(PAGE_BYTES);
            is_first || bytes <= PAGE_BYTES
        };
        let Some((last, _)) = sizes.iter().take_while(fits).last() else { return Ok(Vec::new()) };
        self.rows(PAGE, &values![index, after, *last]).await
    }

    /// The receipts that hold for the entries from `from` to before `to`, by docket and member.
    pub async fn receipts(&self, from: u64, to: u64) -> Result<Vec<LatestReceipt>, StoreError> {
        self.rows(HOLDING, &values![from, to]).await
    }

    /// The members that filed a receipt for the docket of an entry.
    pub async fn members_with_receipt(&self, index: u64) -> Result<Vec<String>, StoreError> {
        let members: Vec<(String,)> = self.rows(MEMBERS, &values![index]).await?;
        Ok(members.into_iter().map(|(member,)| member).collect())
    }

    /// The receipts of a member that hold, of the entries after an index.
    pub async fn filed_receipts(&self, member: &str, after: u64, rows: u64) -> Result<Vec<LatestReceipt>, StoreError> {
        self.rows(FILED, &values![member, after, rows]).await
    }
}

/// Of those that are new the latest of each docket and member, and how many there are.
fn latest_by_member<'r>(receipts: &'r [NewReceipt], new: &[Hash]) -> Vec<(&'r NewReceipt, i64)> {
    let new: HashSet<&Hash> = new.iter().collect();
    let mut latest: BTreeMap<(u64, &str), (&NewReceipt, i64)> = BTreeMap::new();
    let order = |receipt: &NewReceipt| (receipt.at, receipt.taken_at, receipt.payload_hash);
    for receipt in receipts.iter().filter(|receipt| new.contains(&receipt.payload_hash)) {
        let (holds, filed) = latest.entry((receipt.index, &receipt.member)).or_insert((receipt, 0));
        *filed += 1;
        if order(receipt) > order(holds) {
            *holds = receipt;
        }
    }
    latest.into_values().collect()
}

impl WriteTransaction {
    async fn insert_receipts(&mut self, receipts: &[NewReceipt], last: u64) -> Result<Vec<Hash>, StoreError> {
        let rows: Vec<_> =
            (last + 1..).zip(receipts).map(|(number, receipt)| (number, receipt, excerpt(receipt))).collect();
        let new: Vec<NewPayload> = INSERT
            .fetch(self, &rows, |(number, receipt, excerpt)| {
                let NewReceipt { payload_hash, index, member, outcome, at, taken_at, exceptions, envelope, .. } =
                    receipt;
                values![payload_hash, *number, *index, member, outcome, *at, *taken_at, *exceptions, excerpt, envelope]
            })
            .await?;
        Ok(new.into_iter().map(|NewPayload(hash)| hash).collect())
    }
}

fn excerpt(receipt: &NewReceipt) -> String {
    String::from_utf8_lossy(&to_json(&receipt.excerpt)).into_owned()
}
