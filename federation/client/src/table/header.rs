//! Headers as people write them: which column is what, in Chinese and English, with the words that associations and
//! platforms use. What desk and agent both ask for is here, once; what only one of them asks for is its own.

use callboard_federation::identity::IdentityKind;
use unicode_normalization::UnicodeNormalization as _;

use super::{Cell, Row};

/// What desk and agent both know a person by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonColumn {
    /// The kind of the identity beside it; numbered from 1.
    Kind(u8),
    /// An identity; numbered from 1.
    Identity(u8),
    /// Whether someone compared a doubtful identity with the document.
    Confirmed,
    /// The names that the subject goes by.
    Names,
    /// The date of birth.
    Born,
}

const KIND: [&str; 6] = ["证件类型", "证件种类", "证件类别", "kind", "identitykind", "documenttype"];
const IDENTITY: [&str; 6] = ["证件号码", "证件号", "证件编号", "identity", "identitynumber", "documentnumber"];
/// Headers that say the kind too.
const IDENTITY_OF_KIND: [(&str, IdentityKind); 9] = [
    ("身份证号码", IdentityKind::CnId),
    ("身份证号", IdentityKind::CnId),
    ("身份证", IdentityKind::CnId),
    ("居民身份证号码", IdentityKind::CnId),
    ("公民身份号码", IdentityKind::CnId),
    ("公民身份证号码", IdentityKind::CnId),
    ("护照号码", IdentityKind::Passport),
    ("护照号", IdentityKind::Passport),
    ("统一社会信用代码", IdentityKind::CnUscc),
];
const CONFIRMED: [&str; 4] = ["证件已核对", "证件核对", "已核对", "confirmed"];
const NAMES: [&str; 12] = [
    "姓名",
    "姓名/名称",
    "姓名(名称)",
    "姓名或名称",
    "名称",
    "真实姓名",
    "主播姓名",
    "当事人",
    "当事人姓名",
    "人员姓名",
    "names",
    "name",
];
const BORN: [&str; 6] = ["出生日期", "出生年月日", "生日", "dateofbirth", "birthdate", "birth"];
/// What isn't read.
const IGNORED: [&str; 20] = [
    "序号",
    "序",
    "编号",
    "no",
    "no.",
    "#",
    "number",
    "备注",
    "备考",
    "说明",
    "remark",
    "remarks",
    "note",
    "notes",
    "comment",
    "报送单位",
    "报送平台",
    "填报单位",
    "reportedby",
    "reporter",
];
/// Of those, what needs no word: it counts the rows.
const COUNTS_ROWS: [&str; 7] = ["序号", "序", "编号", "no", "no.", "#", "number"];
/// What a row of totals begins with.
const TOTALS: [&str; 8] = ["合计", "总计", "小计", "共计", "总数", "合计数", "total", "subtotal"];

/// A header without what people write differently: width, case, white space, marks of what must be filled in.
pub fn plain(title: &str) -> String {
    let folded: String = title
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | ':'))
        .flat_map(char::to_lowercase)
        .collect();
    ["(必填)", "(选填)", "(如有)"].iter().fold(folded, |title, mark| title.replace(mark, ""))
}

/// The column of a header that desk and agent both know.
pub fn person_column(title: &str) -> Option<PersonColumn> {
    let title = plain(title);
    let (word, number) = split_number(&title);
    let is_identity = IDENTITY.contains(&word) || IDENTITY_OF_KIND.iter().any(|(title, _)| *title == word);
    if KIND.contains(&word) {
        return Some(PersonColumn::Kind(number?));
    }
    if is_identity {
        return Some(PersonColumn::Identity(number?));
    }
    let is_one_of = |titles: &[&str]| titles.contains(&title.as_str());
    match () {
        () if is_one_of(&CONFIRMED) => Some(PersonColumn::Confirmed),
        () if is_one_of(&NAMES) => Some(PersonColumn::Names),
        () if is_one_of(&BORN) => Some(PersonColumn::Born),
        () => None,
    }
}

/// The kind that a header of identities says.
pub fn implied_kind(title: &str) -> Option<IdentityKind> {
    let title = plain(title);
    let (word, _) = split_number(&title);
    IDENTITY_OF_KIND.iter().find(|(title, _)| *title == word).map(|(_, kind)| *kind)
}

/// Whether a header says that its column isn't read.
pub fn is_ignored(title: &str) -> bool {
    IGNORED.contains(&plain(title).as_str())
}

