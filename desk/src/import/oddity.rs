//! What is odd about a file without being wrong: each is confirmed by itself before anything is derived.

use std::collections::HashMap;

use callboard_client::{table::Note, visible::Visible};
use callboard_federation::{encoding::Hash, policy::Words};

use crate::{minor, sheet::Row};

/// Something odd, which somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oddity {
    pub words: Words,
    /// What it is confirmed by: of something else it is another.
    pub mark: String,
}

/// What was found before its rows could be read: who was a minor, and what stands beside cells.
#[derive(Debug, Default)]
pub struct Confirmable {
    pub minors: Vec<u32>,
    /// Row and text, which is visible.
    pub comments: Vec<(u32, String)>,
}

impl Oddity {
    /// One of these words; `of` is what else it is about.
    pub(super) fn new(words: Words, of: &str) -> Self {
        let mark = Hash::of(format!("{}\n{of}", words.zh).as_bytes()).to_string();
        Self { words, mark }
    }

    fn of_row(row: &Row, zh: &str, en: &str) -> Self {
        let name = row.plain.names.first().map(String::as_str).unwrap_or_default();
        let (number, name) = (row.number, Visible(name));
        let words = Words { zh: format!("第{number}行 {name}：{zh}"), en: format!("row {number} {name}: {en}") };
        let identities: Vec<&str> = row.identities().map(callboard_federation::identity::Identity::value).collect();
        Self::new(words, &identities.join("\n"))
    }
}

/// All that is odd, in the order of the rows; what isn't read last.
pub fn oddities(rows: &[Row], confirmable: &Confirmable, notes: &[Note]) -> Vec<Oddity> {
    let mut all: Vec<(u32, Oddity)> = Vec::new();
    let mut names: HashMap<&str, u32> = HashMap::new();
    for row in rows {
        let mut say = |zh: &str, en: &str| all.push((row.number, Oddity::of_row(row, zh, en)));
        if row.measure.until.is_none() {
            say("长期（未设终止日期）", "no end date");
        }
        if confirmable.minors.contains(&row.number) {
            say(
                "行为时未满十八周岁；对其作出决定已经批准",
                "under 18 at the conduct; that something is decided was approved",
            );
        }
        if row.plain.more.contains_key(minor::BORN) {
            say("出生日期只见于表格，证件看不出", "the date of birth stands in the sheet alone, no identity tells it");
        }
        if row.readings.iter().any(|reading| !reading.excused.is_empty()) {
            say(
                "证件号码可疑，表格注明已核对",
                "an identity that is doubtful, of which the sheet says that it was compared",
            );
        }
        let name = row.plain.names.first().map(String::as_str).unwrap_or_default();
        if let Some(other) = names.insert(name, row.number) {
            say(&format!("与第{other}行姓名相同"), &format!("the same name as in row {other}"));
        }
    }
    all.extend(confirmable.comments.iter().map(|(row, text)| {
        let zh = format!("第{row}行有批注：“{text}”；所写之事已经处理");
        let en = format!("row {row} has a comment, “{text}”; what it says was settled");
        (*row, Oddity::new(Words { zh, en }, ""))
    }));
    all.sort_by_key(|(row, _)| *row);
    let unread = notes.iter().filter(|note| !is_plain(note)).map(|note| Oddity::new(note.words(), ""));
    all.into_iter().map(|(_, oddity)| oddity).chain(unread).collect()
}

/// Whether somebody said that it isn't read, or its header does.
pub(super) const fn is_plain(note: &Note) -> bool {
    matches!(note, Note::Column(_))
}
