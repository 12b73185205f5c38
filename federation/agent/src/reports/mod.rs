//! Reports to the committee: composed here, signed, encrypted to the secretariat's seats as the verified log names them,
//! kept, and sent until the registry takes them; what the secretariat says of them is opened here alone.
//!
//! In reading order: [`compose`], what is reported; [`recipient`], to whom the secretariat writes; here, what is sent and
//! what became of it; [`conversation`], what is said of a report; [`asked`], whose accounts this member is asked for.
//! Implements `docs/formats.md` §14.

mod asked;
mod compose;
mod conversation;
mod recipient;

use std::{collections::HashMap, sync::Arc, time::Duration};

use callboard_api::{
    Question,
    agent::reports::{OwnReport, OwnReportsBefore},
    registry::{
        identity_requests::{IdentityRequestsBefore, LIST_IDENTITY_REQUESTS},
        reports::{FILE_REPORT, KeptReport, LIST_REPORTS, NewReport, ReportsBefore},
    },
};
use callboard_client::{
    clock::Clock,
    http::HttpError,
    runtime::{error_chain, os_rng},
};
use callboard_federation::{
    encoding::{Base64, ReportId, Time},
    members::MemberId,
    recipient::Recipient,
    report::{ContentError, ReportCode, content::Report},
    roster::Role,
    zh_en,
};
use callboard_keys::age_file;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, Notify, watch};

use crate::{
    book::{BookError, key::BookKey},
    error::AgentError,
    latest::Latest,
    registry::Registry,
    replica::{Replica, StaleError},
    store::reports::{ReportStore, StoredOwnReport, UnfiledReport},
};

/// How often is looked whether something is to be sent.
const LOOK: Duration = Duration::from_secs(1);
/// How often the registry is asked what became of reports, and whom this member is asked for.
const REFRESH_MILLIS: i64 = 60_000;
/// How long after the registry took nothing it is tried again, at the earliest.
const RETRY_MILLIS: i64 = 5_000;
/// Reports that are sent at once.
const AT_ONCE: u32 = 64;
/// Reports of one answer of the registry.
const PAGE: u64 = 1_000;
/// How long a report that has ended is kept, with the recipient that it is answered to.
const KEPT_MILLIS: i64 = 90 * 24 * 60 * 60 * 1_000;

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It isn't whole.
    #[error(transparent)]
    Content(#[from] ContentError),
    #[error("{}", zh_en!("现行规则没有违规情形 {_0}", "no policy in force has the violation {_0}"))]
    Code(String),
    #[error("{}", zh_en!("本会员端核验的登记册中没有记录 {_0}", "the log as it is verified here has no record {_0}"))]
    Record(callboard_federation::encoding::RecordId),
    #[error("{}", zh_en!("内容过长，无法密封", "it is too long to be sealed"))]
    TooLong,
    #[error("{}", zh_en!("无法加密给秘书处", "it can't be encrypted to the secretariat"))]
    Unsealed,
    #[error("{}", zh_en!("该问题无法在此打开，或者不是秘书处签署的：不予答复",
        "the question doesn't open here, or no seat of the secretariat signed it: it isn't answered"))]
    Unopened,
    /// The registry refused it, and said why.
    #[error("{0}")]
    Untaken(String),
    #[error(transparent)]
    Stale(#[from] StaleError),
}

/// What an act gives, if nothing of the agent's own fails.
type Tried<T> = Result<Result<T, ReportError>, AgentError>;

/// Questions that wait for this member, as the registry last told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OpenQuestions {
    pub(crate) count: u64,
    pub(crate) oldest: Option<Time>,
}

pub(crate) struct Reports {
    pub(crate) store: ReportStore,
    pub(crate) key: Arc<BookKey>,
    pub(crate) replica: Replica,
    pub(crate) registry: Registry,
    pub(crate) member: MemberId,
    pub(crate) issuer: String,
    pub(crate) clock: Arc<dyn Clock>,
    /// How old the view may be that names the secretariat's seats.
    pub(crate) max_staleness: Duration,
    /// Wakes whoever sends, and asks what became of it.
    pub(crate) work: Notify,
    /// Why the registry didn't take or tell something, if it didn't.
    pub(crate) failure: Latest<String>,
    /// What waits for an answer of this member.
    pub(crate) questions: Latest<OpenQuestions>,
    /// When the registry is asked again.
    pub(crate) refresh_at: Latest<Time>,
    pub(crate) retry_at: Latest<Time>,
    /// One at a time sends, so that nothing is sent twice at once.
    pub(crate) sending: Mutex<()>,
}

