//! A registry's export: its log as files, and the audit of one. The files are [`callboard_client::export`]'s.

use std::path::Path;

use callboard_client::export::{Export, ExportError, Writer};
use callboard_federation::encoding::{Hash, Time};

use super::{
    Ledger, LedgerError,
    anchors::envelopes,
    audit::{Audit, Difference, Report, Took},
    load::{PAGE, disclosure},
};

/// Why a log can't be exported.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The files can't be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The log can't be read.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Writes the log as it is published into a new directory; how many entries. `progress` is told after each page.
pub async fn write(ledger: &Ledger, directory: &Path, progress: impl Fn(u64, u64)) -> Result<u64, WriteError> {
    let board = ledger.board();
    let size = board.newest.size;
    let mut writer = Writer::create(directory)?;
    let mut from = 0;
    while from < size {
        let page = ledger.store().entries(from, size.min(from + PAGE)).await.map_err(LedgerError::from)?;
        if page.is_empty() {
            return Err(LedgerError::Unreadable { index: from }.into());
        }
        from += page.len() as u64;
        for stored in page {
            let line = disclosure(stored)?;
            writer.line(&line.to_json(), &line.entry)?;
        }
        progress(from, size);
    }
    let anchors = ledger.store().anchors(0, size).await.map_err(LedgerError::from)?;
    Ok(writer.finish(envelopes(anchors)?, &board.newest.note)?)
}

/// Audits an export.
pub fn audit(export: &Export, genesis: Option<Hash>, at: Option<Time>, now: Time) -> Result<Report, ExportError> {
    let note = export.checkpoint()?;
    let mut audit = Audit::new(genesis);
    let fault = loop {
        match follow(export, &mut audit)? {
            Ok(Took::BeginAgain) => {}
            Ok(Took::Line) => break None,
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
fn follow(export: &Export, audit: &mut Audit) -> Result<Result<Took, Difference>, ExportError> {
    for line in export.lines()? {
        match audit.take(&line?) {
            Ok(Took::Line) => {}
            other => return Ok(other),
        }
    }
    Ok(Ok(Took::Line))
}
