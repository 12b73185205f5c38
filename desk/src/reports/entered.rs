//! What the secretariat enters itself: an authority's decision, a court's order, a letter.

use callboard_api::registry::reports::{FILE_REPORT, KeptReport, NewReport};
use callboard_federation::{
    encoding::Base64,
    report::{
        MAX_CONTENT_BYTES, MAX_SEALED_BYTES, ReportKind,
        content::{PaperDocument, Report, Subject, SubjectRole},
        signed::{self, SignedContent as _},
    },
    zh_en,
};
use callboard_keys::age_file;
use rand_core::CryptoRng;

use super::{Reports, unwhole};
use crate::Error;

/// A document as it is entered.
#[derive(Debug, Clone)]
pub struct Entered {
    /// `authority`, `court` or `paper`.
    pub kind: ReportKind,
    pub document: PaperDocument,
    pub codes: Vec<String>,
    /// The accounts of the hosts that it is about.
    pub accounts: Vec<String>,
    pub description: String,
}

impl Reports<'_> {
    /// Files a document that came to the secretariat; it is read by its seats alone.
    pub async fn enter(&self, entered: Entered, rng: &mut impl CryptoRng) -> Result<KeptReport, Error> {
        let Entered { kind, document, codes, accounts, description } = entered;
        let host = |account: String| Subject {
            account,
            nickname: None,
            role: SubjectRole::Host,
            identities: Vec::new(),
            birth: None,
        };
        let id = self.new_id(rng);
        let report = Report {
            v: 1,
            id,
            kind,
            record: None,
            reference: None,
            codes,
            places: Vec::new(),
            happened_from: None,
            happened_to: None,
            room: None,
            description,
            evidence: Vec::new(),
            subjects: accounts.into_iter().map(host).collect(),
            permanent_ban: false,
            document: Some(document),
        };
        report.check().map_err(unwhole)?;
        let bytes = signed::sign(&report, self.key.signing_key());
        let sealed = Some(bytes).filter(|bytes| bytes.len() <= MAX_CONTENT_BYTES);
        let sealed = sealed.and_then(|bytes| age_file::seal(self.seats(), &bytes));
        let sealed = sealed.filter(|sealed| sealed.len() <= MAX_SEALED_BYTES).ok_or_else(|| {
            Error::other("report-long", || zh_en!("内容过长，无法密封", "it is too long to be sealed"))
        })?;
        let new = NewReport { id, kind, record: None, sealed: Base64(sealed) };
        self.ask(&FILE_REPORT.with(&(), &(), &new), rng).await
    }
}