/// Whether a row is of totals: it says so, and where identities stand there are none, only a count at most.
pub fn is_totals(row: &Row, identities: impl IntoIterator<Item = usize>) -> bool {
    let is_word = |cell: &Cell| {
        let word = cell.text().map(plain).unwrap_or_default();
        TOTALS.iter().any(|totals| word.strip_prefix(totals).is_some_and(is_count))
    };
    let is_nobodys = |cell: &Cell| match cell {
        Cell::Empty => true,
        Cell::Number(number) => *number < 1_000_000.0,
        Cell::Text(text) => is_count(&plain(text)) || is_word(cell),
        _ => false,
    };
    // Somebody's row ends with the first of these: the words of a large table are looked at in few rows alone.
    identities.into_iter().all(|column| is_nobodys(row.cell(column))) && row.filled().any(|(_, cell)| is_word(cell))
}

/// A few digits and what is counted by them.
fn is_count(text: &str) -> bool {
    let digits = text.trim_end_matches(['人', '名', '条', '个', '位']).trim_start_matches('共');
    digits.len() < 7 && digits.bytes().all(|b| b.is_ascii_digit())
}

/// The digits at the end of a header, apart; none is 1.
fn split_number(title: &str) -> (&str, Option<u8>) {
    let word = title.trim_end_matches(|c: char| c.is_ascii_digit());
    match &title[word.len()..] {
        "" => (word, Some(1)),
        digits => (word, digits.parse().ok().filter(|number| *number > 0)),
    }
}

/// Where each column of `C` stands.
pub struct Layout<C> {
    /// The number of the row of headers.
    pub row: u32,
    columns: Vec<(usize, C, String)>,
    /// Headers that aren't known.
    pub unknown: Vec<(usize, String)>,
    /// Headers that say that their column isn't read.
    pub ignored: Vec<(usize, String)>,
    /// Columns that stand twice: the second.
    pub repeated: Vec<(usize, C)>,
}

impl<C: Copy + PartialEq> Layout<C> {
    /// Reads a row of headers.
    pub fn read(header: &Row, of: impl Fn(&str) -> Option<C>) -> Self {
        let mut layout = Self {
            row: header.number,
            columns: Vec::new(),
            unknown: Vec::new(),
            ignored: Vec::new(),
            repeated: Vec::new(),
        };
        for (at, cell) in header.filled() {
            let title = cell.text().unwrap_or_default().to_owned();
            match of(&title) {
                Some(column) if layout.index(column).is_some() => layout.repeated.push((at, column)),
                Some(column) => layout.columns.push((at, column, title)),
                None if is_ignored(&title) => layout.ignored.push((at, title)),
                None => layout.unknown.push((at, title)),
            }
        }
        layout
    }

    /// Adds a column that has no header in the table.
    pub fn add(&mut self, index: usize, column: C, title: String) {
        self.columns.push((index, column, title));
    }

    /// The columns that are read, each with its index, in the order of the table.
    pub fn columns(&self) -> impl Iterator<Item = (usize, C)> {
        self.columns.iter().map(|(at, column, _)| (*at, *column))
    }

    /// The index of a column.
    pub fn index(&self, column: C) -> Option<usize> {
        self.columns.iter().find(|(_, here, _)| *here == column).map(|(at, ..)| *at)
    }

    /// The column at an index.
    pub fn at(&self, index: usize) -> Option<C> {
        self.columns.iter().find(|(at, ..)| *at == index).map(|(_, column, _)| *column)
    }

    /// The header of a column as it was written.
    pub fn title(&self, column: C) -> Option<&str> {
        self.columns.iter().find(|(_, here, _)| *here == column).map(|(.., title)| title.as_str())
    }

    /// Whether a column has a header at all.
    pub fn has_header(&self, index: usize) -> bool {
        let is_in = |others: &[(usize, String)]| others.iter().any(|(at, _)| *at == index);
        let is_repeated = self.repeated.iter().any(|(at, _)| *at == index);
        self.at(index).is_some() || is_in(&self.unknown) || is_in(&self.ignored) || is_repeated
    }

    /// Headers of columns that hold more than the count of the rows, and aren't read.
    pub fn left_out(&self) -> impl Iterator<Item = (usize, &str)> {
        let counts = |title: &str| COUNTS_ROWS.contains(&plain(title).as_str());
        self.ignored.iter().filter(move |(_, title)| !counts(title)).map(|(at, title)| (*at, title.as_str()))
    }
}