impl Reports {
    /// Sends and asks until told to stop.
    pub(crate) async fn run(&self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.look().await {
                tracing::warn!(error = error_chain(&error), "reports are not followed");
                self.failure.set(Some(error_chain(&error)));
                let pause = pause_of(&error);
                self.retry_at.set(Some(self.clock.now().plus_millis(pause)));
            }
            tokio::select! {
                () = self.work.notified() => self.refresh_at.set(None),
                () = tokio::time::sleep(LOOK) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }

    async fn look(&self) -> Result<(), AgentError> {
        let now = self.clock.now();
        if self.retry_at.get().is_some_and(|at| now < at) {
            return Ok(());
        }
        if let Some(at) = self.replica.registry_restored_at() {
            let again = self.store.send_again(at).await?;
            if again > 0 {
                tracing::warn!(again, "the registry was restored: reports that it may lack are sent again");
            }
        }
        // One that fails holds up no other.
        let done = [self.publish_recipient().await, self.send_unfiled().await, self.ask_anew(now).await];
        done.into_iter().collect()
    }

    /// Asks each minute what became of reports and whom this member is asked for.
    async fn ask_anew(&self, now: Time) -> Result<(), AgentError> {
        if self.refresh_at.get().is_some_and(|at| now < at) {
            return Ok(());
        }
        self.refresh().await?;
        self.refresh_questions().await?;
        self.store.drop_ended(now.plus_millis(-KEPT_MILLIS), KEPT_MILLIS).await?;
        self.refresh_at.set(Some(now.plus_millis(REFRESH_MILLIS)));
        self.failure.set(None);
        Ok(())
    }

    async fn send_unfiled(&self) -> Result<(), AgentError> {
        let _one = self.sending.lock().await;
        let mut refused = Ok(());
        for report in self.store.unfiled(AT_ONCE).await? {
            let id = report.id;
            if let Err(error) = self.send(report).await {
                let why = error_chain(&error);
                self.store.failed(id, &why).await?;
                // One that the registry doesn't take holds up no other.
                if !is_refused(&error) {
                    return Err(error);
                }
                tracing::warn!(error = why, "the registry does not take a report");
                refused = Err(error);
            }
        }
        refused
    }

    /// Sends a report, and keeps what the registry says of it.
    async fn send(&self, report: UnfiledReport) -> Result<KeptReport, AgentError> {
        let UnfiledReport { id, kind, record, sealed } = report;
        let code = ReportCode::of(id, &sealed);
        let new = NewReport { id, kind, record, sealed: Base64(sealed) };
        let kept = self.ask(&FILE_REPORT.with(&(), &(), &new)).await?;
        // It has what was sent, or says that it has: its code follows from that.
        if kept.id != id || kept.code != code {
            return Err(HttpError::Shape(FILE_REPORT.description.path.to_owned()).into());
        }
        self.store.told(&kept, self.clock.now()).await?;
        metrics::counter!("callboard_agent_reports_total").increment(1);
        Ok(kept)
    }

    /// Asks what became of the reports that haven't ended.
    pub(crate) async fn refresh(&self) -> Result<(), AgentError> {
        let open = self.store.before(None, true, u32::MAX).await?;
        let filed = open.into_iter().filter(|report| report.filed_at.is_some());
        let mut waiting: HashMap<ReportId, Option<Time>> = filed.map(|report| (report.id, report.changed_at)).collect();
        let mut before = None;
        while !waiting.is_empty() {
            let query = ReportsBefore { before, limit: Some(PAGE), state: None };
            let page = self.ask(&LIST_REPORTS.with(&(), &query, &())).await?;
            for report in &page.reports {
                if let Some(changed_at) = waiting.remove(&report.id)
                    && changed_at != Some(report.changed_at)
                {
                    self.store.told(report, self.clock.now()).await?;
                }
            }
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn refresh_questions(&self) -> Result<(), AgentError> {
        let query = IdentityRequestsBefore { before: None, limit: Some(PAGE), open: true };
        let page = self.ask(&LIST_IDENTITY_REQUESTS.with(&(), &query, &())).await?;
        let oldest = page.identity_requests.last().map(|oldest| oldest.asked_at);
        self.questions.set(Some(OpenQuestions { count: page.identity_requests.len() as u64, oldest }));
        Ok(())
    }

    /// Reports, the newest first, each as the registry tells now, where it does.
    pub(crate) async fn list(&self, query: OwnReportsBefore, limit: u32) -> Result<Vec<OwnReport>, AgentError> {
        match self.refresh().await {
            Ok(()) => self.failure.set(None),
            Err(error @ AgentError::Http(_)) => self.failure.set(Some(error_chain(&error))),
            Err(error) => return Err(error),
        }
        let before = match query.before {
            Some(id) => self.store.report(id).await?.map(|report| (report.made_at, report.id)),
            None => None,
        };
        let rows = self.store.before(before, query.open, limit).await?;
        rows.into_iter().map(|row| self.shown(row)).collect()
    }

    /// A report as it is kept.
    fn shown(&self, row: StoredOwnReport) -> Result<OwnReport, AgentError> {
        let summary = self.key.open_value(&place(row.id), &row.summary)?;
        let summary: Report = serde_json::from_slice(&summary).map_err(|_| BookError::Value)?;
        Ok(OwnReport {
            id: row.id,
            code: row.code,
            kind: row.kind,
            record: row.record,
            reference: summary.reference,
            codes: summary.codes,
            accounts: summary.subjects.into_iter().map(|subject| subject.account).collect(),
            made_at: row.made_at,
            state: row.state,
            received_at: row.received_at,
            due_at: row.due_at,
            calendar_unknown: row.calendar_unknown,
            changed_at: row.changed_at,
            failure: row.failure,
            words: Vec::new(),
        })
    }

    async fn ask<A: DeserializeOwned>(&self, question: &Question<A>) -> Result<A, AgentError> {
        Ok(self.registry.ask(question).await?)
    }

    /// Encrypts to every seat of the secretariat, as a view names them that isn't stale.
    fn seal(&self, content: &[u8], most: usize) -> Result<Vec<u8>, ReportError> {
        let recipients: Vec<Recipient> = {
            let log = self.replica.read();
            log.fresh(self.clock.now(), self.max_staleness)?;
            let roster = log.roster();
            let seats = roster.as_deref().into_iter().flat_map(|roster| &roster.seats);
            seats.filter(|seat| seat.role == Role::Secretariat).map(|seat| seat.recipient.clone()).collect()
        };
        if recipients.is_empty() {
            return Err(ReportError::Unsealed);
        }
        let sealed = age_file::seal(&recipients, content).ok_or(ReportError::Unsealed)?;
        if sealed.len() > most { Err(ReportError::TooLong) } else { Ok(sealed) }
    }
}

/// Where in the store a report's summary stands.
fn place(id: ReportId) -> Vec<u8> {
    [&b"report"[..], id.as_bytes()].concat()
}

/// A new id.
fn new_id<Of>(at: Time) -> callboard_federation::encoding::Id<Of> {
    use rand_core::Rng as _;
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    callboard_federation::encoding::Id::new(at, random)
}

/// How long nothing is asked after an error.
fn pause_of(error: &AgentError) -> i64 {
    let AgentError::Http(http) = error else { return RETRY_MILLIS };
    let asked = http.retry_after().map_or(0, |pause| pause.as_millis());
    let least = if is_refused(error) { REFRESH_MILLIS } else { RETRY_MILLIS };
    i64::try_from(asked).unwrap_or(0).max(least)
}

/// Whether the registry refused it for what it is.
fn is_refused(error: &AgentError) -> bool {
    matches!(error, AgentError::Http(HttpError::Refused { status, .. }) if status.is_client_error() && status.as_u16() != 429)
}

/// What the registry refused for what it is, as whoever asked is told; anything else is passed on.
fn untaken<T>(asked: Result<T, AgentError>) -> Tried<T> {
    match asked {
        Ok(answer) => Ok(Ok(answer)),
        Err(error) if is_refused(&error) => Ok(Err(ReportError::Untaken(error_chain(&error)))),
        Err(error) => Err(error),
    }
}
