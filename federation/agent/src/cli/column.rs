//! The columns of a list of people, by the headers that platforms write, in zh-CN and en.
//!
//! What describes a person is `table::header`'s, shared with the desk; what a platform says of its own is here.

use callboard_client::table::header::{self, PersonColumn, person_column, plain};
use callboard_federation::policy::Words;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// What the platform calls the account.
    Reference,
    Kind,
    Identity,
    /// Whether someone compared a doubtful identity with the document.
    Confirmed,
    Born,
    GuardianConsent,
    /// Who of those at the account.
    Person,
    Names,
    Purpose,
    ConsentRef,
    GuardianRef,
    NoDocument,
}

pub(super) type Layout = header::Layout<Column>;

/// The headers of each, the first two as they are told (zh-CN, en).
const HEADERS: [(Column, &[&str]); 12] = [
    (
        Column::Reference,
        &["账号", "ref", "帐号", "主播账号", "平台账号", "账号编号", "主播编号", "用户编号", "reference", "account"],
    ),
    (Column::Kind, &["证件类型", "kind"]),
    (Column::Identity, &["证件号码", "identity"]),
    (Column::Confirmed, &["证件已核对", "confirmed"]),
    (Column::Born, &["出生日期", "dateOfBirth"]),
    (Column::GuardianConsent, &["监护人同意", "guardianConsent", "监护人已同意"]),
    (Column::Person, &["人员", "person", "人员编号"]),
    (Column::Names, &["姓名", "names"]),
    (Column::Purpose, &["查询目的", "purpose", "目的", "用途"]),
    (Column::ConsentRef, &["授权编号", "consentRef", "同意编号"]),
    (Column::GuardianRef, &["监护人同意编号", "guardianRef"]),
    (Column::NoDocument, &["未持有证件", "noDocument", "无证件"]),
];

impl Column {
    pub(super) fn of_header(title: &str) -> Option<Self> {
        match person_column(title) {
            Some(PersonColumn::Kind(1)) => return Some(Self::Kind),
            Some(PersonColumn::Identity(1)) => return Some(Self::Identity),
            Some(PersonColumn::Confirmed) => return Some(Self::Confirmed),
            Some(PersonColumn::Names) => return Some(Self::Names),
            Some(PersonColumn::Born) => return Some(Self::Born),
            Some(PersonColumn::Kind(_) | PersonColumn::Identity(_)) | None => {}
        }
        let title = plain(title);
        HEADERS.iter().find(|(_, words)| words.iter().any(|word| plain(word) == title)).map(|(column, _)| *column)
    }

    pub(super) fn title(self) -> Words {
        let own = HEADERS.iter().find(|(column, _)| *column == self);
        let [zh, en] = own.map_or(["", ""], |(_, words)| [words[0], words[1]]);
        Words { zh: zh.to_owned(), en: en.to_owned() }
    }
}
