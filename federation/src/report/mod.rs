//! Reports: what a member, the public, or the secretariat for an authority brings before the committee, sealed to the
//! secretariat's seats.
//!
//! The registry carries it and sees its kind, its states and its times. [`code`] is what people name a report by;
//! [`content`] what is inside, [`public`] what is in one of the public, which [`follow`] follows;
//!  [`words`] what seats and member say of it, [`identities`] how another member is asked
//! whose an account is; [`signed`] who signed any of these. Which seat and member may do what and when is the
//! registry's `api`. Implements `docs/formats.md` §14.

pub mod code;
#[cfg(feature = "identities")]
pub mod content;
#[cfg(feature = "identities")]
pub mod follow;
#[cfg(feature = "identities")]
pub mod identities;
#[cfg(feature = "identities")]
pub mod public;
pub mod signed;
pub mod words;

pub use code::ReportCode;
use serde::{Deserialize, Serialize};

use crate::{language::Phrase, zh_en};

/// The most bytes of what is sealed: JSON with a long description and a hundred pieces of evidence has far fewer.
pub const MAX_CONTENT_BYTES: usize = 512 * 1_024;
/// The most bytes of a report's `age` file: the content, and a header for three hundred seats.
pub const MAX_SEALED_BYTES: usize = MAX_CONTENT_BYTES + 64 * 1_024;
/// The most bytes of an `age` file with what is said of a report: [`words::MAX_TEXT_BYTES`] to thirty seats.
pub const MAX_WORDS_BYTES: usize = 16 * 1_024;

/// Words of JSON, SQL and people.
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident: $schema:ident { $($(#[$of:meta])* $variant:ident $word:literal $zh:literal $en:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = $schema))]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$of])* $variant,)+ }

        impl $name {
            /// Each of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word that stands in JSON and SQL.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What people call it.
            pub const fn phrase(self) -> $crate::language::Phrase {
                match self { $(Self::$variant => $crate::language::Phrase::new($zh, $en),)+ }
            }

            /// The one of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|of| of.as_str() == word)
            }
        }
    };
}
pub(crate) use word_enum;

word_enum! {
    /// What a report is.
    ReportKind: ReportKind {
        /// A member reports a violation.
        Violation "violation" "会员举报" "a member's report",
        /// A member says that a record hit a stranger: the person at its platform isn't the one who is meant.
        NotThisPerson "not-this-person" "非本人" "not this person",
        /// The secretariat enters an authority's decision.
        Authority "authority" "主管部门决定" "an authority's decision",
        /// The secretariat enters a court's order.
        Court "court" "法院文书" "a court's order",
        /// The secretariat enters what came on paper.
        Paper "paper" "书面来件" "what came on paper",
        /// Somebody of the public reports, sealed in a browser.
        Public "public" "公众举报" "a report of the public",
        /// The same, where a minor is concerned.
        PublicMinor "public-minor" "公众举报（涉未成年人）" "a report of the public: a minor is concerned",
    }
}

word_enum! {
    /// How far a report is.
    ReportState: ReportState {
        /// It waits for the secretariat.
        Received "received" "待处理" "received",
        /// It waits for an answer of who filed it.
        Asked "asked" "待补充" "asked back",
        /// It is taken up.
        Accepted "accepted" "已受理" "accepted",
        /// It isn't, and who filed it was told why.
        Dismissed "dismissed" "不予受理" "dismissed",
        /// It goes on as part of another.
        Merged "merged" "已并案" "merged",
    }
}

word_enum! {
    /// What is done with a report.
    ReportAct: ReportAct {
        /// A secretariat's seat takes it up, perhaps in a case.
        Accept "accept" "受理" "accepted it",
        /// It doesn't, and says why.
        Dismiss "dismiss" "不予受理" "dismissed it",
        /// It goes on as part of another.
        Merge "merge" "并案" "merged it",
        /// It asks whoever filed it.
        Ask "ask" "提问" "asked",
        /// Whoever filed it answers.
        Answer "answer" "答复" "answered",
        /// Whoever reported from the public adds something, unasked.
        Add "add" "补充" "added something",
        /// It asks another member whose an account is.
        AskIdentity "ask-identity" "查询账号身份" "asked another member for an identity",
        /// It notes something for the secretariat alone.
        Note "note" "备注" "noted",
    }
}

