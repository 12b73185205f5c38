//! How our types are read from columns, on SQLite and PostgreSQL alike: numbers and times from `BIGINT`, flags from 0
//! and 1, ids and hashes from bytes, words from `TEXT`. [`from_row!`](crate::from_row) reads a row as the type that it
//! is of.

use std::str::FromStr;

use callboard_api::registry::endpoints::EndpointState;
use callboard_federation::{
    encoding::{Hash, Id, Time},
    statement::Kind,
    tag::Epoch,
    zh_en,
};
use sqlx::{ColumnIndex, Decode, Postgres, Row, Sqlite, Type};

pub trait Column: Sized {
    /// What an engine gives.
    type Raw: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin;

    /// `None` of what our programs never write.
    fn read(raw: Self::Raw) -> Option<Self>;
}

/// A row of a table, read column by column.
pub struct Columns<'r, R> {
    pub row: &'r R,
    /// The table, or what of it can't be read, as an error is to name it.
    pub table: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("{_0} 中有一行不是本程序写入的", "a row of {_0} is not as this program wrote it"))]
pub struct UnreadableRowError(pub &'static str);

impl UnreadableRowError {
    /// The table that a driver's error is about, if that says that a row can't be read.
    pub fn table_of(error: &sqlx::Error) -> Option<&'static str> {
        let sqlx::Error::ColumnDecode { source, .. } = error else { return None };
        source.downcast_ref().map(|Self(table)| *table)
    }
}

impl<'r, R: Row> Columns<'r, R> {
    pub fn get<T: Column>(&self, name: &'static str) -> Result<T, sqlx::Error>
    where
        T::Raw: Decode<'r, R::Database> + Type<R::Database>,
        &'static str: ColumnIndex<R>,
    {
        self.unless_unreadable(name, T::read(self.row.try_get(name)?))
    }

    /// What is written out as text.
    pub fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, sqlx::Error>
    where
        String: Decode<'r, R::Database> + Type<R::Database>,
        &'static str: ColumnIndex<R>,
    {
        self.unless_unreadable(name, self.get::<String>(name)?.parse().ok())
    }

    /// What was made of columns, unless they don't fit.
    pub fn unless_unreadable<T>(&self, name: &'static str, read: Option<T>) -> Result<T, sqlx::Error> {
        let unreadable =
            || sqlx::Error::ColumnDecode { index: name.into(), source: UnreadableRowError(self.table).into() };
        read.ok_or_else(unreadable)
    }
}

/// Reads rows of a table as a type, on both engines or on the one whose row is named. `$row.get("column")?` reads a
/// column as whatever it is needed as.
#[macro_export]
macro_rules! from_row {
    ($type:ty, $table:literal, |$row:ident| $body:expr) => {
        $crate::from_row!($type, $table, |$row| $body, sqlx::sqlite::SqliteRow);
        $crate::from_row!($type, $table, |$row| $body, sqlx::postgres::PgRow);
    };
    ($type:ty, $table:literal, |$row:ident| $body:expr, $engine:ty) => {
        impl sqlx::FromRow<'_, $engine> for $type {
            fn from_row(row: &$engine) -> Result<Self, sqlx::Error> {
                let $row = $crate::store::column::Columns { row, table: $table };
                Ok($body)
            }
        }
    };
}

/// Types that are their own words or numbers: what each stands as, how it is read.
macro_rules! columns {
    ($([$($generic:tt)*] $type:ty: $raw:ty = |$value:ident| $read:expr;)*) => {$(
        impl<$($generic)*> Column for $type {
            type Raw = $raw;

            fn read($value: $raw) -> Option<Self> {
                $read
            }
        }
    )*};
}

columns! {
    [] i64: i64 = |number| Some(number);
    [] u64: i64 = |number| Self::try_from(number).ok();
    [] u32: i64 = |number| Self::try_from(number).ok();
    [] u16: i64 = |number| Self::try_from(number).ok();
    [] bool: i64 = |flag| Some(flag != 0);
    [] Time: i64 = |millis| Some(Self::from_millis(millis));
    [] Epoch: i64 = |number| Self::new(u64::try_from(number).ok()?).ok();
    [] String: String = |text| Some(text);
    [] Kind: String = |word| Self::from_word(&word);
    [] EndpointState: String = |word| Self::from_word(&word);
    [] Vec<u8>: Vec<u8> = |bytes| Some(bytes);
    [const N: usize] [u8; N]: Vec<u8> = |bytes| bytes.try_into().ok();
    [] Hash: Vec<u8> = |bytes| Column::read(bytes).map(Self::from_bytes);
    [Of] Id<Of>: Vec<u8> = |bytes| Self::from_bytes(Column::read(bytes)?).ok();
    [T: Column] Option<T>: Option<T::Raw> = |raw| raw.map_or(Some(None), |raw| T::read(raw).map(Some));
}
