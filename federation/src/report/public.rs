//! What a report of the public says. Nobody signs it: whoever reports has no key, and needs no account.
//!
//! It is sealed in a browser to the report keys of the secretariat (`report_key`). Its files lie beside it at the
//! registry, each under a key of its own that stands here. Implements `docs/formats.md` §17.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    ContentError, ReportKind,
    content::{MAX_DESCRIPTION_BYTES, MAX_LINE_BYTES},
    is_line, is_text, word_enum,
    words::MAX_TEXT_BYTES,
};
use crate::{
    encoding::{Hash, Octets, ReportId, Time},
    language::Phrase,
    report_key::{sealed::SealedForKeys, under_key::SealingKey},
};

/// The most files of a report.
pub const MAX_FILES: usize = 10;
/// The most bytes of its files together, as they are on the reporter's machine.
pub const MAX_FILE_BYTES: u64 = 25 * 1_024 * 1_024;
/// The most bytes of its files together as they are sealed: a step more at the most, and a first step for each.
pub const MAX_SEALED_FILE_BYTES: u64 = MAX_FILE_BYTES / 4 * 5 + 16 * 1_024;
/// The most accounts.
pub const MAX_ACCOUNTS: usize = 20;
/// The most bytes of a sealed report as JSON: the longest description in its most escapes, for every seat.
pub const MAX_SEALED_BYTES: usize = 320 * 1_024;
/// The most bytes of sealed words as JSON.
pub const MAX_SEALED_WORDS_BYTES: usize = 16 * 1_024;

word_enum! {
    /// Who reports.
    Relation: PublicReporterRelation {
        /// Somebody who saw it.
        Viewer "viewer" "观众或其他人" "somebody who saw it",
        /// The minor whom it is about.
        Minor "minor" "未成年人本人" "the minor concerned",
        /// Who answers for the minor.
        Guardian "guardian" "监护人" "a guardian",
        /// The one to whom it was done, of age.
        Victim "victim" "受害人" "the person concerned, of age",
    }
}

word_enum! {
    /// Whether a minor is concerned.
    MinorConcerned: PublicReportMinor {
        /// None, as far as is known.
        No "no" "不涉及未成年人" "no minor is concerned",
        /// A minor is the victim.
        Victim "victim" "未成年人受到侵害" "a minor is harmed",
        /// A minor broadcasts.
        Streamer "streamer" "未成年人出镜或者开播" "a minor broadcasts",
    }
}

/// A report of the public, as it is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PublicReport {
    /// The format's version, 1.
    pub v: u64,
    /// Its id, which stands beside the ciphertext too.
    pub id: ReportId,
    /// What it is, likewise.
    pub kind: ReportKind,
    /// Under which secretariat and reporter write to each other: it follows from the reporter's code.
    pub follow_key: SealingKey,
    /// The platform: a member's id, or its name.
    pub platform: String,
    /// The room or channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The accounts, as the platform shows them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// What happened, in words.
    pub description: String,
    /// When, by the clock of Beijing, as far as it is known: in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The day, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<Date>,
    /// Whether a minor is concerned.
    pub minor: MinorConcerned,
    /// Who reports.
    pub relation: Relation,
    /// Their name and how to reach them, if they say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter: Option<Reporter>,
    /// The same, sealed to fewer seats where a policy names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reporter_apart: Option<SealedForKeys>,
    /// The files, in the order in which they lie at the registry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PublicFile>,
    /// In which language it was written: an answer is in the same.
    pub language: String,
    /// When, by the reporter's clock.
    pub at: Time,
}

/// Who reports, as they say it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reporter {
    /// Their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A telephone number, a mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// A file of a report, whose ciphertext lies at the registry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicFile {
    /// What it is called on the reporter's machine.
    pub name: String,
    /// What the browser says that it is: a media type; perhaps nothing.
    #[serde(rename = "type")]
    pub media: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: Hash,
    /// The key under which it is sealed.
    pub key: SealingKey,
    /// And the nonce.
    pub nonce: Octets<12>,
}

/// What secretariat and reporter say to each other, sealed under the report's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowWords {
    /// The format's version, 1.
    pub v: u64,
    /// The report.
    pub report: ReportId,
    /// Who says it.
    pub by: Side,
    /// What is said.
    pub text: String,
    /// When, by the clock of who says it.
    pub at: Time,
}

