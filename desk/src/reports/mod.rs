//! Reports, as the secretariat works on them: opened with a seat's own key, said what becomes of, and answered.
//!
//! The registry is believed nothing but when something came: who wrote it is verified here, against the roster and the
//! list of members, each proven. To a member is written at the recipient that it signed ([`recipient`]). What the
//! public sealed is [`public`]'s; what is shown of a report is [`shown`]'s; what the secretariat enters itself [`entered`]'s. Implements `docs/formats.md` §14.

pub mod entered;
pub mod file;
mod opened;
pub mod public;
mod recipient;
pub mod shown;
mod untrue;

use std::path::{Path, PathBuf};

use callboard_api::{
    Question,
    registry::{
        identity_requests::{ASK_IDENTITY, IdentityRequest, NewIdentityRequest},
        reports::{ACT_ON_REPORT, GET_REPORT, KeptReport, LIST_REPORTS, NewReportAct, ReportsBefore},
    },
};
use callboard_federation::{
    encoding::{Base64, CaseId, Id, ReportId, Time},
    members::{MemberId, Members},
    recipient::Recipient,
    report::{
        ContentError, MAX_WORDS_BYTES, ReportAct, ReportCode, ReportKind, ReportState,
        identities::IdentityQuestion,
        signed::{self, SignedContent},
        words::ReportWords,
    },
    roster::{Role, Roster},
    zh_en,
};
use callboard_keys::{SeatKey, age_file};
use rand_core::CryptoRng;
use serde::de::DeserializeOwned;

pub use self::opened::{OpenIdentityRequest, OpenReport, Said, Signature};
use crate::{Error, registry::Registry};

/// A seat of the secretariat in the roster in force, and the reports.
pub struct Reports<'a> {
    registry: &'a Registry<'a>,
    key: &'a SeatKey,
    /// Where the seat's report keys lie.
    home: PathBuf,
    roster: Roster,
    members: Option<Members>,
}

/// What becomes of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is taken up, perhaps in a case.
    Accept(Option<CaseId>),
    Dismiss,
    /// It goes on as part of another.
    Merge(ReportId),
    /// Whoever filed it is asked.
    Ask,
    /// The secretariat notes something for itself.
    Note,
}

impl Decision {
    pub const fn act(self) -> ReportAct {
        match self {
            Self::Accept(_) => ReportAct::Accept,
            Self::Dismiss => ReportAct::Dismiss,
            Self::Merge(_) => ReportAct::Merge,
            Self::Ask => ReportAct::Ask,
            Self::Note => ReportAct::Note,
        }
    }

    /// Whether something has to be said with it.
    pub const fn has_words(self) -> bool {
        matches!(self, Self::Dismiss | Self::Ask | Self::Note)
    }
}

impl<'a> Reports<'a> {
    /// Fetches the roster in force, in which the key has a seat of the secretariat, and the members. In the home lie the
    /// keys that open what the public reports.
    pub async fn begin(registry: &'a Registry<'a>, key: &'a SeatKey, home: &Path) -> Result<Self, Error> {
        let roster = registry.roster().await?;
        let seat = roster.seat(&key.public_key().id()).ok_or(Error::NoSeat)?;
        if seat.role != Role::Secretariat {
            return Err(Error::other("reports-secretariat", || {
                zh_en!("报告由秘书处办理", "the secretariat alone has to do with reports")
            }));
        }
        let members = registry.members().await?;
        Ok(Self { registry, key, home: home.to_owned(), roster, members })
    }

    /// The reports that are so far, or all; the most urgent first, those without a date last.
    pub async fn list(&self, state: Option<ReportState>, rng: &mut impl CryptoRng) -> Result<Vec<KeptReport>, Error> {
        let (mut reports, mut before) = (Vec::new(), None);
        loop {
            let query = ReportsBefore { before, limit: Some(1_000), state };
            let page = self.ask(&LIST_REPORTS.with(&(), &query, &()), rng).await?;
            reports.extend(page.reports);
            before = page.next;
            if before.is_none() {
                reports.sort_by_key(urgency);
                return Ok(reports);
            }
        }
    }

    /// Those for which somebody waits, the most urgent first.
    pub async fn open_ones(&self, rng: &mut impl CryptoRng) -> Result<Vec<KeptReport>, Error> {
        let mut open = self.list(Some(ReportState::Received), rng).await?;
        open.extend(self.list(Some(ReportState::Asked), rng).await?);
        open.sort_by_key(urgency);
        Ok(open)
    }

    /// The id of what somebody named by it, or by its code.
    pub async fn find(&self, typed: &str, rng: &mut impl CryptoRng) -> Result<ReportId, Error> {
        if let Ok(id) = typed.trim().parse() {
            return Ok(id);
        }
        let unnamed = || {
            Error::other("report-unnamed", || zh_en!("应为报告的回执码或者编号", "name a report by its code or its id"))
        };
        let code: ReportCode = typed.parse().map_err(|_| unnamed())?;
        let all = self.list(None, rng).await?;
        let named = all.iter().find(|report| report.code == code).map(|report| report.id);
        named.ok_or_else(|| {
            Error::other("report-missing", || zh_en!("没有回执码为 {code} 的报告", "no report has the code {code}"))
        })
    }

