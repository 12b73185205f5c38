//! Appending to the log: under the head row's lock, in a handful of statements whatever the batch.
//!
//! Nothing but [`Append::commit`] makes any of it visible; dropped, it is rolled back. What was written by half can't be
//! committed: SQLite would keep the half, and PostgreSQL would answer a rollback with success.

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
};
use sqlx::QueryBuilder;

use super::{
    RestoredAnchor, Store, StoreError, measured, reading, to_i64, to_u64,
    transaction::{Writing, writing_in},
    writer::{NodeId, Term},
};

/// Rows of one statement: SQLite takes 32,766 values, and the widest row has nine; it also bounds PostgreSQL's messages.
pub(super) const ROWS: usize = 3_000;

const HEAD: &str = "SELECT epoch, writer, size, root, logged_at FROM head WHERE one = 1";
/// Whoever only must not miss that another took over shares the row with this one ([`super::writer`]).
const LOCK_HEAD: &str = "SELECT epoch, writer, size, root, logged_at FROM head WHERE one = 1 FOR NO KEY UPDATE";
const MOVE_HEAD: &str = "UPDATE head SET size = $1, root = $2, logged_at = $3 \
    WHERE one = 1 AND epoch = $4 AND writer = $5 AND size = $6 AND root = $7";
// Several rows at once: a list of values for SQLite; for PostgreSQL an array a column, so that one prepared statement
// serves every length (measured, unoptimised: 57 µs a docket in batches of 64–128, where a list of values takes 82).
const INSERT_DOCKETS: &str = "INSERT INTO docket \
    (log_index, logged_at, leaf, payload_hash, docket_id, envelope, publication_hash, publication, records) ";
const UNNEST_DOCKETS: &str = "INSERT INTO docket \
    (log_index, logged_at, leaf, payload_hash, docket_id, envelope, publication_hash, publication, records) \
    SELECT * FROM UNNEST($1::BIGINT[], $2::BIGINT[], $3::BYTEA[], $4::BYTEA[], $5::BYTEA[], $6::BYTEA[], $7::BYTEA[], \
    $8::BYTEA[], $9::BIGINT[])";
const INSERT_RECORDS: &str = "INSERT INTO record (id, log_index, item_position, kind, statement, share) ";
const UNNEST_RECORDS: &str = "INSERT INTO record (id, log_index, item_position, kind, statement, share) \
    SELECT * FROM UNNEST($1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::TEXT[], $5::BYTEA[], $6::BYTEA[])";
const ERASE: [&str; 2] = [
    "WITH gone (id, log_index) AS (",
    ") UPDATE record SET statement = NULL, share = NULL, erased_by = gone.log_index FROM gone WHERE record.id = gone.id",
];
const UNNEST_ERASE: &str = "UPDATE record SET statement = NULL, share = NULL, erased_by = gone.log_index \
    FROM UNNEST($1::BYTEA[], $2::BIGINT[]) AS gone (id, log_index) WHERE record.id = gone.id";
const FORGET_SHARES: &str = "DELETE FROM share_given WHERE record IN (SELECT id FROM record WHERE erased_by >= $1)";
const FORGET_PUBLICATIONS: &str = "UPDATE docket SET publication = NULL \
    WHERE log_index IN (SELECT log_index FROM record WHERE erased_by >= $1) \
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.log_index = docket.log_index AND r.erased_by IS NULL)";

/// The SQL of this file that both engines take; what is put together from values is proven by running it.
#[cfg(test)]
pub(super) const SQL: &[&str] = &[HEAD, MOVE_HEAD, FORGET_SHARES, FORGET_PUBLICATIONS];

/// The SQL of this file that PostgreSQL alone takes.
#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[LOCK_HEAD, UNNEST_DOCKETS, UNNEST_RECORDS, UNNEST_ERASE];

/// The head of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Who writes it.
    pub term: Term,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// When the last was logged.
    pub logged_at: Option<Time>,
}

/// Epoch, writer, size, root, time of the last entry.
pub(super) type HeadRow = (i64, String, i64, String, Option<i64>);

