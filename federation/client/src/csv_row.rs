//! Rows of CSV that a program of ours writes (RFC 4180), for spreadsheets: every cell is text, and none is a formula.
//!
//! A cell that a spreadsheet would calculate gets an apostrophe before it, which spreadsheets take for «text follows».
//! Whoever wants a value to the byte takes NDJSON.

use std::borrow::Cow;

/// What a formula, or a command of an old spreadsheet, begins with; in the full width of Chinese and Japanese keyboards
/// too.
const BEGINS_A_FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A value as a cell has it, before it is quoted.
pub fn cell(value: &str) -> Cow<'_, str> {
    if value.starts_with(BEGINS_A_FORMULA) { format!("'{value}").into() } else { value.into() }
}

/// A row, with its end.
pub fn row<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = values.into_iter().map(|value| quoted(&cell(value.as_ref()))).collect();
    cells.join(",") + "\r\n"
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_every_row_reads_as_it_was_written() {
        for (value, written) in [
            ("host-1", "host-1"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("＝1", "'＝1"),
            ("=cmd|' /C calc'!A0,\"x\"", "\"'=cmd|' /C calc'!A0,\"\"x\"\"\""),
            ("a,b", "\"a,b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("'=1", "'=1"),
        ] {
            assert_eq!(row([value, "last"]), format!("{written},last\r\n"), "{value:?}");
        }
    }
}
