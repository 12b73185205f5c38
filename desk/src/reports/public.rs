//! A report of the public, opened with the seat's report key: what it says, who reports if they say so, and what was said
//! under its code. Nobody signed it. Its files are [`super::file`]'s.

use callboard_api::registry::reports::{KeptReport, ReportEntry};
use callboard_federation::{
    encoding::{Base64, from_json, to_json},
    language::Phrase,
    report::content::{Report, Subject, SubjectRole},
    report::public::{FollowWords, PublicReport, Reporter, Side, reporter_belongs_to, words_belong_to},
    report_key::{
        sealed::{SealedForKeys, SealedForKeysError},
        under_key::{self, SealedUnderKey},
    },
    zh_en,
};
use rand_core::CryptoRng;

use super::{
    Reports,
    untrue::{Unreadable, another},
};
use crate::{Error, report_keys::ReportKeys};

/// A report of the public.
pub struct OpenPublicReport {
    pub report: PublicReport,
    /// Who reports, if they say so; or that only other seats may read it.
    pub reporter: OpenReporter,
}

/// Who reports.
pub enum OpenReporter {
    /// They don't say.
    Unnamed,
    Named(Reporter),
    /// Sealed to fewer seats, and not to this one.
    ForOthers,
    /// Damaged.
    Unreadable,
}

impl OpenPublicReport {
    /// What of it a case begins with, as a report of a member has it.
    pub(super) fn as_report(&self) -> Report {
        let PublicReport { id, kind, room, description, accounts, .. } = &self.report;
        let subject = |account: &String| Subject {
            account: account.clone(),
            nickname: None,
            role: SubjectRole::Host,
            identities: Vec::new(),
            birth: None,
        };
        Report {
            v: 1,
            id: *id,
            kind: *kind,
            record: None,
            reference: None,
            codes: Vec::new(),
            places: Vec::new(),
            happened_from: None,
            happened_to: None,
            room: room.clone(),
            description: description.clone(),
            evidence: Vec::new(),
            subjects: accounts.iter().map(subject).collect(),
            permanent_ban: false,
            document: None,
        }
    }

    /// What it says, a name and a text each.
    pub fn rows(&self) -> Vec<(Phrase, String)> {
        let report = &self.report;
        let day = report.day.map(|day| day.to_string());
        let when = [day, report.when.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let who = match &self.reporter {
            OpenReporter::Unnamed => zh_en!("未填写", "unnamed"),
            OpenReporter::Named(Reporter { name, contact }) => {
                [name, contact].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
            }
            OpenReporter::ForOthers => zh_en!("仅限规则指定的人员阅读", "for the seats alone that the rules name"),
            OpenReporter::Unreadable => zh_en!("无法打开", "it doesn't open"),
        };
        let rows = [
            (Phrase::new("是否涉及未成年人", "a minor"), report.minor.phrase().to_string()),
            (Phrase::new("平台", "platform"), report.platform.clone()),
            (Phrase::new("直播间", "room"), report.room.clone().unwrap_or_default()),
            (Phrase::new("账号", "accounts"), report.accounts.join("\n")),
            (Phrase::new("发生时间", "when"), when),
            (Phrase::new("情况说明", "what happened"), report.description.clone()),
            (Phrase::new("举报人是", "who reports is"), report.relation.phrase().to_string()),
            (Phrase::new("举报人", "who reports"), who),
        ];
        rows.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }
}

impl Reports<'_> {
    /// Opens what the public sealed to the secretariat's report keys.
    pub(super) fn open_public(&self, kept: &KeptReport, sealed: &[u8]) -> Result<OpenPublicReport, Error> {
        let keys = ReportKeys::in_home(&self.home, self.key).all()?;
        let message: SealedForKeys = from_json(sealed).map_err(|_| another())?;
        let opened = message.open(&kept.id.to_string(), &keys).map_err(unopened)?;
        let report: PublicReport = from_json(&opened).map_err(|_| unwhole())?;
        report.check().map_err(super::unwhole)?;
        if (report.id, report.kind) != (kept.id, kept.kind) || report.files.len() != kept.files.len() {
            return Err(another());
        }
        let reporter = match (&report.reporter, &report.reporter_apart) {
            (Some(reporter), _) => OpenReporter::Named(reporter.clone()),
            (None, None) => OpenReporter::Unnamed,
            (None, Some(apart)) => match apart.open(&reporter_belongs_to(kept.id), &keys) {
                Ok(opened) => from_json(&opened).map_or(OpenReporter::Unreadable, OpenReporter::Named),
                Err(SealedForKeysError::NotForUs) => OpenReporter::ForOthers,
                Err(_) => OpenReporter::Unreadable,
            },
        };
        Ok(OpenPublicReport { report, reporter })
    }

    /// What was said under the code; `None` where nothing was.
    pub(super) fn said_under_code(report: &PublicReport, entry: &ReportEntry) -> Option<Result<String, Unreadable>> {
        let Base64(sealed) = entry.to_reporter.as_ref()?;
        let by = if entry.seat.is_some() { Side::Secretariat } else { Side::Reporter };
        let name = report.id.to_string();
        let read = || -> Option<String> {
            let sealed: SealedUnderKey = from_json(sealed).ok()?;
            let opened = sealed.open(&report.follow_key, &words_belong_to(&name, by)).ok()?;
            let words: FollowWords = from_json(&opened).ok()?;
            words.check(report.id, by).ok()?;
            Some(words.text)
        };
        Some(read().ok_or(Unreadable))
    }

    /// Seals words to whoever reported.
    pub(super) fn seal_to_reporter(
        &self,
        report: &PublicReport,
        text: &str,
        rng: &mut impl CryptoRng,
    ) -> Result<Base64, Error> {
        let (by, name) = (Side::Secretariat, report.id.to_string());
        let words = FollowWords { v: 1, report: report.id, by, text: text.to_owned(), at: self.now() };
        words.check(report.id, by).map_err(super::unwhole)?;
        let sealed = under_key::seal(&to_json(&words), &report.follow_key, &words_belong_to(&name, by), rng);
        let sealed = sealed.map_err(|why| Error::other("seal-recipients", || why.to_string()))?;
        Ok(Base64(to_json(&sealed)))
    }
}

fn unopened(why: SealedForKeysError) -> Error {
    let text = why.to_string();
    match why {
        SealedForKeysError::NotForUs => Error::other("report-key-missing", || {
            zh_en!(
                "该举报不是密封给此计算机上的举报密钥的：请由秘书处其他成员打开，或者在建立密钥的那台计算机上打开",
                "the report isn't sealed to a report key of this computer: another seat of the secretariat opens it, or the computer on which your key was made"
            )
        }),
        _ => Error::other("report-sealed", || text.clone()),
    }
}

fn unwhole() -> Error {
    Error::other("report-content", || {
        zh_en!("举报的内容不是规定的格式", "what the report says isn't as the formats take it")
    })
}
