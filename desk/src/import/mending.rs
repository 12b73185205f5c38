//! Rows that are to be mended: their cells as they may be typed, each with what is wrong beside it, and what is taken of
//! what was typed. The file stays as it is; what is typed is read in its place.

use std::collections::BTreeMap;

use callboard_client::table::{
    Odd,
    findings::{Finding as ToldFinding, Lines},
};
use callboard_federation::policy::Words;

use super::look::Look;
use crate::sheet::{Arrangement, Column, FileCell, Finding, FindingKind, Grid};

/// How many rows are shown at once, and how many bytes of text in them: a page of them is read, and sent back.
const MAX_ROWS: usize = 25;
const MAX_TEXT: usize = 24 << 10;
/// The most lines that tell of everything at once.
const MAX_LINES: usize = 40;

/// All that is wrong, and the rows in which it is mended.
pub struct Mending {
    /// Everything in short, equal faults in one line.
    pub summary: Words,
    /// The first rows.
    pub rows: Vec<FaultyRow>,
    /// How many rows follow these.
    pub more: usize,
}

/// A row with something wrong.
pub struct FaultyRow {
    pub number: u32,
    /// What is wrong with the row itself.
    pub faults: Vec<Words>,
    pub fields: Vec<Field>,
}

/// A cell as it may be typed.
pub struct Field {
    pub column: Column,
    pub title: Words,
    /// What is read there now.
    pub text: String,
    /// What stands in the file, where nobody should only nod at it: it is typed anew, or stays wrong.
    pub other: Option<String>,
    pub faults: Vec<Words>,
}

/// What of it no row mends: what is wrong with the file, with its columns, or with what holds for all rows.
pub fn of_file(grid: &Grid<'_>, findings: &[Finding]) -> Vec<Words> {
    findings.iter().filter(|finding| row_of(grid, finding).is_none()).map(line).collect()
}

/// The row in which something is mended.
fn row_of(grid: &Grid<'_>, finding: &Finding) -> Option<u32> {
    finding.place.row.filter(|row| *row > grid.header())
}

/// What is wrong, for whoever mends it on a page.
pub fn mending(look: &Look<'_>, arrangement: &Arrangement, findings: &[Finding]) -> Mending {
    let summary = Lines::of(findings.iter().map(told));
    let mut by_row: BTreeMap<u32, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(row) = row_of(&look.grid, finding) {
            by_row.entry(row).or_default().push(finding);
        }
    }
    let (mut rows, mut length): (Vec<FaultyRow>, usize) = (Vec::new(), 0);
    for (number, findings) in &by_row {
        let row = faulty(&look.grid, arrangement, *number, findings);
        length += row.fields.iter().map(|field| field.text.len()).sum::<usize>();
        if rows.len() == MAX_ROWS || length > MAX_TEXT && !rows.is_empty() {
            break;
        }
        rows.push(row);
    }
    let more = by_row.len() - rows.len();
    Mending { summary: summary.text(MAX_LINES), rows, more }
}

fn faulty(grid: &Grid<'_>, arrangement: &Arrangement, number: u32, findings: &[&Finding]) -> FaultyRow {
    let is_there = grid.rows().any(|row| row == number);
    let mut columns: Vec<Column> = if is_there { grid.read_columns().collect() } else { Vec::new() };
    let is_identity = |finding: &&&Finding| matches!(finding.wrong, FindingKind::Identity(_));
    let besides = findings.iter().filter_map(|finding| finding.place.column);
    let besides = besides.chain(findings.iter().find(is_identity).map(|_| Column::Confirmed));
    for column in besides.filter(|_| is_there) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let of = |column: Column| {
        let own = findings.iter().filter(|finding| finding.place.column == Some(column));
        own.map(|finding| told(finding).words).collect()
    };
    let is_anew = |column: Column| {
        let mut own = findings.iter().filter(|finding| finding.place.column == Some(column));
        own.any(|finding| is_typed_anew(&finding.wrong))
    };
    let fields = columns.into_iter().map(|column| {
        let faults = of(column);
        Field { faults, ..field(grid, arrangement, number, column, is_anew(column)) }
    });
    let of_row = findings.iter().filter(|finding| finding.place.column.is_none() || !is_there);
    FaultyRow { number, fields: fields.collect(), faults: of_row.map(|finding| line(finding)).collect() }
}

/// What is wrong, with its place.
fn line(finding: &Finding) -> Words {
    Lines::of([told(finding)]).text(1)
}

fn told(finding: &Finding) -> ToldFinding {
    let own = words(&finding.wrong);
    // What stands in no column that is read is mended in the file.
    let is_typed = finding.place.column.is_some();
    let words = if is_typed { typed_words(&finding.wrong).unwrap_or(own) } else { own };
    ToldFinding { words, ..finding.finding() }
}

