//! How our types are written to columns, the same on both engines: numbers and times as `BIGINT`, flags as 0 and 1, ids
//! and hashes as bytes, words as `TEXT`. [`values!`] writes them; [`from_row!`] reads them
//! (`callboard_service::store::column`).

use callboard_api::registry::{drafts::DraftAct, endpoints::EndpointState};
use callboard_federation::{
    encoding::{Hash, Id, Time},
    event::CaseState,
    report::{ReportAct, ReportKind, ReportState},
    statement::Kind,
};
pub(super) use callboard_service::{
    from_row,
    store::column::{Column, UnreadableRowError},
};
use sqlx::{
    Database, Encode, FromRow, SqlSafeStr, Type,
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

/// The values of a statement, in the order of its parameters.
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::store::column::IntoValue::value($value)),*] };
}

pub(super) use values;

/// Reads of both engines' rows.
pub(super) trait StoredRow: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin> StoredRow for T {}

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

/// Types that are their own words or numbers, and how each is written.
macro_rules! columns {
    ($($type:ty: $variant:ident = |$value:ident| $write:expr;)*) => {$(
        impl IntoValue<'static> for $type {
            const NULL: Value<'static> = Value::$variant(None);

            fn value(self) -> Value<'static> {
                let $value = self;
                Value::$variant(Some($write))
            }
        }
    )*};
}

columns! {
    i64: Integer = |number| number;
    u64: Integer = |number| to_i64(number);
    u32: Integer = |number| i64::from(number);
    u16: Integer = |number| i64::from(number);
    bool: Integer = |flag| i64::from(flag);
    Time: Integer = |time| time.as_millis();
    Kind: Text = |kind| kind.as_str();
    EndpointState: Text = |state| state.as_str();
    DraftAct: Text = |act| act.as_str();
    ReportKind: Text = |kind| kind.as_str();
    ReportState: Text = |state| state.as_str();
    ReportAct: Text = |act| act.as_str();
    CaseState: Text = |state| state.as_str();
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
