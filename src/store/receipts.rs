//! Members' receipts: all are kept, numbered as they were taken. Of a member and docket the one that holds has a row of its own.

use std::collections::{BTreeMap, HashSet};

use callboard_federation::{
    encoding::{Hash, Time, from_json, to_json},
    receipt::Exception,
};
use sqlx::QueryBuilder;

use super::{
    Store, StoreError,
    append::{ROWS, column},
    measured, reading, to_array, to_i64, to_u64,
    transaction::{Writing, writing_in},
};

/// The most bytes of envelopes on a page: one is always there.
const PAGE_BYTES: u64 = 4 << 20;

const LAST: &str = "SELECT COALESCE(MAX(number), 0) FROM receipt";
const INSERT: [&str; 2] = [
    "INSERT INTO receipt \
        (payload_hash, number, log_index, member, outcome, receipted_at, taken_at, exceptions, excerpt, envelope) ",
    " ON CONFLICT (payload_hash) DO NOTHING RETURNING payload_hash",
];
const UNNEST: &str = "INSERT INTO receipt \
        (payload_hash, number, log_index, member, outcome, receipted_at, taken_at, exceptions, excerpt, envelope) \
    SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::TEXT[], $5::TEXT[], $6::BIGINT[], $7::BIGINT[], \
        $8::BIGINT[], $9::TEXT[], $10::BYTEA[]) \
    ON CONFLICT (payload_hash) DO NOTHING RETURNING payload_hash";
const HOLD: [&str; 2] = [
    "INSERT INTO receipt_holding (log_index, member, payload_hash, receipted_at, taken_at, filed) ",
    " ON CONFLICT (log_index, member) DO UPDATE SET filed = receipt_holding.filed + excluded.filed, \
        payload_hash = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.payload_hash ELSE receipt_holding.payload_hash END, \
        taken_at = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.taken_at ELSE receipt_holding.taken_at END, \
        receipted_at = CASE WHEN (excluded.receipted_at, excluded.taken_at, excluded.payload_hash) > \
            (receipt_holding.receipted_at, receipt_holding.taken_at, receipt_holding.payload_hash) \
            THEN excluded.receipted_at ELSE receipt_holding.receipted_at END",
];
const SIZES: &str = "SELECT number, CAST(LENGTH(envelope) AS BIGINT) FROM receipt \
    WHERE log_index = $1 AND number > $2 ORDER BY number LIMIT $3";
const PAGE: &str = "SELECT r.number, r.member, r.outcome, r.receipted_at, r.taken_at, r.envelope, \
        CAST(CASE WHEN h.payload_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) \
    FROM receipt r LEFT JOIN receipt_holding h \
        ON h.log_index = r.log_index AND h.member = r.member AND h.payload_hash = r.payload_hash \
    WHERE r.log_index = $1 AND r.number > $2 AND r.number <= $3 ORDER BY r.number";
const HOLDING: &str = "SELECT h.log_index, h.member, r.outcome, h.receipted_at, h.taken_at, r.exceptions, r.excerpt, h.filed \
    FROM receipt_holding h JOIN receipt r ON r.payload_hash = h.payload_hash \
    WHERE h.log_index >= $1 AND h.log_index < $2 ORDER BY h.log_index, h.member";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[LAST, SIZES, PAGE, HOLDING];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[UNNEST];

/// A receipt that was verified, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReceipt {
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The index of the docket's entry.
    pub index: u64,
    /// Who says so.
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

/// A receipt as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptReceipt {
    /// Its place among all.
    pub number: u64,
    /// Who says so.
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
pub struct HoldingReceipt {
    /// The index of the docket's entry.
    pub index: u64,
    /// Who says so.
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

type KeptRow = (i64, String, String, i64, i64, Vec<u8>, i64);
type HoldingRow = (i64, String, String, i64, i64, i64, String, i64);

impl Store {
    /// Keeps receipts; those that are kept already stay as they are. The payloads of those that are new.
    pub async fn put_receipts(&self, receipts: &[NewReceipt]) -> Result<Vec<Hash>, StoreError> {
        let kept = measured("keep-receipts", async {
            let (mut transaction, mut new) = (self.begin_as_writer().await?, Vec::new());
            // One task of the node that writes numbers them, so nobody else does meanwhile.
            let last: i64 = writing_in!(&mut transaction, tx => sqlx::query_scalar(LAST).fetch_one(&mut **tx).await?);
            let mut number = to_u64(last, "receipt")?;
            for chunk in receipts.chunks(ROWS) {
                let kept = transaction.insert_receipts(chunk, number).await?;
                let kept: Vec<Hash> = kept
                    .iter()
                    .map(|hash| to_array(hash, "receipt").map(Hash::from_bytes))
                    .collect::<Result<_, _>>()?;
                number += chunk.len() as u64;
                transaction.hold_receipts(&latest(chunk, &kept)).await?;
                new.extend(kept);
            }
            transaction.commit().await?;
            Ok(new)
        });
        self.noted(kept.await)
    }

