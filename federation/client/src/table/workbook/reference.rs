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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_row_and_a_column() {
        assert_eq!(
            ["A1", "b2", "$XFD$1048576", "AA10:AB12"].map(area),
            [Some((1, 0)), Some((2, 1)), Some((1_048_576, 16_383)), Some((10, 26))]
        );
        assert_eq!(["", "A", "1", "A0", "AAAA1", "A-1", "Ä1"].map(cell), [None; 7]);
    }
}
