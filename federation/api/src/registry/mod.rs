//! The operations of the registry, by what they are of.

pub mod cases;
pub mod declarations;
pub mod dockets;
pub mod documents;
pub mod drafts;
pub mod endpoints;
pub mod figures;
pub mod filings;
pub mod identity_requests;
pub mod log;
pub mod propagation;
pub mod public;
pub mod public_reports;
pub mod receipts;
pub mod recipients;
pub mod records;
pub mod report_keys;
pub mod reports;
pub mod sessions;

use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::Description;

/// Every operation, in the order of the document.
pub fn operations() -> impl Iterator<Item = &'static Description> {
    [
        dockets::OPERATIONS,
        records::OPERATIONS,
        documents::OPERATIONS,
        log::OPERATIONS,
        drafts::OPERATIONS,
        endpoints::OPERATIONS,
        receipts::OPERATIONS,
        cases::OPERATIONS,
        reports::OPERATIONS,
        identity_requests::OPERATIONS,
        recipients::OPERATIONS,
        sessions::OPERATIONS,
        filings::OPERATIONS,
        report_keys::OPERATIONS,
        public_reports::OPERATIONS,
        declarations::OPERATIONS,
        propagation::OPERATIONS,
        figures::OPERATIONS,
        public::OPERATIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// How many rows a page has, unless asked.
const ROWS: u64 = 100;
/// The most rows of a page.
const MAX_ROWS: u64 = 1_000;

/// How many rows a page has that was asked with this `limit`: 1 to 1,000, and 100 without one.
pub fn rows(limit: Option<u64>) -> u64 {
    limit.unwrap_or(ROWS).clamp(1, MAX_ROWS)
}

/// Which page of a listing.
#[derive(Debug, Default, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// Rows after this cursor: `next` of the page before.
    pub after: Option<u64>,
    /// How many rows: 1 to 1,000; beyond these the nearest of them.
    #[param(default = 100)]
    pub limit: Option<u64>,
}

impl Page {
    /// How many rows.
    pub fn rows(&self) -> u64 {
        rows(self.limit)
    }
}

/// An example of an envelope whose payload is of this kind, as JSON.
macro_rules! envelope_example {
    ($kind:literal) => {
        concat!(
            r#"{"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard."#,
            $kind,
            r#"+json", "signatures": [{"keyid": "112025279a740ce4adf8ca8a5f2fb5cbbe0ac7dfd7ddf7ad5bd3e02d2d3a4e51","#,
            r#" "sig": "agi3W3EX8aua9F08uON6fK8K1zPpGfY0E1Yq1p3v4xq1h0c0cH1Uu0d8mJ0h3n6XGq5gk2zQe8o5x7c9w1yTAQ=="}]}"#
        )
    };
}
use envelope_example;

/// An example of a notice file, as JSON.
const NOTICE_FILE: &str = r#"{"v": 1, "index": 7, "entry": "eyJ2IjoxfQ==", "publication": "eyJ2IjoxfQ==",
    "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json", "signatures": []},
    "proof": "c2sp.org/tlog-proof@v1\nindex 7\n", "roots": []}"#;
/// An example of a proof file, as JSON.
const PROOF_FILE: &str = r#"{"v": 1, "index": 7, "position": 16, "entry": "eyJ2IjoxfQ==", "statement": "eyJ2IjoxfQ==",
    "docket": {"payload": "eyJ2IjoxfQ==", "payloadType": "application/vnd.callboard.docket+json", "signatures": []},
    "proof": "c2sp.org/tlog-proof@v1\nindex 7\n", "roots": []}"#;
