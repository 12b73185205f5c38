//! What a store lacks that no export has: the shares of records, and anchors whose members weren't asked.
//!
//! A share is with whoever drafted and signed the docket: handed in again, the docket brings it back, since its
//! statement names the share's hash ([`super::super::Ledger::restore_shares`]).

use callboard_federation::{
    encoding::{Hash, RecordId, Time},
    statement::Statement,
};

use super::RestoreError;
use crate::{
    ledger::audit::{AuditReport, Difference, of_store},
    store::Store,
};

#[derive(Debug)]
pub struct MissingData {
    /// Dockets with records whose share is lost, in order.
    pub shares: Vec<DocketWithoutShares>,
    /// Entries of anchors whose members' words are lost.
    pub anchors: Vec<u64>,
    /// What the store gives, derived again from its leaves.
    pub report: AuditReport,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocketWithoutShares {
    pub index: u64,
    /// SHA-256 of its payload.
    pub docket: Hash,
    pub records: Vec<RecordId>,
    /// Who signed it, and so had its bundle.
    pub signers: Vec<String>,
}

/// What a store lacks; all of it is derived again.
pub async fn find_missing(store: &Store, genesis: Hash, at: Option<Time>) -> Result<MissingData, RestoreError> {
    let mut report = of_store(store, Some(genesis), at).await?;
    let mut shares: Vec<DocketWithoutShares> = Vec::new();
    for lacking in store.records_without_share(0, report.size).await? {
        let has_details = Statement::from_json(&lacking.statement).is_ok_and(|found| found.details().is_some());
        let at = report.dockets.binary_search_by_key(&lacking.index, |docket| docket.index);
        let Some(docket) = at.ok().and_then(|at| report.dockets.get(at)).filter(|_| has_details) else { continue };
        match shares.last_mut().filter(|last| last.index == lacking.index) {
            Some(last) => last.records.push(lacking.id),
            None => shares.push(DocketWithoutShares {
                index: lacking.index,
                docket: docket.docket,
                records: vec![lacking.id],
                signers: docket.signers.clone(),
            }),
        }
    }
    let mut anchors = Vec::new();
    report.differences.retain(|difference| match difference {
        Difference::AnchorsMissing { index } => {
            anchors.push(*index);
            false
        }
        _ => true,
    });
    Ok(MissingData { shares, anchors, report })
}
