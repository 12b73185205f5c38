//! On paper: what the browser prints of a docket. Letters on the association's head, each on a page of its own; a sheet
//! to sign with ink; a notice for each member; what is published.
//!
//! A page of letters has [`A_PAGE`] of them, so that it stays one that a browser lays out at once.

mod code;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use callboard_client::{runtime::os_rng, visible::Visible};
use callboard_desk::{
    Error,
    drafts::{OpenDraft, part::title},
    letter::{LetterLine, term::time_text},
    paper::{self, PrintedDocket, PrintedLetter, PrintedRow, PrintedSeat},
};
use callboard_federation::{
    docket::Publication,
    encoding::{DraftId, RecordId},
    identity::reader::{day_in_china, read},
    members::Member,
    zh_en,
};

use crate::{
    App,
    form::number,
    page::{Frame, failed, go_to, not_found, page},
    people::{person_of, secretary},
    session::{Seat, drafts},
};
use code::Code;

/// How many letters a page prints.
const A_PAGE: usize = 20;

#[derive(Template)]
#[template(path = "paper/menu.html")]
struct MenuPage {
    f: Frame,
    url: String,
    draft: String,
    title: String,
    is_decision: bool,
    /// Pages of letters: where each begins, and its first and last.
    parts: Vec<(usize, usize, usize)>,
    members: Vec<(String, String)>,
    has_publication: bool,
}

#[derive(Template)]
#[template(path = "paper/letters.html")]
struct LettersPage {
    f: Frame,
    url: String,
    letters: Vec<LetterSheet>,
    before: Option<usize>,
    next: Option<usize>,
}

/// A letter as it is laid out.
struct LetterSheet {
    warnings: Vec<String>,
    association: String,
    title: String,
    lines: Vec<Line>,
    is_logged: bool,
    code: Option<Code>,
    code_text: String,
}

enum Line {
    Field(String, String),
    Sentence(String),
    Apart(String),
}

#[derive(Template)]
#[template(path = "paper/cover.html")]
struct CoverPage {
    f: Frame,
    url: String,
    docket: PrintedDocket,
    seats: Vec<Signature>,
}

/// Room for a signature.
struct Signature {
    role: String,
    holder: String,
    signed: String,
}

#[derive(Template)]
#[template(path = "paper/notice.html")]
struct NoticePage {
    f: Frame,
    url: String,
    docket: PrintedDocket,
    member: String,
    rows: Vec<(PrintedRow, String)>,
}

#[derive(Template)]
#[template(path = "paper/public.html")]
struct PublicPage {
    f: Frame,
    url: String,
    text: Option<(String, String)>,
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/paper/{draft}", get(menu))
        .route("/paper/{draft}/letters", get(letters))
        .route("/paper/record/{record}", get(record))
        .route("/paper/{draft}/cover", get(cover))
        .route("/paper/{draft}/notices/{member}", get(notice))
        .route("/paper/{draft}/public", get(public))
}

fn url_of(draft: DraftId) -> String {
    format!("/paper/{draft}")
}

async fn menu(State(app): State<Arc<App>>, Path(draft): Path<String>) -> Response {
    shown(&app, &draft, async |seat, id| menu_page(&app, seat, id).await).await
}

async fn letters(State(app): State<Arc<App>>, Path(draft): Path<String>, RawQuery(query): RawQuery) -> Response {
    let asked = |name| number(query.as_deref(), name);
    // One letter alone, or so many from a place on.
    let (from, many) = match (asked("item").filter(|item| *item > 0), asked("from")) {
        (Some(item), _) => (item - 1, 1),
        (None, from) => (from.unwrap_or_default(), A_PAGE),
    };
    shown(&app, &draft, async |seat, id| letters_page(&app, seat, id, from, many).await).await
}

