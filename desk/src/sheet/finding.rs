//! What is wrong with a sheet: row, column, and how to mend it; never the value.
//!
//! Long because it is one table of sentences.

use std::fmt;

use callboard_client::{
    table::{Odd, Oddity, findings, findings::Lines},
    visible::Visible,
};
use callboard_federation::{identity::IdentityError, policy::Words};

use super::column::{Column, Layout};
use crate::language::Language;

/// The most lines that tell what is wrong: whoever mends these looks again.
const MAX_LINES: usize = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The row as a spreadsheet shows it, from 1; absent: the whole sheet.
    pub row: Option<u32>,
    /// The column's index, from 0.
    pub index: Option<usize>,
    pub column: Option<Column>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub place: Place,
    pub wrong: FindingKind,
}

/// All that is wrong in a sheet, in the order of its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// A line for each, equal ones in one, and how many there are.
    pub fn text(&self, language: Language) -> String {
        let lines = Lines::of(self.0.iter().map(Finding::finding));
        let (Words { zh, en }, count) = (lines.text(MAX_LINES), lines.count());
        let things = if count == 1 { "1 thing" } else { &format!("{count} things") };
        match language {
            Language::Zh => format!("{zh}\n表格有{count}处需要修改，尚未生成文件"),
            Language::En => format!("{en}\n{things} to mend in the sheet; nothing was drafted"),
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::spoken()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FindingKind {
    NoRows,
    NoHeader,
    TooManyRows,
    MissingColumn,
    UnknownColumn(String),
    RepeatedColumn,
    NoHeaderAbove,
    EmptyRow,
    Odd(Odd),
    Commented { row: u32, text: String },
    NotCommented,
    Number,
    DateInText,
    NumberAsDate,
    Unexpected,
    Missing,
    StartMissing,
    TermMissing,
    Identity(IdentityError),
    KindOfHeader,
    Duplicate { row: u32 },
    OnlySoft,
    TooManyIdentities { most: usize },
    UnknownSubjectType,
    UnknownConfirmation,
    InvalidAccount,
    UnknownMeasure(Words),
    AmbiguousMeasure(Words),
    MeasureNotInPolicy { policy: Words, measure: Words },
    NotAnInterim,
    UnknownScope,
    ScopesNotInPolicy,
    ScopesRequired,
    ScopesForbidden,
    InvalidDate,
    MidnightEnd,
    InvalidTerm,
    TermAndUntil,
    UntilRequired,
    UntilForbidden,
    UntilBeforeStart,
    StartPast,
    BeforePolicy,
    InterimTooLong { days: u32 },
    UnknownViolation,
    InvalidConduct,
    ConductBeforePolicy,
    InvalidEvidence,
    InvalidFollows,
    MinorNotApproved,
    GuardianMissing,
    MinorPublic,
    NotAMinor,
    ConductMissing,
    PassportNameAlone,
}

impl FindingKind {
    pub fn words(&self) -> Words {
        let (zh, en) = match self {
            Self::Odd(odd) => return odd.words(),
            Self::Identity(invalid) => return invalid.words(),
            Self::UnknownColumn(title) if title.chars().filter(char::is_ascii_digit).count() < 6 => {
                let title: String = title.chars().take(40).collect();
                let title = Visible(&title);
                (
                    format!("不认识的表头“{title}”；请改用模板中的表头，或删去此列"),
                    format!(
                        "a header that isn't known, “{title}”: write it as the template has it, or delete the column"
                    ),
                )
            }
            Self::UnknownColumn(_) => (
                "不认识的表头；请改用模板中的表头，或删去此列".to_owned(),
                "a header that isn't known: write it as the template has it, or delete the column".to_owned(),
            ),
            Self::Commented { row, text } => (
                format!("有批注：“{text}”；看过并处理后，删去第{row}行的批注，或者确认已看过"),
                format!("a comment: “{text}”; once it is settled delete it in row {row}, or confirm that it was read"),
            ),
            Self::Duplicate { row } => (
                format!("与第{row}行是同一证件号码；每个当事人一行，请合并或删除"),
                format!("the same identity stands in row {row}; one row a subject: join the rows or delete one"),
            ),
            Self::TooManyIdentities { most } => {
                (format!("证件号码过多：最多{most}个"), format!("too many identities: at most {most} fit"))
            }
            Self::UnknownMeasure(choices) => {
                (format!("请填：{}", choices.zh), format!("a measure is {}, or the policy's word for one", choices.en))
            }
            Self::AmbiguousMeasure(choices) => (
                format!("此词可指不同措施；请填中文名称：{}", choices.zh),
                format!(
                    "this word is the policy's for another measure than its code: write one of {} in Chinese",
                    choices.en
                ),
            ),
            Self::MeasureNotInPolicy { policy, measure } => (
                format!("《{}》没有“{}”这一措施", policy.zh, measure.zh),
                format!("“{}” has no measure {}", policy.en, measure.en),
            ),
            Self::InterimTooLong { days } => (
                format!("临时措施最长{days}天；请改截止时间或期限"),
                format!("an interim lasts at most {days} days: mend its end or term"),
            ),
            _ => {
                let (zh, en) = self.fixed();
                (zh.to_owned(), en.to_owned())
            }
        };
        Words { zh, en }
    }

    pub fn text(&self, language: Language) -> String {
        let Words { zh, en } = self.words();
        language.pick(&zh, &en).to_owned()
    }

    #[expect(clippy::too_many_lines, reason = "one table of sentences")]
    const fn fixed(&self) -> (&'static str, &'static str) {
        match self {
            Self::NoRows => {
                ("没有内容：请在表头下填写，每个当事人一行", "nothing to decide: fill in rows under the headers")
            }
            Self::NoHeader => (
                "没有找到表头行（证件号码、姓名、措施、期限、违规条款、事实和理由）；请使用模板",
                "no row of headers (identity, names, measure, term, violations, reasons): start from the template",
            ),
            Self::TooManyRows => ("超过1000行；请分成几批", "more than 1,000 rows: split the sheet"),
            Self::MissingColumn => ("缺少此列；请使用模板", "the column is missing: start from the template"),
            Self::RepeatedColumn => ("此列重复", "the column is there twice"),
            Self::NoHeaderAbove => (
                "此列没有表头，却有内容；请补写表头，或清空",
                "something stands under no header: name the column, or clear it",
            ),
            Self::EmptyRow => ("空行；请删除", "an empty row: delete it"),
            Self::NotCommented => (
                "确认已看过批注的此行没有批注；请核对行号",
                "no comment in this row, which is said to have been read: mend the number of the row",
            ),
            Self::Number => (
                "该格为数字格式，可能丢失了位数；请将整列设为文本格式再填写",
                "a number, which a spreadsheet may have altered: format the column as text and type it again",
            ),
            Self::DateInText => (
                "被存成了日期；请将整列设为文本格式再填写",
                "a date where text belongs: format the column as text and type it again",
            ),
            Self::NumberAsDate => (
                "该格为数字格式，不知是哪一天；请写成 2026-07-01",
                "a number, which doesn't say which day: write it as 2026-07-01",
            ),
            Self::Unexpected => {
                ("应为文字；请将整列设为文本格式再填写", "isn't text: format the column as text and type it again")
            }
            Self::Missing => ("不得空白", "may not be empty"),
            Self::StartMissing => {
                ("不得空白；请写“自登记之日起”，或今后的日期", "may not be empty: write `on logging`, or a day to come")
            }
            Self::TermMissing => (
                "不得空白：空白会成为没有终止日期。请填期限，如“五年”；确不设终止日期的写“长期”。（适用服务可以空白，因为全部服务是规则已列明的；期限没有这样的全部）",
                "may not be empty, which would be without end: write a term, as `5 years`, or `indefinite` where no end is meant. \
                 (Scopes may be empty, since the policy lists all that there are; no list says how long)",
            ),
            Self::KindOfHeader => {
                ("证件类型与表头所写的证件不同", "the kind isn't the one that the header of the identity says")
            }
            Self::OnlySoft => (
                "只有账号不能确定是谁；请补一个证件号码",
                "an account alone doesn't say who it is: add an identity document",
            ),
            Self::UnknownSubjectType => {
                ("当事人类型请填：个人、企业、虚拟主播", "a subject type is person, enterprise or persona")
            }
            Self::UnknownConfirmation => ("请填：是、否", "write yes or no"),
            Self::InvalidAccount => {
                ("账号应写成 会员:账号，多个用分号隔开", "an account is MEMBER:ACCOUNT; several are separated by `;`")
            }
            Self::NotAnInterim => ("临时措施只能是限制或警示", "an interim is a restriction or suspension"),
            Self::UnknownScope => (
                "适用服务请填：直播、录播、商业推广、代言、评优评奖、话题:名称，不重复；或填“全部”",
                "a scope is live, recorded, promotion, endorsement, award or topic:NAME, each once; or `all`",
            ),
            Self::ScopesNotInPolicy => {
                ("规则不允许此措施用于这些服务", "the policy doesn't let this measure close these scopes")
            }
            Self::ScopesRequired => (
                "规则要求写明此措施的适用服务，例如 直播",
                "the policy asks which scopes this measure closes, such as live",
            ),
            Self::ScopesForbidden => {
                ("规则规定此措施不分服务；请清空", "the policy gives this measure no scopes: leave it empty")
            }
            Self::InvalidDate => (
                "日期请写成 2026-07-01（或 2026年7月1日、20260701）",
                "a date is 2026-07-01, 20260701, or 2026-07-01 12:00",
            ),
            Self::MidnightEnd => (
                "写明0点会使期限早一天结束；请只写最后一日的日期",
                "midnight would end it a day early: write the last day alone",
            ),
            Self::InvalidTerm => (
                "期限请写成 五年、3个月、1年6个月、30天；不设终止日期的写“长期”或“永久”",
                "a term is `5 years`, `3 months`, `30 days`, P1Y6M; `indefinite` or `permanent` where no end is meant",
            ),
            Self::TermAndUntil => {
                ("期限与截止时间不一致；请只填一个", "the term and the end don't agree: say one of them")
            }
            Self::UntilRequired => ("规则要求此措施有期限", "the policy asks an end or term of this measure"),
            Self::UntilForbidden => {
                ("规则规定此措施没有期限；请写“永久”", "the policy gives this measure no end: write `permanent`")
            }
            Self::UntilBeforeStart => ("截止不晚于生效", "it ends before it takes effect"),
            Self::StartPast => (
                "生效日期已过，而措施自登记之日起才生效；请写“自登记之日起”，或今后的日期",
                "the day is over, and a measure takes effect on logging at the earliest: write `on logging`, or a day to come",
            ),
            Self::BeforePolicy => ("生效时间早于规则施行", "it takes effect before the policy does"),
            Self::UnknownViolation => (
                "规则中没有这个条款编号；多个用逗号或分号隔开",
                "the policy has no violation of such a code; several stand between commas",
            ),
            Self::InvalidConduct => {
                ("行为的开始与结束须同时填写，且先后有序", "conduct has a first and a last day, in order")
            }
            Self::ConductBeforePolicy => (
                "行为早于规则施行：不得依据该规则作出决定；请填施行之后的行为日期，或依据当时的规则起草",
                "conduct from before the policy took effect isn't ruled on under it: say the days since, or draft it under the rules of that time",
            ),
            Self::InvalidEvidence => (
                "证据为 SHA-256（64位小写十六进制），多个用分号隔开",
                "evidence is a SHA-256 of 64 lower-case hexadecimal digits; several are separated by `;`",
            ),
            Self::InvalidFollows => {
                ("请填临时措施的记录编号，不重复，至多64个", "the ids of interim records, each once, 64 at most")
            }
            Self::MinorNotApproved => (
                "当事人行为时未满十八周岁：须先经批准（批准后写明是第几行）、填写监护人，且不得公布",
                "under 18 at the conduct: it must be approved first (and the row said when it is drafted), a guardian named, and nothing published",
            ),
            Self::GuardianMissing => (
                "当事人行为时未满十八周岁：请填监护人及联系方式",
                "under 18 at the conduct: name the guardian, and how to reach them",
            ),
            Self::MinorPublic => (
                "当事人行为时未满十八周岁，不得公布；请改为不公布，或另行起草此行",
                "under 18 at the conduct, which is never published: publish nothing, or draft this row by itself",
            ),
            Self::NotAMinor => (
                "此行的当事人行为时不是未成年人；请核对经批准的行号",
                "the person of this row was no minor at the conduct: mend the number of the row that is said to be approved",
            ),
            Self::ConductMissing => (
                "当事人在规则施行时未满十八周岁：请填行为的开始和结束日期，以判断行为时是否成年",
                "under 18 when the policy took effect: say the first and last day of the conduct, which tell whether it was a minor's",
            ),
            Self::PassportNameAlone => (
                "填了护照姓名，还须有护照号码和出生日期；姓名用护照机读行中的字母",
                "a passport name goes with a passport and a date of birth, in the letters of its machine-readable line",
            ),
            // Those that say more are told in `words`.
            Self::Odd(_)
            | Self::Identity(_)
            | Self::UnknownColumn(_)
            | Self::Commented { .. }
            | Self::Duplicate { .. }
            | Self::TooManyIdentities { .. }
            | Self::UnknownMeasure(_)
            | Self::AmbiguousMeasure(_)
            | Self::MeasureNotInPolicy { .. }
            | Self::InterimTooLong { .. } => ("", ""),
        }
    }
}

impl Place {
    pub(crate) const SHEET: Self = Self { row: None, index: None, column: None };

    pub(super) fn of(layout: &Layout, row: u32, column: Column) -> Self {
        Self { row: Some(row), index: layout.index(column), column: Some(column) }
    }
}

impl Finding {
    pub(super) fn odd(oddity: &Oddity, layout: Option<&Layout>) -> Self {
        let column = oddity.column.and_then(|at| layout?.at(at));
        Self { place: Place { row: oddity.row, index: oddity.column, column }, wrong: FindingKind::Odd(oddity.odd) }
    }

    pub(crate) fn finding(&self) -> findings::Finding {
        let title = self.place.column.map(|column| {
            let (zh, en) = column.titles();
            Words { zh, en }
        });
        let place = findings::Place { row: self.place.row, column: self.place.index, title };
        findings::Finding { place, words: self.wrong.words() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(findings::Lines::of([self.finding()]).text(1).spoken())
    }
}
