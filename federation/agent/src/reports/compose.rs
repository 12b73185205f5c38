//! What is reported: checked against the verified log, signed, sealed, and kept before it is sent.

use callboard_api::agent::reports::{OwnReport, OwnReportInput};
use callboard_client::runtime::{error_chain, os_rng};
use callboard_federation::{
    encoding::{Time, to_json},
    report::{MAX_CONTENT_BYTES, MAX_SEALED_BYTES, ReportCode, ReportKind, content::Report, signed},
};

use super::{ReportError, Reports, Tried, is_refused, new_id, place};
use crate::{
    error::AgentError,
    store::reports::{NewOwnReport, UnfiledReport},
};

impl Reports {
    /// Keeps a report and sends it; whether it is new.
    ///
    /// One that the registry refuses for what it is isn't kept. One that it doesn't answer is sent again.
    pub(crate) async fn file(&self, input: OwnReportInput) -> Tried<(OwnReport, bool)> {
        let now = self.clock.now();
        if let Some(id) = input.id
            && let Some(kept) = self.store.report(id).await?
        {
            return Ok(Ok((self.shown(kept)?, false)));
        }
        let report = content(input, now);
        if let Err(refused) = self.check(&report, now) {
            return Ok(Err(refused));
        }
        let bytes = signed::sign(&report, self.registry.key().request_key());
        if bytes.len() > MAX_CONTENT_BYTES {
            return Ok(Err(ReportError::TooLong));
        }
        let sealed = match self.seal(&bytes, MAX_SEALED_BYTES) {
            Ok(sealed) => sealed,
            Err(refused) => return Ok(Err(refused)),
        };
        let (id, kind, record) = (report.id, report.kind, report.record);
        let summary = self.key.seal(&place(id), &to_json(&without_identities(report)), &mut os_rng());
        let code = ReportCode::of(id, &sealed);
        let new = NewOwnReport { id, kind, record, code, made_at: now, summary, sealed: sealed.clone() };
        let _one = self.sending.lock().await;
        let is_new = self.store.keep(&new).await?;
        if is_new {
            match self.send(UnfiledReport { id, kind, record, sealed }).await {
                Ok(_) => {}
                Err(error) if is_refused(&error) => {
                    self.store.drop_unfiled(id).await?;
                    return Ok(Err(ReportError::Untaken(error_chain(&error))));
                }
                // It is kept, and sent again.
                Err(error @ AgentError::Http(_)) => self.store.failed(id, &error_chain(&error)).await?,
                Err(error) => return Err(error),
            }
        }
        let kept = self.store.report(id).await?.ok_or(crate::store::StoreError::Foreign("a report"))?;
        Ok(Ok((self.shown(kept)?, is_new)))
    }

    /// Whether it is whole, and names what the log has.
    fn check(&self, report: &Report, now: Time) -> Result<(), ReportError> {
        signed::SignedContent::check(report)?;
        let log = self.replica.read();
        log.fresh(now, self.max_staleness)?;
        let policies = log.replay().policies().values().filter(|policy| policy.effective_from <= now);
        let known: Vec<&str> =
            policies.flat_map(|policy| &policy.violations).map(|violation| violation.code.as_str()).collect();
        if let Some(code) = report.codes.iter().find(|code| !known.contains(&code.as_str())) {
            return Err(ReportError::Code(code.clone()));
        }
        match report.record {
            Some(record) if log.record(record).is_none() => Err(ReportError::Record(record)),
            _ => Ok(()),
        }
    }
}

fn content(input: OwnReportInput, now: Time) -> Report {
    let kind = if input.record.is_some() { ReportKind::NotThisPerson } else { ReportKind::Violation };
    Report {
        v: 1,
        id: input.id.unwrap_or_else(|| new_id(now)),
        kind,
        record: input.record,
        reference: input.reference,
        codes: input.codes,
        places: input.places,
        happened_from: input.happened_from,
        happened_to: input.happened_to,
        room: input.room,
        description: input.description,
        evidence: input.evidence,
        subjects: input.subjects,
        permanent_ban: input.permanent_ban,
        document: None,
    }
}

/// What is kept here: an identity isn't kept once it is sent.
fn without_identities(mut report: Report) -> Report {
    for subject in &mut report.subjects {
        subject.identities.clear();
        subject.birth = None;
    }
    report
}
