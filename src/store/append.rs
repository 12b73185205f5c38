//! Appending to the log: under the head row's lock, in a handful of statements whatever the batch.
//!
//! Nothing but [`AppendTransaction::commit`] makes any of it visible; dropped, it is rolled back. What was written by
//! half can't be committed: SQLite would keep the half, and PostgreSQL would answer a rollback with success.

use callboard_federation::{
    encoding::{DocketId, Hash, RecordId, Time},
    statement::Kind,
};

use super::{
    Store, StoreError,
    batch::{Batch, batch},
    column::{Value, from_row, values},
    measured,
    term::Term,
    transaction::WriteTransaction,
};

const HEAD: &str = "SELECT epoch, writer, size, root, logged_at FROM head WHERE one = 1";
/// Whoever only must not miss that another took over shares the row with this one ([`super::writer`]).
const LOCK_HEAD: &str = "SELECT epoch, writer, size, root, logged_at FROM head WHERE one = 1 FOR NO KEY UPDATE";
const MOVE_HEAD: &str = "UPDATE head SET size = $1, root = $2, logged_at = $3 \
    WHERE one = 1 AND epoch = $4 AND writer = $5 AND size = $6 AND root = $7";
const INSERT_DOCKETS: Batch = batch!(
    "INSERT INTO docket \
        (log_index, logged_at, leaf, payload_hash, docket_id, envelope, publication_hash, publication, records) ",
    "$1::BIGINT[], $2::BIGINT[], $3::BYTEA[], $4::BYTEA[], $5::BYTEA[], $6::BYTEA[], $7::BYTEA[], $8::BYTEA[], $9::BIGINT[]"
);
const INSERT_RECORDS: Batch = batch!(
    "INSERT INTO record (id, log_index, item_position, kind, statement, share) ",
    "$1::BYTEA[], $2::BIGINT[], $3::BIGINT[], $4::TEXT[], $5::BYTEA[], $6::BYTEA[]"
);
const ERASE: Batch = batch!(
    "WITH gone (id, log_index) AS (",
    "$1::BYTEA[], $2::BIGINT[]",
    ") UPDATE record SET statement = NULL, share = NULL, erased_by = gone.log_index FROM gone WHERE record.id = gone.id"
);
const FORGET_SHARES: &str = "DELETE FROM share_given WHERE record IN (SELECT id FROM record WHERE erased_by >= $1)";
const FORGET_PUBLICATIONS: &str = "UPDATE docket SET publication = NULL \
    WHERE log_index IN (SELECT log_index FROM record WHERE erased_by >= $1) \
    AND NOT EXISTS (SELECT 1 FROM record r WHERE r.log_index = docket.log_index AND r.erased_by IS NULL)";

#[cfg(test)]
pub(super) const SQL: &[&str] = &[HEAD, MOVE_HEAD, FORGET_SHARES, FORGET_PUBLICATIONS];

#[cfg(test)]
pub(super) const BATCHES: &[Batch] = &[INSERT_DOCKETS, INSERT_RECORDS, ERASE];

#[cfg(test)]
pub(super) const POSTGRES: &[&str] = &[LOCK_HEAD];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    pub term: Term,
    pub size: u64,
    pub root: Hash,
    /// When the last was logged.
    pub logged_at: Option<Time>,
}

from_row!(LogHead, "head", |row| Self {
    term: Term { epoch: row.get("epoch")?, node: row.get("writer")? },
    size: row.get("size")?,
    root: row.parsed("root")?,
    logged_at: row.get("logged_at")?,
});

/// It may hold shares, so it has no `Debug`.
#[derive(Clone)]
pub struct NewEntry {
    /// Its index: the head's size, then one more each.
    pub index: u64,
    pub logged_at: Time,
    pub leaf: Vec<u8>,
    pub logged: NewEntryContent,
}

/// A member's anchor that is new here.
#[derive(Clone)]
pub struct NewAnchor {
    pub member: String,
    /// The day of its own time, since 1970.
    pub of_day: i64,
    /// The registry's day, whose anchors are logged together; of one that is brought back, a day that was over by then.
    pub taken_on: i64,
    /// SHA-256 of its payload.
    pub payload_hash: Hash,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
}

#[derive(Clone)]
pub enum NewEntryContent {
    Docket(NewDocket),
    /// The anchors that wait of those taken on a day.
    Anchors {
        /// The day, since 1970.
        taken_on: i64,
        count: u64,
    },
    /// Anchors of an entry that is brought back, as far as they are at hand.
    RestoredAnchors(Vec<NewAnchor>),
}

#[derive(Clone)]
pub struct NewDocket {
    /// SHA-256 of the docket's payload.
    pub payload_hash: Hash,
    pub docket_id: DocketId,
    /// The envelope as JSON.
    pub envelope: Vec<u8>,
    /// SHA-256 of the public text that it names, and the text, unless it was erased before it was brought back.
    pub publication: Option<(Hash, Option<Vec<u8>>)>,
    /// The records, in the order of the items.
    pub records: Vec<NewRecord>,
    pub erased: Vec<RecordId>,
}

#[derive(Clone)]
pub struct NewRecord {
    pub id: RecordId,
    pub kind: Kind,
    /// The statement's bytes, unless it was erased before it was brought back.
    pub statement: Option<Vec<u8>>,
    /// The share of its details.
    pub share: Option<[u8; 32]>,
}

