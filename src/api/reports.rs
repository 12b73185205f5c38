//! Reports to the committee. The operations: [`callboard_api::registry::reports`].
//!
//! Here is who may do what, and when. Nothing of it is read: what a report says, and who signed that, only the desks see.

use callboard_api::{
    Member, Seat, Signed,
    registry::{
        drafts::AGE,
        reports::{KeptReport, NewReport, NewReportAct, NewReportAnswer, ReportEntry, Reports, ReportsBefore},
    },
};
use callboard_federation::{
    encoding::{Base64, Hash, RecordId, ReportId, Time, from_json, to_json},
    members::MemberId,
    report::{
        MAX_SEALED_BYTES, MAX_WORDS_BYTES, ReportAct, ReportCode, ReportKind, ReportState,
        public::MAX_SEALED_WORDS_BYTES,
    },
    report_key::under_key::SealedUnderKey,
    roster::Role,
};
use callboard_rules::reports::{Due, due, in_force};
use callboard_service::operation::Reply;

use super::{
    App, Call,
    authority::{Principal, RequestSigner, SigningSeat},
    problem::ApiError,
};
use crate::store::{
    StoreError,
    reports::{NewStoredReport, ReportList, ReportStep, StoredReport},
};

/// The most reports of a member that wait for somebody: weeks of work of a secretariat.
const MAX_OPEN: u64 = 10_000;
/// The most entries of a report: a conversation has fewer.
pub(super) const MAX_ENTRIES: usize = 500;
/// How often an act is decided anew because another came before it.
pub(super) const TRIES: usize = 16;

pub(super) async fn file(app: App, call: Call<Signed, (), (), NewReport>) -> Result<Reply<KeptReport>, ApiError> {
    let (by, new) = (call.by, call.body);
    let came = Hash::of(&to_json(&new));
    let NewReport { id, kind, record, sealed: Base64(sealed) } = new;
    let (member, seat) = match by.who {
        _ if kind.is_of_public() => {
            return Err(ApiError::ReportForbidden("the public files reports of this kind, by its own operation"));
        }
        Principal::Member(member) if kind.is_of_member() => (Some(member), None),
        Principal::Seat(Role::Secretariat) if !kind.is_of_member() => (None, Some(by.key_id)),
        Principal::Member(_) => return Err(ApiError::ReportForbidden("the secretariat enters reports of this kind")),
        Principal::Seat(_) => return Err(ApiError::ReportForbidden("members file reports of this kind")),
    };
    let store = app.ledger.store();
    let mut is_new = false;
    let mut kept = store.report(id).await?;
    if kept.is_none() {
        check_age(&sealed, MAX_SEALED_BYTES)?;
        check_record(&app, kind, record)?;
        if let Some(member) = &member
            && store.open_reports(member.as_str()).await? >= MAX_OPEN
        {
            return Err(ApiError::ReportsFull { most: MAX_OPEN });
        }
        let report = KeptReport { record, member: member.clone(), seat, ..received(&app, id, kind, &sealed) };
        is_new = store.put_report(&NewStoredReport { report, sent: came, sealed }).await?;
        metrics::counter!("callboard_registry_reports_total", "kind" => kind.as_str()).increment(u64::from(is_new));
        kept = store.report(id).await?;
    }
    let kept = kept.ok_or(ApiError::NotFound)?;
    if kept.sent != came || (&kept.report.member, kept.report.seat) != (&member, seat) {
        return Err(ApiError::ReportRepeated);
    }
    Ok(Reply::given_before(in_short(kept.report, member.is_some()), !is_new))
}

/// A report that has just come, of nobody yet and about no record.
pub(super) fn received(app: &App, id: ReportId, kind: ReportKind, sealed: &[u8]) -> KeptReport {
    let at = app.clock.now();
    let (due_at, calendar_unknown) = due_at(app, kind, at);
    KeptReport {
        id,
        code: ReportCode::of(id, sealed),
        kind,
        record: None,
        member: None,
        seat: None,
        received_at: at,
        due_at,
        calendar_unknown,
        changed_at: at,
        state: ReportState::Received,
        into: None,
        case: None,
        erased_at: None,
        entries: Vec::new(),
        identity_requests: Vec::new(),
        files: Vec::new(),
        sealed: None,
    }
}

