//! Where a cell is, as workbooks write it: `B2`, and areas as `A1:H2`.

/// Row from 1 and column from 0.
pub(super) fn cell(reference: &str) -> Option<(u32, usize)> {
    let reference = reference.replace('$', "");
    let digits = reference.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let letters = &reference[..reference.len() - digits.len()];
    if letters.is_empty() || letters.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = |letter: u8| usize::from(letter.to_ascii_uppercase() - b'A') + 1;
    let column = letters.bytes().fold(0, |column, letter| column * 26 + value(letter));
    let row = digits.parse().ok().filter(|row| *row > 0)?;
    Some((row, column - 1))
}

/// The first cell of an area.
pub(super) fn area(reference: &str) -> Option<(u32, usize)> {
    cell(reference.split(':').next()?)
}

/// Rows from 1 and columns from 0, the last included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    rows: (u32, u32),
    columns: (usize, usize),
}

impl Area {
    const ALL: Self = Self { rows: (1, u32::MAX), columns: (0, usize::MAX) };

    pub(super) fn has_row(&self, row: u32) -> bool {
        (self.rows.0..=self.rows.1).contains(&row)
    }

    pub(super) fn has_column(&self, column: usize) -> bool {
        (self.columns.0..=self.columns.1).contains(&column)
    }

    /// `A1:H2`, `A1`, `A:H`, `1:2`, without a worksheet's name.
    fn read(reference: &str) -> Option<Self> {
        let reference = reference.replace('$', "");
        let (first, last) = reference.split_once(':').unwrap_or((&reference, &reference));
        if let (Some(first), Some(last)) = (cell(first), cell(last)) {
            return Some(Self { rows: (first.0, last.0), columns: (first.1, last.1) });
        }
        if let (Ok(first), Ok(last)) = (first.parse(), last.parse()) {
            return Some(Self { rows: (first, last), ..Self::ALL });
        }
        let column = |letters: &str| cell(&format!("{letters}1")).map(|(_, column)| column);
        Some(Self { columns: (column(first)?, column(last)?), ..Self::ALL })
    }
}

/// Areas of one worksheet, as a defined name has them: `'a, b'!$A$1:$H$9,'a, b'!$A$20:$H$30`.
pub(super) fn areas(name: &str) -> Option<Vec<Area>> {
    let (mut parts, mut is_quoted) = (vec![String::new()], false);
    for c in name.chars() {
        is_quoted ^= c == '\'';
        match parts.last_mut() {
            Some(part) if c != ',' || is_quoted => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts.iter().map(|part| Area::read(part.rsplit('!').next()?.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_areas_are_rows_and_columns_of_a_worksheet_whatever_its_name() {
        let area = |rows, columns| Area { rows, columns };
        assert_eq!(areas("a!$A$1:$H$9"), Some(vec![area((1, 9), (0, 7))]));
        assert_eq!(areas("'a, b!c''d'!$B$2,'a, b!c''d'!$A$20:$H$30").unwrap().len(), 2);
        assert_eq!(areas("a!$A:$H"), Some(vec![area((1, u32::MAX), (0, 7))]));
        assert_eq!(areas("a!$1:$9"), Some(vec![area((1, 9), (0, usize::MAX))]));
        assert_eq!(["OFFSET(a!$A$1,0,0,9,9)", "a!#REF!", ""].map(areas), [None, None, None]);
    }

    #[test]
    fn a_reference_is_a_row_and_a_column() {
        assert_eq!(
            ["A1", "b2", "$XFD$1048576", "AA10:AB12"].map(area),
            [Some((1, 0)), Some((2, 1)), Some((1_048_576, 16_383)), Some((10, 26))]
        );
        assert_eq!(["", "A", "1", "A0", "AAAA1", "A-1", "Ä1"].map(cell), [None; 7]);
    }
}
