//! The columns of a sheet, by the headers that people write, in zh-CN and en.

use super::fault::Place;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Its accounts, `MEMBER:ACCOUNT`.
    Accounts,
    /// The measure.
    Measure,
    /// The services that it closes.
    Scopes,
    /// From when.
    EffectiveAt,
    /// The last day, or the instant at which it is over.
    Until,
    /// How long, instead of until when.
    Term,
    /// The codes of the violations.
    Violations,
    /// The first day of the conduct.
    ConductFrom,
    /// The last day of the conduct.
    ConductTo,
    /// SHA-256 of each piece of evidence.
    Evidence,
    /// The interims that the ruling follows.
    Follows,
    /// Why.
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

/// Columns with their headers (zh-CN, en), in the order of the empty sheet; one that is numbered stands for all.
pub(super) const HEADERS: [(Column, &str, &str); 20] = [
    (Column::Kind(1), "证件类型", "kind"),
    (Column::Identity(1), "证件号码", "identity"),
    (Column::Confirmed, "证件已核对", "confirmed"),
    (Column::SubjectType, "当事人类型", "subject type"),
    (Column::Names, "姓名", "names"),
    (Column::Accounts, "账号", "accounts"),
    (Column::Measure, "措施", "measure"),
    (Column::Scopes, "范围", "scopes"),
    (Column::EffectiveAt, "生效时间", "effective at"),
    (Column::Until, "截止时间", "until"),
    (Column::Term, "期限", "term"),
    (Column::Violations, "违规条款", "violations"),
    (Column::ConductFrom, "行为开始", "conduct from"),
    (Column::ConductTo, "行为结束", "conduct to"),
    (Column::Evidence, "证据", "evidence"),
    (Column::Follows, "所依临时措施", "follows"),
    (Column::Reasons, "理由", "reasons"),
    (Column::Guardian, "监护人", "guardian"),
    (Column::Born, "出生日期", "date of birth"),
    (Column::PassportName, "护照姓名", "passport name"),
];

/// The columns that every sheet has.
pub(super) const REQUIRED: [Column; 5] =
    [Column::Kind(1), Column::Identity(1), Column::Measure, Column::Violations, Column::Reasons];

impl Column {
    /// The column of a header as someone wrote it; case and spaces don't matter.
    pub fn of_header(header: &str) -> Option<Self> {
        let header: String = header.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
        let (title, number) = split_number(&header);
        HEADERS.iter().find_map(|(column, zh, en)| {
            let is_title = title == *zh || en.bytes().filter(|byte| *byte != b' ').eq(title.bytes());
            match (column, number) {
                _ if !is_title => None,
                (Self::Kind(_), number) => number.map_or(Some(1), Some).map(Self::Kind),
                (Self::Identity(_), number) => number.map_or(Some(1), Some).map(Self::Identity),
                (column, None) => Some(*column),
                _ => None,
            }
            .filter(|column| column.number().is_none_or(|number| (1..=MAX_IDENTITIES).contains(&number)))
        })
    }

    /// The header as a reader finds it in the empty sheet, in both languages.
    pub fn title(self) -> String {
        let (zh, en) = self.titles();
        match self.number() {
            None | Some(1) => format!("{zh} / {en}"),
            Some(number) => format!("{zh}{number} / {en} {number}"),
        }
    }

    /// The header without a number, (zh-CN, en).
    pub fn titles(self) -> (&'static str, &'static str) {
        let same = |other: &Column| std::mem::discriminant(other) == std::mem::discriminant(&self);
        HEADERS.iter().find(|(column, ..)| same(column)).map_or(("", ""), |(_, zh, en)| (*zh, *en))
    }

    /// Whether it holds dates.
    pub const fn is_date(self) -> bool {
        matches!(self, Self::EffectiveAt | Self::Until | Self::ConductFrom | Self::ConductTo | Self::Born)
    }

    /// Whether full-width digits may stand in it: in prose, and where the reader of identities folds them.
    pub const fn takes_full_width(self) -> bool {
        matches!(self, Self::Names | Self::Reasons | Self::Guardian | Self::PassportName | Self::Identity(_))
    }

    const fn number(self) -> Option<u8> {
        match self {
            Self::Kind(number) | Self::Identity(number) => Some(number),
            _ => None,
        }
    }
}

/// The digits at the end of a header, apart.
fn split_number(header: &str) -> (&str, Option<u8>) {
    let title = header.trim_end_matches(|c: char| c.is_ascii_digit());
    (title, header[title.len()..].parse().ok())
}

/// Where each column stands: its index in the sheet, from 0.
pub(super) struct Layout(Vec<Option<Column>>);

impl Layout {
    /// The columns of a header row; `None` where a header is empty or unknown.
    pub(super) const fn new(columns: Vec<Option<Column>>) -> Self {
        Self(columns)
    }

    /// The index of a column.
    pub(super) fn index(&self, column: Column) -> Option<usize> {
        self.0.iter().position(|here| *here == Some(column))
    }

    /// The column at an index.
    pub(super) fn at(&self, index: usize) -> Option<Column> {
        self.0.get(index).copied().flatten()
    }

    /// How many columns the header row has.
    pub(super) fn width(&self) -> usize {
        self.0.len()
    }

    /// The numbers of the identities that have a column, ascending.
    pub(super) fn identities(&self) -> Vec<u8> {
        (1..=MAX_IDENTITIES).filter(|number| self.index(Column::Identity(*number)).is_some()).collect()
    }

    /// A place in it, for a fault.
    pub(super) fn place(&self, row: u32, column: Column) -> Place {
        Place { row: Some(row), index: self.index(column), column: Some(column) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_in_both_languages_and_however_they_are_spaced() {
        for (header, column) in [
            ("kind", Column::Kind(1)),
            (" Identity ", Column::Identity(1)),
            ("identity 2", Column::Identity(2)),
            ("证件号码16", Column::Identity(16)),
            ("Effective At", Column::EffectiveAt),
            ("理由", Column::Reasons),
        ] {
            assert_eq!(Column::of_header(header), Some(column), "{header}");
        }
        for header in ["", "identity 0", "identity 17", "reasons 2", "untill", "证件号码２"] {
            assert_eq!(Column::of_header(header), None, "{header}");
        }
    }
}
