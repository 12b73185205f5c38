//! An objection becomes a case: it is filed in the case that decided, and another is opened that hears it.

use callboard_federation::{
    encoding::{CaseId, RecordId, Time},
    statement::{Kind, PolicyRef},
    zh_en,
};
use callboard_rules::case::{
    Case,
    act::{Act, AppealOf, Application, Filer},
    number::ItemNumber,
};
use rand_core::CryptoRng;

use super::{Cases, case_file::CaseFile, sealed::Said};
use crate::Error;

/// How something was filed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filing {
    pub filed_at: Time,
    pub by: Filer,
    /// It came on paper.
    pub paper: bool,
}

/// Files an objection to what a case decided of these items, and opens the case that hears it. Without items, the one that
/// was filed before and isn't heard yet.
///
/// # Errors
/// The rules refuse it: it is late, a second one, or of what isn't decided there; or none waits to be heard.
pub async fn appeal(
    cases: &Cases<'_>,
    first: CaseFile,
    items: Vec<ItemNumber>,
    filing: Filing,
    said: Said,
    rng: &mut impl CryptoRng,
) -> Result<CaseFile, Error> {
    if items.is_empty() {
        let (event, id) = unheard(cases, &first.case, rng).await?.ok_or_else(none_waits)?;
        return cases.open_as(id, opening(&first.case, event), said, rng).await;
    }
    let heard_by = cases.new_id(rng);
    let filed_at = first.case.not_before_decision(&items, filing.filed_at);
    let act = Act::Appealed { items, heard_by, filed_at, by: filing.by, paper: filing.paper };
    let first = cases.act(first, act, said.clone(), rng).await?;
    let filed = first.case.appeals.iter().find(|(_, filed)| filed.heard_by == heard_by);
    let event = filed.map(|(event, _)| *event).ok_or_else(none_waits)?;
    cases.open_as(heard_by, opening(&first.case, event), said, rng).await
}

fn opening(first: &Case, event: u64) -> Act {
    let (policy, case) = (first.policy.clone(), first.id());
    Act::Opened { policy, earlier: Vec::new(), appeal: Some(AppealOf { case, event }), application: None }
}

/// The first objection that no case hears yet: the number of its event, and the case that is to hear it.
async fn unheard(cases: &Cases<'_>, first: &Case, rng: &mut impl CryptoRng) -> Result<Option<(u64, CaseId)>, Error> {
    for (event, filed) in &first.appeals {
        match cases.fetch(filed.heard_by, rng).await {
            Ok(_) => {}
            Err(error) if error.code() == "case-missing" => return Ok(Some((*event, filed.heard_by))),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn none_waits() -> Error {
    Error::other("appeal-none", || {
        zh_en!(
            "该案件没有尚未立案的异议：请写明对哪些人的决定提出异议",
            "no appeal that was filed there waits for its case: say of which items the decision is appealed"
        )
    })
}

impl Cases<'_> {
    /// An application to return from a record of the log, with the policy that it was made under.
    ///
    /// # Errors
    /// The log has no such ruling.
    pub fn application(&self, record: RecordId, filing: Filing) -> Result<(PolicyRef, Application), Error> {
        let log = self.log.replay();
        let no_ruling = || {
            Error::other("return-record", || {
                zh_en!("登记册中没有这一处理记录：{record}", "the log has no ruling {record}")
            })
        };
        let ruling = log.records().get(record).filter(|of| of.kind == Kind::Ruling).ok_or_else(no_ruling)?;
        let (measure, sha256) = ruling.measure.as_ref().zip(ruling.policy).ok_or_else(no_ruling)?;
        let policy = log.policies().get(&sha256).ok_or_else(no_ruling)?;
        let policy = PolicyRef { instrument: policy.instrument.clone(), version: policy.version.clone(), sha256 };
        let Filing { filed_at, by, paper } = filing;
        let (since, until) = (ruling.starts, measure.until);
        Ok((policy, Application { record, measure: measure.kind, since, until, filed_at, by, paper }))
    }
}