/// By when a report that came then is due, and whether that isn't known for want of a calendar.
fn due_at(app: &App, kind: ReportKind, at: Time) -> (Option<Time>, bool) {
    let replay = app.ledger.replay();
    match due(kind, at, in_force(replay.policies().values(), at)) {
        Some(Due::At(due_at)) => (Some(due_at), false),
        Some(Due::CalendarUnknown) => (None, true),
        None => (None, false),
    }
}

pub(super) async fn list(app: App, call: Call<Signed, (), ReportsBefore>) -> Result<Reports, ApiError> {
    let (by, query) = (call.by, call.query);
    let (rows, store) = (query.rows(), app.ledger.store());
    let member = member_of(&by)?;
    let before = match query.before {
        Some(before) => {
            let StoredReport { report, .. } = shown_to(&app, member, before).await?;
            Some((report.received_at, report.id))
        }
        None => None,
    };
    let list = ReportList { member: member.map(MemberId::as_str), state: query.state, before, rows };
    let reports = store.reports(list).await?;
    let next = reports.last().map(|last| last.id).filter(|_| reports.len() as u64 == rows);
    let reports = reports.into_iter().map(|report| in_short(report, member.is_some())).collect();
    Ok(Reports { reports, next })
}

pub(super) async fn show(app: App, call: Call<Signed, ReportId>) -> Result<KeptReport, ApiError> {
    let member = member_of(&call.by)?;
    let mut report = shown_to(&app, member, call.part).await?.report;
    let store = app.ledger.store();
    if member.is_none() {
        report.identity_requests = store.identity_requests_of(report.id).await?;
        report.files = store.report_files(report.id).await?;
    }
    let sealed = store.report_ciphertext(report.id).await?.map(Base64);
    Ok(KeptReport { sealed, ..as_shown(report, member.is_some()) })
}

pub(super) async fn act(app: App, call: Call<Seat, ReportId, (), NewReportAct>) -> Result<Reply<KeptReport>, ApiError> {
    let (by, id, said) = (secretariat(call.by)?, call.part, call.body);
    check_act(&said)?;
    for _ in 0..TRIES {
        let stored = shown_to(&app, None, id).await?;
        check_addressee(&said, &stored.report)?;
        let at = app.clock.now();
        let NewReportAct { act, to_member, to_reporter, to_seats, into, case } = said.clone();
        let entry = ReportEntry { seat: Some(by.key_id), act, at, to_member, to_reporter, to_seats, request: None };
        if is_last(&stored.report, &entry) && stored.report.into == into {
            return Ok(Reply::given_before(in_short(stored.report, false), true));
        }
        if let Some(into) = into {
            check_target(&app, id, into).await?;
        }
        let step = ReportStep { state: next_state(&stored.report, act)?, into, case };
        if app.ledger.store().put_report_entry(&stored, &entry, step).await? {
            metrics::counter!("callboard_registry_report_acts_total", "act" => act.as_str()).increment(1);
            return Ok(Reply::given_before(in_short(shown_to(&app, None, id).await?.report, false), false));
        }
    }
    Err(StoreError::Unavailable("too many acts at once").into())
}

pub(super) async fn answer(
    app: App,
    call: Call<Member, ReportId, (), NewReportAnswer>,
) -> Result<Reply<KeptReport>, ApiError> {
    let (member, id, NewReportAnswer { sealed }) = (call.by, call.part, call.body);
    check_age(&sealed.0, MAX_WORDS_BYTES)?;
    for _ in 0..TRIES {
        let stored = shown_to(&app, Some(&member), id).await?;
        let (act, at) = (ReportAct::Answer, app.clock.now());
        let entry = ReportEntry {
            seat: None,
            act,
            at,
            to_member: None,
            to_reporter: None,
            to_seats: Some(sealed.clone()),
            request: None,
        };
        if is_last(&stored.report, &entry) {
            return Ok(Reply::given_before(in_short(stored.report, true), true));
        }
        let step = ReportStep { state: next_state(&stored.report, act)?, into: None, case: None };
        if app.ledger.store().put_report_entry(&stored, &entry, step).await? {
            metrics::counter!("callboard_registry_report_acts_total", "act" => act.as_str()).increment(1);
            return Ok(Reply::given_before(in_short(shown_to(&app, Some(&member), id).await?.report, true), false));
        }
    }
    Err(StoreError::Unavailable("too many acts at once").into())
}