impl ReportKind {
    /// Whether members file it.
    pub const fn is_of_member(self) -> bool {
        matches!(self, Self::Violation | Self::NotThisPerson)
    }

    /// Whether somebody of the public files it, without a key.
    pub const fn is_of_public(self) -> bool {
        matches!(self, Self::Public | Self::PublicMinor)
    }

    /// Whether the secretariat enters it.
    pub const fn is_entered(self) -> bool {
        matches!(self, Self::Authority | Self::Court | Self::Paper)
    }
}

impl ReportState {
    /// Whether something is yet to be done: by the secretariat, or by who filed it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::Asked)
    }

    /// What the act makes of it; `None` if it can't be done now.
    pub const fn after(self, act: ReportAct) -> Option<Self> {
        match (self, act) {
            (_, ReportAct::Note | ReportAct::AskIdentity) | (Self::Received | Self::Asked, ReportAct::Add) => {
                Some(self)
            }
            (Self::Received | Self::Asked, ReportAct::Accept) => Some(Self::Accepted),
            (Self::Received | Self::Asked, ReportAct::Dismiss) => Some(Self::Dismissed),
            (Self::Received | Self::Asked, ReportAct::Merge) => Some(Self::Merged),
            (Self::Received | Self::Asked, ReportAct::Ask) => Some(Self::Asked),
            (Self::Asked, ReportAct::Answer) => Some(Self::Received),
            _ => None,
        }
    }
}

impl ReportAct {
    /// Whether whoever filed the report is shown it.
    pub const fn is_shown_to_filer(self) -> bool {
        !matches!(self, Self::Note | Self::AskIdentity)
    }
}

/// Why something that is sealed isn't as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// A text or list is empty, or there is too much of it.
    #[error("{}", zh_en!("{what}：应有1至{most}", "{what}: 1 to {most}"))]
    Bound {
        /// Of what.
        what: Phrase,
        /// The most entries of a list, or bytes of a text.
        most: usize,
    },
    /// A line has a control character, such as a line feed.
    #[error("{}", zh_en!("{what}：有控制字符", "{what}: there is a control character"))]
    Control {
        /// Of what.
        what: Phrase,
    },
    /// An entry of a list stands twice.
    #[error("{}", zh_en!("{what}：有重复", "{what}: something stands twice"))]
    Repeated {
        /// Of what.
        what: Phrase,
    },
    /// The kind asks for it.
    #[error("{}", zh_en!("{what}：须填写", "{what}: it is asked for"))]
    Missing {
        /// What.
        what: Phrase,
    },
    /// The kind has none.
    #[error("{}", zh_en!("{what}：此类报告不填", "{what}: a report of this kind has none"))]
    Unasked {
        /// What.
        what: Phrase,
    },
    /// It ended before it began.
    #[error("{}", zh_en!("发生时间：止早于起", "it ended before it began"))]
    Order,
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
}

/// A text of 1 to so many bytes, in as many lines as it likes.
fn is_text(what: Phrase, text: &str, most: usize) -> Result<(), ContentError> {
    if (1..=most).contains(&text.len()) { Ok(()) } else { Err(ContentError::Bound { what, most }) }
}

/// The same in one line.
#[cfg(feature = "identities")]
fn is_line(what: Phrase, text: &str, most: usize) -> Result<(), ContentError> {
    is_text(what, text, most)?;
    if text.chars().any(char::is_control) { Err(ContentError::Control { what }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_ended_takes_notes_alone_and_an_answer_is_to_a_question() {
        for ended in [ReportState::Accepted, ReportState::Dismissed, ReportState::Merged] {
            assert!(!ended.is_open());
            for act in ReportAct::ALL {
                let stays = matches!(act, ReportAct::Note | ReportAct::AskIdentity);
                assert_eq!(ended.after(*act), stays.then_some(ended), "{act:?}");
            }
        }
        assert_eq!(ReportState::Received.after(ReportAct::Answer), None);
        assert_eq!(ReportState::Received.after(ReportAct::Ask), Some(ReportState::Asked));
        assert_eq!(ReportState::Asked.after(ReportAct::Answer), Some(ReportState::Received));
    }

    #[test]
    fn each_word_reads_back_as_it_is_written() {
        for kind in ReportKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(ReportKind::from_word(kind.as_str()), Some(*kind));
        }
        for act in ReportAct::ALL {
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
        }
        for state in ReportState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
    }
}
