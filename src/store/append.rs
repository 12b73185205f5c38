//! Appending to the log: under the head row's lock, in a handful of statements whatever the batch.
//!
//! Nothing but [`Append::commit`] makes any of it visible; dropped, it is rolled back.

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
};
use sqlx::{Postgres, QueryBuilder, Sqlite, Transaction};

use super::{Store, StoreError, measured, reading, to_i64, to_u64};

/// Rows of one statement: SQLite takes 32,766 values, and the widest row has nine.
const ROWS: usize = 3_000;

const HEAD: &str = "SELECT size, logged_at FROM head WHERE one = 1";
const LOCK_HEAD: &str = "SELECT size, logged_at FROM head WHERE one = 1 FOR UPDATE";
const MOVE_HEAD: &str = "UPDATE head SET size = $1, logged_at = $2 WHERE one = 1 AND size = $3";
const INSERT_DOCKETS: &str = "INSERT INTO docket \
    (log_index, logged_at, leaf, payload_hash, docket_id, envelope, publication_hash, publication, records) ";
const INSERT_RECORDS: &str = "INSERT INTO record (id, log_index, item_position, kind, statement, share) ";
/// PostgreSQL takes a column as one value: no statement of thousands of values to parse and plan.
const INSERT_RECORDS_POSTGRES: &str = "INSERT INTO record (id, log_index, item_position, kind, statement, share) \
    SELECT * FROM UNNEST($1::bytea[], $2::bigint[], $3::bigint[], $4::text[], $5::bytea[], $6::bytea[])";
const ERASE: &str = "UPDATE record SET statement = NULL, share = NULL, erased_by = $1 WHERE id = $2";
const FORGET_SHARES: &str = "DELETE FROM share_given WHERE record IN (SELECT id FROM record WHERE erased_by = $1)";
const FORGET_PUBLICATIONS: &str = "UPDATE docket SET publication = NULL \
    WHERE log_index IN (SELECT log_index FROM record WHERE erased_by = $1) \
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.log_index = docket.log_index AND r.erased_by IS NULL)";

/// The SQL of this file that stands alone, for the test that prepares it.
#[cfg(test)]
pub(super) const SQL: &[&str] = &[HEAD, MOVE_HEAD, ERASE, FORGET_SHARES, FORGET_PUBLICATIONS];

/// The head of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many entries it has.
    pub size: u64,
    /// When the last was logged.
    pub logged_at: Option<Time>,
}

/// An entry to append: a docket that counts.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Its index: the head's size, then one more each.
    pub index: u64,
    /// When it is logged.
    pub logged_at: Time,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// SHA-256 of the docket's payload.
    pub payload_hash: Hash,
    /// The docket's id.
    pub docket_id: DocketId,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
    /// The public text and its SHA-256.
    pub publication: Option<(Hash, Vec<u8>)>,
    /// The records, in the order of the items.
    pub records: Vec<NewRecord>,
    /// Records that it erases.
    pub erased: Vec<RecordId>,
}

/// A record of a new entry.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The statement's bytes.
    pub statement: Vec<u8>,
    /// The share of its details.
    pub share: Option<[u8; 32]>,
}

/// The right to append, and what was appended with it so far.
pub struct Append {
    transaction: Locked,
    head: Head,
}

enum Locked {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

macro_rules! locked {
    ($locked:expr, $transaction:ident => $body:expr) => {
        match $locked {
            Locked::Sqlite($transaction) => $body,
            Locked::Postgres($transaction) => $body,
        }
    };
}

impl Store {
    /// The head of the log.
    pub async fn head(&self) -> Result<Head, StoreError> {
        head_of(reading!(self, pool => sqlx::query_as(HEAD).fetch_one(pool).await?))
    }

    /// Takes the head row's lock: until it is committed or dropped, nobody else appends.
    pub async fn begin_append(&self) -> Result<Append, StoreError> {
        measured("lock-head", async {
            let (transaction, row) = match self {
                Self::Sqlite { writer, .. } => {
                    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
                    let row = sqlx::query_as(HEAD).fetch_one(&mut *transaction).await?;
                    (Locked::Sqlite(transaction), row)
                }
                Self::Postgres(pool) => {
                    let mut transaction = pool.begin().await?;
                    let row = sqlx::query_as(LOCK_HEAD).fetch_one(&mut *transaction).await?;
                    (Locked::Postgres(transaction), row)
                }
            };
            Ok(Append { transaction, head: head_of(row)? })
        })
        .await
    }
}

fn head_of((size, logged_at): (i64, Option<i64>)) -> Result<Head, StoreError> {
    Ok(Head { size: to_u64(size, "head")?, logged_at: logged_at.map(Time::from_millis) })
}

/// A record's row: the index of its entry, its position, and the record.
type Row<'a> = (i64, i64, &'a NewRecord);