    /// The receipts for a docket after a number, as they were taken: so many rows, and no more bytes than a page has.
    pub async fn receipts_after(&self, index: u64, after: u64, rows: u64) -> Result<Vec<KeptReceipt>, StoreError> {
        let (index, after) = (to_i64(index), to_i64(after));
        let sizes: Vec<(i64, i64)> = reading!(self, pool =>
            sqlx::query_as(SIZES).bind(index).bind(after).bind(to_i64(rows)).fetch_all(pool).await?);
        let mut bytes = 0;
        let fits = |(_, size): &&(i64, i64)| {
            let is_first = bytes == 0;
            bytes += u64::try_from(*size).unwrap_or(PAGE_BYTES);
            is_first || bytes <= PAGE_BYTES
        };
        let Some((last, _)) = sizes.iter().take_while(fits).last() else { return Ok(Vec::new()) };
        let page: Vec<KeptRow> =
            reading!(self, pool => sqlx::query_as(PAGE).bind(index).bind(after).bind(last).fetch_all(pool).await?);
        let read = |(number, member, outcome, at, taken_at, envelope, holds): KeptRow| {
            let (at, taken_at) = (Time::from_millis(at), Time::from_millis(taken_at));
            let number = to_u64(number, "receipt")?;
            Ok(KeptReceipt { number, member, outcome, at, taken_at, envelope, holds: holds == 1 })
        };
        page.into_iter().map(read).collect()
    }

    /// The receipts that hold for the entries from `from` to before `to`, by docket and member.
    pub async fn receipts(&self, from: u64, to: u64) -> Result<Vec<HoldingReceipt>, StoreError> {
        let rows: Vec<HoldingRow> = reading!(self, pool =>
            sqlx::query_as(HOLDING).bind(to_i64(from)).bind(to_i64(to)).fetch_all(pool).await?);
        let read =
            |(index, member, outcome, at, taken_at, exceptions, excerpt, filed): (_, _, _, _, _, _, String, _)| {
                Ok(HoldingReceipt {
                    index: to_u64(index, "receipt_holding")?,
                    member,
                    outcome,
                    at: Time::from_millis(at),
                    taken_at: Time::from_millis(taken_at),
                    exceptions: to_u64(exceptions, "receipt")?,
                    excerpt: from_json(excerpt.as_bytes()).map_err(|_| StoreError::Unreadable("receipt"))?,
                    filed: to_u64(filed, "receipt_holding")?,
                })
            };
        rows.into_iter().map(read).collect()
    }
}

/// Of those that are new the latest of each docket and member, and how many there are.
fn latest<'r>(receipts: &'r [NewReceipt], new: &[Hash]) -> Vec<(&'r NewReceipt, i64)> {
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

impl Writing {
    async fn insert_receipts(&mut self, receipts: &[NewReceipt], last: u64) -> Result<Vec<Vec<u8>>, StoreError> {
        let excerpts: Vec<String> = receipts.iter().map(excerpt).collect();
        let numbers: Vec<i64> = (last + 1..).take(receipts.len()).map(to_i64).collect();
        Ok(match self {
            Self::Sqlite(transaction) => {
                let mut insert = QueryBuilder::new(INSERT[0]);
                let rows = receipts.iter().zip(&numbers).zip(&excerpts);
                insert.push_values(rows, |mut row, ((receipt, number), excerpt)| {
                    row.push_bind(receipt.payload_hash.as_bytes().as_slice())
                        .push_bind(number)
                        .push_bind(to_i64(receipt.index))
                        .push_bind(receipt.member.as_str())
                        .push_bind(receipt.outcome.as_str())
                        .push_bind(receipt.at.as_millis())
                        .push_bind(receipt.taken_at.as_millis())
                        .push_bind(to_i64(receipt.exceptions))
                        .push_bind(excerpt)
                        .push_bind(receipt.envelope.as_slice());
                });
                insert.push(INSERT[1]);
                insert.build_query_scalar().persistent(false).fetch_all(&mut **transaction).await?
            }
            Self::Postgres(transaction) => {
                sqlx::query_scalar(UNNEST)
                    .bind(column(receipts, |receipt| receipt.payload_hash.as_bytes().as_slice()))
                    .bind(numbers)
                    .bind(column(receipts, |receipt| to_i64(receipt.index)))
                    .bind(column(receipts, |receipt| receipt.member.as_str()))
                    .bind(column(receipts, |receipt| receipt.outcome.as_str()))
                    .bind(column(receipts, |receipt| receipt.at.as_millis()))
                    .bind(column(receipts, |receipt| receipt.taken_at.as_millis()))
                    .bind(column(receipts, |receipt| to_i64(receipt.exceptions)))
                    .bind(excerpts)
                    .bind(column(receipts, |receipt| receipt.envelope.as_slice()))
                    .fetch_all(&mut **transaction)
                    .await?
            }
        })
    }

    async fn hold_receipts(&mut self, latest: &[(&NewReceipt, i64)]) -> Result<(), StoreError> {
        if latest.is_empty() {
            return Ok(());
        }
        /// The rows, on either engine.
        macro_rules! hold {
            ($transaction:expr) => {{
                let mut insert = QueryBuilder::new(HOLD[0]);
                insert.push_values(latest, |mut row, (receipt, filed)| {
                    row.push_bind(to_i64(receipt.index))
                        .push_bind(receipt.member.as_str())
                        .push_bind(receipt.payload_hash.as_bytes().as_slice())
                        .push_bind(receipt.at.as_millis())
                        .push_bind(receipt.taken_at.as_millis())
                        .push_bind(*filed);
                });
                insert.push(HOLD[1]);
                insert.build().persistent(false).execute(&mut **$transaction).await.map(drop)?;
            }};
        }
        match self {
            Self::Sqlite(transaction) => hold!(transaction),
            Self::Postgres(transaction) => hold!(transaction),
        }
        Ok(())
    }
}

fn excerpt(receipt: &NewReceipt) -> String {
    String::from_utf8_lossy(&to_json(&receipt.excerpt)).into_owned()
}