/// An entry to append. It may hold shares, so it has no `Debug`.
#[derive(Clone)]
pub struct NewEntry {
    /// Its index: the head's size, then one more each.
    pub index: u64,
    /// When it is logged.
    pub logged_at: Time,
    /// The leaf's bytes.
    pub leaf: Vec<u8>,
    /// What is logged.
    pub logged: NewLogged,
}

/// What a new entry logs.
#[derive(Clone)]
pub enum NewLogged {
    /// A docket that counts.
    Docket(NewDocket),
    /// The anchors that wait of those taken on a day.
    Anchors {
        /// The day, since 1970.
        taken_on: i64,
        /// How many wait.
        count: u64,
    },
    /// Anchors of an entry that is brought back, as far as they are at hand.
    Restored(Vec<RestoredAnchor>),
}

/// The docket of a new entry.
#[derive(Clone)]
pub struct NewDocket {
    /// SHA-256 of the docket's payload.
    pub payload_hash: Hash,
    /// The docket's id.
    pub docket_id: DocketId,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
    /// SHA-256 of the public text that it names, and the text, unless it was erased before it was brought back.
    pub publication: Option<(Hash, Option<Vec<u8>>)>,
    /// The records, in the order of the items.
    pub records: Vec<NewRecord>,
    /// Records that it erases.
    pub erased: Vec<RecordId>,
}

/// A record of a new entry.
#[derive(Clone)]
pub struct NewRecord {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The statement's bytes, unless it was erased before it was brought back.
    pub statement: Option<Vec<u8>>,
    /// The share of its details.
    pub share: Option<[u8; 32]>,
}

/// The right to append, and what was appended with it so far.
pub struct Append {
    pub(super) transaction: Writing,
    head: Head,
    /// Whether a write began and didn't end well.
    is_half_written: bool,
}

impl NewEntry {
    const fn docket(&self) -> Option<&NewDocket> {
        match &self.logged {
            NewLogged::Docket(docket) => Some(docket),
            NewLogged::Anchors { .. } | NewLogged::Restored(_) => None,
        }
    }

    fn records(&self) -> &[NewRecord] {
        self.docket().map_or(&[], |docket| &docket.records)
    }

    fn erased(&self) -> &[RecordId] {
        self.docket().map_or(&[], |docket| &docket.erased)
    }
}

impl Store {
    /// The head of the log.
    pub async fn head(&self) -> Result<Head, StoreError> {
        head_of(reading!(self, pool => sqlx::query_as(HEAD).fetch_one(pool).await?))
    }

    /// Takes the head row's lock: until it is committed or dropped, nobody else appends, and none takes over.
    ///
    /// # Errors
    /// `NotWriter` if this node never took over, `Fenced` if another has since.
    pub async fn begin_append(&self) -> Result<Append, StoreError> {
        let own = self.term().ok_or(StoreError::NotWriter)?;
        measured("lock-head", async {
            let mut transaction = self.begin().await?;
            let row = match &mut transaction {
                Writing::Sqlite(transaction) => sqlx::query_as(HEAD).fetch_one(&mut **transaction).await?,
                Writing::Postgres(transaction) => sqlx::query_as(LOCK_HEAD).fetch_one(&mut **transaction).await?,
            };
            let head = head_of(row)?;
            if head.term != own {
                return Err(StoreError::Fenced { own: own.epoch, by: head.term.epoch });
            }
            Ok(Append { transaction, head, is_half_written: false })
        })
        .await
    }
}

pub(super) fn head_of((epoch, node, size, root, logged_at): HeadRow) -> Result<Head, StoreError> {
    let unreadable = StoreError::Unreadable("head");
    Ok(Head {
        term: Term { epoch: to_u64(epoch, "head")?, node: NodeId::of_row(&node)? },
        size: to_u64(size, "head")?,
        root: root.parse().map_err(|_| unreadable)?,
        logged_at: logged_at.map(Time::from_millis),
    })
}

