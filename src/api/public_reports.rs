//! Reports of the public. The operations: [`callboard_api::registry::public_reports`].
//!
//! Nothing of it is read, and nobody is asked who they are. What is bounded: how often an address may report (the
//! service's limits), how many reports come an hour, how many bytes are kept, how much one report and its words have.

use callboard_api::{
    Anyone, Seat,
    registry::{
        public_reports::{
            FilePartTaken, FollowQuestion, FollowedEntry, FollowedReport, NewFilePart, NewPublicReport, NewReportFile,
            NewReporterWords,
        },
        reports::{FilePart, FilePartOf, ReportEntry},
    },
};
use callboard_federation::{
    encoding::{Base64, Hash, ReportId, from_json, to_json},
    report::{
        ReportAct, ReportState,
        public::{MAX_FILES, MAX_SEALED_BYTES, MAX_SEALED_FILE_BYTES},
    },
    report_key::sealed::SealedForKeys,
};
use callboard_service::operation::Reply;

use super::{
    App, Call,
    problem::ApiError,
    report_keys,
    reports::{TRIES, check_words, is_last, next_state, received, secretariat, shown_to},
};
use crate::store::{
    StoreError,
    public_reports::NewStoredPublicReport,
    reports::{NewStoredReport, ReportStep, StoredReport},
};

/// Bytes of a part of a file: one request of half a minute on a slow line.
const PART_BYTES: u64 = 512 * 1_024;
/// How long after a report its files may come: a night without a line.
const FILES_WITHIN_HOURS: i64 = 24;
/// The most that one reporter says of a report.
const MAX_OF_REPORTER: usize = 50;
/// An hour, in which reports are counted.
const HOUR_SECONDS: u64 = 3_600;

pub(super) async fn file(
    app: App,
    call: Call<Anyone, (), (), NewPublicReport>,
) -> Result<Reply<FollowedReport>, ApiError> {
    let new = call.body;
    let came = Hash::of(&to_json(&new));
    let NewPublicReport { id, kind, follow, sealed: Base64(sealed), files } = new;
    if !kind.is_of_public() {
        return Err(ApiError::ReportRefused("a report of the public is `public` or `public-minor`"));
    }
    let store = app.ledger.store();
    let mut is_new = false;
    let mut kept = store.report(id).await?;
    if kept.is_none() {
        check_sealed(&app, &sealed).await?;
        check_files(&files)?;
        check_room(&app, &sealed, &files).await?;
        let report = NewStoredReport { report: received(&app, id, kind, &sealed), sent: came, sealed };
        is_new = store.put_public_report(&NewStoredPublicReport { report, follow, files }).await?;
        metrics::counter!("callboard_registry_reports_total", "kind" => kind.as_str()).increment(u64::from(is_new));
        kept = store.report(id).await?;
    }
    // A code of another report is refused as the id of another is.
    let kept = kept.filter(|kept| kept.sent == came).ok_or(ApiError::ReportRepeated)?;
    if store.follow_of(id).await? != Some(follow) {
        return Err(ApiError::ReportRepeated);
    }
    Ok(Reply::given_before(followed(&app, kept).await?, !is_new))
}

pub(super) async fn put_part(
    app: App,
    call: Call<Anyone, ReportId, (), NewFilePart>,
) -> Result<FilePartTaken, ApiError> {
    let (id, NewFilePart { follow, number, part, bytes: Base64(bytes) }) = (call.part, call.body);
    let store = app.ledger.store();
    let stored = followed_by(&app, follow).await?;
    if stored.report.id != id {
        return Err(ApiError::NotFound);
    }
    let files = store.report_files(id).await?;
    let file = usize::try_from(number).ok().and_then(|number| files.get(number));
    let file = file.ok_or(ApiError::ReportRefused("the report has no such file"))?;
    if file.is_whole {
        return Ok(FilePartTaken { is_whole: true });
    }
    let is_late = app.clock.now() > stored.report.received_at.plus_hours(FILES_WITHIN_HOURS);
    if is_late || stored.report.erased_at.is_some() {
        return Err(ApiError::ReportClosed("files come within a day of their report"));
    }
    let parts = parts_of(file.bytes);
    let length = if part + 1 == parts { file.bytes - part * PART_BYTES } else { PART_BYTES };
    if part >= parts || bytes.len() as u64 != length {
        return Err(ApiError::ReportRefused("a part has 524,288 bytes, the last one what is left of the file"));
    }
    if store.put_file_part(id, number, part, &bytes).await? < parts {
        return Ok(FilePartTaken { is_whole: false });
    }
    let mut hash = Vec::new();
    for part in 0..parts {
        hash.push(store.file_part(id, number, part).await?.ok_or(StoreError::Unreadable("report_file_part"))?);
    }
    if Hash::of_parts(hash.iter().map(Vec::as_slice)) != file.sha256 {
        store.drop_file_parts(id, number).await?;
        return Err(ApiError::ReportRefused("the file is another than the one that was announced: begin it again"));
    }
    store.note_whole_file(id, number, app.clock.now()).await?;
    Ok(FilePartTaken { is_whole: true })
}

pub(super) async fn follow(app: App, call: Call<Anyone, (), (), FollowQuestion>) -> Result<FollowedReport, ApiError> {
    let stored = followed_by(&app, call.body.follow).await?;
    followed(&app, stored).await
}

