//! What the secretariat says of a report, and what this platform answers.

use callboard_api::{
    agent::reports::{OwnReport, OwnReportAnswer, OwnReportWords},
    registry::reports::{ANSWER_REPORT, GET_REPORT, NewReportAnswer, ReportEntry},
};
use callboard_federation::{
    encoding::{Base64, ReportId},
    report::{
        MAX_WORDS_BYTES, ReportAct,
        signed::{self, SignedContent as _, SignedError, Signer},
        words::ReportWords,
    },
};

use super::{Reports, Tried, untaken};
use crate::error::AgentError;

impl Reports {
    /// A report with what was said of it; `None` if this platform filed none of this id.
    pub(crate) async fn show(&self, id: ReportId) -> Result<Option<OwnReport>, AgentError> {
        let Some(kept) = self.store.report(id).await? else { return Ok(None) };
        if kept.filed_at.is_none() {
            return Ok(Some(self.shown(kept)?));
        }
        let told = self.ask(&GET_REPORT.with(&id, &(), &())).await?;
        self.store.told(&told, self.clock.now()).await?;
        let mut words = Vec::with_capacity(told.entries.len());
        for entry in &told.entries {
            words.push(self.words(id, entry).await?);
        }
        let Some(kept) = self.store.report(id).await? else { return Ok(None) };
        Ok(Some(OwnReport { words, ..self.shown(kept)? }))
    }

    /// What an entry says to this platform, if a seat of the secretariat signed it for this report and act.
    async fn words(&self, report: ReportId, entry: &ReportEntry) -> Result<OwnReportWords, AgentError> {
        let (act, at) = (entry.act, entry.at);
        let Some(Base64(sealed)) = &entry.to_member else {
            return Ok(OwnReportWords { act, at, text: None, is_unopened: false });
        };
        let opened = self.open(sealed, MAX_WORDS_BYTES).await?;
        let said = opened.and_then(|opened| self.by_the_secretariat::<ReportWords>(&opened).ok());
        let said = said.filter(|said| said.report == report && said.act == act);
        Ok(OwnReportWords { act, at, is_unopened: said.is_none(), text: said.map(|said| said.text) })
    }

    /// Reads what a seat of the secretariat signed, which a roster of the verified log names or named.
    pub(super) fn by_the_secretariat<C: signed::SignedContent>(&self, bytes: &[u8]) -> Result<C, SignedError> {
        let log = self.replica.read();
        let mut refused = SignedError::Another;
        for roster in log.rosters() {
            match signed::open(bytes, Some(roster), None) {
                Ok((content, Signer::Secretariat(_))) => return Ok(content),
                Ok(_) => return Err(SignedError::Another),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Answers what was asked about a report.
    pub(crate) async fn answer(&self, id: ReportId, answer: OwnReportAnswer) -> Tried<Option<OwnReport>> {
        if self.store.report(id).await?.is_none() {
            return Ok(Ok(None));
        }
        let words = ReportWords { v: 1, report: id, act: ReportAct::Answer, text: answer.text, at: self.clock.now() };
        if let Err(refused) = words.check() {
            return Ok(Err(refused.into()));
        }
        let bytes = signed::sign(&words, self.registry.key().request_key());
        let sealed = match self.seal(&bytes, MAX_WORDS_BYTES) {
            Ok(sealed) => Base64(sealed),
            Err(refused) => return Ok(Err(refused)),
        };
        match untaken(self.ask(&ANSWER_REPORT.with(&id, &(), &NewReportAnswer { sealed })).await)? {
            Ok(told) => {
                self.store.told(&told, self.clock.now()).await?;
                Ok(Ok(self.show(id).await?))
            }
            Err(refused) => Ok(Err(refused)),
        }
    }
}
