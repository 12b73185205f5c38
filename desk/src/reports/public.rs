//! A report of the public, opened with the seat's report key: what it says, who reports if they say so, its files, and what
//! was said under its code.
//!
//! Nobody signed it. What a file says of its type is held against its first bytes; the desk never opens one, it saves it.

use callboard_api::registry::reports::{FilePartOf, GET_REPORT_FILE_PART, KeptReport, ReportEntry};
use callboard_federation::{
    encoding::{Base64, Hash, ReportId, from_json, to_json},
    language::Phrase,
    report::content::{Report, Subject, SubjectRole},
    report::public::{FollowWords, PublicFile, PublicReport, Reporter, Side, reporter_belongs_to, words_belong_to},
    report_key::{
        sealed::{SealedForKeys, SealedForKeysError},
        under_key::{self, SealedUnderKey, open_file, sealed_length},
    },
    zh_en,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{
    Reports,
    opened::{OpenReport, Unreadable, another},
};
use crate::{Error, report_keys::ReportKeys};

/// What is told of a file that isn't what it says.
pub const OTHER_TYPE: Phrase = Phrase::new(
    "该文件的实际类型与其自称不符：切勿直接打开",
    "the file isn't of the type that it says: don't open it as it is",
);

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

/// A file of a report of the public, opened.
pub struct OpenFile {
    pub name: String,
    pub bytes: Zeroizing<Vec<u8>>,
    /// What its first bytes say that it is.
    pub found: FileType,
    /// Whether that is what it says itself.
    pub is_as_told: bool,
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileType(&'static str);

impl FileType {
    /// Of which the bytes say nothing that is known.
    pub const UNKNOWN: Self = Self("");

    /// The media type; empty where it isn't known.
    pub const fn media(self) -> &'static str {
        self.0
    }

    /// What the first bytes of a file say.
    pub fn of(bytes: &[u8]) -> Self {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
        let heic = [b"heic", b"heix", b"hevc", b"mif1"].iter().any(|brand| at(8, *brand));
        Self(match () {
            () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
            () if starts(b"\xff\xd8\xff") => "image/jpeg",
            () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
            () if starts(b"RIFF") && at(8, b"WEBP") => "image/webp",
            () if starts(b"RIFF") && at(8, b"AVI ") => "video/x-msvideo",
            () if starts(b"RIFF") && at(8, b"WAVE") => "audio/wav",
            () if at(4, b"ftyp") && heic => "image/heic",
            () if at(4, b"ftyp") && at(8, b"qt  ") => "video/quicktime",
            () if at(4, b"ftyp") && at(8, b"M4A ") => "audio/mp4",
            () if at(4, b"ftyp") => "video/mp4",
            () if starts(b"\x1a\x45\xdf\xa3") => "video/webm",
            () if starts(b"FLV\x01") => "video/x-flv",
            () if starts(b"ID3") || starts(b"\xff\xfb") => "audio/mpeg",
            () if starts(b"OggS") => "audio/ogg",
            () if starts(b"%PDF-") => "application/pdf",
            () if starts(b"PK\x03\x04") => "application/zip",
            () => "",
        })
    }

    /// Whether a file of this type may call itself so: containers have several names.
    fn may_be(self, told: &str) -> bool {
        let told = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if told.is_empty() {
            return true;
        }
        let also: &[&str] = match self.0 {
            "" => return !told.starts_with("image/") && !told.starts_with("video/") && told != "application/pdf",
            "image/heic" => &["image/heif"],
            "video/mp4" => &["video/x-m4v", "video/3gpp", "video/quicktime"],
            "video/quicktime" => &["video/mp4"],
            "video/webm" => &["video/x-matroska", "audio/webm"],
            "audio/mp4" => &["audio/x-m4a", "audio/aac"],
            "audio/wav" => &["audio/x-wav", "audio/wave"],
            "audio/mpeg" => &["audio/mp3"],
            "audio/ogg" => &["application/ogg", "video/ogg"],
            "video/x-msvideo" => &["video/avi"],
            // A document of an office program is an archive.
            "application/zip" => &["application/x-zip-compressed"],
            _ => &[],
        };
        told == self.0
            || also.contains(&told.as_str())
            || (self.0 == "application/zip" && told.starts_with("application/vnd."))
    }
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
            OpenReporter::ForOthers => zh_en!("仅限规则指定的席位阅读", "for the seats alone that the rules name"),
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

    /// Fetches and opens a file of a report of the public, from 0.
    pub async fn file(&self, of: &OpenReport, number: usize, rng: &mut impl CryptoRng) -> Result<OpenFile, Error> {
        let missing = || Error::other("report-file-missing", || zh_en!("没有这个文件", "there is no such file"));
        let public = of.public.as_ref().ok_or_else(missing)?;
        let told = public.report.files.get(number).ok_or_else(missing)?;
        let kept = of.kept.files.get(number).ok_or_else(missing)?;
        if !kept.is_whole {
            return Err(Error::other("report-file-incomplete", || {
                zh_en!("该文件未上传完成", "the file never came whole")
            }));
        }
        let id = of.kept.id;
        let sealed = self.fetch_file(id, number, kept.bytes, rng).await?;
        let length = usize::try_from(told.bytes).map_err(|_| missing())?;
        if Hash::of(&sealed) != kept.sha256 || sealed.len() != sealed_length(length) {
            return Err(another());
        }
        open(id, number, told, &sealed, length)
    }

    async fn fetch_file(
        &self,
        id: ReportId,
        number: usize,
        length: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, Error> {
        let mut sealed = Vec::new();
        for part in 0.. {
            let query = FilePartOf { number: number as u64, part };
            let answer = self.ask(&GET_REPORT_FILE_PART.with(&id, &query, &()), rng).await?;
            sealed.extend(answer.bytes.0);
            if answer.is_last || sealed.len() as u64 > length {
                break;
            }
        }
        Ok(sealed)
    }
}

fn open(id: ReportId, number: usize, told: &PublicFile, sealed: &[u8], length: usize) -> Result<OpenFile, Error> {
    let opened = open_file(sealed, &told.key, &told.nonce.0, (&id.to_string(), number), length);
    let bytes = opened.ok().filter(|bytes| Hash::of(bytes) == told.sha256).ok_or_else(another)?;
    let found = FileType::of(&bytes);
    Ok(OpenFile { name: told.name.clone(), bytes, found, is_as_told: found.may_be(&told.media) })
}

fn unopened(why: SealedForKeysError) -> Error {
    let text = why.to_string();
    match why {
        SealedForKeysError::NotForUs => Error::other("report-key-missing", || {
            zh_en!(
                "该举报不是密封给此计算机上的举报密钥的：请由其他秘书处席位打开，或者在建立密钥的那台计算机上打开",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_first_bytes_say() {
        for (bytes, media) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], "image/png"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
            (b"\0\0\0\x18ftypheic", "image/heic"),
            (b"\0\0\0\x18ftypisom", "video/mp4"),
            (b"%PDF-1.7", "application/pdf"),
            (b"MZ\x90\0", ""),
            (b"", ""),
        ] {
            assert_eq!(FileType::of(bytes).media(), media);
        }
    }

    #[test]
    fn a_program_that_calls_itself_a_picture_is_told_and_a_video_has_several_names() {
        let of = |bytes: &[u8], told: &str| FileType::of(bytes).may_be(told);
        assert!(of(b"\x89PNG\r\n\x1a\n", "image/png"));
        assert!(!of(b"MZ\x90\0", "image/png"));
        assert!(!of(b"%PDF-1.7", "image/png"));
        assert!(!of(b"<html>", "video/mp4"));
        assert!(of(b"\0\0\0\x18ftypisom", "video/quicktime"));
        assert!(of(b"hello", "text/plain") && of(b"hello", ""));
        assert!(of(b"\x89PNG\r\n\x1a\n", ""), "it says nothing that could be false");
    }
}
