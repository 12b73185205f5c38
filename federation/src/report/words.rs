//! What the secretariat and whoever filed a report say to each other of it. Implements §14.

use serde::{Deserialize, Serialize};

use super::{ContentError, ReportAct, is_text, signed::SignedContent};
use crate::{
    dsse::PayloadType,
    encoding::{ReportId, Time},
    language::Phrase,
};

/// The most bytes of a text: sealed to thirty seats it is within [`super::MAX_WORDS_BYTES`].
pub const MAX_TEXT_BYTES: usize = 4 * 1_024;

/// A text that belongs to an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportWords {
    /// The format's version, 1.
    pub v: u64,
    /// The report.
    pub report: ReportId,
    /// What is done with it.
    pub act: ReportAct,
    /// Why, or what is asked or answered.
    pub text: String,
    /// When, by the clock of who says it.
    pub at: Time,
}

impl SignedContent for ReportWords {
    const TYPE: PayloadType = PayloadType::ReportWords;

    fn check(&self) -> Result<(), ContentError> {
        if self.v != 1 {
            return Err(ContentError::Version);
        }
        is_text(Phrase::new("内容", "the text"), &self.text, MAX_TEXT_BYTES)
    }
}
