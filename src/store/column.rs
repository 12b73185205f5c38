//! How our types stand in columns, the same on both engines: numbers and times as `BIGINT`, flags as 0 and 1, ids and hashes as
//! bytes, words as `TEXT`. [`values!`] writes them; [`from_row!`] reads a row as the type that it is of.

use std::str::FromStr;

use callboard_api::registry::endpoints::EndpointState;
use callboard_federation::{
    encoding::{Hash, Id, Time},
    statement::Kind,
    zh_en,
};
use sqlx::{
    ColumnIndex, Database, Decode, Encode, FromRow, Postgres, Row, SqlSafeStr, Sqlite, Type,
    postgres::PgRow,
    query::{Query, QueryAs},
    sqlite::SqliteRow,
};

use super::to_i64;

#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
}

pub(super) trait IntoValue<'a>: Sized {
    /// The same column without a value.
    const NULL: Value<'a>;

    fn value(self) -> Value<'a>;
}

pub(super) trait Column: Sized {
    /// What an engine gives.
    type Raw: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + Unpin;

    /// `None` of what this program never writes.
    fn read(stored: Self::Raw) -> Option<Self>;
}

/// The values of a statement, in the order of its parameters.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::column::IntoValue::value($value)),*] };
}

/// Reads rows of a table as a type, on both engines. `$row.get("column")?` reads a column as whatever it is needed as.
macro_rules! from_row {
    ($type:ty, $table:literal, |$row:ident| $body:expr) => {
        from_row!($type, $table, |$row| $body, sqlx::sqlite::SqliteRow);
        from_row!($type, $table, |$row| $body, sqlx::postgres::PgRow);
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
pub(super) use {from_row, values};

/// Reads of both engines' rows.
pub(super) trait StoredRow: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> StoredRow for T {}

pub(super) struct Columns<'r, R> {
    pub(super) row: &'r R,
    pub(super) table: &'static str,
}

#[derive(Debug, thiserror::Error)]
#[error("{}", zh_en!("{_0} 中有一行不是本程序写入的", "a row of {_0} is not as this program wrote it"))]
pub(super) struct UnreadableRowError(pub(super) &'static str);

impl<'r, R: Row> Columns<'r, R> {
    pub(super) fn get<T: Column>(&self, name: &'static str) -> Result<T, sqlx::Error>
    where
        T::Raw: Decode<'r, R::Database> + Type<R::Database>,
        &'static str: ColumnIndex<R>,
    {
        self.unless_unreadable(name, T::read(self.row.try_get(name)?))
    }

    /// What is written out as text.
    pub(super) fn parsed<T: FromStr>(&self, name: &'static str) -> Result<T, sqlx::Error>
    where
        String: Decode<'r, R::Database> + Type<R::Database>,
        &'static str: ColumnIndex<R>,
    {
        self.unless_unreadable(name, self.get::<String>(name)?.parse().ok())
    }

    /// What was made of columns, unless they don't fit.
    pub(super) fn unless_unreadable<T>(&self, name: &'static str, read: Option<T>) -> Result<T, sqlx::Error> {
        let unreadable =
            || sqlx::Error::ColumnDecode { index: name.into(), source: UnreadableRowError(self.table).into() };
        read.ok_or_else(unreadable)
    }
}

/// Puts values where a statement takes them.
macro_rules! bind {
    ($query:expr, $values:expr) => {
        $values.iter().fold($query, |query, value| match *value {
            Value::Integer(value) => query.bind(value),
            Value::Text(value) => query.bind(value),
            Value::Bytes(value) => query.bind(value),
        })
    };
}

/// A statement with its values, whose rows are read.
pub(super) fn query_as<'a, DB: Database, T>(
    sql: impl SqlSafeStr,
    values: &[Value<'a>],
) -> QueryAs<'a, DB, T, DB::Arguments>
where
    T: for<'r> FromRow<'r, DB::Row>,
    Option<i64>: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
    Option<&'a [u8]>: Encode<'a, DB> + Type<DB>,
{
    bind!(sqlx::query_as(sql), values)
}

/// A statement with its values, that only writes.
pub(super) fn query<'a, DB: Database>(sql: impl SqlSafeStr, values: &[Value<'a>]) -> Query<'a, DB, DB::Arguments>
where
    Option<i64>: Encode<'a, DB> + Type<DB>,
    Option<&'a str>: Encode<'a, DB> + Type<DB>,
    Option<&'a [u8]>: Encode<'a, DB> + Type<DB>,
{
    bind!(sqlx::query(sql), values)
}

/// Types that are their own words or numbers: what each stands as, how it is written, how it is read.
macro_rules! columns {
    ($($type:ty: $variant:ident($stored:ty) = |$written:ident| $write:expr, |$value:ident| $read:expr;)*) => {$(
        impl IntoValue<'static> for $type {
            const NULL: Value<'static> = Value::$variant(None);

            fn value(self) -> Value<'static> {
                let $written = self;
                Value::$variant(Some($write))
            }
        }

        impl Column for $type {
            type Raw = $stored;

            fn read($value: $stored) -> Option<Self> {
                $read
            }
        }
    )*};
}

