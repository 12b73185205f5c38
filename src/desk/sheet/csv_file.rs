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

    let (mut rows, mut line, mut number) = (Vec::new(), 1, 0);
    for record in reader.records() {
        let record = record.map_err(|_| SheetError::Csv)?;
        let start = record.position().map_or(line, csv::Position::line);
        // The reader passes over blank lines; a sheet has them as empty rows.
        for _ in line..start {
            number += 1;
            rows.push((number, Vec::new()));
        }
        number += 1;
        line = start + 1 + record.iter().map(|cell| line_ends(cell)).sum::<u64>();
        rows.push((number, record.iter().map(Cell::of_text).collect()));
    }
    Ok(Grid::new(rows, Vec::new()))
}

fn line_ends(cell: &str) -> u64 {
    cell.bytes().map(|byte| u64::from(byte == b'\n')).sum()
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
