//! The columns of a sheet, by the headers that people write, in zh-CN and en.
//!
//! What describes a person is `table::header`'s, shared with the lists of platforms; what describes a decision is here.

use callboard_client::table::header::{PersonColumn, person_column, plain};
use serde::{Deserialize, Serialize};

/// A column of a sheet; in files of ours it is its English header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Column {
    /// The kind of the identity beside it; numbered from 1.
    Kind(u8),
    /// An identity; numbered from 1, `identity` is `identity 1`.
    Identity(u8),
    /// Whether someone compared a doubtful identity with the document.
    Confirmed,
    /// Person, enterprise or persona.
    SubjectType,
    /// The names that the subject goes by.
    Names,
    Aliases,
    /// Its accounts, `MEMBER:ACCOUNT`.
    Accounts,
    Measure,
    /// The services that it closes.
    Scopes,
    EffectiveAt,
    /// The last day, or the instant at which it is over.
    Until,
    /// How long, instead of until when.
    Term,
    Violations,
    /// The first day of the conduct.
    ConductFrom,
    /// The last day of the conduct.
    ConductTo,
    /// SHA-256 of each piece of evidence.
    Evidence,
    /// The interims that the ruling follows.
    Follows,
    Reasons,
    /// Who answers for a minor.
    Guardian,
    /// The date of birth, where no identity tells it.
    Born,
    /// The name in the letters of a passport's machine-readable line.
    PassportName,
}

/// The most identities of one row: a subject has at most 16 tags.
pub(super) const MAX_IDENTITIES: u8 = 16;

/// How many identities a person's row has, as far as one is asked which column is what.
const OFFERED_IDENTITIES: u8 = 3;

/// Columns with their headers (zh-CN, en), in the order of the empty sheet; one that is numbered stands for all.
pub(super) const HEADERS: [(Column, &str, &str); 21] = [
    (Column::Kind(1), "证件类型", "kind"),
    (Column::Identity(1), "证件号码", "identity"),
    (Column::Confirmed, "证件已核对", "confirmed"),
    (Column::SubjectType, "当事人类型", "subject type"),
    (Column::Names, "姓名", "names"),
    (Column::Aliases, "艺名", "stage names"),
    (Column::Accounts, "账号", "accounts"),
    (Column::Measure, "措施", "measure"),
    (Column::Scopes, "适用服务", "scopes"),
    (Column::EffectiveAt, "生效时间", "effective at"),
    (Column::Until, "截止时间", "until"),
    (Column::Term, "期限", "term"),
    (Column::Violations, "违规条款", "violations"),
    (Column::ConductFrom, "行为开始", "conduct from"),
    (Column::ConductTo, "行为结束", "conduct to"),
    (Column::Evidence, "证据", "evidence"),
    (Column::Follows, "所依临时措施", "follows"),
    (Column::Reasons, "事实和理由", "reasons"),
    (Column::Guardian, "监护人", "guardian"),
    (Column::Born, "出生日期", "date of birth"),
    (Column::PassportName, "护照姓名", "passport name"),
];

/// What associations call columns besides.
const SYNONYMS: [(Column, &[&str]); 16] = [
    (Column::SubjectType, &["对象类型", "主体类型", "当事人类别"]),
    (Column::Aliases, &["别名", "昵称", "网名", "主播昵称", "直播昵称", "主播名", "stagename", "aliases", "alias"]),
    (Column::Accounts, &["帐号", "平台账号", "平台帐号", "直播账号", "主播账号", "account"]),
    (
        Column::Measure,
        &["警示措施", "处理措施", "处置措施", "自律措施", "采取措施", "处理结果", "处理决定", "measures"],
    ),
    (Column::Scopes, &["范围", "适用范围", "限制范围", "措施范围", "服务范围", "scope"]),
    (
        Column::EffectiveAt,
        &["生效日期", "生效日", "生效", "起始日期", "起始时间", "开始日期", "开始时间", "effective", "effectivedate"],
    ),
    (
        Column::Until,
        &[
            "截止日期",
            "截止",
            "终止日期",
            "终止时间",
            "结束日期",
            "结束时间",
            "到期日期",
            "到期日",
            "届满日期",
            "enddate",
        ],
    ),
    (Column::Term, &["警示期限", "措施期限", "处理期限", "限制期限", "时限", "duration"]),
    (
        Column::Violations,
        &["违规情形", "违规条款编号", "违规情形编号", "条款", "条款编号", "违规代码", "违规编码", "violation"],
    ),
    (Column::ConductFrom, &["行为开始日期", "行为开始时间", "行为起始日期", "违规开始日期", "conductbegins"]),
    (Column::ConductTo, &["行为结束日期", "行为结束时间", "行为终止日期", "违规结束日期", "conductends"]),
    (Column::Evidence, &["证据材料", "证据哈希", "证据校验码"]),
    (Column::Follows, &["临时措施", "临时措施记录", "临时措施记录编号"]),
    (
        Column::Reasons,
        &["理由", "事由", "事实与理由", "事实、理由", "违规事实", "主要事实", "处理理由", "决定理由", "reason"],
    ),
    (Column::Guardian, &["监护人及联系方式", "监护人姓名及联系方式", "监护人联系方式"]),
    (Column::PassportName, &["护照英文姓名", "护照拼音姓名", "护照机读姓名"]),
];