/// The letter of one record: of its bundle, or where that is gone of its proof and its person's identities.
async fn record(State(app): State<Arc<App>>, Path(record): Path<String>) -> Response {
    let Ok(id) = record.parse::<RecordId>() else { return not_found(State(app)).await };
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let back = format!("/people/record/{id}");
    match letter_of(&app, &seat, id).await {
        Ok(Some(letters)) => {
            let letters = letters.into_iter().map(LetterSheet::of).collect();
            let (f, url) = (Frame::of(&app), back);
            page(StatusCode::OK, &LettersPage { f, url, letters, before: None, next: None })
        }
        Ok(None) => not_found(State(app)).await,
        Err(error) => failed(&app, &error, back),
    }
}

async fn letter_of(app: &App, seat: &Seat, record: RecordId) -> Result<Option<Vec<PrintedLetter>>, Error> {
    let hits = person_of(app, seat, record)?;
    let Some(hit) = hits.iter().find(|hit| hit.entry.record == record) else { return Ok(None) };
    drafts!(seat, drafts, registry);
    if let Some(draft) = hit.docket.draft {
        match drafts.open(draft, &mut os_rng()).await {
            Ok(opened) => {
                let at = hit.entry.position as usize;
                return paper::letters(&registry, opened, at..at + 1, app.language(), &mut os_rng()).await.map(Some);
            }
            // It was erased, or isn't for this key.
            Err(Error::Other(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let today = day_in_china(seat.now());
    let readings = hit.entry.identities.iter().filter_map(|of| read(of.typed(), today).ok()).collect();
    paper::letter_of(&registry, record, readings, app.language(), &mut os_rng()).await.map(Some)
}

async fn cover(State(app): State<Arc<App>>, Path(draft): Path<String>) -> Response {
    shown(&app, &draft, async |seat, id| cover_page(&app, seat, id).await).await
}

async fn notice(State(app): State<Arc<App>>, Path((draft, member)): Path<(String, String)>) -> Response {
    shown(&app, &draft, async |seat, id| notice_page(&app, seat, id, &member).await).await
}

async fn public(State(app): State<Arc<App>>, Path(draft): Path<String>) -> Response {
    shown(&app, &draft, async |seat, id| public_page(&app, seat, id).await).await
}

/// A page of a draft, or why there is none.
async fn shown(
    app: &Arc<App>,
    draft: &str,
    make: impl AsyncFnOnce(&Seat, DraftId) -> Result<Option<Response>, Error>,
) -> Response {
    let Ok(id) = draft.parse::<DraftId>() else { return not_found(State(app.clone())).await };
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    // Of what isn't logged yet it is asked whether it was resolved, by the desk's own copy of the log.
    let seat = if seat.log.is_some() { seat } else { app.with_newest_log(&seat).await };
    match make(&seat, id).await {
        Ok(Some(page)) => page,
        Ok(None) => not_found(State(app.clone())).await,
        Err(error) => failed(app, &error, format!("/drafts/{id}")),
    }
}

async fn menu_page(app: &App, seat: &Seat, id: DraftId) -> Result<Option<Response>, Error> {
    drafts!(seat, drafts, registry);
    let opened = drafts.open(id, &mut os_rng()).await?;
    let docket = opened.bundle.docket();
    let count = docket.items.len();
    let parts = (0..count).step_by(A_PAGE).map(|from| (from, from + 1, (from + A_PAGE).min(count)));
    let members = paper::members(&registry).await?;
    let shown = MenuPage {
        f: Frame::of(app),
        url: url_of(id),
        draft: format!("/drafts/{id}"),
        title: title(docket),
        is_decision: docket.items.iter().all(|item| !item.kind.is_document()),
        parts: parts.collect(),
        members: members.into_iter().map(|of| (of.member.to_string(), Visible(&of.name).to_string())).collect(),
        has_publication: opened.bundle.publication().is_some(),
    };
    Ok(Some(page(StatusCode::OK, &shown)))
}

async fn letters_page(
    app: &App,
    seat: &Seat,
    id: DraftId,
    from: usize,
    many: usize,
) -> Result<Option<Response>, Error> {
    drafts!(seat, drafts, registry);
    let opened = drafts.open(id, &mut os_rng()).await?;
    let count = opened.bundle.items().len();
    let printed =
        paper::letters(&registry, opened, from..from.saturating_add(many), app.language(), &mut os_rng()).await?;
    if printed.is_empty() {
        return Ok(None);
    }
    let shown = LettersPage {
        f: Frame::of(app),
        url: url_of(id),
        letters: printed.into_iter().map(LetterSheet::of).collect(),
        before: (from > 0 && many == A_PAGE).then(|| from.saturating_sub(A_PAGE)),
        next: Some(from + many).filter(|next| *next < count && many == A_PAGE),
    };
    Ok(Some(page(StatusCode::OK, &shown)))
}

async fn cover_page(app: &App, seat: &Seat, id: DraftId) -> Result<Option<Response>, Error> {
    let (_, docket) = printed(app, seat, id).await?;
    let signature = |seat: &PrintedSeat| Signature {
        role: seat.role.words().pick(app.language()).to_owned(),
        holder: Visible(&seat.holder).to_string(),
        signed: seat.signed.map(time_text).unwrap_or_default(),
    };
    let seats = docket.seats.iter().map(signature).collect();
    Ok(Some(page(StatusCode::OK, &CoverPage { f: Frame::of(app), url: url_of(id), docket, seats })))
}

async fn notice_page(app: &App, seat: &Seat, id: DraftId, member: &str) -> Result<Option<Response>, Error> {
    let (members, mut docket) = printed(app, seat, id).await?;
    let Some(member) = members.into_iter().find(|of| of.member.as_str() == member) else { return Ok(None) };
    let comma = zh_en!("、", ", ");
    let rows = std::mem::take(&mut docket.rows);
    let rows = rows.into_iter().map(|row| {
        let accounts = row.accounts_of(&member.member).join(&comma);
        (row, accounts)
    });
    let (rows, name) = (rows.collect(), Visible(&member.name).to_string());
    let shown = NoticePage { f: Frame::of(app), url: url_of(id), docket, member: name, rows };
    Ok(Some(page(StatusCode::OK, &shown)))
}

async fn public_page(app: &App, seat: &Seat, id: DraftId) -> Result<Option<Response>, Error> {
    drafts!(seat, drafts);
    let opened = drafts.open(id, &mut os_rng()).await?;
    let text = opened.bundle.publication().and_then(|text| Publication::from_json(text).ok());
    let text = text.map(|text| (Visible(&text.zh).to_string(), Visible(&text.en).to_string()));
    Ok(Some(page(StatusCode::OK, &PublicPage { f: Frame::of(app), url: url_of(id), text })))
}

/// The members, and what is printed of a docket besides its letters.
async fn printed(app: &App, seat: &Seat, id: DraftId) -> Result<(Vec<Member>, PrintedDocket), Error> {
    drafts!(seat, drafts, registry);
    let opened: OpenDraft = drafts.open(id, &mut os_rng()).await?;
    let docket = paper::docket(&registry, &opened, drafts.roster(), app.language(), &mut os_rng()).await?;
    Ok((paper::members(&registry).await?, docket))
}

impl LetterSheet {
    fn of(letter: PrintedLetter) -> Self {
        let code_text = letter.code.to_string();
        let mut sheet = Self {
            warnings: Vec::new(),
            association: String::new(),
            title: String::new(),
            lines: Vec::new(),
            is_logged: letter.is_logged,
            code: Code::of(&code_text),
            code_text,
        };
        for line in letter.lines {
            match line {
                LetterLine::Warning(said) => sheet.warnings.push(said),
                LetterLine::Association(name) => sheet.association = name,
                LetterLine::Title(title) => sheet.title = title,
                LetterLine::Field { label, value } => sheet.lines.push(Line::Field(label, value)),
                LetterLine::Sentence(said) => sheet.lines.push(Line::Sentence(said)),
                LetterLine::Apart(said) => sheet.lines.push(Line::Apart(said)),
            }
        }
        sheet
    }
}