/// A report that the member filed, or any where there is none: for the secretariat.
pub(super) async fn shown_to(app: &App, member: Option<&MemberId>, id: ReportId) -> Result<StoredReport, ApiError> {
    let stored = app.ledger.store().report(id).await?;
    let is_shown = |stored: &StoredReport| member.is_none() || stored.report.member.as_ref() == member;
    stored.filter(is_shown).ok_or(ApiError::NotFound)
}

/// The member that asks; `None` is the secretariat, and no other seat is shown any report.
fn member_of(by: &RequestSigner) -> Result<Option<&MemberId>, ApiError> {
    match &by.who {
        Principal::Member(member) => Ok(Some(member)),
        Principal::Seat(Role::Secretariat) => Ok(None),
        Principal::Seat(_) => Err(NOT_THE_SECRETARIAT),
    }
}

pub(super) fn secretariat(by: SigningSeat) -> Result<SigningSeat, ApiError> {
    if by.role == Role::Secretariat { Ok(by) } else { Err(NOT_THE_SECRETARIAT) }
}

const NOT_THE_SECRETARIAT: ApiError =
    ApiError::ReportForbidden("of the seats the secretariat alone has to do with reports");

/// What became of it, with what is for whoever looks.
fn as_shown(mut report: KeptReport, is_member: bool) -> KeptReport {
    if is_member {
        (report.into, report.case, report.seat) = (None, None, None);
        report.entries.retain(|entry| entry.act.is_shown_to_filer());
        for entry in &mut report.entries {
            entry.to_seats = None;
        }
    }
    report
}

/// The same without what was done and said.
fn in_short(report: KeptReport, is_member: bool) -> KeptReport {
    KeptReport { entries: Vec::new(), ..as_shown(report, is_member) }
}

/// Words under a follow code's key.
pub(super) fn check_words(bytes: &[u8]) -> Result<(), ApiError> {
    let is_formed = bytes.len() <= MAX_SEALED_WORDS_BYTES
        && from_json::<SealedUnderKey>(bytes).is_ok_and(|words| words.v == 1 && words.ciphertext.0.len() > 16);
    if is_formed { Ok(()) } else { Err(ApiError::ReportRefused("words are sealed as the formats say, §17")) }
}

pub(super) fn check_age(sealed: &[u8], most: usize) -> Result<(), ApiError> {
    if !sealed.starts_with(AGE) {
        return Err(ApiError::ReportRefused("what is sealed is an `age` file"));
    }
    if sealed.len() > most { Err(ApiError::ReportRefused("what is sealed is too long")) } else { Ok(()) }
}

/// A record is named where one hit a stranger, and there it is in the log.
fn check_record(app: &App, kind: ReportKind, record: Option<RecordId>) -> Result<(), ApiError> {
    let is_logged = |record| app.ledger.replay().records().get(record).is_some();
    match (kind == ReportKind::NotThisPerson, record) {
        (true, None) => Err(ApiError::ReportRefused("`not-this-person` names a record")),
        (false, Some(_)) => Err(ApiError::ReportRefused("only `not-this-person` names a record")),
        (true, Some(record)) if !is_logged(record) => {
            Err(ApiError::ReportRefused("no record of this id is in the log"))
        }
        _ => Ok(()),
    }
}