    /// Opens a report, and verifies who wrote what of it.
    pub async fn open(&self, id: ReportId, rng: &mut impl CryptoRng) -> Result<OpenReport, Error> {
        let kept = self.ask(&GET_REPORT.with(&id, &(), &()), rng).await?;
        OpenReport::of(id, kept, self)
    }

    /// Says what becomes of a report; the words are for whoever filed it, too, unless it is a note.
    pub async fn decide(
        &self,
        report: &KeptReport,
        decision: Decision,
        text: Option<&str>,
        rng: &mut impl CryptoRng,
    ) -> Result<KeptReport, Error> {
        let act = decision.act();
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        if decision.has_words() && text.is_none() {
            return Err(Error::other("report-words", || {
                zh_en!("须写明理由、问题或者备注", "say why, or what is asked or noted")
            }));
        }
        let (into, case) = match decision {
            Decision::Merge(into) => (Some(into), None),
            Decision::Accept(case) => (None, case),
            _ => (None, None),
        };
        let mut said = NewReportAct { act, to_member: None, to_reporter: None, to_seats: None, into, case };
        if let Some(text) = text {
            let words = ReportWords { v: 1, report: report.id, act, text: text.to_owned(), at: self.now() };
            said.to_seats = Some(self.seal(&words, self.seats())?);
            if let Some(member) = report.member.as_ref().filter(|_| act.is_shown_to_filer()) {
                let recipient = self.recipient_of(member, rng).await?;
                said.to_member = Some(self.seal(&words, [&recipient])?);
            }
            if report.kind.is_of_public() && act.is_shown_to_filer() {
                // Its key stands in the report.
                let opened = self.open(report.id, rng).await?;
                let public = opened.public.ok_or_else(untrue::another)?;
                said.to_reporter = Some(self.seal_to_reporter(&public.report, text, rng)?);
            }
        }
        self.ask(&ACT_ON_REPORT.with(&report.id, &(), &said), rng).await
    }

    /// Asks a member whose an account on its platform is.
    pub async fn ask_identity(
        &self,
        report: ReportId,
        member: &MemberId,
        account: &str,
        text: Option<&str>,
        rng: &mut impl CryptoRng,
    ) -> Result<IdentityRequest, Error> {
        let (id, at) = (self.new_id(rng), self.now());
        let text = text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let account = account.trim().to_owned();
        let question = IdentityQuestion { v: 1, request: id, member: member.clone(), account, text, at };
        let recipient = self.recipient_of(member, rng).await?;
        let sealed = self.seal(&question, [&recipient])?;
        let to_seats = self.seal(&question, self.seats())?;
        let new = NewIdentityRequest { id, member: member.clone(), sealed, to_seats };
        self.ask(&ASK_IDENTITY.with(&report, &(), &new), rng).await
    }

    pub const fn roster(&self) -> &Roster {
        &self.roster
    }

    pub const fn members(&self) -> Option<&Members> {
        self.members.as_ref()
    }

    fn now(&self) -> Time {
        self.registry.caller().now()
    }

    fn new_id<Of>(&self, rng: &mut impl CryptoRng) -> Id<Of> {
        let mut random = [0; 10];
        rng.fill_bytes(&mut random);
        Id::new(self.now(), random)
    }

    /// The recipients of the secretariat's seats.
    fn seats(&self) -> impl Iterator<Item = &Recipient> {
        self.roster.seats.iter().filter(|seat| seat.role == Role::Secretariat).map(|seat| &seat.recipient)
    }

    /// Signs with the seat's key, and encrypts.
    fn seal<'r, C: SignedContent>(
        &self,
        content: &C,
        to: impl IntoIterator<Item = &'r Recipient>,
    ) -> Result<Base64, Error> {
        content.check().map_err(unwhole)?;
        let sealed = age_file::seal(to, &signed::sign(content, self.key.signing_key()));
        let sealed = sealed.filter(|sealed| sealed.len() <= MAX_WORDS_BYTES);
        sealed.map(Base64).ok_or_else(|| {
            Error::other("seal-recipients", || {
                zh_en!("无法加密给相关各方", "it can't be encrypted to those that it is for")
            })
        })
    }

    async fn ask<A: DeserializeOwned>(&self, question: &Question<A>, rng: &mut impl CryptoRng) -> Result<A, Error> {
        Ok(self.registry.caller().ask(&self.registry.pin().url, question, rng).await?)
    }
}

/// What sorts reports: what is about minors first; by when they are due; then those without a date, by when they came.
fn urgency(report: &KeptReport) -> (bool, bool, Option<Time>, Time) {
    (report.kind != ReportKind::PublicMinor, report.due_at.is_none(), report.due_at, report.received_at)
}

/// What isn't as it must be.
fn unwhole(why: ContentError) -> Error {
    Error::other("report-content", || why.to_string())
}
