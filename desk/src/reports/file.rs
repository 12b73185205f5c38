//! The files of a report of the public: fetched, decrypted, and saved. What a file says of its type is held against its
//! first bytes; the desk never opens one.

use callboard_api::registry::reports::{FilePartOf, GET_REPORT_FILE_PART};
use callboard_federation::{
    encoding::{Hash, ReportId},
    language::Phrase,
    report::public::PublicFile,
    report_key::under_key::{open_file, sealed_length},
    zh_en,
};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::{Reports, opened::OpenReport, untrue::another};
use crate::Error;

/// What is told of a file that isn't what it says.
pub const OTHER_TYPE: Phrase = Phrase::new(
    "该文件的实际类型与其自称不符：切勿直接打开",
    "the file isn't of the type that it says: don't open it as it is",
);

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

impl Reports<'_> {
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
