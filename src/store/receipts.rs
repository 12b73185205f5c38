//! Members' receipts: all are kept, and of a member and docket the latest stands.

use callboard_federation::encoding::{Hash, Time};
use sqlx::QueryBuilder;

use super::{
    Store, StoreError,
    append::{ROWS, column},
    measured, reading, to_array, to_i64, to_u64,
    transaction::Writing,
};

const INSERT: [&str; 2] = [
    "INSERT INTO receipt (payload_hash, log_index, member, outcome, receipted_at, taken_at, envelope) ",
    " ON CONFLICT (payload_hash) DO NOTHING RETURNING payload_hash",
];
const UNNEST: &str = "INSERT INTO receipt (payload_hash, log_index, member, outcome, receipted_at, taken_at, envelope) \
    SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[], $6::BIGINT[], $7::BYTEA[]) \
    ON CONFLICT (payload_hash) DO NOTHING RETURNING payload_hash";
const OF_DOCKET: &str = "SELECT payload_hash, log_index, member, outcome, receipted_at, taken_at, envelope FROM receipt \
    WHERE log_index = $1 ORDER BY member, receipted_at, taken_at, payload_hash";
// Most say `in-effect`, and no more: their envelopes aren't read where many are.
const OF_ENTRIES: &str = "SELECT payload_hash, log_index, member, outcome, receipted_at, taken_at, \
    CASE WHEN outcome = 'in-effect' THEN NULL ELSE envelope END FROM receipt \
    WHERE log_index >= $1 AND log_index < $2 ORDER BY log_index, member, receipted_at, taken_at, payload_hash";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[OF_DOCKET, OF_ENTRIES];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[UNNEST];

/// A receipt that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReceipt {
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
    /// The envelope as JSON; empty where it wasn't read.
    pub envelope: Vec<u8>,
}

type Row = (Vec<u8>, i64, String, String, i64, i64, Option<Vec<u8>>);

impl Store {
    /// Keeps receipts; those that are kept already stay as they are. The payloads of those that are new.
    pub async fn put_receipts(&self, receipts: &[StoredReceipt]) -> Result<Vec<Hash>, StoreError> {
        let kept = measured("keep-receipts", async {
            let (mut transaction, mut new) = (self.begin_as_writer().await?, Vec::new());
            for chunk in receipts.chunks(ROWS) {
                new.extend(transaction.insert_receipts(chunk).await?);
            }
            transaction.commit().await?;
            let hash = |payload: Vec<u8>| to_array(&payload, "receipt").map(Hash::from_bytes);
            new.into_iter().map(hash).collect()
        });
        self.noted(kept.await)
    }

    /// The receipts for a docket, by member, the one that stands last.
    pub async fn receipts_of(&self, index: u64) -> Result<Vec<StoredReceipt>, StoreError> {
        let rows: Vec<Row> =
            reading!(self, pool => sqlx::query_as(OF_DOCKET).bind(to_i64(index)).fetch_all(pool).await?);
        rows.into_iter().map(read).collect()
    }

    /// The receipts for the entries from `from` to before `to`, by docket and member, the one that stands last; without the
    /// envelopes of those that say `in-effect`.
    pub async fn receipts(&self, from: u64, to: u64) -> Result<Vec<StoredReceipt>, StoreError> {
        let rows: Vec<Row> = reading!(self, pool =>
            sqlx::query_as(OF_ENTRIES).bind(to_i64(from)).bind(to_i64(to)).fetch_all(pool).await?);
        rows.into_iter().map(read).collect()
    }
}

fn read((payload, index, member, outcome, at, taken_at, envelope): Row) -> Result<StoredReceipt, StoreError> {
    Ok(StoredReceipt {
        payload_hash: Hash::from_bytes(to_array(&payload, "receipt")?),
        index: to_u64(index, "receipt")?,
        member,
        outcome,
        at: Time::from_millis(at),
        taken_at: Time::from_millis(taken_at),
        envelope: envelope.unwrap_or_default(),
    })
}

impl Writing {
    async fn insert_receipts(&mut self, receipts: &[StoredReceipt]) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(match self {
            Self::Sqlite(transaction) => {
                let mut insert = QueryBuilder::new(INSERT[0]);
                insert.push_values(receipts, |mut row, receipt| {
                    row.push_bind(receipt.payload_hash.as_bytes().as_slice())
                        .push_bind(to_i64(receipt.index))
                        .push_bind(receipt.member.as_str())
                        .push_bind(receipt.outcome.as_str())
                        .push_bind(receipt.at.as_millis())
                        .push_bind(receipt.taken_at.as_millis())
                        .push_bind(receipt.envelope.as_slice());
                });
                insert.push(INSERT[1]);
                insert.build_query_scalar().persistent(false).fetch_all(&mut **transaction).await?
            }
            Self::Postgres(transaction) => {
                sqlx::query_scalar(UNNEST)
                    .bind(column(receipts, |receipt| receipt.payload_hash.as_bytes().as_slice()))
                    .bind(column(receipts, |receipt| to_i64(receipt.index)))
                    .bind(column(receipts, |receipt| receipt.member.as_str()))
                    .bind(column(receipts, |receipt| receipt.outcome.as_str()))
                    .bind(column(receipts, |receipt| receipt.at.as_millis()))
                    .bind(column(receipts, |receipt| receipt.taken_at.as_millis()))
                    .bind(column(receipts, |receipt| receipt.envelope.as_slice()))
                    .fetch_all(&mut **transaction)
                    .await?
            }
        })
    }
}
