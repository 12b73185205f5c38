//! One person: what was decided about them, where the letters are, what stands, what can be done.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::{
    runtime::{error_chain, os_rng},
    visible::Visible,
};
use callboard_desk::{
    Error,
    people::{entry::DocketState, search::Hit},
};
use callboard_federation::{encoding::RecordId, identity::Identity, statement::Kind, zh_en};

use super::{
    person_of,
    row::{RecordRow, documents, names},
    secretary,
};
use crate::{
    App,
    page::{Frame, failed, not_found, page},
    records::act::Act,
    session::{Recent, Seat, drafts},
};

#[derive(Template)]
#[template(path = "people/person.html")]
struct PersonPage {
    f: Frame,
    url: String,
    names: String,
    /// Kind and number of each document.
    documents: Vec<(String, String)>,
    records: Vec<Row>,
    standing: Option<Vec<String>>,
    /// Why nobody was told that the page was opened.
    unnoted: Option<String>,
    /// Acts on the person, by their labels.
    acts: Vec<(String, String)>,
}

struct Row {
    told: RecordRow,
    draft: Option<String>,
    letter: Option<String>,
    /// Acts on the record, by their labels.
    acts: Vec<(String, String)>,
}

pub(crate) async fn show(State(app): State<Arc<App>>, Path(record): Path<String>) -> Response {
    let seat = match secretary(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(record) = record.parse::<RecordId>() else { return not_found(State(app)).await };
    match person_of(&app, &seat, record) {
        Ok(hits) if hits.is_empty() => not_found(State(app)).await,
        Ok(hits) => {
            let unnoted = note(&app, &seat, record, &hits).await.err().map(|why| error_chain(&why));
            page(StatusCode::OK, &person_page(&app, record, &hits, unnoted))
        }
        Err(error) => failed(&app, &error, "/people".to_owned()),
    }
}

/// Who opened whom is told to the secretariat, sealed to its seats at the registry: once, as long as the desk is open.
async fn note(app: &App, seat: &Seat, record: RecordId, hits: &[Hit]) -> Result<(), Error> {
    let is_noted = |recent: &mut Recent| recent.noted.contains(&record);
    let Some((hit, draft)) = hits.iter().find_map(|hit| Some((hit, hit.docket.draft?))) else { return Ok(()) };
    if app.recent(is_noted).unwrap_or_default() {
        return Ok(());
    }
    let (names, item) = (names(hits), hit.entry.position + 1);
    drafts!(seat, drafts);
    drafts.note(draft, &zh_en!("查看了 {names}（第{item}项）", "opened {names} (item {item})"), &mut os_rng()).await?;
    app.recent(|recent| recent.noted.push(record));
    Ok(())
}

fn person_page(app: &App, record: RecordId, hits: &[Hit], unnoted: Option<String>) -> PersonPage {
    let standing = app.recent(|recent| recent.standing.clone()).flatten();
    let document = |identity: &Identity| {
        let kind = identity.document();
        (app.language().pick(&kind.zh, &kind.en).to_owned(), Visible(identity.value()).to_string())
    };
    let labelled = |act: Act| (format!("/records/{record}/{}", act.word()), act.label());
    PersonPage {
        f: Frame::of(app),
        url: format!("/people/record/{record}"),
        names: names(hits),
        documents: documents(hits).iter().map(document).collect(),
        records: hits.iter().map(|hit| row(app, hit)).collect(),
        standing: standing.filter(|(of, _)| hits.iter().any(|hit| hit.entry.record == *of)).map(|(_, said)| said),
        unnoted,
        acts: Act::OF_A_PERSON.into_iter().map(labelled).collect(),
    }
}

fn row(app: &App, hit: &Hit) -> Row {
    let (docket, entry) = (&hit.docket, &hit.entry);
    let is_logged = matches!(docket.state, DocketState::Logged(_));
    let has_letter = is_logged || docket.draft.is_some();
    let acts = Act::OF_A_RECORD.into_iter().filter(|act| is_logged && act.may_be_about(entry.kind));
    let acts = acts.map(|act| (format!("/records/{}/{}", entry.record, act.word()), act.label()));
    let applies = (is_logged && entry.kind == Kind::Ruling).then(|| {
        let label = zh_en!("申请复出，另立案件", "Enter an application to return, and open its case");
        (format!("/cases/open?return={}", entry.record), label)
    });
    Row {
        told: RecordRow::of(hit, app.language()),
        draft: docket.draft.map(|draft| format!("/drafts/{draft}")),
        letter: has_letter.then(|| format!("/paper/record/{}", entry.record)),
        acts: acts.chain(applies).collect(),
    }
}
