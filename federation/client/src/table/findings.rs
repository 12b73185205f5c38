//! What is wrong with a table, told by its places: equal faults in one line, in the order of the rows, not too many.

use callboard_federation::policy::Words;

/// Where something is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The row as a spreadsheet shows it, from 1; absent: the whole table.
    pub row: Option<u32>,
    /// The column's index, from 0.
    pub column: Option<usize>,
    /// What its header is, in both languages.
    pub title: Option<Words>,
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What, and how to mend it.
    pub words: Words,
}

/// Equal faults of one column.
struct Line {
    place: Place,
    rows: Vec<u32>,
    words: Words,
}

/// The lines that tell of findings, the first rows first.
pub struct Lines(Vec<Line>);

impl Lines {
    /// Joins what is equal.
    pub fn of(findings: impl IntoIterator<Item = Finding>) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        for Finding { place, words } in findings {
            let key = (place.column, place.title.as_ref().map(|title| title.en.clone()), words.zh.clone());
            let at = *seen.entry((key, place.row.is_some())).or_insert(lines.len());
            if at == lines.len() {
                lines.push(Line { place: place.clone(), rows: Vec::new(), words });
            }
            lines[at].rows.extend(place.row);
        }
        for line in &mut lines {
            line.rows.sort_unstable();
            line.rows.dedup();
        }
        lines.sort_by_key(|line| (line.rows.first().copied(), line.place.column));
        Self(lines)
    }

    /// How many lines there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The first `most` lines; says how many follow.
    pub fn text(&self, most: usize) -> Words {
        let shown = self.0.iter().take(most).map(Line::words);
        let (mut zh, mut en): (Vec<String>, Vec<String>) = shown.map(|words| (words.zh, words.en)).unzip();
        let more = self.0.len().saturating_sub(most);
        if more > 0 {
            zh.push(format!("……另有{more}处"));
            en.push(format!("… and {more} more"));
        }
        Words { zh: zh.join("\n"), en: en.join("\n") }
    }
}

impl Line {
    fn words(&self) -> Words {
        let letters = self.place.column.map(letters);
        let title = |of: fn(&Words) -> &str| self.place.title.as_ref().map(of).filter(|title| !title.is_empty());
        let rows = ranges(&self.rows);
        let zh_rows = if rows.is_empty() { String::new() } else { format!("第{}行", rows.join("、")) };
        let zh_column = match (&letters, title(|title| &title.zh)) {
            (Some(letters), Some(title)) => format!("{letters}列（{title}）"),
            (Some(letters), None) => format!("{letters}列"),
            (None, Some(title)) => format!("“{title}”列"),
            (None, None) => String::new(),
        };
        let zh_place = match format!("{zh_rows}{zh_column}") {
            place if place.is_empty() => "表格".to_owned(),
            place => place,
        };
        let en_rows = match rows.as_slice() {
            [] => None,
            [one] if !one.contains('–') => Some(format!("row {one}")),
            rows => Some(format!("rows {}", rows.join(", "))),
        };
        let en_column = match (&letters, title(|title| &title.en)) {
            (Some(letters), Some(title)) => Some(format!("column {letters} ({title})")),
            (Some(letters), None) => Some(format!("column {letters}")),
            (None, Some(title)) => Some(format!("column “{title}”")),
            (None, None) => None,
        };
        let en_place = match (en_rows, en_column) {
            (Some(rows), Some(column)) => format!("{rows}, {column}"),
            (Some(place), None) | (None, Some(place)) => place,
            (None, None) => "the table".to_owned(),
        };
        Words { zh: format!("{zh_place}：{}", self.words.zh), en: format!("{en_place}: {}", self.words.en) }
    }
}

/// `2–89`, `2`, as runs of rows; a long list ends in `…`.
fn ranges(rows: &[u32]) -> Vec<String> {
    const MOST: usize = 12;
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *row => *last = *row,
            _ => runs.push((*row, *row)),
        }
    }
    let mut shown: Vec<String> = runs
        .iter()
        .take(MOST)
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}–{last}") })
        .collect();
    if runs.len() > MOST {
        shown.push("…".to_owned());
    }
    shown
}

/// A column's letters as a spreadsheet shows them, `A` to `ZZ` and on.
pub fn letters(index: usize) -> String {
    let (before, last) = (index / 26, index % 26);
    let last = char::from(b'A' + u8::try_from(last).unwrap_or_default());
    if before == 0 { last.to_string() } else { format!("{}{last}", letters(before - 1)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_a_spreadsheet_names_them() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }

    #[test]
    fn equal_faults_are_one_line_and_what_is_too_much_is_counted() {
        let finding = |row, zh: &str| Finding {
            place: Place {
                row: Some(row),
                column: Some(4),
                title: Some(Words { zh: "期限".into(), en: "term".into() }),
            },
            words: Words { zh: zh.to_owned(), en: format!("en {zh}") },
        };
        let all = (2..=89).rev().map(|row| finding(row, "甲")).chain([
            finding(3, "乙"),
            finding(90, "丙"),
            finding(95, "甲"),
        ]);
        let lines = Lines::of(all);
        assert_eq!(lines.count(), 3);
        let text = lines.text(2);
        assert_eq!(text.zh, "第2–89、95行E列（期限）：甲\n第3行E列（期限）：乙\n……另有1处");
        assert_eq!(text.en, "rows 2–89, 95, column E (term): en 甲\nrow 3, column E (term): en 乙\n… and 1 more");
    }
}