fn field(grid: &Grid<'_>, arrangement: &Arrangement, row: u32, column: Column, is_anew: bool) -> Field {
    let corrected = arrangement.corrections.get(&row).and_then(|corrections| corrections.get(&column));
    let (text, other) = match (corrected, grid.cell(row, column)) {
        (Some(text), _) => (text.clone(), None),
        (None, FileCell::Text(text)) if is_anew => (String::new(), Some(text.to_owned())),
        (None, FileCell::Text(text)) => (text.to_owned(), None),
        (None, FileCell::Other(shown)) => (String::new(), Some(shown)),
    };
    let (zh, en) = column.titles();
    Field { column, title: Words { zh, en }, text, other, faults: Vec::new() }
}

/// Takes what was typed into the cells of rows that were shown; `typed` says what, by row and column, if anything was. What
/// wasn't changed stays as it is in the file.
pub fn correct(
    grid: &Grid<'_>,
    rows: &[FaultyRow],
    typed: impl Fn(u32, Column) -> Option<String>,
    arrangement: &mut Arrangement,
) {
    for row in rows {
        for field in &row.fields {
            let Some(text) = typed(row.number, field.column).map(|text| one_break(&text)) else { continue };
            if text == one_break(&field.text) {
                continue;
            }
            let as_in_file = match grid.cell(row.number, field.column) {
                FileCell::Text(own) if field.other.is_none() => one_break(own) == text,
                _ => text.is_empty(),
            };
            let corrections = arrangement.corrections.entry(row.number).or_default();
            if as_in_file {
                corrections.remove(&field.column);
            } else {
                corrections.insert(field.column, text);
            }
        }
    }
    arrangement.corrections.retain(|_, corrections| !corrections.is_empty());
}

/// A text as forms send it, with one kind of line ends.
fn one_break(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned()
}

/// What is wrong and how it is mended on a page; the sentences of sheets speak of files and options.
fn words(wrong: &FindingKind) -> Words {
    let (zh, en) = match wrong {
        FindingKind::MissingColumn => (
            "没有这一列；请选择表格中的哪一列是它，或填写适用于所有行的内容",
            "there is no such column: say which one of the file it is, or what holds for all rows",
        ),
        FindingKind::RepeatedColumn => {
            ("有两列都是此列；请只选一列", "two columns are said to be this one: say it of one")
        }
        FindingKind::MinorPublic => (
            "当事人行为时未满十八周岁，不得公布；请改为不公布，或者不采用此行、另行起草",
            "under 18 at the conduct, which is never published: publish nothing, or leave this row out and draft it by itself",
        ),
        FindingKind::Odd(Odd::HiddenRow) => (
            "此行被隐藏（或被筛选、折叠）；请勾选不采用，或在文件中取消隐藏、核对后换一个文件",
            "a hidden row (or one that is filtered out or folded): leave it out, or unhide and check it in the file and give that again",
        ),
        FindingKind::EmptyRow => ("空行；请勾选不采用", "an empty row: tick that it is left out"),
        FindingKind::TooManyRows => (
            "超过1000人；一份文书至多1000人，请把表格分成几份，分别导入",
            "more than 1,000 rows, which is the most that a docket has: split the file, and import the parts one by one",
        ),
        other => return other.words(),
    };
    Words { zh: zh.to_owned(), en: en.to_owned() }
}

/// Whether what stands in the file is shown, and typed anew: what it is can't be told from its cell.
const fn is_typed_anew(wrong: &FindingKind) -> bool {
    matches!(wrong, FindingKind::Odd(Odd::Formula | Odd::Struck | Odd::NotShown | Odd::StrayClock | Odd::NotWhole))
}

/// How it is mended where its cell may be typed.
fn typed_words(wrong: &FindingKind) -> Option<Words> {
    let (zh, en) = match wrong {
        FindingKind::Odd(Odd::Formula) => {
            ("是公式，其值会变；请在此填写", "a formula, whose value may change: write here what it is to say")
        }
        FindingKind::Odd(Odd::Struck) => (
            "有删除线，不知是否仍然有效；请在此填写有效的内容，或者不采用此行",
            "struck out, which doesn't say whether it holds: write here what holds, or leave the row out",
        ),
        FindingKind::Odd(Odd::NotShown) => (
            "显示的内容与实际内容不同，或者看不见；请在此重新填写",
            "it shows something else than it holds, or nothing: write it here anew",
        ),
        FindingKind::Odd(Odd::StrayClock) => (
            "显示为日期，实际还含有时刻，可能差一天；请在此重新填写日期",
            "shown as a day but holds a clock time, and may be a day off: write the date here anew",
        ),
        FindingKind::Odd(Odd::NotWhole) => (
            "没有完整显示年、月、日；请在此写成 2026-07-01",
            "doesn't show year, month and day: write it here as 2026-07-01",
        ),
        FindingKind::Number => (
            "该格为数字格式，可能丢失了位数；请在此重新填写",
            "a number, which a spreadsheet may have altered: write it here anew",
        ),
        FindingKind::DateInText => ("被存成了日期；请在此重新填写", "a date where text belongs: write it here anew"),
        FindingKind::Unexpected => ("应为文字；请在此重新填写", "isn't text: write it here anew"),
        _ => return None,
    };
    Some(Words { zh: zh.to_owned(), en: en.to_owned() })
}
