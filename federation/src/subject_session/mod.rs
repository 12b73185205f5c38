//! Sessions of subjects: by a link and a code a person reads what is held about them, and files what they have to say.
//!
//! Whoever makes the link seals what is to be read to a random key that stands in the link alone: [`link`] is that key,
//! the id and the code that follow from it; [`content`] what is sealed under it. The session then binds to a key of one
//! browser, [`browser_key`]; [`written`] is what may be filed, [`receipt`] what the person keeps of it. Who may do what
//! and when is the registry's `api`. Implements `docs/formats.md` §18.

pub mod browser_key;
#[cfg(feature = "identities")]
pub mod content;
pub mod link;
pub mod receipt;
mod sealed_content;
pub mod written;

pub use browser_key::{BrowserKey, BrowserKeyError};
pub use link::{SessionCode, SessionId, SessionKey};
pub use sealed_content::SealedContent;
use serde::{Deserialize, Serialize};

use crate::report::word_enum;

/// The most records of a session: nobody has more.
pub const MAX_RECORDS: usize = 64;
/// The most bytes of what is sealed to a session: [`MAX_RECORDS`] decisions with long reasons.
pub const MAX_SEALED_BYTES: usize = 512 * 1_024;
/// The most bytes of a filing or an answer as it is sealed: [`written::MAX_BYTES`] to thirty seats.
pub const MAX_FILING_BYTES: usize = 48 * 1_024;
/// So many wrong codes end a session.
pub const MAX_WRONG_CODES: u64 = 5;
/// The longest that a link waits to be opened, in days.
pub const MAX_LINK_DAYS: i64 = 30;
/// How long it waits unless it is said otherwise.
pub const LINK_DAYS: i64 = 7;
/// How long an opened session lasts, unless it is to end before: answers come in working days, and return is applied for
/// in months.
pub const OPENED_DAYS: i64 = 180;

word_enum! {
    /// For whom a session is.
    SessionFor: SessionFor {
        /// The person whom the records are about.
        Subject "subject" "本人" "the person",
        /// Who answers for a minor, until the 18th birthday.
        Guardian "guardian" "监护人" "a guardian",
        /// Who has a power of attorney.
        Attorney "attorney" "委托代理人" "an attorney",
        /// An heir.
        Heir "heir" "继承人" "an heir",
    }
}

word_enum! {
    /// How far a session is.
    SessionState: SessionState {
        /// The link waits to be opened.
        Waiting "waiting" "待打开" "waiting",
        /// It is bound to a browser.
        Opened "opened" "已打开" "opened",
        /// Its time is over.
        Expired "expired" "已过期" "expired",
        /// Whoever made it ended it, or the secretariat.
        Ended "ended" "已停用" "ended",
        /// Too many wrong codes ended it.
        Locked "locked" "验证码错误次数过多" "locked by wrong codes",
    }
}

word_enum! {
    /// What is filed in a session.
    FilingKind: FilingKind {
        /// The person's own words, to be logged as a rejoinder.
        Statement "statement" "本人陈述" "a statement",
        /// What is held is wrong.
        Dispute "dispute" "异议" "a dispute",
        /// A seat of the panel must not decide.
        Challenge "challenge" "申请回避" "a challenge",
        /// Others are to decide anew.
        Appeal "appeal" "申诉" "an appeal",
        /// The measure is to end.
        Return "return" "恢复申请" "an application to return",
        /// Something held is to be corrected.
        Correction "correction" "更正请求" "a request for correction",
        /// A copy of what is held is asked for.
        Copy "copy" "查阅复制请求" "a request for a copy",
        /// What is held is to be erased.
        Erasure "erasure" "删除请求" "a request for erasure",
    }
}

word_enum! {
    /// How the secretariat knows that the person of a session is the one whom the records are about.
    IdentityCheck: IdentityCheck {
        /// A document was seen at the desk; never a face alone.
        DocumentSeen "document-seen" "已当面核对证件" "a document was seen",
        /// A code was sent by post or told by telephone, and the person typed it.
        CodeSent "code-sent" "已另行告知确认码" "a code was sent",
    }
}

word_enum! {
    /// What the secretariat answers to a filing.
    FilingOutcome: FilingOutcome {
        /// It is done, or taken up.
        Granted "granted" "予以受理" "granted",
        /// A part of it is.
        Partly "partly" "部分受理" "granted in part",
        /// It isn't, with reasons.
        Refused "refused" "不予受理" "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_reads_back_as_it_is_written() {
        for kind in FilingKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
            assert_eq!(FilingKind::from_word(kind.as_str()), Some(*kind));
        }
        for state in SessionState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        }
        for of in SessionFor::ALL {
            assert_eq!(serde_json::to_value(of).unwrap(), of.as_str());
        }
        for how in IdentityCheck::ALL {
            assert_eq!(serde_json::to_value(how).unwrap(), how.as_str());
        }
        for outcome in FilingOutcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
        }
    }
}
