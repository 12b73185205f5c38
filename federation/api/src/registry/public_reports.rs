//! Reports of the public: sealed in a browser, by whoever has no key (`docs/formats.md` §14, §17).
//!
//! Who asks isn't known and isn't asked for. What a report's reporter may see and add goes by a hash of a code that only
//! the reporter has.

use callboard_federation::{
    encoding::{Base64, Hash, ReportId, Time},
    report::{ReportAct, ReportCode, ReportKind, ReportState},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Anyone, Operation, operations};

/// A report of the public to be filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "kind": "public",
    "follow": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d", "sealed": "eyJ2IjoxfQ==",
    "files": [{"bytes": 1040, "sha256": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51"}],
}))]
pub struct NewPublicReport {
    /// A UUID of version 7, made in the browser.
    pub id: ReportId,
    /// `public`, or `public-minor` where a minor is concerned.
    pub kind: ReportKind,
    /// The id of its follow code.
    pub follow: Hash,
    /// What it says: the JSON of a message to report keys, at most 320 KiB.
    pub sealed: Base64,
    /// Its files' ciphertexts, in order: at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<NewReportFile>,
}

/// A file's ciphertext, which comes in parts afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "bytes": 1040, "sha256": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51",
}))]
pub struct NewReportFile {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of it.
    pub sha256: Hash,
}

/// A part of a file's ciphertext.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "follow": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d", "number": 0, "part": 0,
    "bytes": "eyJ2IjoxfQ==",
}))]
pub struct NewFilePart {
    /// The id of the report's follow code.
    pub follow: Hash,
    /// Which file, from 0.
    pub number: u64,
    /// Which part of it, from 0.
    pub part: u64,
    /// 524,288 bytes, or what is left of the file in its last part.
    pub bytes: Base64,
}

/// How far a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"isWhole": true}))]
pub struct FilePartTaken {
    /// Whether all of the file is there, and its SHA-256 is the one that was told.
    pub is_whole: bool,
}

/// Whose report is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"follow": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d"}))]
pub struct FollowQuestion {
    /// The id of the follow code.
    pub follow: Hash,
}

/// What a reporter answers or adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "follow": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
    "words": "eyJ2IjoxfQ==",
}))]
pub struct NewReporterWords {
    /// The id of the follow code.
    pub follow: Hash,
    /// The JSON of the words as they are sealed under the code's key; at most 16 KiB.
    pub words: Base64,
}

/// A report of the public, as its reporter sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "019c167f-cc00-7568-8a65-6cc0703e460a", "code": "PZMDE5VTNK", "kind": "public", "state": "asked",
    "receivedAt": "2026-02-01T00:00:00.000Z", "dueAt": "2026-02-04T00:00:00.000Z", "isOpen": true, "missingFiles": 1,
    "erasedAt": "2029-02-02T00:00:00.000Z",
    "entries": [{"bySecretariat": true, "act": "ask", "at": "2026-02-02T00:00:00.000Z", "words": "eyJ2IjoxfQ=="}],
}))]
pub struct FollowedReport {
    /// Its id.
    pub id: ReportId,
    /// By what people name it.
    pub code: ReportCode,
    /// What it is.
    pub kind: ReportKind,
    /// How far it is.
    pub state: ReportState,
    /// When the registry had it.
    pub received_at: Time,
    /// By when the secretariat is to say what becomes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Time>,
    /// Whether something can be added.
    pub is_open: bool,
    /// How many of its files aren't whole.
    pub missing_files: u64,
    /// When what it says was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Time>,
    /// What was done with it, in order, but for what the secretariat keeps to itself.
    pub entries: Vec<FollowedEntry>,
}

/// Something that was done with a report of the public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"bySecretariat": true, "act": "ask", "at": "2026-02-02T00:00:00.000Z", "words": "eyJ2IjoxfQ=="}))]
pub struct FollowedEntry {
    /// Whether the secretariat did it; else the reporter.
    pub by_secretariat: bool,
    /// What was done.
    pub act: ReportAct,
    /// When, by the registry's clock.
    pub at: Time,
    /// What was said: the JSON of words under the code's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Base64>,
}

operations! {
    /// The operations of whoever reports without a key.
    OPERATIONS:

    /// Files a report of the public
    ///
    /// Without a key or an account. What it says is sealed in the browser to the secretariat's report keys. The same
    /// report again gets the same answer; another under its id, or with a follow code that was used, is refused.
    FILE_PUBLIC_REPORT: [Anyone, (), (), NewPublicReport, FollowedReport] =
        Operation::post("/v1/public-reports", "reports").takes("").gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("malformed body-too-large report-refused report-repeated public-reports-full");

    /// Takes a part of a file of a report of the public
    ///
    /// In any order, and the same again. Once all parts of a file are there, its SHA-256 is compared; if it is another,
    /// the parts are dropped and the file begins again. Files come within a day of their report.
    PUT_REPORT_FILE_PART: [Anyone, ReportId, (), NewFilePart, FilePartTaken] =
        Operation::post("/v1/public-reports/{report}/files", "reports").part("Its id").takes("")
            .gives(&[(200, "The part is there")])
            .problems("malformed body-too-large not-found report-refused report-closed");

    /// Shows how far a report of the public is, to whoever has its code
    FOLLOW_PUBLIC_REPORT: [Anyone, (), (), FollowQuestion, FollowedReport] =
        Operation::post("/v1/public-reports/follow", "reports").takes("").only_reads()
            .gives(&[(200, "The report")]).problems("malformed body-too-large not-found");

    /// Answers the secretariat, or adds something to a report of the public
    ADD_TO_PUBLIC_REPORT: [Anyone, (), (), NewReporterWords, FollowedReport] =
        Operation::post("/v1/public-reports/words", "reports").takes("")
            .gives(&[(201, "Kept now"), (200, "Kept before")])
            .problems("malformed body-too-large not-found report-refused report-closed");
}
