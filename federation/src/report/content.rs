//! What a report says: of whom, what, where, when, and what bears it out. Implements §14.
//!
//! Pieces of evidence are named by their hash; they stay with whoever filed the report. Whether a code is one of an
//! instrument in force is for whoever has the policies.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{ContentError, ReportKind, is_line, is_text, signed::SignedContent, word_enum};
use crate::{
    dsse::PayloadType,
    encoding::{Hash, RecordId, ReportId, Time},
    identity::{IdentityKind, reader::MAX_IDENTITIES},
    language::Phrase,
};

/// The most codes of a report: what one broadcast can break.
pub const MAX_CODES: usize = 16;
/// The most pieces of evidence.
pub const MAX_EVIDENCE: usize = 100;
/// The most people of one room.
pub const MAX_SUBJECTS: usize = 50;
/// The most bytes of a description: several pages.
pub const MAX_DESCRIPTION_BYTES: usize = 32 * 1_024;
/// The most bytes of a line, such as a name, a number, an account.
pub const MAX_LINE_BYTES: usize = 512;

word_enum! {
    /// Where the violation was.
    Place: ReportPlace {
        /// The name of the account.
        Nickname "nickname" "昵称" "nickname",
        /// Its picture.
        Avatar "avatar" "头像" "avatar",
        /// The title of the room.
        RoomTitle "room-title" "直播间标题" "room title",
        /// Stickers in the picture.
        Sticker "sticker" "贴纸" "sticker",
        /// What viewers write over the picture.
        BulletChat "bullet-chat" "弹幕" "bullet chat",
        /// What was said.
        Speech "speech" "言语" "speech",
        /// What was seen.
        Picture "picture" "画面" "picture",
        /// What was sold.
        Goods "goods" "商品" "goods",
    }
}

word_enum! {
    /// What bears a report out.
    EvidenceKind: ReportEvidenceKind {
        /// A recording.
        Recording "recording" "录像" "recording",
        /// A picture of the screen.
        Screenshot "screenshot" "截图" "screenshot",
        /// What was written in a chat.
        ChatLog "chat-log" "聊天记录" "chat log",
        /// An authority's decision; `number` is its own.
        AuthorityDecision "authority-decision" "主管部门文书" "authority's decision",
        /// Anything else.
        Other "other" "其他" "other",
    }
}

word_enum! {
    /// As what somebody was in the room.
    SubjectRole: ReportSubjectRole {
        /// A host.
        Host "host" "主播" "host",
        /// A guest.
        Guest "guest" "嘉宾" "guest",
        /// The agency behind it.
        Agency "agency" "经纪机构" "agency",
    }
}

/// A report as it is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Report {
    /// The format's version, 1.
    pub v: u64,
    /// Its id, which stands beside the ciphertext too.
    pub id: ReportId,
    /// What it is, likewise.
    pub kind: ReportKind,
    /// The record that hit a stranger; of `not-this-person` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<RecordId>,
    /// What whoever files it calls it: a number of its own.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Codes of violations, of policies in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Where it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Place>,
    /// Since when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_from: Option<Time>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened_to: Option<Time>,
    /// The room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// What happened, in words.
    pub description: String,
    /// What bears it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Who it is about: the people of one room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<Subject>,
    /// Whether the member has banned them for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub permanent_ban: bool,
    /// The document that the secretariat enters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<PaperDocument>,
}

/// A piece of evidence, which stays with whoever filed the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ReportEvidence))]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    pub kind: EvidenceKind,
    /// The document's own number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// Somebody whom a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ReportSubject))]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The account, as its platform names it: `MEMBER:ACCOUNT` where it is another's.
    pub account: String,
    /// What the account calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nickname: Option<String>,
    /// As what they were there.
    pub role: SubjectRole,
    /// Their identities, as they were typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<ReportedIdentity>,
    /// When they were born, where it is known and no identity tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = "date"))]
    pub birth: Option<Date>,
}

/// An identity as it was typed; whoever uses it reads it again (§2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportedIdentity {
    /// Of which kind.
    #[zeroize(skip)]
    pub kind: IdentityKind,
    /// What was typed.
    pub value: String,
    /// Whether a person compared it with the document.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confirmed: bool,
}

impl std::fmt::Debug for ReportedIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReportedIdentity").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A document that came on paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PaperDocument {
    /// Its own number.
    pub number: String,
    /// Who issued it.
    pub by: String,
    /// The day that it bears.
    pub on: Date,
}

