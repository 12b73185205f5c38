//! A registry's export: its log as files, and the audit of one. The files are [`callboard_client::export`]'s.

use std::path::Path;

use callboard_client::export::{Export, ExportError, Writer};
use callboard_federation::{
    encoding::{Hash, Time},
    tlog::checkpoint::SignedCheckpoint,
    zh_en,
};

use super::{
    LedgerError,
    anchors::envelopes,
    audit::{Audit, AuditReport, AuditStep, Difference},
    load::{PAGE, disclosure},
};
use crate::store::Store;

#[derive(Debug, thiserror::Error)]
pub enum ExportWriteError {
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error("{}", zh_en!("导出期间登记册有新内容，其中有删除决定书：请重新导出",
        "the log went on meanwhile, and an erasure is among it: export again"))]
    Grown,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportSummary {
    pub size: u64,
    /// The hash that pins the log, if it has begun.
    pub genesis: Option<Hash>,
}

/// Writes the log up to a note that it published into a new directory. `progress` is told after each page. Nothing is
/// signed: whoever exports needn't be the one that writes.
///
/// # Errors
/// `Behind`, `OfAnother` if the store's entries aren't those of the note, `Grown` if something erased some of them
/// since.
pub async fn write(
    store: &Store,
    note: &SignedCheckpoint,
    directory: &Path,
    progress: impl Fn(u64, u64),
) -> Result<ExportSummary, ExportWriteError> {
    let size = note.checkpoint().size;
    let mut writer = Writer::create(directory)?;
    let (mut from, mut genesis) = (0, None);
    while from < size {
        let page = store.entries(from, size.min(from + PAGE)).await.map_err(LedgerError::from)?;
        if page.is_empty() {
            return Err(LedgerError::Behind { signed: size, stored: from }.into());
        }
        from += page.len() as u64;
        for stored in page {
            if stored.erased_by.is_some_and(|by| by >= size) {
                return Err(ExportWriteError::Grown);
            }
            let line = disclosure(stored)?;
            genesis = genesis.or_else(|| line.docket.as_ref().map(|docket| docket.envelope.payload_hash()));
            writer.line(&line.to_json(), &line.entry)?;
        }
        progress(from, size);
    }
    let anchors = store.anchors(0, size).await.map_err(LedgerError::from)?;
    Ok(ExportSummary { size: writer.finish(envelopes(anchors)?, note)?, genesis })
}

pub fn audit(export: &Export, genesis: Option<Hash>, at: Option<Time>, now: Time) -> Result<AuditReport, ExportError> {
    let note = export.checkpoint()?;
    let mut audit = Audit::new(genesis);
    let fault = loop {
        match follow(export, &mut audit)? {
            Ok(AuditStep::BeginAgain) => {}
            Ok(AuditStep::Continue) => break None,
            Err(difference) => break Some(difference),
        }
    };
    let differing = export.differing_tiles(audit.replay().tree())?;
    // A fault ends an audit: what is anchored beyond it isn't followed.
    let anchors = if fault.is_none() { audit.differing_anchors(&export.anchors()?) } else { Vec::new() };
    let mut report = audit.finish(Some((&note, now)), at);
    report.differences.extend(fault.into_iter().chain(anchors));
    report.differences.extend(differing.into_iter().map(|path| Difference::Tile { path: path.to_string() }));
    Ok(report)
}

/// Follows the feed from its first line; a fault ends it.
fn follow(export: &Export, audit: &mut Audit) -> Result<Result<AuditStep, Difference>, ExportError> {
    for line in export.lines()? {
        let line = match line {
            Err(ExportError::Line { number, source }) => {
                return Ok(Err(Difference::Line { index: number.saturating_sub(1), source }));
            }
            line => line?,
        };
        match audit.take(&line) {
            Ok(AuditStep::Continue) => {}
            other => return Ok(other),
        }
    }
    Ok(Ok(AuditStep::Continue))
}
