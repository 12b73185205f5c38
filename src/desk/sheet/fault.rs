//! What is wrong with a sheet: row, column, and how to mend it; never the value.

use std::fmt;

use callboard_federation::{identity::IdentityInvalid, statement::MeasureKind};

use super::column::Column;
use crate::desk::language::Language;

/// Where something is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The row as a spreadsheet shows it, from 1; absent: the whole sheet.
    pub row: Option<u32>,
    /// The column's index, from 0.
    pub index: Option<usize>,
    /// The column, where its header says.
    pub column: Option<Column>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What.
    pub wrong: Wrong,
}

/// What can be wrong in a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The sheet has no header row, or nothing below it.
    NoRows,
    /// More rows than a docket has items.
    TooManyRows,
    /// A column that every sheet has is missing.
    MissingColumn,
    /// A header that isn't known, over something.
    UnknownColumn,
    /// One header twice.
    RepeatedColumn,
    /// An empty row between others.
    EmptyRow,
    /// Cells joined to one.
    Merged,
    /// A formula that failed.
    Formula,
    /// Something in a row beyond the headers.
    BeyondHeaders,
    /// A number where text belongs.
    Number,
    /// A date where text belongs.
    DateInText,
    /// A number where a date belongs.
    NumberAsDate,
    /// A yes or no, a duration.
    Unexpected,
    /// Full-width digits.
    FullWidthDigits,
    /// A cell that must say something is empty.
    Missing,
    /// What the reader of identities says of one, or of all of a row.
    Identity(IdentityInvalid),
    /// The same identity in an earlier row (or in this one).
    Duplicate {
        /// The earlier row.
        row: u32,
    },
    /// Only accounts, of a subject that isn't a persona.
    OnlySoft,
    /// More identities than a statement has tags for.
    TooManyIdentities {
        /// The most that fit.
        most: usize,
    },
    /// No subject type of this word.
    UnknownSubjectType,
    /// Neither yes nor no.
    UnknownConfirmation,
    /// Not `MEMBER:ACCOUNT`.
    InvalidAccount,
    /// No measure of this word.
    UnknownMeasure,
    /// The policy doesn't have the measure.
    MeasureNotInPolicy {
        /// The measure.
        measure: MeasureKind,
    },
    /// Only a restriction or suspension can be an interim.
    NotAnInterim,
    /// No scope of this word, or one twice.
    UnknownScope,
    /// The policy doesn't let the measure close these scopes.
    ScopesNotInPolicy,
    /// The policy asks which scopes the measure closes.
    ScopesRequired,
    /// The measure closes all or nothing.
    ScopesForbidden,
    /// Not a date.
    InvalidDate,
    /// Not a term.
    InvalidTerm,
    /// Both a term and an end.
    TermAndUntil,
    /// The policy asks an end.
    UntilRequired,
    /// The policy allows no end.
    UntilForbidden,
    /// The end isn't after the start.
    UntilBeforeStart,
    /// The policy isn't in force by then.
    BeforePolicy,
    /// An interim of more days than the policy allows.
    InterimTooLong {
        /// The most days.
        days: u32,
    },
    /// No violation of this code in the policy.
    UnknownViolation,
    /// Only one of the two dates of the conduct, or the last before the first.
    InvalidConduct,
    /// Not a SHA-256.
    InvalidEvidence,
    /// Not a record's id, one twice, or more than 64.
    InvalidFollows,
    /// Whoever was a minor at the conduct isn't ruled on without more ado.
    MinorNotApproved,
    /// Of a minor nobody is named who answers for it.
    GuardianMissing,
    /// A minor is never in what is published.
    MinorPublic,
    /// Approved as a minor's, and isn't.
    NotAMinor,
    /// Whether it was a minor is for the conduct's date to say.
    ConductMissing,
    /// A name of a passport, and no passport or no birth.
    PassportNameAlone,
}

impl Wrong {
    /// What is wrong, and how to mend it.
    pub fn text(self, language: Language) -> String {
        match self {
            Self::Duplicate { row } => match language {
                Language::Zh => format!("与第 {row} 行是同一证件号码；每个当事人一行，请合并或删除"),
                Language::En => {
                    format!("the same identity stands in row {row}; one row a subject: join the rows or delete one")
                }
            },
            Self::TooManyIdentities { most } => match language {
                Language::Zh => format!("证件号码过多：最多 {most} 个"),
                Language::En => format!("too many identities: at most {most} fit"),
            },
            Self::MeasureNotInPolicy { measure } => match language {
                Language::Zh => format!("该规则没有措施 {measure}"),
                Language::En => format!("the policy has no measure {measure}"),
            },
            Self::InterimTooLong { days } => match language {
                Language::Zh => format!("临时措施最长 {days} 天；请改截止时间或期限"),
                Language::En => format!("an interim lasts at most {days} days: mend its end or term"),
            },
            Self::Identity(invalid) => {
                let words = invalid.words();
                language.pick(&words.zh, &words.en).to_owned()
            }
            _ => {
                let (zh, en) = self.fixed();
                language.pick(zh, en).to_owned()
            }
        }
    }

