//! How rows are read into the types that are stored, by their columns' names ([`callboard_service::store::column`]).

use callboard_service::store::column::{Column, UnreadableRowError};
use sqlx::{FromRow, Row as _, sqlite::SqliteRow};

/// The one column of a row.
pub(super) struct Scalar<T>(pub(super) T);

impl<T: Column> FromRow<'_, SqliteRow> for Scalar<T> {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        let unreadable =
            || sqlx::Error::ColumnDecode { index: "0".to_owned(), source: UnreadableRowError("a value").into() };
        T::read(row.try_get(0)?).map(Self).ok_or_else(unreadable)
    }
}

/// Has a type read from the columns that its fields are named for; the text says what isn't there if one is forbidden.
macro_rules! stored {
    ($type:ty, $what:literal, $($field:ident),+) => {
        callboard_service::from_row!(
            $type,
            $what,
            |row| Self { $($field: row.get(stringify!($field))?),+ },
            sqlx::sqlite::SqliteRow
        );
    };
}

pub(super) use stored;
