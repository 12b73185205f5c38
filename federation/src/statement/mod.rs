//! A statement: what is decided about one subject, and how its bytes are read.
//!
//! Clear is the verdict alone: who, what measure, until when, under which policy. Names and reasons are sealed
//! ([`Details`]; sealing is `sealed`). Whether a statement counts is decided where its docket is ([`crate::replay`]).
//! Implements `docs/formats.md` §4.

mod details;
mod draft;
mod kind;
mod measure;
mod raw;
mod subject;

pub use details::{Details, Wrap, share_hash};
pub use draft::{DraftError, draft_hash, under_procedure};
pub use kind::Kind;
pub use measure::{Measure, MeasureKind, Scope, ScopeError};
use serde::{Deserialize, Serialize};
pub use subject::{EpochTag, MAX_TAGS, Subject, SubjectTag, SubjectType};

use crate::{
    document::{Document, DocumentError},
    encoding::{Hash, JsonError, RecordId, Salt, Time},
    members::Members,
    policy::Policy,
    roster::Roster,
    zh_en,
};

/// The most bytes of a statement without a document.
pub const MAX_BYTES: usize = 65_536;
/// The most bytes of a statement that carries a public document.
pub const MAX_DOCUMENT_BYTES: usize = 4 * 1024 * 1024;
/// The most records that one statement is about.
pub const MAX_ABOUT: usize = 64;

/// What is decided about one subject, or a public document.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The record's id.
    pub id: RecordId,
    /// 32 random bytes that make the commitment hiding.
    pub salt: Salt,
    /// What it does.
    pub act: Act,
}

/// What a statement does, with the members that are its kind's own.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the members are the formats' own, told in `docs/formats.md` §4")]
pub enum Act {
    Ruling {
        imposed: Imposition,
        about: Vec<RecordId>,
    },
    Interim {
        imposed: Imposition,
    },
    Annulment {
        about: Vec<RecordId>,
        basis: Basis,
        details: Option<Details>,
    },
    End {
        effective_at: Time,
        about: Vec<RecordId>,
        basis: Basis,
        details: Option<Details>,
    },
    Stay {
        effective_at: Time,
        about: Vec<RecordId>,
        until: Option<Time>,
        basis: Basis,
    },
    Reinstatement {
        effective_at: Time,
        about: Vec<RecordId>,
        probation: Option<Probation>,
        basis: Basis,
        details: Option<Details>,
    },
    Dispute {
        about: Vec<RecordId>,
    },
    Rejoinder {
        about: Vec<RecordId>,
        details: Details,
    },
    Link {
        effective_at: Time,
        subject: Subject,
        basis: Basis,
    },
    Erasure {
        about: Vec<RecordId>,
        uncounted: Vec<u64>,
    },
    Roster(Box<Document<Roster>>),
    Members(Box<Document<Members>>),
    Policy(Box<Document<Policy>>),
}

/// What a ruling and an interim have in common: a measure on a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Imposition {
    /// From when, unless it is logged later.
    pub effective_at: Time,
    /// On whom.
    pub subject: Subject,
    /// What.
    pub measure: Measure,
    /// Under which rules, after which procedure.
    pub basis: Basis,
    /// Names, conduct and reasons, sealed.
    pub details: Details,
}

/// The rules that a statement was made under, and the procedure that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The policy.
    pub policy: PolicyRef,
    /// SHA-256 of the last event of the case before the docket was drafted (formats §11).
    pub procedure: Hash,
}

/// The procedure of what isn't decided yet, and of what is taken over without a case: 64 zeros.
pub const UNDECIDED: Hash = Hash::from_bytes([0; 32]);

impl Basis {
    /// Whether it was taken over without a case: its procedure is 64 zeros.
    pub fn is_imported(&self) -> bool {
        self.procedure == UNDECIDED
    }
}

/// A policy by instrument, version and the hash of its document's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PolicyRef {
    /// The instrument that it carries.
    pub instrument: String,
    /// The instrument's version.
    pub version: String,
    /// SHA-256 of the document.
    pub sha256: Hash,
}

/// Under watch after a reinstatement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probation {
    /// Until when.
    pub until: Time,
}