    /// The texts that say no number, (zh-CN, en).
    #[expect(clippy::too_many_lines, reason = "one table")]
    const fn fixed(self) -> (&'static str, &'static str) {
        match self {
            Self::NoRows => {
                ("没有数据行；请在表头下每个对象填一行", "no rows: write one row a subject below the headers")
            }
            Self::TooManyRows => {
                ("超过 1,000 行；请分成几批", "more than 1,000 rows: split the sheet into several dockets")
            }
            Self::MissingColumn => (
                "缺少此列；请用 `draft --template` 生成空表",
                "the column is missing: `draft --template` writes an empty sheet that has it",
            ),
            Self::UnknownColumn => {
                ("无法识别的表头；请改正或删除此列", "the header isn't known: mend it, or delete the column")
            }
            Self::RepeatedColumn => ("表头重复；请删除一列", "the header stands twice: delete one of the columns"),
            Self::EmptyRow => ("中间有空行；请删除", "an empty row in between: delete it"),
            Self::Merged => ("合并的单元格；请取消合并，每行都填写", "merged cells: unmerge them and fill each row"),
            Self::Formula => {
                ("公式出错；请改为所需的文字", "a formula that failed: replace it by the text that it should give")
            }
            Self::BeyondHeaders => (
                "此格上方没有表头；请删除或补上表头",
                "a cell without a header above it: delete it, or give the column its header",
            ),
            Self::Number => (
                "数字单元格；请先设为文本格式再重新输入",
                "a numeric cell: format the column as text, then type it again",
            ),
            Self::DateInText => (
                "此列应为文字，却是日期；请设为文本格式再重新输入",
                "a date in a column of text: format the column as text, then type it again",
            ),
            Self::NumberAsDate => (
                "日期存成了数字；请写成 2026-07-01，或设为日期格式",
                "a date stored as a number: write it as 2026-07-01, or format the cell as a date",
            ),
            Self::Unexpected => (
                "此格既非文字也非日期；请设为文本格式再重新输入",
                "neither text nor a date: format the column as text, then type it again",
            ),
            Self::FullWidthDigits => ("全角数字；请改用半角 0–9", "full-width digits: write 0–9"),
            Self::Missing => ("必填", "must be filled in"),
            Self::OnlySoft => (
                "只有账号不能确定是谁；请补一个证件标识",
                "an account alone doesn't say who it is: add an identity document",
            ),
            Self::UnknownSubjectType => {
                ("对象类型应为 个人、企业 或 虚拟主播", "a subject type is person, enterprise or persona")
            }
            Self::UnknownConfirmation => ("请填 是 或 否", "write yes or no"),
            Self::InvalidAccount => {
                ("账号应写成 会员:账号，多个用分号隔开", "an account is MEMBER:ACCOUNT; several are separated by `;`")
            }
            Self::UnknownMeasure => (
                "措施应为 notice、warning、restriction、suspension、bar，或规则中的名称",
                "a measure is notice, warning, restriction, suspension, bar, or the policy's word for one",
            ),
            Self::NotAnInterim => {
                ("临时措施只能是限制或警示（restriction、suspension）", "an interim is a restriction or suspension")
            }
            Self::UnknownScope => (
                "范围应为 直播、录播、推广、代言、评奖 或 话题:名称，不重复",
                "a scope is live, recorded, promotion, endorsement, award or topic:NAME, each once",
            ),
            Self::ScopesNotInPolicy => {
                ("规则不允许此措施用于这些范围", "the policy doesn't let this measure close these scopes")
            }
            Self::ScopesRequired => (
                "规则要求写明此措施的范围，例如 直播",
                "the policy asks which scopes this measure closes, such as live",
            ),
            Self::ScopesForbidden => {
                ("规则规定此措施不分范围；请清空", "the policy gives this measure no scopes: leave it empty")
            }
            Self::InvalidDate => {
                ("日期应写成 2026-07-01，或 2026-07-01 12:00", "a date is 2026-07-01, or 2026-07-01 12:00")
            }
            Self::InvalidTerm => {
                ("期限应写成 5年、3个月、30天，或 P5Y", "a term is P5Y, `5 years`, `3 months` or `30 days`")
            }
            Self::TermAndUntil => ("期限与截止时间只能填一个", "say either a term or an end, not both"),
            Self::UntilRequired => ("规则要求此措施有期限", "the policy asks an end or term of this measure"),
            Self::UntilForbidden => {
                ("规则规定此措施没有期限；请清空", "the policy gives this measure no end: leave it empty")
            }
            Self::UntilBeforeStart => ("截止不晚于生效", "it ends before it takes effect"),
            Self::BeforePolicy => ("生效时间早于规则施行", "it takes effect before the policy does"),
            Self::UnknownViolation => (
                "规则中没有这个条款编号；多个用分号隔开",
                "the policy has no violation of such a code; several are separated by `;`",
            ),
            Self::InvalidConduct => {
                ("行为的开始与结束须同时填写，且先后有序", "conduct has a first and a last day, in order")
            }
            Self::InvalidEvidence => (
                "证据为 SHA-256（64 位小写十六进制），多个用分号隔开",
                "evidence is a SHA-256 of 64 lower-case hexadecimal digits; several are separated by `;`",
            ),
            Self::InvalidFollows => {
                ("请填临时措施的记录编号，不重复，至多 64 个", "the ids of interim records, each once, 64 at most")
            }
            Self::MinorNotApproved => (
                "当事人行为时未满十八周岁：须先经批准（批准后用 `--minor-approved 行号` 起草）、填写监护人，且不得公布",
                "under 18 at the conduct: it must be approved first (then draft with `--minor-approved ROW`), a guardian named, and nothing published",
            ),
            Self::GuardianMissing => (
                "当事人行为时未满十八周岁：请填监护人及联系方式",
                "under 18 at the conduct: name the guardian, and how to reach them",
            ),
            Self::MinorPublic => (
                "当事人行为时未满十八周岁，不得公布；请去掉 `--publication`，或另行起草此行",
                "under 18 at the conduct, which is never published: leave `--publication` out, or draft this row by itself",
            ),
            Self::NotAMinor => (
                "此行的当事人行为时不是未成年人；请核对 `--minor-approved` 的行号",
                "the person of this row was no minor at the conduct: mend the rows of `--minor-approved`",
            ),
            Self::ConductMissing => (
                "当事人在规则施行时未满十八周岁：请填行为的开始和结束日期，以判断行为时是否成年",
                "under 18 when the policy took effect: say the first and last day of the conduct, which tell whether it was a minor's",
            ),
            Self::PassportNameAlone => (
                "填了护照姓名，还须有护照号码和出生日期；姓名用护照机读行中的字母",
                "a passport name goes with a passport and a date of birth, in the letters of its machine-readable line",
            ),
            // Those that say more are told in `text`.
            Self::Identity(_)
            | Self::Duplicate { .. }
            | Self::TooManyIdentities { .. }
            | Self::MeasureNotInPolicy { .. }
            | Self::InterimTooLong { .. } => ("", ""),
        }
    }
}

