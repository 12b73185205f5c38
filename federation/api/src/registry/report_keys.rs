//! Report keys: to what the public seals in a browser (`docs/formats.md` §17).
//!
//! What is kept is each seat's own signed word. Whoever has the roster verifies it; a browser that was given this page
//! and these keys by the same server can't, which is said where it matters.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, KeyId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope_example;
use crate::{Anyone, Operation, Seat, operations};

/// What became of a report key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "reportKey": "90f3a2b8be1b0a1d7a5a4d0c94f1b5d3f2b7c1de8a3f0d5b6c7e8f901a2b3c4d",
}))]
pub struct ReportKeyTaken {
    /// SHA-256 of the payload.
    pub report_key: Hash,
}

/// To what the public seals, and whom it reaches otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportKeys {
    /// The registry that they are for.
    pub issuer: String,
    /// The latest of each seat of the secretariat that is in force.
    pub keys: Vec<SeatReportKey>,
    /// Whether only those of `readsNames` are to read who reports.
    pub names_apart: bool,
    /// The most bytes of a report's files together, before they are sealed.
    pub files_bytes: u64,
    /// Telephone and post, in Chinese.
    pub contact_zh: String,
    /// The same in English.
    pub contact_en: String,
}

/// The report key of a seat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeatReportKey {
    /// The seat's key.
    pub seat: KeyId,
    /// The report key: 65 bytes in base64, as the envelope has it.
    pub public_key: String,
    /// Whether the seat is one of the few that read who reports, where a policy names such.
    pub reads_names: bool,
    /// What the seat signed.
    pub envelope: Envelope,
}

operations! {
    /// The operations on report keys.
    OPERATIONS:

    /// Takes the report key of your seat
    ///
    /// The body is the envelope (docs/formats.md §17), signed by the seat of the secretariat that asks. The one of the
    /// latest `at` holds; the same payload again gets the same answer, an earlier one is refused.
    PUBLISH_REPORT_KEY: [Seat, (), (), Envelope, ReportKeyTaken] =
        Operation::post("/v1/report-keys", "reports").takes("The envelope").body_example(envelope_example!("report-key"))
            .gives(&[(201, "Taken"), (200, "The registry had it already")]).problems("report-key-refused");

    /// Lists the report keys to which the public seals
    ///
    /// Each is its seat's own word: whoever has the roster verifies it.
    LIST_REPORT_KEYS: [Anyone, (), (), (), ReportKeys] =
        Operation::get("/v1/report-keys", "reports").gives(&[(200, "The keys")]).cached("no-cache")
            .example(concat!(
                r#"{"issuer": "callboard.example", "keys": [{"#,
                r#""seat": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51", "readsNames": true,"#,
                r#""publicKey": "BKkscZxhldUIUQRPRpqLmBTVg4/3K2BQHixEZuXmezJayYU21hoa9LeOW3+VHAkAvoY8QDzmXJv8s4JlciLRjEo=","#,
                r#""envelope": "#, envelope_example!("report-key"),
                r#"}], "namesApart": false, "filesBytes": 26214400, "contactZh": "电话……", "contactEn": "Telephone …"}"#
            ));
}