columns! {
    i64: Integer(i64) = |number| number, |stored| Some(stored);
    u64: Integer(i64) = |number| to_i64(number), |stored| Self::try_from(stored).ok();
    u32: Integer(i64) = |number| i64::from(number), |stored| Self::try_from(stored).ok();
    u16: Integer(i64) = |number| i64::from(number), |stored| Self::try_from(stored).ok();
    bool: Integer(i64) = |flag| i64::from(flag), |stored| Some(stored != 0);
    Time: Integer(i64) = |time| time.as_millis(), |stored| Some(Self::from_millis(stored));
    Kind: Text(String) = |kind| kind.as_str(), |stored| Self::from_word(&stored);
    EndpointState: Text(String) = |state| state.as_str(), |stored| Self::from_word(&stored);
}

/// What is written as the bytes or the text that it has, by reference.
macro_rules! references {
    ($([$($generic:tt)*] $type:ty: $variant:ident = |$written:ident| $write:expr;)*) => {$(
        impl<'a, $($generic)*> IntoValue<'a> for &'a $type {
            const NULL: Value<'a> = Value::$variant(None);

            fn value(self) -> Value<'a> {
                let $written = self;
                Value::$variant(Some($write))
            }
        }
    )*};
}

references! {
    [] str: Text = |text| text;
    [] String: Text = |text| text;
    [] [u8]: Bytes = |bytes| bytes;
    [] Vec<u8>: Bytes = |bytes| bytes;
    [const N: usize] [u8; N]: Bytes = |bytes| bytes;
    [] Hash: Bytes = |hash| hash.as_bytes();
    [Of] Id<Of>: Bytes = |id| id.as_bytes();
}

impl<'a, T: IntoValue<'a>> IntoValue<'a> for Option<T> {
    const NULL: Value<'a> = T::NULL;

    fn value(self) -> Value<'a> {
        self.map_or(T::NULL, T::value)
    }
}

impl Column for String {
    type Raw = Self;

    fn read(stored: Self) -> Option<Self> {
        Some(stored)
    }
}

impl Column for Vec<u8> {
    type Raw = Self;

    fn read(stored: Self) -> Option<Self> {
        Some(stored)
    }
}

impl<const N: usize> Column for [u8; N] {
    type Raw = Vec<u8>;

    fn read(stored: Vec<u8>) -> Option<Self> {
        stored.try_into().ok()
    }
}

impl Column for Hash {
    type Raw = Vec<u8>;

    fn read(stored: Vec<u8>) -> Option<Self> {
        Column::read(stored).map(Self::from_bytes)
    }
}

impl<Of> Column for Id<Of> {
    type Raw = Vec<u8>;

    fn read(stored: Vec<u8>) -> Option<Self> {
        Self::from_bytes(Column::read(stored)?).ok()
    }
}

impl<T: Column> Column for Option<T> {
    type Raw = Option<T::Raw>;

    fn read(stored: Self::Raw) -> Option<Self> {
        stored.map_or(Some(None), |stored| T::read(stored).map(Some))
    }
}
