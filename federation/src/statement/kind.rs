//! The kinds of statement, and which may be about which.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::language::Phrase;

/// What a statement does (formats §4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StatementKind))]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Imposes a measure.
    Ruling,
    /// Imposes a short measure before the panel sits.
    Interim,
    /// What it names counts as never made.
    Annulment,
    /// What it names holds no longer.
    End,
    /// Pauses the measures that it names.
    Stay,
    /// Ends the measures that it names.
    Reinstatement,
    /// Marks what it names as disputed.
    Dispute,
    /// The subject's own words on what it names.
    Rejoinder,
    /// The tags are of one subject.
    Link,
    /// What it names is erased.
    Erasure,
    /// Who may sign, and every key there is.
    Roster,
    /// Who is bound.
    Members,
    /// The rules as data.
    Policy,
}

impl Kind {
    /// Every kind, in the order of the formats.
    pub const ALL: [Self; 13] = [
        Self::Ruling,
        Self::Interim,
        Self::Annulment,
        Self::End,
        Self::Stay,
        Self::Reinstatement,
        Self::Dispute,
        Self::Rejoinder,
        Self::Link,
        Self::Erasure,
        Self::Roster,
        Self::Members,
        Self::Policy,
    ];

    /// The word that stands in JSON, SQL and API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ruling => "ruling",
            Self::Interim => "interim",
            Self::Annulment => "annulment",
            Self::End => "end",
            Self::Stay => "stay",
            Self::Reinstatement => "reinstatement",
            Self::Dispute => "dispute",
            Self::Rejoinder => "rejoinder",
            Self::Link => "link",
            Self::Erasure => "erasure",
            Self::Roster => "roster",
            Self::Members => "members",
            Self::Policy => "policy",
        }
    }

    /// What people call it.
    pub const fn words(self) -> Phrase {
        match self {
            Self::Ruling => Phrase::new("决定", "decision"),
            Self::Interim => Phrase::new("临时措施", "interim measure"),
            Self::Annulment => Phrase::new("撤销", "annulment"),
            Self::End => Phrase::new("失效确认", "end"),
            Self::Stay => Phrase::new("暂缓执行", "stay"),
            Self::Reinstatement => Phrase::new("复出", "reinstatement"),
            Self::Dispute => Phrase::new("异议", "dispute"),
            Self::Rejoinder => Phrase::new("陈述申辩", "rejoinder"),
            Self::Link => Phrase::new("身份关联认定", "link"),
            Self::Erasure => Phrase::new("删除", "erasure"),
            Self::Roster => Phrase::new("签署权限名单", "roster"),
            Self::Members => Phrase::new("会员单位名单", "members"),
            Self::Policy => Phrase::new("规则", "policy"),
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a statement of this kind carries a public document.
    pub const fn is_document(self) -> bool {
        matches!(self, Self::Roster | Self::Members | Self::Policy)
    }

    /// Whether a statement of this kind may be about one of kind `other` (formats §4).
    pub const fn may_be_about(self, other: Self) -> bool {
        match self {
            Self::Ruling => matches!(other, Self::Interim),
            Self::Annulment => matches!(other, Self::Ruling | Self::Interim | Self::Reinstatement | Self::Link),
            Self::End => matches!(other, Self::Stay | Self::Reinstatement | Self::Dispute | Self::Link),
            Self::Stay | Self::Reinstatement | Self::Dispute => matches!(other, Self::Ruling | Self::Interim),
            // «any of the above»: the subject may answer whatever was decided or marked, not another rejoinder.
            Self::Rejoinder => matches!(
                other,
                Self::Ruling
                    | Self::Interim
                    | Self::Annulment
                    | Self::End
                    | Self::Stay
                    | Self::Reinstatement
                    | Self::Dispute
            ),
            Self::Erasure => !other.is_document() && !matches!(other, Self::Erasure),
            Self::Interim | Self::Link | Self::Roster | Self::Members | Self::Policy => false,
        }
    }

    /// Whether the docket's item of such a statement says `of` (formats §5).
    pub const fn has_of(self) -> bool {
        matches!(self, Self::Ruling | Self::Interim | Self::Annulment | Self::End | Self::Stay | Self::Reinstatement)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
