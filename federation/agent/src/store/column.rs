//! Columns as our types have them, and rows that are read into the types that are stored, by their columns' names.

use callboard_federation::{
    encoding::{CheckId, Hash, Time},
    tag::Epoch,
};
use sqlx::{Decode, FromRow, Row as _, Sqlite, Type, sqlite::SqliteRow};

use super::Lookup;

pub(super) trait Column: Sized {
    /// As SQLite has it.
    type Raw: for<'r> Decode<'r, Sqlite> + Type<Sqlite>;

    /// The value, unless our type forbids it.
    fn read(raw: Self::Raw) -> Option<Self>;
}

macro_rules! columns {
    ($($type:ty, $raw:ty, $read:expr;)+) => {
        $(impl Column for $type {
            type Raw = $raw;

            fn read(raw: $raw) -> Option<Self> {
                ($read)(raw)
            }
        })+
    };
}

columns! {
    i64, i64, Some;
    String, String, Some;
    Vec<u8>, Vec<u8>, Some;
    u64, i64, |raw| Self::try_from(raw).ok();
    Time, i64, |raw| Some(Self::from_millis(raw));
    Epoch, i64, |raw| Self::new(u64::try_from(raw).ok()?).ok();
    Hash, Vec<u8>, |raw: Vec<u8>| raw.try_into().ok().map(Self::from_bytes);
    Lookup, Vec<u8>, |raw: Vec<u8>| raw.try_into().ok();
    CheckId, Vec<u8>, |raw: Vec<u8>| Self::from_bytes(raw.try_into().ok()?).ok();
}

impl<T: Column> Column for Option<T> {
    type Raw = Option<T::Raw>;

    fn read(raw: Self::Raw) -> Option<Self> {
        raw.map_or(Some(None), |raw| T::read(raw).map(Some))
    }
}

/// What a row holds that our types forbid.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ForeignValue(pub(super) &'static str);

/// A column of a row; `what` is what isn't there if our type forbids it.
pub(super) fn column<T: Column>(row: &SqliteRow, name: &str, what: &'static str) -> sqlx::Result<T> {
    let foreign = || sqlx::Error::ColumnDecode { index: name.to_owned(), source: ForeignValue(what).into() };
    T::read(row.try_get(name)?).ok_or_else(foreign)
}

/// The one column of a row.
pub(super) struct Scalar<T>(pub(super) T);

impl<T: Column> FromRow<'_, SqliteRow> for Scalar<T> {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let foreign = || sqlx::Error::ColumnDecode { index: "0".to_owned(), source: ForeignValue("a value").into() };
        T::read(row.try_get(0)?).map(Self).ok_or_else(foreign)
    }
}

/// Has a type read from the columns that its fields are named for; the text says what isn't there if one is forbidden.
macro_rules! stored {
    ($type:ty, $what:literal, $($field:ident),+) => {
        impl sqlx::FromRow<'_, sqlx::sqlite::SqliteRow> for $type {
            fn from_row(row: &sqlx::sqlite::SqliteRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: $crate::store::column::column(row, stringify!($field), $what)?),+ })
            }
        }
    };
}

pub(super) use stored;
