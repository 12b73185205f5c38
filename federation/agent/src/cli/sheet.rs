//! A list of people as platforms have them: a table of one person a row, or NDJSON of one question a line.
//!
//! Nothing that is said of a row repeats what stands in it. How a file becomes rows is `callboard_client::table`'s; what its
//! columns are is `column`'s.

use std::{
    fmt,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use callboard_api::agent::{
    Names, Reference,
    question::{IdentityInput, Purpose, Question},
};
use callboard_client::{
    language::Language,
    table::{
        Cell, Comment, Encoding, Limits, Odd, Row, Table, TableError,
        day::{day_of_number, read_day},
        findings::{Finding, Lines, Place},
        header,
    },
};
use callboard_federation::{
    encoding::{JsonError, from_json},
    identity::{IdentityError, IdentityKind, reader::first_unseen},
    policy::Words,
};
use clap::ValueEnum;
use jiff::civil::{Date, Time};

use super::column::{Column, Layout};

/// The longest line of NDJSON.
const MAX_LINE: u64 = 1 << 20;
/// The most lines that tell what is wrong.
const MAX_LINES: usize = 40;
/// What stands between the names of one person, as in a sheet of the desk.
const BETWEEN_NAMES: [char; 5] = [';', '；', '、', '\n', '|'];

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// One person a row, under a row of headers: CSV, or a workbook (XLSX)
    Csv,
    /// One question a line, as `POST /check` takes it
    Ndjson,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct SheetError(Words);

pub(super) enum Sheet<R: Read> {
    Table(Box<People<R>>),
    Ndjson { lines: BufReader<R>, read: u64, line: Vec<u8> },
}

pub(super) struct People<R: Read> {
    table: Table<BufReader<R>>,
    layout: Layout,
}

impl Format {
    pub(super) fn of_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "xlsx" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

impl<R: Read> Sheet<R> {
    /// Begins to read; without a format what it begins with tells.
    /// `comments_read` are the rows whose comments somebody read.
    pub(super) fn open(
        from: R,
        format: Option<Format>,
        encoding: Option<Encoding>,
        comments_read: &[u32],
    ) -> Result<Self, SheetError> {
        let mut from = BufReader::with_capacity(1 << 16, from);
        let begin = from.fill_buf().map_err(TableError::Io)?;
        let guess = if begin.trim_ascii_start().first() == Some(&b'{') { Format::Ndjson } else { Format::Csv };
        match format.unwrap_or(guess) {
            Format::Csv => Ok(Self::Table(Box::new(People::open(from, encoding, comments_read)?))),
            Format::Ndjson => Ok(Self::Ndjson { lines: from, read: 0, line: Vec::new() }),
        }
    }

    pub(super) fn ignored(&self) -> Vec<Words> {
        let Self::Table(people) = self else { return Vec::new() };
        let titles: Vec<&str> = people.layout.unknown.iter().map(|(_, title)| title.as_str()).collect();
        let columns = titles.join(", ");
        let columns = (!titles.is_empty()).then(|| Words {
            zh: format!("以下各列未采用：{columns}"),
            en: format!("columns that mean nothing here: {columns}"),
        });
        columns.into_iter().chain(people.table.notes.iter().map(callboard_client::table::Note::words)).collect()
    }

    /// How its answers are written, unless told otherwise.
    pub(super) const fn format(&self) -> Format {
        match self {
            Self::Table(_) => Format::Csv,
            Self::Ndjson { .. } => Format::Ndjson,
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Question>, SheetError> {
        match self {
            Self::Table(people) => people.next(),
            Self::Ndjson { lines, read, line } => loop {
                line.clear();
                *read += 1;
                if lines.by_ref().take(MAX_LINE).read_until(b'\n', line).map_err(TableError::Io)? == 0 {
                    return Ok(None);
                }
                if line.len() as u64 == MAX_LINE {
                    return Err(SheetError(Words {
                        zh: format!("第{read}行：过长，不是一条查询"),
                        en: format!("line {read}: longer than a question is"),
                    }));
                }
                if !line.trim_ascii().is_empty() {
                    let malformed = |error: JsonError| {
                        let (JsonError::Strict(source) | JsonError::Shape(source)) = error;
                        let column = source.column();
                        SheetError(Words {
                            zh: format!("第{read}行：不是一条查询，错在第{column}个字节"),
                            en: format!("line {read}: no question, at column {column}"),
                        })
                    };
                    return from_json(line.trim_ascii()).map(Some).map_err(malformed);
                }
            },
        }
    }
}

impl<R: Read> People<R> {
    fn open(from: BufReader<R>, encoding: Option<Encoding>, comments_read: &[u32]) -> Result<Self, SheetError> {
        let is_header = |title: &str| Column::of_header(title).is_some() || header::is_ignored(title);
        let table = Table::open(from, encoding, Limits::LIST, is_header)?;
        let layout = Layout::read(table.header.as_ref().unwrap_or(&Row::default()), Column::of_header);
        let mut findings = Vec::new();
        for (at, column) in &layout.repeated {
            let words = [("此列重复", "the column is there twice")];
            findings.extend(words.map(|words| finding(Some(layout.row), Some(*at), Some(*column), words)));
        }
        let has_kind = layout.index(Column::Kind).is_some() || layout.title(Column::Identity).is_some_and(implies);
        let needed = [Column::Reference, Column::Identity].into_iter().filter(|column| layout.index(*column).is_none());
        let missing = needed.chain((!has_kind).then_some(Column::Kind));
        let words =
            ("缺少此列：表格至少有账号、证件类型、证件号码", "no such column: a list has at least ref, kind, identity");
        findings.extend(missing.map(|column| finding(None, None, Some(column), words)));
        for oddity in table.oddities.iter().filter(|oddity| oddity.matters(|at| layout.at(at).is_some())) {
            let column = oddity.column.and_then(|at| layout.at(at));
            findings.push(Finding { place: place(oddity.row, oddity.column, column), words: oddity.odd.words() });
        }
        let is_read = |comment: &&Comment| comments_read.contains(&comment.row);
        findings.extend(table.comments.iter().filter(|comment| !is_read(comment)).map(|comment| {
            let (row, column) = (comment.row, comment.column);
            let zh = format!("有批注；看过并处理后，删去批注，或加上 --comment-read {row}");
            let en = format!("a comment; once it is settled delete it, or add --comment-read {row}");
            finding(Some(row), Some(column), layout.at(column), (&zh, &en))
        }));
        let needless = comments_read.iter().filter(|row| !table.comments.iter().any(|comment| comment.row == **row));
        let words =
            ("此行没有批注；请核对 --comment-read 的行号", "no comment in this row: mend the rows of --comment-read");
        findings.extend(needless.map(|row| finding(Some(*row), None, None, words)));
        if findings.is_empty() { Ok(Self { table, layout }) } else { Err(SheetError::of(findings)) }
    }

    fn next(&mut self) -> Result<Option<Question>, SheetError> {
        let people: Vec<usize> =
            [Column::Kind, Column::Identity].into_iter().filter_map(|of| self.layout.index(of)).collect();
        while let Some(row) = self.table.next_row()? {
            if !header::is_totals(&row, people.iter().copied()) {
                return Person { row: &row, layout: &self.layout }.question().map(Some);
            }
        }
        Ok(None)
    }
}

struct Person<'a> {
    row: &'a Row,
    layout: &'a Layout,
}

/// What is wrong with a row so far.
struct Findings(Vec<Finding>);

impl Findings {
    fn read<T>(&mut self, read: Result<T, Finding>) -> Option<T> {
        read.map_err(|finding| self.0.push(finding)).ok()
    }
}

impl Person<'_> {
    /// What the row asks, or all that is wrong with it.
    fn question(&self) -> Result<Question, SheetError> {
        let mut findings = Findings(Vec::new());
        let identity = findings.read(self.identity());
        let reference = findings.read(self.own_reference());
        let person = findings.read(self.reference(Column::Person));
        let names = findings.read(self.names());
        let date_of_birth = findings.read(self.born());
        let purpose = findings.read(self.purpose());
        let consent_ref = findings.read(self.reference(Column::ConsentRef));
        let guardian_ref = findings.read(self.reference(Column::GuardianRef));
        let kind = findings.read(self.kind());
        let [confirmed, guardian_consent, no_document] =
            [Column::Confirmed, Column::GuardianConsent, Column::NoDocument]
                .map(|column| findings.read(self.flag(column)));
        match (identity, kind, reference) {
            (Some(value), Some(kind), Some(reference)) if findings.0.is_empty() => Ok(Question {
                reference,
                person: person.flatten(),
                identities: vec![IdentityInput { kind, value, confirmed: confirmed.unwrap_or_default() }],
                date_of_birth: date_of_birth.flatten(),
                names: names.unwrap_or_default(),
                purpose: purpose.unwrap_or_default(),
                consent_ref: consent_ref.flatten(),
                guardian_consent: guardian_consent.unwrap_or_default(),
                guardian_ref: guardian_ref.flatten(),
                no_document: no_document.unwrap_or_default(),
                max_staleness: None,
            }),
            _ => Err(SheetError::of(findings.0)),
        }
    }

    fn kind(&self) -> Result<IdentityKind, Finding> {
        let kind = match self.text(Column::Kind)? {
            "" => self.layout.title(Column::Identity).and_then(header::implied_kind),
            kind => IdentityKind::of_typed(kind),
        };
        kind.ok_or_else(|| self.invalid(Column::Kind, IdentityError::KindUnknown))
    }

    fn identity(&self) -> Result<String, Finding> {
        self.text(Column::Identity).map(str::to_owned)
    }

    fn own_reference(&self) -> Result<Reference, Finding> {
        let reference = self.text(Column::Reference)?.to_owned();
        Reference::try_from(reference).map_err(|_| self.wrong(Column::Reference, REFERENCE))
    }

    fn cell(&self, column: Column) -> &Cell {
        self.layout.index(column).map_or(&Cell::Empty, |at| self.row.cell(at))
    }

    /// The text of a column, empty where there is none.
    fn text(&self, column: Column) -> Result<&str, Finding> {
        let is_identity = column == Column::Identity;
        let text = match self.cell(column) {
            Cell::Empty => "",
            Cell::Text(text) => text,
            Cell::Number(_) if is_identity => return Err(self.invalid(column, IdentityError::NumberCell)),
            Cell::Day(_) | Cell::Clock(_) if is_identity => return Err(self.invalid(column, IdentityError::DateCell)),
            Cell::Error => return Err(self.odd(column, Odd::Formula)),
            _ => return Err(self.wrong(column, NOT_TEXT)),
        };
        // Of identities their own reader tells it, in the answer.
        match first_unseen(text).filter(|_| !is_identity) {
            Some(unseen) => Err(self.odd(column, Odd::Unseen(unseen))),
            None => Ok(text),
        }
    }

    fn born(&self) -> Result<Option<Date>, Finding> {
        let born = match self.cell(Column::Born) {
            Cell::Empty => return Ok(None),
            Cell::Day(day) => Some(*day),
            // A program's way to write the whole day.
            Cell::Clock(clock) if clock.time() == Time::midnight() => Some(clock.date()),
            Cell::Number(number) => day_of_number(*number),
            _ => read_day(self.text(Column::Born)?),
        };
        let words = ("日期请写成 2001-02-03", "a date is written 2001-02-03");
        born.map(Some).ok_or_else(|| self.wrong(Column::Born, words))
    }

    fn reference(&self, column: Column) -> Result<Option<Reference>, Finding> {
        let text = self.text(column)?;
        let reference = (!text.is_empty()).then(|| Reference::try_from(text.to_owned())).transpose();
        reference.map_err(|_| self.wrong(column, REFERENCE))
    }

    fn names(&self) -> Result<Names, Finding> {
        let text = self.text(Column::Names)?;
        let names = text.split(BETWEEN_NAMES).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        let words = ("至多16个姓名，每个不超过256字节", "1 to 16 names of 1 to 256 bytes");
        Names::try_from(names.collect::<Vec<_>>()).map_err(|_| self.wrong(Column::Names, words))
    }

    fn purpose(&self) -> Result<Purpose, Finding> {
        let purpose = match header::plain(self.text(Column::Purpose)?).as_str() {
            "" => Some(Purpose::default()),
            "入驻" => Some(Purpose::Onboard),
            "签约" => Some(Purpose::Contract),
            "巡查" => Some(Purpose::Watch),
            word => Purpose::from_word(word),
        };
        purpose.ok_or_else(|| self.wrong(Column::Purpose, ("请填：入驻、签约、巡查", "onboard, contract or watch")))
    }

    fn flag(&self, column: Column) -> Result<bool, Finding> {
        match header::plain(self.text(column)?).as_str() {
            "" | "false" | "no" | "0" | "否" => Ok(false),
            "true" | "yes" | "1" | "是" => Ok(true),
            _ => Err(self.wrong(column, ("请填：是、否", "true or false"))),
        }
    }

    fn wrong(&self, column: Column, words: (&str, &str)) -> Finding {
        finding(Some(self.row.number), self.layout.index(column), Some(column), words)
    }

    fn odd(&self, column: Column, odd: Odd) -> Finding {
        let Words { zh, en } = odd.words();
        self.wrong(column, (&zh, &en))
    }

    fn invalid(&self, column: Column, invalid: IdentityError) -> Finding {
        let Words { zh, en } = invalid.words();
        self.wrong(column, (&zh, &en))
    }
}

/// What a `ref`, a `person` and a platform's other references are.
const REFERENCE: (&str, &str) =
    ("应为1至256字节的文字，不含控制字符", "1 to 256 bytes of text without control characters");
const NOT_TEXT: (&str, &str) = (
    "该格为数字或日期格式，可能已改变；请将整列设为文本格式再填写",
    "a number or date, which a spreadsheet may have altered: format the column as text and type it again",
);

fn implies(title: &str) -> bool {
    header::implied_kind(title).is_some()
}

fn place(row: Option<u32>, column: Option<usize>, of: Option<Column>) -> Place {
    Place { row, column, title: of.map(Column::title) }
}

fn finding(row: Option<u32>, column: Option<usize>, of: Option<Column>, (zh, en): (&str, &str)) -> Finding {
    Finding { place: place(row, column, of), words: Words { zh: zh.to_owned(), en: en.to_owned() } }
}

impl SheetError {
    fn of(findings: impl IntoIterator<Item = Finding>) -> Self {
        Self(Lines::of(findings).text(MAX_LINES))
    }

    pub(super) fn text(&self, language: Language) -> &str {
        language.pick(&self.0.zh, &self.0.en)
    }
}

impl From<TableError> for SheetError {
    fn from(error: TableError) -> Self {
        Self(error.words())
    }
}

/// In the language of who reads it.
impl fmt::Display for SheetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(Language::spoken()))
    }
}

impl std::error::Error for SheetError {}

#[cfg(test)]
mod tests;