/// The columns that every sheet has; besides, an identity's kind and a term, each in one of two ways.
pub(super) const REQUIRED: [Column; 5] =
    [Column::Identity(1), Column::Names, Column::Measure, Column::Violations, Column::Reasons];

impl Column {
    /// The column of a header as someone wrote it; case, width and spaces don't matter.
    pub fn of_header(header: &str) -> Option<Self> {
        match person_column(header) {
            Some(PersonColumn::Kind(number)) => return (number <= MAX_IDENTITIES).then_some(Self::Kind(number)),
            Some(PersonColumn::Identity(number)) => {
                return (number <= MAX_IDENTITIES).then_some(Self::Identity(number));
            }
            Some(PersonColumn::Confirmed) => return Some(Self::Confirmed),
            Some(PersonColumn::Names) => return Some(Self::Names),
            Some(PersonColumn::Born) => return Some(Self::Born),
            None => {}
        }
        let header = plain(header);
        let own = HEADERS.iter().find(|(_, zh, en)| plain(zh) == header || plain(en) == header);
        let other = || SYNONYMS.iter().find(|(_, words)| words.iter().any(|word| plain(word) == header));
        own.map(|(column, ..)| *column).or_else(|| other().map(|(column, _)| *column))
    }

    /// Its header as the empty sheet has it, (zh-CN, en).
    pub fn titles(self) -> (String, String) {
        let same = |other: &Column| std::mem::discriminant(other) == std::mem::discriminant(&self);
        let (zh, en) = HEADERS.iter().find(|(column, ..)| same(column)).map_or(("", ""), |(_, zh, en)| (*zh, *en));
        match self.number() {
            None | Some(1) => (zh.to_owned(), en.to_owned()),
            Some(number) => (format!("{zh}{number}"), format!("{en} {number}")),
        }
    }

    /// Its word in a form: the English header, its parts joined.
    pub fn word(self) -> String {
        self.titles().1.replace(' ', "-")
    }

    /// The column of such a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::of_header(&word.replace('-', " ")).filter(|column| column.word() == word)
    }

    /// What the columns of somebody's file may be: each once, of identities the first three.
    pub fn choices() -> impl Iterator<Item = Self> {
        let numbered = |column: Self| match column {
            Self::Kind(_) => (1..=OFFERED_IDENTITIES).map(Self::Kind).collect(),
            Self::Identity(_) => (1..=OFFERED_IDENTITIES).map(Self::Identity).collect(),
            column => vec![column],
        };
        HEADERS.into_iter().flat_map(move |(column, ..)| numbered(column))
    }

    /// Whether the reader of identities looks at its characters.
    pub const fn is_identity(self) -> bool {
        matches!(self, Self::Identity(_))
    }

    const fn number(self) -> Option<u8> {
        match self {
            Self::Kind(number) | Self::Identity(number) => Some(number),
            _ => None,
        }
    }
}

impl From<Column> for String {
    fn from(column: Column) -> Self {
        column.titles().1
    }
}

impl TryFrom<String> for Column {
    type Error = &'static str;

    fn try_from(header: String) -> Result<Self, Self::Error> {
        Self::of_header(&header).ok_or("no column of a sheet")
    }
}

/// The numbers of the identities that have a column, ascending.
pub(super) fn identities(layout: &Layout) -> Vec<u8> {
    (1..=MAX_IDENTITIES).filter(|number| layout.index(Column::Identity(*number)).is_some()).collect()
}

pub(super) type Layout = callboard_client::table::header::Layout<Column>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_a_word_by_which_it_is_found_again() {
        for column in Column::choices() {
            assert_eq!(Column::of_word(&column.word()), Some(column));
            assert_eq!(Column::try_from(String::from(column)), Ok(column));
        }
        assert_eq!(Column::choices().count(), HEADERS.len() + 4);
        assert_eq!(Column::of_word("理由"), None, "a header that people write is no word of a form");
    }

    #[test]
    fn headers_are_read_in_both_languages_and_however_they_are_spaced() {
        for (header, column) in [
            ("kind", Column::Kind(1)),
            (" Identity ", Column::Identity(1)),
            ("identity 2", Column::Identity(2)),
            ("证件号码16", Column::Identity(16)),
            ("Effective At", Column::EffectiveAt),
            ("理由", Column::Reasons),
            ("身份证号", Column::Identity(1)),
            ("证件号码２", Column::Identity(2)),
            ("*姓 名（必填）", Column::Names),
            ("截止日期", Column::Until),
            ("事实和理由", Column::Reasons),
        ] {
            assert_eq!(Column::of_header(header), Some(column), "{header}");
        }
        for header in ["", "identity 0", "identity 17", "reasons 2", "untill", "期限（月）"] {
            assert_eq!(Column::of_header(header), None, "{header}");
        }
    }
}