word_enum! {
    /// Which of the two says something.
    Side: PublicReportSide {
        /// The secretariat.
        Secretariat "secretariat" "秘书处" "the secretariat",
        /// Whoever reported.
        Reporter "reporter" "举报人" "whoever reported",
    }
}

const KIND: Phrase = Phrase::new("类别", "the kind");
const PLATFORM: Phrase = Phrase::new("平台", "the platform");
const ROOM: Phrase = Phrase::new("直播间", "the room");
const ACCOUNT: Phrase = Phrase::new("账号", "an account");
const DESCRIPTION: Phrase = Phrase::new("情况说明", "the description");
const WHEN: Phrase = Phrase::new("发生时间", "when it happened");
const REPORTER: Phrase = Phrase::new("姓名或联系方式", "name or contact");
const FILES: Phrase = Phrase::new("文件", "the files");
const MINOR: Phrase = Phrase::new("是否涉及未成年人", "whether a minor is concerned");
const LANGUAGE: Phrase = Phrase::new("语言", "the language");

impl PublicReport {
    /// Whether it is as it must be.
    pub fn check(&self) -> Result<(), ContentError> {
        if self.v != 1 {
            return Err(ContentError::Version);
        }
        if !self.kind.is_of_public() {
            return Err(ContentError::Unasked { what: KIND });
        }
        if (self.kind == ReportKind::PublicMinor) != (self.minor != MinorConcerned::No) {
            return Err(ContentError::Missing { what: MINOR });
        }
        is_line(PLATFORM, &self.platform, MAX_LINE_BYTES)?;
        let lines = [(ROOM, &self.room), (WHEN, &self.when)];
        let lines = lines.into_iter().filter_map(|(what, line)| Some((what, line.as_deref()?)));
        lines.into_iter().try_for_each(|(what, line)| is_line(what, line, MAX_LINE_BYTES))?;
        if self.accounts.len() > MAX_ACCOUNTS {
            return Err(ContentError::Bound { what: ACCOUNT, most: MAX_ACCOUNTS });
        }
        self.accounts.iter().try_for_each(|account| is_line(ACCOUNT, account, MAX_LINE_BYTES))?;
        is_text(DESCRIPTION, &self.description, MAX_DESCRIPTION_BYTES)?;
        if self.reporter.is_some() && self.reporter_apart.is_some() {
            return Err(ContentError::Repeated { what: REPORTER });
        }
        self.reporter.as_ref().map_or(Ok(()), Reporter::check)?;
        is_line(LANGUAGE, &self.language, MAX_LINE_BYTES)?;
        let together = self.files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes));
        if self.files.len() > MAX_FILES || together.is_none_or(|bytes| bytes > MAX_FILE_BYTES) {
            return Err(ContentError::Bound { what: FILES, most: MAX_FILES });
        }
        self.files.iter().try_for_each(PublicFile::check)
    }
}

impl Reporter {
    /// Whether it says something, in lines.
    pub fn check(&self) -> Result<(), ContentError> {
        if self.name.is_none() && self.contact.is_none() {
            return Err(ContentError::Missing { what: REPORTER });
        }
        [&self.name, &self.contact].into_iter().flatten().try_for_each(|line| is_line(REPORTER, line, MAX_LINE_BYTES))
    }
}

impl PublicFile {
    fn check(&self) -> Result<(), ContentError> {
        is_line(FILES, &self.name, MAX_LINE_BYTES)?;
        if self.media.is_empty() { Ok(()) } else { is_line(FILES, &self.media, MAX_LINE_BYTES) }
    }
}

impl FollowWords {
    /// Whether it is as it must be, of this report and this side.
    pub fn check(&self, report: ReportId, by: Side) -> Result<(), ContentError> {
        if self.v != 1 || self.report != report || self.by != by {
            return Err(ContentError::Version);
        }
        is_text(Phrase::new("内容", "the text"), &self.text, MAX_TEXT_BYTES)
    }
}

/// To what words belong: which of the two says them, and of which report.
pub fn words_belong_to(report: &str, by: Side) -> [&str; 3] {
    ["callboard/follow-words/v1", report, by.as_str()]
}

/// To what a reporter's name belongs that is sealed apart.
pub fn reporter_belongs_to(report: ReportId) -> String {
    format!("{report}/reporter")
}

#[cfg(test)]
mod tests;