/// Why bytes are no statement.
#[derive(Debug, thiserror::Error)]
pub enum StatementError {
    /// More bytes than a statement has.
    #[error("{}", zh_en!("一项内容至多{limit}字节", "a statement has at most {limit} bytes"))]
    TooLong {
        /// The limit that was passed.
        limit: usize,
    },
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    /// A member that the kind asks is missing.
    #[error("{}", zh_en!("此类文书须有 `{_0}`", "a statement of its kind needs `{_0}`"))]
    Missing(&'static str),
    /// A member that only other kinds have.
    #[error("{}", zh_en!(("{}中有其他类型文书的内容", _0.words().zh),
        ("a statement of kind {_0} has members of another kind")))]
    OfAnotherKind(Kind),
    /// The tags are none, too many, alike, or only soft.
    #[error("{}", zh_en!("应有1至16个不同的身份代码，非账号主体至少有一个证件的；身份关联为2至16个，均须为证件的",
        "1 to 16 different tags, a hard one among them unless the subject is a persona; a link 2 to 16, all hard"))]
    Subject,
    /// The measure's end isn't after its start.
    #[error("{}", zh_en!("措施在生效前已经到期", "the measure ends before it takes effect"))]
    Until,
    /// An interim is a restriction or suspension with an end.
    #[error("{}", zh_en!("临时措施只能是限制或警示，并须写明期限",
        "an interim is a restriction or suspension with an end"))]
    Interim,
    /// No record named, more than 64, or one twice.
    #[error("{}", zh_en!("应针对1至64条不同的记录", "about 1 to 64 different records"))]
    About,
    /// A scope named twice.
    #[error("{}", zh_en!("适用服务重复", "a scope stands twice"))]
    Scopes,
    /// The details aren't wrapped for the record's tags, in order.
    #[error("{}", zh_en!("密封内容未按顺序为每个身份代码封装",
        "the details are not wrapped for each tag of the record in order"))]
    Wraps,
    /// The indexes don't ascend.
    #[error("{}", zh_en!("不计入的条目应按升序列出", "uncounted names indexes in ascending order"))]
    Uncounted,
    /// The public document is malformed.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl Statement {
    /// Reads a statement from its bytes.
    pub fn from_json(bytes: &[u8]) -> Result<Self, StatementError> {
        raw::read(bytes)
    }

    /// The statement as compact JSON. What is signed is these bytes; a statement read isn't written again.
    pub fn to_json(&self) -> Vec<u8> {
        raw::write(self)
    }

    /// The commitment to a statement's bytes: SHA-256(`"callboard/statement/v1"` ‖ 0x00 ‖ bytes).
    pub fn commitment(bytes: &[u8]) -> Hash {
        Hash::of_parts([b"callboard/statement/v1\0".as_slice(), bytes])
    }

    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self.act {
            Act::Ruling { .. } => Kind::Ruling,
            Act::Interim { .. } => Kind::Interim,
            Act::Annulment { .. } => Kind::Annulment,
            Act::End { .. } => Kind::End,
            Act::Stay { .. } => Kind::Stay,
            Act::Reinstatement { .. } => Kind::Reinstatement,
            Act::Dispute { .. } => Kind::Dispute,
            Act::Rejoinder { .. } => Kind::Rejoinder,
            Act::Link { .. } => Kind::Link,
            Act::Erasure { .. } => Kind::Erasure,
            Act::Roster(_) => Kind::Roster,
            Act::Members(_) => Kind::Members,
            Act::Policy(_) => Kind::Policy,
        }
    }

    /// The records that it is about.
    pub fn about(&self) -> &[RecordId] {
        match &self.act {
            Act::Ruling { about, .. }
            | Act::Annulment { about, .. }
            | Act::End { about, .. }
            | Act::Stay { about, .. }
            | Act::Reinstatement { about, .. }
            | Act::Dispute { about }
            | Act::Rejoinder { about, .. }
            | Act::Erasure { about, .. } => about,
            Act::Interim { .. } | Act::Link { .. } | Act::Roster(_) | Act::Members(_) | Act::Policy(_) => &[],
        }
    }

    /// The measure that it imposes, and on whom.
    pub const fn imposed(&self) -> Option<&Imposition> {
        match &self.act {
            Act::Ruling { imposed, .. } | Act::Interim { imposed } => Some(imposed),
            _ => None,
        }
    }

    /// The subject that it names itself.
    pub const fn subject(&self) -> Option<&Subject> {
        match &self.act {
            Act::Link { subject, .. } => Some(subject),
            _ => match self.imposed() {
                Some(imposed) => Some(&imposed.subject),
                None => None,
            },
        }
    }

    /// From when it is meant to have effect; of those without, from when it is logged.
    pub const fn effective_at(&self) -> Option<Time> {
        match self.act {
            Act::End { effective_at, .. }
            | Act::Stay { effective_at, .. }
            | Act::Reinstatement { effective_at, .. }
            | Act::Link { effective_at, .. } => Some(effective_at),
            _ => match self.imposed() {
                Some(imposed) => Some(imposed.effective_at),
                None => None,
            },
        }
    }

    /// The rules that it was made under, and the procedure.
    pub const fn basis(&self) -> Option<&Basis> {
        match &self.act {
            Act::Annulment { basis, .. }
            | Act::End { basis, .. }
            | Act::Stay { basis, .. }
            | Act::Reinstatement { basis, .. }
            | Act::Link { basis, .. } => Some(basis),
            _ => match self.imposed() {
                Some(imposed) => Some(&imposed.basis),
                None => None,
            },
        }
    }

    /// Its sealed details.
    pub const fn details(&self) -> Option<&Details> {
        match &self.act {
            Act::Annulment { details, .. } | Act::End { details, .. } | Act::Reinstatement { details, .. } => {
                details.as_ref()
            }
            Act::Rejoinder { details, .. } => Some(details),
            _ => match self.imposed() {
                Some(imposed) => Some(&imposed.details),
                None => None,
            },
        }
    }
}

#[cfg(test)]
mod tests;