impl Place {
    /// The whole sheet.
    pub(super) const SHEET: Self = Self { row: None, index: None, column: None };

    fn text(self, language: Language) -> String {
        let letter = self.index.map(letters);
        let column = match (letter, self.column) {
            (Some(letter), Some(column)) => Some(format!("{letter} ({})", column.title())),
            (Some(letter), None) => Some(letter),
            (None, column) => column.map(Column::title),
        };
        match (language, self.row, column) {
            (Language::Zh, Some(row), Some(column)) => format!("第 {row} 行，{column} 列"),
            (Language::Zh, Some(row), None) => format!("第 {row} 行"),
            (Language::Zh, None, Some(column)) => format!("{column} 列"),
            (Language::Zh, None, None) => "表格".to_owned(),
            (Language::En, Some(row), Some(column)) => format!("row {row}, column {column}"),
            (Language::En, Some(row), None) => format!("row {row}"),
            (Language::En, None, Some(column)) => format!("column {column}"),
            (Language::En, None, None) => "the sheet".to_owned(),
        }
    }
}

impl Fault {
    /// The whole of it, in a language.
    pub fn text(&self, language: Language) -> String {
        let colon = language.pick("：", ": ");
        format!("{}{colon}{}", self.place.text(language), self.wrong.text(language))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::En))
    }
}

/// A column's letters as a spreadsheet shows them, `A` to `ZZ` and on.
fn letters(index: usize) -> String {
    let (before, last) = (index / 26, index % 26);
    let last = char::from(b'A' + u8::try_from(last).unwrap_or_default());
    if before == 0 { last.to_string() } else { format!("{}{last}", letters(before - 1)) }
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn columns_are_named_as_a_spreadsheet_names_them() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