const KIND: Phrase = Phrase::new("类别", "the kind");
const REFERENCE: Phrase = Phrase::new("自编号", "the reference");
const CODES: Phrase = Phrase::new("违规情形", "the violations");
const PLACES: Phrase = Phrase::new("违规位置", "where it was");
const TIMES: Phrase = Phrase::new("发生时间", "when it happened");
const ROOM: Phrase = Phrase::new("直播间", "the room");
const DESCRIPTION: Phrase = Phrase::new("情况说明", "the description");
const EVIDENCE: Phrase = Phrase::new("证据", "the evidence");
const SUBJECTS: Phrase = Phrase::new("当事人", "the people");
const ACCOUNT: Phrase = Phrase::new("账号", "an account");
const NICKNAME: Phrase = Phrase::new("昵称", "a nickname");
const IDENTITIES: Phrase = Phrase::new("证件", "the identities");
const RECORD: Phrase = Phrase::new("记录编号", "the record");
const DOCUMENT: Phrase = Phrase::new("文书的文号和日期", "the document's number and date");

impl SignedContent for Report {
    const TYPE: PayloadType = PayloadType::Report;

    fn check(&self) -> Result<(), ContentError> {
        if self.v != 1 {
            return Err(ContentError::Version);
        }
        let lines = [(REFERENCE, &self.reference), (ROOM, &self.room)];
        lines.into_iter().try_for_each(|(what, line)| is_optional_line(what, line.as_deref()))?;
        is_text(DESCRIPTION, &self.description, MAX_DESCRIPTION_BYTES)?;
        has_at_most(CODES, &self.codes, MAX_CODES)?;
        self.codes.iter().try_for_each(|code| is_line(CODES, code, MAX_LINE_BYTES))?;
        has_at_most(PLACES, &self.places, Place::ALL.len())?;
        has_at_most(EVIDENCE, &self.evidence, MAX_EVIDENCE)?;
        self.evidence.iter().try_for_each(Evidence::check)?;
        if self.subjects.len() > MAX_SUBJECTS {
            return Err(ContentError::Bound { what: SUBJECTS, most: MAX_SUBJECTS });
        }
        self.subjects.iter().try_for_each(Subject::check)?;
        self.document.as_ref().map_or(Ok(()), PaperDocument::check)?;
        if self.happened_from.zip(self.happened_to).is_some_and(|(from, to)| to < from) {
            return Err(ContentError::Order);
        }
        self.check_kind()
    }
}

impl Report {
    /// Whether it has what its kind asks, and nothing that it doesn't have.
    fn check_kind(&self) -> Result<(), ContentError> {
        let asked = |what, has, is_asked: bool| match (has, is_asked) {
            (false, true) => Err(ContentError::Missing { what }),
            _ => Ok(()),
        };
        let only = |what, has, may: bool| if has && !may { Err(ContentError::Unasked { what }) } else { Ok(()) };
        let is_violation = self.kind == ReportKind::Violation;
        asked(CODES, !self.codes.is_empty(), is_violation)?;
        asked(PLACES, !self.places.is_empty(), is_violation)?;
        asked(TIMES, self.happened_from.is_some() && self.happened_to.is_some(), is_violation)?;
        asked(SUBJECTS, !self.subjects.is_empty(), is_violation)?;
        let is_other = self.kind == ReportKind::NotThisPerson;
        asked(RECORD, self.record.is_some(), is_other)?;
        only(RECORD, self.record.is_some(), is_other)?;
        only(KIND, self.kind.is_of_public(), false)?;
        let is_paper = self.kind.is_entered();
        asked(DOCUMENT, self.document.is_some(), is_paper)?;
        only(DOCUMENT, self.document.is_some(), is_paper)
    }
}

impl Evidence {
    fn check(&self) -> Result<(), ContentError> {
        [&self.name, &self.number].into_iter().try_for_each(|line| is_optional_line(EVIDENCE, line.as_deref()))
    }
}

impl Subject {
    fn check(&self) -> Result<(), ContentError> {
        is_line(ACCOUNT, &self.account, MAX_LINE_BYTES)?;
        is_optional_line(NICKNAME, self.nickname.as_deref())?;
        check_identities(&self.identities)
    }
}

impl PaperDocument {
    fn check(&self) -> Result<(), ContentError> {
        [&self.number, &self.by].into_iter().try_for_each(|line| is_line(DOCUMENT, line, MAX_LINE_BYTES))
    }
}

/// As many identities as a subject may have, none of them long.
pub(super) fn check_identities(identities: &[ReportedIdentity]) -> Result<(), ContentError> {
    if identities.len() > MAX_IDENTITIES {
        return Err(ContentError::Bound { what: IDENTITIES, most: MAX_IDENTITIES });
    }
    identities.iter().try_for_each(|identity| is_line(IDENTITIES, &identity.value, MAX_LINE_BYTES))
}

fn is_optional_line(what: Phrase, line: Option<&str>) -> Result<(), ContentError> {
    line.map_or(Ok(()), |line| is_line(what, line, MAX_LINE_BYTES))
}

/// At most so many, no two alike.
fn has_at_most<T: PartialEq>(what: Phrase, list: &[T], most: usize) -> Result<(), ContentError> {
    if list.len() > most {
        return Err(ContentError::Bound { what, most });
    }
    let is_repeated = (1..list.len()).any(|at| list[..at].contains(&list[at]));
    if is_repeated { Err(ContentError::Repeated { what }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
