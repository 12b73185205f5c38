//! A sheet as CSV (RFC 4180, commas) in UTF-8, with or without a byte order mark.

use super::{
    SheetError,
    grid::{Cell, Grid},
};

/// Reads the cells. A row's number is the one that a spreadsheet shows, whatever line ends stand in its cells.
pub(super) fn read(bytes: &[u8]) -> Result<Grid, SheetError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SheetError::Utf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());

    let (mut rows, mut numbers) = (Vec::new(), numbers(text).into_iter());
    for record in reader.records() {
        let record = record.map_err(|_| SheetError::Csv)?;
        let number = numbers.next().ok_or(SheetError::Csv)?;
        // The reader passes over blank lines; a sheet has them as empty rows.
        let first_blank = rows.last().map_or(1, |(last, _)| last + 1);
        rows.extend((first_blank..number).map(|blank| (blank, Vec::new())));
        rows.push((number, record.iter().map(Cell::of_text).collect()));
    }
    if numbers.next().is_some() { Err(SheetError::Csv) } else { Ok(Grid::new(rows, Vec::new())) }
}

/// The number of each row that isn't a blank line; a line end between quotes ends none.
fn numbers(text: &str) -> Vec<u32> {
    let (mut numbers, mut number, mut quotes) = (Vec::new(), 0_u32, 0_usize);
    for line in text.lines() {
        if quotes.is_multiple_of(2) {
            number += 1;
            if !line.is_empty() {
                numbers.push(number);
            }
        }
        quotes += line.matches('"').count();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_shows_them() {
        let grid = read("\u{feff}a,b\r\n\"one\r\ntwo\",x\r\n\r\nlast,\r\n\r\n".as_bytes()).unwrap();
        let numbers: Vec<u32> = grid.rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 2, 3, 4]);
        assert_eq!(grid.rows[2].1, []);
        assert_eq!(grid.rows[3].1, [Cell::Text("last".to_owned()), Cell::Empty]);
    }

    #[test]
    fn another_encoding_is_refused() {
        // «姓名» in GB 18030, as a spreadsheet program of a Chinese desktop writes it unless told otherwise.
        assert!(matches!(read(b"kind,\xd0\xd5\xc3\xfb\n"), Err(SheetError::Utf8)));
    }
}
