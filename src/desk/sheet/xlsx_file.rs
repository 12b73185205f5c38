//! A sheet as XLSX: the first worksheet of a workbook.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use jiff::civil::{Date, Time};

use super::{
    SheetError,
    grid::{Cell, Grid},
};

/// Reads the cells of the first worksheet.
pub(super) fn read(bytes: &[u8]) -> Result<Grid, SheetError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| SheetError::Workbook)?;
    let name = workbook.sheet_names().first().cloned().ok_or(SheetError::Workbook)?;
    let range = workbook.worksheet_range(&name).map_err(|_| SheetError::Workbook)?;
    let merged = workbook.merge_cells_by_sheet_name(&name).map_err(|_| SheetError::Workbook)?;

    let (first_row, first_column) = range.start().unwrap_or_default();
    let rows = (first_row + 1..).zip(range.rows()).map(|(number, cells)| {
        let before = std::iter::repeat_n(Cell::Empty, first_column as usize);
        (number, before.chain(cells.iter().map(cell)).collect())
    });
    let merged = merged.iter().map(|area| (area.start.0 + 1, area.start.1 as usize)).collect();
    Ok(Grid::new(rows.collect(), merged))
}

fn cell(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) => Cell::of_text(text),
        Data::Int(_) | Data::Float(_) => Cell::Number,
        Data::DateTime(when) if when.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = when.to_ymd_hms_milli();
            let small = |number: u8| i8::try_from(number).unwrap_or_default();
            let day = i16::try_from(year).ok().and_then(|year| Date::new(year, small(month), small(day)).ok());
            let time = Time::new(small(hour), small(minute), small(second), i32::from(milli) * 1_000_000).ok();
            day.zip(time).map_or(Cell::Other, |(day, time)| Cell::Date(day.to_datetime(time)))
        }
        Data::DateTimeIso(text) => text.parse().map_or(Cell::Other, Cell::Date),
        Data::DateTime(_) | Data::DurationIso(_) | Data::Bool(_) => Cell::Other,
        Data::Error(_) => Cell::Error,
    }
}