/// Whether an act has what it asks, whatever it is done to.
fn check_act(said: &NewReportAct) -> Result<(), ApiError> {
    let NewReportAct { act, to_member, to_reporter, to_seats, into, case } = said;
    let refused = |why| Err(ApiError::ReportRefused(why));
    match act {
        ReportAct::Answer | ReportAct::Add => return refused("whoever filed it answers by an operation of its own"),
        ReportAct::AskIdentity => return refused("an identity is asked for by its own operation"),
        ReportAct::Dismiss | ReportAct::Note if to_seats.is_none() => {
            return refused("`dismiss` and `note` have a `toSeats`");
        }
        ReportAct::Note if to_member.is_some() || to_reporter.is_some() => {
            return refused("a note is for the secretariat alone");
        }
        _ => {}
    }
    if (to_member.is_some() || to_reporter.is_some()) && to_seats.is_none() {
        return refused("what whoever filed it is told is sealed to the seats too");
    }
    if let Some(words) = to_reporter {
        check_words(&words.0)?;
    }
    if into.is_some() != (*act == ReportAct::Merge) {
        return refused("`merge` says into which report, and nothing else does");
    }
    if case.is_some() && *act != ReportAct::Accept {
        return refused("`accept` may name a case, and nothing else does");
    }
    [to_member, to_seats].into_iter().flatten().try_for_each(|sealed| check_age(&sealed.0, MAX_WORDS_BYTES))
}

/// Whether whoever filed the report is told what it must be told.
fn check_addressee(said: &NewReportAct, report: &KeptReport) -> Result<(), ApiError> {
    let (is_told, is_reporter_told) = (said.to_member.is_some(), said.to_reporter.is_some());
    if report.kind.is_of_public() {
        return match said.act {
            _ if is_told => Err(ApiError::ReportRefused("the public filed it: there is no member to tell")),
            ReportAct::Ask | ReportAct::Dismiss if !is_reporter_told => {
                Err(ApiError::ReportRefused("`ask` and `dismiss` of a report of the public have a `toReporter`"))
            }
            _ => Ok(()),
        };
    }
    if is_reporter_told {
        return Err(ApiError::ReportRefused("`toReporter` is for reports of the public"));
    }
    match (&report.member, said.act) {
        (None, ReportAct::Ask) => Err(ApiError::ReportRefused("a seat filed it: there is no member to ask")),
        (None, _) if is_told => Err(ApiError::ReportRefused("a seat filed it: there is no member to tell")),
        (Some(_), ReportAct::Ask | ReportAct::Dismiss) if !is_told => {
            Err(ApiError::ReportRefused("`ask` and `dismiss` of a member's report have a `toMember`"))
        }
        _ => Ok(()),
    }
}

/// A report that another may go on as part of: there is one, and it doesn't go on elsewhere itself.
async fn check_target(app: &App, id: ReportId, into: ReportId) -> Result<(), ApiError> {
    let target = app.ledger.store().report(into).await?.filter(|_| into != id);
    match target.map(|target| target.report.state) {
        Some(ReportState::Received | ReportState::Asked | ReportState::Accepted) => Ok(()),
        Some(ReportState::Dismissed | ReportState::Merged) => Err(ApiError::ReportClosed("the other report has ended")),
        None => Err(ApiError::ReportRefused("there is no other report of that id")),
    }
}

/// What the act makes of the report.
pub(super) fn next_state(report: &KeptReport, act: ReportAct) -> Result<ReportState, ApiError> {
    if report.entries.len() >= MAX_ENTRIES {
        return Err(ApiError::ReportClosed("it has as many entries as it may"));
    }
    if report.erased_at.is_some() {
        return Err(ApiError::ReportClosed("what it says was erased"));
    }
    report.state.after(act).ok_or(match act {
        ReportAct::Answer => ApiError::ReportClosed("nothing is asked"),
        _ => ApiError::ReportClosed("it was accepted, dismissed or merged"),
    })
}

/// Whether the last entry says the same by the same hand.
pub(super) fn is_last(report: &KeptReport, entry: &ReportEntry) -> bool {
    report.entries.last().is_some_and(|last| ReportEntry { at: last.at, ..entry.clone() } == *last)
}
