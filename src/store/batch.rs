//! Several rows as one statement: a list of values for SQLite; for PostgreSQL an array a column, so that one prepared
//! statement serves every length (measured, unoptimised: 57 µs a docket in batches of 64–128, where a list of values
//! takes 82).

use sqlx::AssertSqlSafe;

use super::{
    StoreError,
    column::{StoredRow, Value, query, query_as},
    transaction::WriteTransaction,
};

/// Rows of one statement: SQLite takes 32,766 values, and the widest row has ten; it also bounds PostgreSQL's messages.
pub(super) const ROWS: usize = 3_000;

/// A statement of several rows, made by [`batch!`].
pub(super) struct Batch {
    /// SQLite: what stands before the list of values, and after.
    pub(super) around: [&'static str; 2],
    /// PostgreSQL: all of it.
    pub(super) postgres: &'static str,
}

/// A statement in full, with its rows between: as PostgreSQL takes them, an array a column.
macro_rules! batch {
    ($before:literal, $rows:literal) => {
        batch!($before, $rows, "")
    };
    ($before:literal, $rows:literal, $after:literal) => {
        $crate::store::batch::Batch {
            around: [$before, $after],
            postgres: concat!($before, "SELECT * FROM UNNEST(", $rows, ")", $after),
        }
    };
}
pub(super) use batch;

/// Runs the statement of at most [`ROWS`] rows, as the engine takes it.
macro_rules! run {
    ($batch:expr, $writing:expr, $rows:expr, $new:ident, |$query:ident, $transaction:ident| $body:expr) => {
        match $writing {
            WriteTransaction::Sqlite($transaction) => {
                let sql = AssertSqlSafe($batch.sqlite($rows.len(), N));
                // Its length is the batch's: kept prepared, each would push out another.
                let $query = $new(sql, $rows.as_flattened()).persistent(false);
                $body
            }
            WriteTransaction::Postgres($transaction) => {
                let $query = arrays!(sqlx::$new($batch.postgres), $rows);
                $body
            }
        }
    };
}

/// Puts columns where PostgreSQL takes them, each as an array.
macro_rules! arrays {
    ($query:expr, $rows:expr) => {
        (0..N).fold($query, |query, at| match $rows[0][at] {
            Value::Integer(_) => query.bind(array!($rows, at, Value::Integer)),
            Value::Text(_) => query.bind(array!($rows, at, Value::Text)),
            Value::Bytes(_) => query.bind(array!($rows, at, Value::Bytes)),
        })
    };
}

/// The values of one column, all of the same kind.
macro_rules! array {
    ($rows:expr, $at:expr, $kind:path) => {
        $rows.iter().map(|row| if let $kind(value) = row[$at] { value } else { None }).collect::<Vec<_>>()
    };
}

impl Batch {
    /// Writes rows; how many were changed. Of no rows nothing is asked.
    pub(super) async fn execute<'r, Row, const N: usize>(
        &self,
        writing: &mut WriteTransaction,
        rows: &'r [Row],
        values: impl FnMut(&'r Row) -> [Value<'r>; N],
    ) -> Result<u64, StoreError> {
        let rows: Vec<[Value<'r>; N]> = rows.iter().map(values).collect();
        let mut changed = 0;
        for rows in rows.chunks(ROWS) {
            changed += run!(self, &mut *writing, rows, query, |query, transaction| {
                query.execute(&mut **transaction).await?.rows_affected()
            });
        }
        Ok(changed)
    }

    /// Writes rows; what the statement returns of them.
    pub(super) async fn fetch<'r, T: StoredRow, Row, const N: usize>(
        &self,
        writing: &mut WriteTransaction,
        rows: &'r [Row],
        values: impl FnMut(&'r Row) -> [Value<'r>; N],
    ) -> Result<Vec<T>, StoreError> {
        let rows: Vec<[Value<'r>; N]> = rows.iter().map(values).collect();
        let mut fetched: Vec<T> = Vec::new();
        for rows in rows.chunks(ROWS) {
            run!(self, &mut *writing, rows, query_as, |query, transaction| {
                fetched.extend(query.fetch_all(&mut **transaction).await?);
            });
        }
        Ok(fetched)
    }

    /// The statement of so many rows, as SQLite takes it.
    pub(super) fn sqlite(&self, rows: usize, columns: usize) -> String {
        let row = format!("({})", vec!["?"; columns].join(", "));
        format!("{}VALUES {}{}", self.around[0], vec![row.as_str(); rows].join(", "), self.around[1])
    }
}
