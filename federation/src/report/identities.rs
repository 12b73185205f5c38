//! How a member is asked whose an account on its platform is, and answers. It sees the account, not the report.
//! Implements §14.

use serde::{Deserialize, Serialize};

use super::{
    ContentError,
    content::{MAX_LINE_BYTES, ReportedIdentity, check_identities},
    is_line, is_text,
    signed::SignedContent,
    words::MAX_TEXT_BYTES,
};
use crate::{
    dsse::PayloadType,
    encoding::{IdentityRequestId, Time},
    language::Phrase,
    members::MemberId,
};

/// Whose account is asked for, sealed to the member's recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityQuestion {
    /// The format's version, 1.
    pub v: u64,
    /// The question's id, which stands beside the ciphertext too.
    pub request: IdentityRequestId,
    /// Who is asked.
    pub member: MemberId,
    /// The account.
    pub account: String,
    /// What it is asked for, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was asked, by the seat's clock.
    pub at: Time,
}

/// What a member knows of the account, sealed to the secretariat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityAnswer {
    /// The format's version, 1.
    pub v: u64,
    /// The question's id.
    pub request: IdentityRequestId,
    /// The identities that it has, as they were typed; none if it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<ReportedIdentity>,
    /// What it says besides; where it has no identity, why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it answered, by its clock.
    pub at: Time,
}

const TEXT: Phrase = Phrase::new("内容", "the text");

impl SignedContent for IdentityQuestion {
    const TYPE: PayloadType = PayloadType::IdentityQuestion;

    fn check(&self) -> Result<(), ContentError> {
        if self.v != 1 {
            return Err(ContentError::Version);
        }
        is_line(Phrase::new("账号", "an account"), &self.account, MAX_LINE_BYTES)?;
        self.text.as_ref().map_or(Ok(()), |text| is_text(TEXT, text, MAX_TEXT_BYTES))
    }
}

impl SignedContent for IdentityAnswer {
    const TYPE: PayloadType = PayloadType::IdentityAnswer;

    fn check(&self) -> Result<(), ContentError> {
        if self.v != 1 {
            return Err(ContentError::Version);
        }
        check_identities(&self.identities)?;
        if self.identities.is_empty() && self.text.is_none() {
            return Err(ContentError::Missing {
                what: Phrase::new("证件或者说明", "identities, or why there is none"),
            });
        }
        self.text.as_ref().map_or(Ok(()), |text| is_text(TEXT, text, MAX_TEXT_BYTES))
    }
}