/// The right to append, and what was appended with it so far.
pub struct AppendTransaction {
    pub(super) transaction: WriteTransaction,
    head: LogHead,
    /// Whether a write began and didn't end well.
    is_half_written: bool,
}

impl NewEntry {
    const fn docket(&self) -> Option<&NewDocket> {
        match &self.logged {
            NewEntryContent::Docket(docket) => Some(docket),
            NewEntryContent::Anchors { .. } | NewEntryContent::RestoredAnchors(_) => None,
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
    pub async fn head(&self) -> Result<LogHead, StoreError> {
        self.one(HEAD, &[]).await
    }

    /// Takes the head row's lock: until it is committed or dropped, nobody else appends, and none takes over.
    ///
    /// # Errors
    /// `NotWriter` if this node never took over, `Fenced` if another has since.
    pub async fn begin_append(&self) -> Result<AppendTransaction, StoreError> {
        let own = self.term().ok_or(StoreError::NotWriter)?;
        measured("lock-head", async {
            let mut transaction = self.begin().await?;
            let look = if matches!(transaction, WriteTransaction::Sqlite(_)) { HEAD } else { LOCK_HEAD };
            let head: LogHead = transaction.one(look, &[]).await?;
            if head.term != own {
                return Err(StoreError::Fenced { own: own.epoch, by: head.term.epoch });
            }
            Ok(AppendTransaction { transaction, head, is_half_written: false })
        })
        .await
    }
}

impl AppendTransaction {
    /// The head that is locked, moved by what was written.
    pub const fn head(&self) -> LogHead {
        self.head
    }

    /// Writes entries, which follow the head in order and after which its root is `root`, and erases what they erase.
    /// In two statements and the head's, and five more if something is erased, whatever the batch (up to
    /// [`super::batch::ROWS`], then as many again).
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
        let moved = LogHead { size: last.index + 1, root, logged_at: Some(last.logged_at), ..self.head };
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

    /// Makes all of it visible, durably; gives the head that is committed. After an error of the engine only the head
    /// tells whether it happened.
    ///
    /// # Errors
    /// `HalfWritten` if a write failed before: it is rolled back.
    pub async fn commit(self) -> Result<LogHead, StoreError> {
        if self.is_half_written {
            return Err(StoreError::HalfWritten);
        }
        measured("commit-append", self.transaction.commit()).await?;
        Ok(self.head)
    }
}

impl WriteTransaction {
    async fn write(&mut self, head: LogHead, after: LogHead, entries: &[NewEntry]) -> Result<(), StoreError> {
        INSERT_DOCKETS.execute(self, entries, docket_row).await?;
        let mut records = Vec::new();
        for entry in entries {
            records.extend((0_u64..).zip(entry.records()).map(|(position, record)| (entry.index, position, record)));
        }
        INSERT_RECORDS
            .execute(self, &records, |(index, position, NewRecord { id, kind, statement, share })| {
                values![id, *index, *position, *kind, statement.as_deref(), share.as_ref()]
            })
            .await?;
        // After the records: a docket may erase what an earlier one of the same batch, or it itself, brought.
        let erased: Vec<_> =
            entries.iter().flat_map(|entry| entry.erased().iter().map(|id| (id, entry.index))).collect();
        let got = ERASE.execute(self, &erased, |(id, index)| values![*id, *index]).await?;
        if got != erased.len() as u64 {
            return Err(StoreError::NothingToErase { expected: erased.len() as u64, got });
        }
        for entry in entries {
            match &entry.logged {
                NewEntryContent::Anchors { taken_on, count } => {
                    self.log_anchors(*taken_on, entry.index, *count).await?;
                }
                NewEntryContent::RestoredAnchors(anchors) => self.restore_anchors(entry.index, anchors).await?,
                NewEntryContent::Docket(_) => {}
            }
        }
        if !erased.is_empty() {
            self.execute(FORGET_SHARES, &values![head.size]).await?;
            self.execute(FORGET_PUBLICATIONS, &values![head.size]).await?;
            self.erase_logged_drafts(head.size, after.logged_at.unwrap_or(Time::from_millis(0))).await?;
        }
        self.move_head(head, after).await
    }

    async fn move_head(&mut self, before: LogHead, after: LogHead) -> Result<(), StoreError> {
        let Term { epoch, node } = before.term;
        let (root, node, root_before) = (after.root.to_string(), node.to_string(), before.root.to_string());
        let values = values![after.size, &root, after.logged_at, epoch, &node, before.size, &root_before];
        let moved = self.execute(MOVE_HEAD, &values).await?;
        if moved == 1 { Ok(()) } else { Err(StoreError::HeadMoved) }
    }
}

/// The row of an entry; one of anchors has no docket.
fn docket_row(entry: &NewEntry) -> [Value<'_>; 9] {
    let docket = entry.docket();
    let published = docket.and_then(|docket| docket.publication.as_ref());
    values![
        entry.index,
        entry.logged_at,
        &entry.leaf,
        docket.map(|docket| &docket.payload_hash),
        docket.map(|docket| &docket.docket_id),
        docket.map(|docket| &docket.envelope),
        published.map(|(hash, _)| hash),
        published.and_then(|(_, text)| text.as_ref()),
        entry.records().len() as u64,
    ]
}