impl Append {
    /// The head that is locked, moved by what was written.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Writes entries, which follow the head in order and after which its root is `root`, and erases what they erase. In two
    /// statements and the head's, and three more if something is erased, whatever the batch (up to [`ROWS`], then as many
    /// again).
    ///
    /// # Errors
    /// `NotNext`, `DocketRepeated`, `RecordRepeated`, `NothingToErase`: none of it can be committed then.
    pub async fn write(&mut self, entries: &[NewEntry], root: Hash) -> Result<(), StoreError> {
        let Some(last) = entries.last() else { return Ok(()) };
        for (entry, expected) in entries.iter().zip(self.head.size..) {
            if entry.index != expected {
                return Err(StoreError::NotNext { expected, got: entry.index });
            }
        }
        let moved = Head { size: last.index + 1, root, logged_at: Some(last.logged_at), ..self.head };
        self.is_half_written = true;
        measured("append", self.transaction.write(self.head, moved, entries)).await?;
        self.is_half_written = false;
        self.head = moved;
        Ok(())
    }

    /// Writes the head as it is: whether the store takes writes shows when it is committed.
    pub async fn touch(&mut self) -> Result<(), StoreError> {
        self.transaction.move_head(self.head, self.head).await
    }

    /// Makes all of it visible, durably; gives the head that is committed. After an error of the engine only the head tells
    /// whether it happened.
    ///
    /// # Errors
    /// `HalfWritten` if a write failed before: it is rolled back.
    pub async fn commit(self) -> Result<Head, StoreError> {
        if self.is_half_written {
            return Err(StoreError::HalfWritten);
        }
        measured("commit-append", self.transaction.commit()).await?;
        Ok(self.head)
    }
}

/// A record with the index and position where it stands.
type Placed<'a> = (i64, i64, &'a NewRecord);
/// A record that goes, with the index of the entry that erases it.
type Gone<'a> = (&'a RecordId, i64);

impl Writing {
    async fn write(&mut self, head: Head, after: Head, entries: &[NewEntry]) -> Result<(), StoreError> {
        let before = to_i64(head.size);
        for chunk in entries.chunks(ROWS) {
            self.insert_dockets(chunk).await?;
        }
        let records: Vec<Placed<'_>> = entries
            .iter()
            .flat_map(|entry| (0_i64..).zip(entry.records()).map(|(at, record)| (to_i64(entry.index), at, record)))
            .collect();
        for chunk in records.chunks(ROWS) {
            self.insert_records(chunk).await?;
        }
        // After the records: a docket may erase what an earlier one of the same batch, or it itself, brought.
        let erased: Vec<Gone<'_>> =
            entries.iter().flat_map(|entry| entry.erased().iter().map(|id| (id, to_i64(entry.index)))).collect();
        for chunk in erased.chunks(ROWS) {
            let (expected, got) = (chunk.len() as u64, self.erase(chunk).await?);
            if expected != got {
                return Err(StoreError::NothingToErase { expected, got });
            }
        }
        for entry in entries {
            match &entry.logged {
                NewLogged::Anchors { taken_on, count } => self.log_anchors(*taken_on, entry.index, *count).await?,
                NewLogged::Restored(anchors) => self.restore_anchors(entry.index, anchors).await?,
                NewLogged::Docket(_) => {}
            }
        }
        writing_in!(self, transaction => {
            if !erased.is_empty() {
                sqlx::query(FORGET_SHARES).bind(before).execute(&mut **transaction).await?;
                sqlx::query(FORGET_PUBLICATIONS).bind(before).execute(&mut **transaction).await?;
            }
        });
        self.move_head(head, after).await
    }

    async fn move_head(&mut self, before: Head, after: Head) -> Result<(), StoreError> {
        let moved = writing_in!(self, transaction => sqlx::query(MOVE_HEAD)
            .bind(to_i64(after.size))
            .bind(after.root.to_string())
            .bind(after.logged_at.map(Time::as_millis))
            .bind(to_i64(before.term.epoch))
            .bind(before.term.node.to_string())
            .bind(to_i64(before.size))
            .bind(before.root.to_string())
            .execute(&mut **transaction)
            .await?
            .rows_affected());
        if moved == 1 { Ok(()) } else { Err(StoreError::HeadMoved) }
    }