pub(super) async fn add(
    app: App,
    call: Call<Anyone, (), (), NewReporterWords>,
) -> Result<Reply<FollowedReport>, ApiError> {
    let NewReporterWords { follow, words } = call.body;
    check_words(&words.0)?;
    for _ in 0..TRIES {
        let stored = followed_by(&app, follow).await?;
        let (report, at) = (&stored.report, app.clock.now());
        let act = if report.state == ReportState::Asked { ReportAct::Answer } else { ReportAct::Add };
        let entry = ReportEntry {
            seat: None,
            act,
            at,
            to_member: None,
            to_reporter: Some(words.clone()),
            to_seats: None,
            request: None,
        };
        let was_answer = ReportEntry { act: ReportAct::Answer, ..entry.clone() };
        if is_last(report, &entry) || is_last(report, &was_answer) {
            return Ok(Reply::given_before(followed(&app, stored).await?, true));
        }
        if report.entries.iter().filter(|entry| entry.seat.is_none()).count() >= MAX_OF_REPORTER {
            return Err(ApiError::ReportClosed("you said as much of it as there may be"));
        }
        let step = ReportStep { state: next_state(report, act)?, into: None, case: None };
        if app.ledger.store().put_report_entry(&stored, &entry, step).await? {
            metrics::counter!("callboard_registry_report_acts_total", "act" => act.as_str()).increment(1);
            let stored = followed_by(&app, follow).await?;
            return Ok(Reply::given_before(followed(&app, stored).await?, false));
        }
    }
    Err(StoreError::Unavailable("too many acts at once").into())
}

/// A part of a file, for the secretariat.
pub(super) async fn file_part(app: App, call: Call<Seat, ReportId, FilePartOf>) -> Result<FilePart, ApiError> {
    secretariat(call.by)?;
    let (id, FilePartOf { number, part }) = (call.part, call.query);
    shown_to(&app, None, id).await?;
    let store = app.ledger.store();
    let files = store.report_files(id).await?;
    let file = usize::try_from(number).ok().and_then(|number| files.get(number)).ok_or(ApiError::NotFound)?;
    let bytes = store.file_part(id, number, part).await?.ok_or(ApiError::NotFound)?;
    Ok(FilePart { bytes: Base64(bytes), is_last: part + 1 == parts_of(file.bytes) })
}

/// Of how many parts a file of so many bytes is.
const fn parts_of(bytes: u64) -> u64 {
    bytes.div_ceil(PART_BYTES)
}

async fn followed_by(app: &App, follow: Hash) -> Result<StoredReport, ApiError> {
    let store = app.ledger.store();
    let id = store.report_followed_by(follow).await?.ok_or(ApiError::NotFound)?;
    store.report(id).await?.ok_or(ApiError::NotFound)
}

/// A report as its reporter sees it: without what the secretariat keeps to itself.
async fn followed(app: &App, stored: StoredReport) -> Result<FollowedReport, ApiError> {
    let report = stored.report;
    let files = app.ledger.store().report_files(report.id).await?;
    let entries = report.entries.into_iter().filter(|entry| entry.act.is_shown_to_filer());
    let entries = entries.map(|ReportEntry { seat, act, at, to_reporter, .. }| FollowedEntry {
        by_secretariat: seat.is_some(),
        act,
        at,
        words: to_reporter,
    });
    Ok(FollowedReport {
        id: report.id,
        code: report.code,
        kind: report.kind,
        state: report.state,
        received_at: report.received_at,
        due_at: report.due_at,
        is_open: report.state.is_open() && report.erased_at.is_none(),
        missing_files: files.iter().filter(|file| !file.is_whole).count() as u64,
        erased_at: report.erased_at,
        entries: entries.collect(),
    })
}

/// What is sealed is formed as it must be, and some seat in force can open it.
async fn check_sealed(app: &App, sealed: &[u8]) -> Result<(), ApiError> {
    if sealed.len() > MAX_SEALED_BYTES {
        return Err(ApiError::ReportRefused("what is sealed is too long"));
    }
    let message = from_json::<SealedForKeys>(sealed).ok().filter(|message| message.check().is_ok());
    let message = message.ok_or(ApiError::ReportRefused("what is sealed is a message to report keys, §17"))?;
    let (keys, _) = report_keys::in_force_now(app).await?;
    let ids: Vec<Hash> =
        keys.iter().filter_map(|key| key.public_key.parse::<Base64>().ok()).map(|key| Hash::of(&key.0)).collect();
    if message.keys.iter().any(|wrapped| ids.contains(&wrapped.key)) {
        Ok(())
    } else {
        Err(ApiError::ReportRefused("it is sealed to no report key in force: ask for the keys, and seal it again"))
    }
}

fn check_files(files: &[NewReportFile]) -> Result<(), ApiError> {
    let bytes = files.iter().try_fold(0_u64, |sum, file| sum.checked_add(file.bytes));
    if files.len() > MAX_FILES || bytes.is_none_or(|bytes| bytes > MAX_SEALED_FILE_BYTES) {
        return Err(ApiError::ReportRefused("a report has at most 10 files, of 25 MB together"));
    }
    if files.iter().any(|file| file.bytes == 0) {
        return Err(ApiError::ReportRefused("no sealed file is empty"));
    }
    Ok(())
}

/// Whether another report may come now, and has room.
async fn check_room(app: &App, sealed: &[u8], files: &[NewReportFile]) -> Result<(), ApiError> {
    let (store, bounds) = (app.ledger.store(), &app.config.public_reports);
    let hour = app.clock.now().plus_hours(-1);
    if store.public_reports_since(hour).await? >= bounds.per_hour {
        metrics::counter!("callboard_registry_public_reports_refused_total", "why" => "hour").increment(1);
        return Err(ApiError::RateLimited { after: HOUR_SECONDS });
    }
    let bytes = sealed.len() as u64 + files.iter().map(|file| file.bytes).sum::<u64>();
    if store.public_report_bytes().await?.saturating_add(bytes) > bounds.kept_bytes {
        metrics::counter!("callboard_registry_public_reports_refused_total", "why" => "bytes").increment(1);
        return Err(ApiError::PublicReportsFull);
    }
    Ok(())
}