/// Where the engines differ in more than their names.
trait InsertRecords {
    async fn insert_records(&mut self, rows: &[Row<'_>]) -> Result<(), StoreError>;
}

impl InsertRecords for Transaction<'static, Sqlite> {
    async fn insert_records(&mut self, rows: &[Row<'_>]) -> Result<(), StoreError> {
        let mut insert = QueryBuilder::new(INSERT_RECORDS);
        insert.push_values(rows, |mut row, (index, position, record)| {
            row.push_bind(record.id.as_bytes().as_slice())
                .push_bind(*index)
                .push_bind(*position)
                .push_bind(record.kind.as_str())
                .push_bind(record.statement.as_slice())
                .push_bind(record.share.as_ref().map(<[u8; 32]>::as_slice));
        });
        insert.build().execute(&mut **self).await?;
        Ok(())
    }
}

impl InsertRecords for Transaction<'static, Postgres> {
    async fn insert_records(&mut self, rows: &[Row<'_>]) -> Result<(), StoreError> {
        let column = || rows.iter().map(|(_, _, record)| record);
        sqlx::query(INSERT_RECORDS_POSTGRES)
            .bind(column().map(|record| record.id.as_bytes().as_slice()).collect::<Vec<_>>())
            .bind(rows.iter().map(|(index, _, _)| *index).collect::<Vec<_>>())
            .bind(rows.iter().map(|(_, position, _)| *position).collect::<Vec<_>>())
            .bind(column().map(|record| record.kind.as_str()).collect::<Vec<_>>())
            .bind(column().map(|record| record.statement.as_slice()).collect::<Vec<_>>())
            .bind(column().map(|record| record.share.as_ref().map(<[u8; 32]>::as_slice)).collect::<Vec<_>>())
            .execute(&mut **self)
            .await?;
        Ok(())
    }
}

impl Append {
    /// The head that is locked.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Writes entries, which follow the head in order.
    pub async fn write(&mut self, entries: &[NewEntry]) -> Result<(), StoreError> {
        let Some(last) = entries.last() else { return Ok(()) };
        let (before, after) = (to_i64(self.head.size), to_i64(last.index + 1));
        let records: Vec<Row<'_>> = entries
            .iter()
            .flat_map(|entry| (0_i64..).zip(&entry.records).map(|(at, record)| (to_i64(entry.index), at, record)))
            .collect();
        measured("append", async {
            locked!(&mut self.transaction, transaction => {
                for chunk in entries.chunks(ROWS) {
                    let mut insert = QueryBuilder::new(INSERT_DOCKETS);
                    insert.push_values(chunk, |mut row, entry| {
                        let publication = entry.publication.as_ref();
                        row.push_bind(to_i64(entry.index))
                            .push_bind(entry.logged_at.as_millis())
                            .push_bind(entry.leaf.as_slice())
                            .push_bind(entry.payload_hash.as_bytes().as_slice())
                            .push_bind(entry.docket_id.as_bytes().as_slice())
                            .push_bind(entry.envelope.as_slice())
                            .push_bind(publication.map(|(hash, _)| hash.as_bytes().as_slice()))
                            .push_bind(publication.map(|(_, text)| text.as_slice()))
                            .push_bind(to_i64(entry.records.len() as u64));
                    });
                    insert.build().execute(&mut **transaction).await?;
                }
                for chunk in records.chunks(ROWS) {
                    transaction.insert_records(chunk).await?;
                }
                // Erasures are rare, and a chain is short: a statement a record.
                for entry in entries.iter().filter(|entry| !entry.erased.is_empty()) {
                    let index = to_i64(entry.index);
                    for id in &entry.erased {
                        sqlx::query(ERASE).bind(index).bind(id.as_bytes().as_slice()).execute(&mut **transaction).await?;
                    }
                    sqlx::query(FORGET_SHARES).bind(index).execute(&mut **transaction).await?;
                    sqlx::query(FORGET_PUBLICATIONS).bind(index).execute(&mut **transaction).await?;
                }
                let moved = sqlx::query(MOVE_HEAD)
                    .bind(after)
                    .bind(last.logged_at.as_millis())
                    .bind(before)
                    .execute(&mut **transaction)
                    .await?
                    .rows_affected();
                if moved == 1 { Ok(()) } else { Err(StoreError::HeadMoved) }
            })
        })
        .await
    }

    /// Makes all of it visible, durably.
    pub async fn commit(self) -> Result<(), StoreError> {
        measured("commit-append", async {
            let committed = locked!(self.transaction, transaction => transaction.commit().await);
            committed.map_err(StoreError::from)
        })
        .await
    }
}