    async fn insert_dockets<'a>(&mut self, entries: &'a [NewEntry]) -> Result<(), StoreError> {
        let payload_hash = |entry: &'a NewEntry| entry.docket().map(|docket| docket.payload_hash.as_bytes().as_slice());
        let docket_id = |entry: &'a NewEntry| entry.docket().map(|docket| docket.docket_id.as_bytes().as_slice());
        let envelope = |entry: &'a NewEntry| entry.docket().map(|docket| docket.envelope.as_slice());
        let published = |entry: &'a NewEntry| entry.docket().and_then(|docket| docket.publication.as_ref());
        let publication_hash = |entry| published(entry).map(|(hash, _)| hash.as_bytes().as_slice());
        let publication = |entry| published(entry).and_then(|(_, text)| text.as_deref());
        match self {
            Self::Sqlite(transaction) => {
                let mut insert = QueryBuilder::new(INSERT_DOCKETS);
                insert.push_values(entries, |mut row, entry| {
                    row.push_bind(to_i64(entry.index))
                        .push_bind(entry.logged_at.as_millis())
                        .push_bind(entry.leaf.as_slice())
                        .push_bind(payload_hash(entry))
                        .push_bind(docket_id(entry))
                        .push_bind(envelope(entry))
                        .push_bind(publication_hash(entry))
                        .push_bind(publication(entry))
                        .push_bind(to_i64(entry.records().len() as u64));
                });
                // Its length is the batch's: kept prepared, each would push out another.
                insert.build().persistent(false).execute(&mut **transaction).await?;
            }
            Self::Postgres(transaction) => {
                sqlx::query(UNNEST_DOCKETS)
                    .bind(column(entries, |entry| to_i64(entry.index)))
                    .bind(column(entries, |entry| entry.logged_at.as_millis()))
                    .bind(column(entries, |entry| entry.leaf.as_slice()))
                    .bind(column(entries, payload_hash))
                    .bind(column(entries, docket_id))
                    .bind(column(entries, envelope))
                    .bind(column(entries, publication_hash))
                    .bind(column(entries, publication))
                    .bind(column(entries, |entry| to_i64(entry.records().len() as u64)))
                    .execute(&mut **transaction)
                    .await?;
            }
        }
        Ok(())
    }

    async fn insert_records(&mut self, records: &[Placed<'_>]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => {
                let mut insert = QueryBuilder::new(INSERT_RECORDS);
                insert.push_values(records, |mut row, (index, position, record)| {
                    row.push_bind(record.id.as_bytes().as_slice())
                        .push_bind(*index)
                        .push_bind(*position)
                        .push_bind(record.kind.as_str())
                        .push_bind(record.statement.as_deref())
                        .push_bind(record.share.as_ref().map(<[u8; 32]>::as_slice));
                });
                insert.build().persistent(false).execute(&mut **transaction).await?;
            }
            Self::Postgres(transaction) => {
                sqlx::query(UNNEST_RECORDS)
                    .bind(column(records, |(.., record)| record.id.as_bytes().as_slice()))
                    .bind(column(records, |(index, ..)| *index))
                    .bind(column(records, |(_, position, _)| *position))
                    .bind(column(records, |(.., record)| record.kind.as_str()))
                    .bind(column(records, |(.., record)| record.statement.as_deref()))
                    .bind(column(records, |(.., record)| record.share.as_ref().map(<[u8; 32]>::as_slice)))
                    .execute(&mut **transaction)
                    .await?;
            }
        }
        Ok(())
    }

    /// How many were there to erase.
    async fn erase(&mut self, gone: &[Gone<'_>]) -> Result<u64, StoreError> {
        Ok(match self {
            Self::Sqlite(transaction) => {
                let mut erase = QueryBuilder::new(ERASE[0]);
                erase.push_values(gone, |mut row, (id, index)| {
                    row.push_bind(id.as_bytes().as_slice()).push_bind(*index);
                });
                erase.push(ERASE[1]);
                erase.build().persistent(false).execute(&mut **transaction).await?.rows_affected()
            }
            Self::Postgres(transaction) => sqlx::query(UNNEST_ERASE)
                .bind(column(gone, |(id, _)| id.as_bytes().as_slice()))
                .bind(column(gone, |(_, index)| *index))
                .execute(&mut **transaction)
                .await?
                .rows_affected(),
        })
    }
}

/// One column of several rows, as PostgreSQL takes it.
pub(super) fn column<'a, Row, Value>(rows: &'a [Row], value: impl FnMut(&'a Row) -> Value) -> Vec<Value> {
    rows.iter().map(value).collect()
}
