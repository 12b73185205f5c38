//! A draft: its summary, what must be confirmed, the table, the letters, what was said, and what may be done.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_api::registry::drafts::{DraftAct, DraftState};
use callboard_client::{
    runtime::{error_chain, os_rng},
    visible::{Visible, indented},
};
use callboard_desk::{
    Error,
    drafts::{
        Drafts, OpenDraft,
        changed::Changes,
        part::{allowed, deadline_text, title, undecided},
        shown::{act_text, holder, holders},
        waiting::Waiting,
    },
    letter::{
        outline::{Mark, Outline},
        term::time_text,
    },
    sign::Reading,
    signing::oddity::headline,
};
use callboard_federation::{
    encoding::{DraftId, KeyId},
    language::Language,
    zh_en,
};

use crate::{
    App,
    form::Form,
    page::{Frame, failed, go_to, not_found, page},
    session::{Seat, Shown, drafts},
    word::word,
};

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftPage {
    f: Frame,
    url: String,
    /// Where it is printed.
    paper: String,
    /// Where the registry shows how far it is with each member, once it is logged.
    propagation: Option<String>,
    /// What was done wrong.
    error: Option<String>,
    title: String,
    from: String,
    waits: String,
    undecided: Option<String>,
    days: Option<String>,
    said: Vec<Said>,
    /// What the secretariat noted for itself.
    notes: Vec<Said>,
    /// Seats that it may be sealed to besides, by key and name.
    to_read: Vec<(String, String)>,
    false_signatures: Option<String>,
    /// What is otherwise than in the draft before it.
    changed: Option<Changed>,
    content: Option<Content>,
    /// Why it can't be signed.
    fault: Option<String>,
    /// What is to be known of the copy of the log that its letters rest on.
    log: Option<String>,
    /// What the seat may do.
    acts: Vec<DraftAct>,
    /// A stop of this seat's stands, which it may take back.
    has_stopped: bool,
    taken_back: String,
    holder: String,
}

struct Said {
    at: String,
    who: String,
    did: String,
    text: Option<String>,
    is_for_others: bool,
    is_note: bool,
}

/// What a signer reads.
struct Content {
    word: String,
    headline: Option<String>,
    oddities: Vec<Tick>,
    rows: Vec<LetterRow>,
    /// What each public document changes.
    documents: Vec<String>,
    /// What must be typed of a record whose person isn't shown.
    ends: Vec<Tick>,
    publication: Option<(String, String)>,
    warning: Option<String>,
}

struct Changed {
    /// Which draft it is compared with.
    with: String,
    told: Vec<String>,
    same: String,
}

/// A field, by its name in the form and its label.
struct Tick {
    name: String,
    label: String,
    is_given: bool,
}

struct LetterRow {
    number: usize,
    whose: String,
    what: String,
    term: String,
    scopes: String,
    marks: String,
    letter: String,
}

impl DraftPage {
    fn may(&self, act: &str) -> bool {
        self.acts.iter().any(|may| may.as_str() == act)
    }
}

pub(crate) async fn show(State(app): State<Arc<App>>, Path(draft): Path<String>) -> Response {
    let Ok(id) = draft.parse::<DraftId>() else { return not_found(State(app)).await };
    let Some(seat) = app.acting_seat() else { return go_to("/") };
    render(&app, &seat, id, StatusCode::OK, None).await
}

/// The page of a draft, with what was done wrong in a form of it, which keeps its ticks.
pub(crate) async fn render(
    app: &App,
    seat: &Seat,
    id: DraftId,
    status: StatusCode,
    wrong: Option<(String, &Form)>,
) -> Response {
    match draft_page(app, seat, id, wrong).await {
        Ok(draft) => page(status, &draft),
        Err(error) => failed(app, &error, "/".to_owned()),
    }
}

async fn draft_page(app: &App, seat: &Seat, id: DraftId, wrong: Option<(String, &Form)>) -> Result<DraftPage, Error> {
    // What was read already was held against the copy then.
    let newest = if app.shown(id).is_none() { app.with_newest_log(seat).await } else { seat.clone() };
    let seat = &newest;
    drafts!(seat, drafts);
    let opened = drafts.open(id, &mut os_rng()).await?;
    let roster = drafts.roster();
    let waiting = drafts.waiting(&opened);
    let own = seat.id();
    let (draft, docket) = (opened.draft.clone(), opened.bundle.docket());
    let title = title(docket);
    let days = deadline_text(docket, seat.now(), app.watch.calendar().as_ref());
    let (who, at) = (holder(roster, &draft.drafter), time_text(docket.issued_at));
    let may = allowed(&draft, &own);
    let open = undecided(&draft);
    let is_unsigned = matches!(waiting, Waiting::Unsigned(_)) && !open.is_empty();
    let waits = match &waiting {
        Waiting::Until(_) => {
            let text = waiting.text(roster);
            zh_en!("{text}；届时已解锁的本机自动提交", "{text}; this desk does so by itself, if it is unlocked then")
        }
        other => other.text(roster),
    };
    let has_stopped = matches!(&waiting, Waiting::Stopped(by) if by.contains(&own));
    let (notes, said) = said(&opened, &drafts).into_iter().partition(|said| said.is_note);
    let reads = |key: &KeyId| draft.asked.contains(key) || draft.readers.contains(key) || *key == draft.drafter;
    let may_reseal = seat.is_secretariat() && draft.erased_at.is_none();
    let others =
        roster.seats.iter().filter(|of| may_reseal && of.public_key.id() != own && !reads(&of.public_key.id()));
    let to_read = others.map(|of| (of.public_key.id().to_string(), Visible(&of.holder).to_string())).collect();
    let false_signatures = opened.false_signatures();
    let false_signatures = (!false_signatures.is_empty()).then(|| holders(roster, false_signatures));
    let taken_back = drafts.taken_back(&draft).unwrap_or_default();
    let (mut content, mut fault, mut changed) = (None, None, None);
    let is_open = draft.state == DraftState::Open;
    let language = app.language().pick("zh", "en");
    let propagation = format!("/propagation/{}?lang={language}", draft.docket);
    let propagation = (draft.state == DraftState::Logged).then(|| seat.pin.url.at(&propagation));
    if draft.asked.contains(&own) && is_open {
        let (told, shown) = shown(app, &drafts, id, opened).await?;
        changed = told.map(Changed::of);
        match shown {
            Ok(shown) => content = Some(Content::of(&shown, app.language(), wrong.as_ref().map(|(_, form)| *form))),
            Err(error) => fault = may.contains(&DraftAct::Sign).then(|| error_chain(&error)),
        }
    }
    let withheld = |act| match act {
        DraftAct::Sign => content.is_none(),
        DraftAct::Withdraw => has_stopped,
        _ => false,
    };
    Ok(DraftPage {
        f: Frame::of(app),
        url: format!("/drafts/{id}"),
        paper: format!("/paper/{id}"),
        propagation,
        error: wrong.map(|(why, _)| why),
        title,
        from: zh_en!("{who}于{at}起草", "drafted by {who}, {at}"),
        waits,
        undecided: is_unsigned.then(|| holders(roster, &open)),
        days: is_open.then_some(days),
        said,
        notes,
        to_read,
        false_signatures,
        acts: may.into_iter().filter(|act| !withheld(*act)).collect(),
        has_stopped,
        changed,
        log: match (&content, &fault) {
            (Some(content), _) => content.log(app),
            // What it rests on may be what it lacks.
            (None, Some(_)) => app.own_log.warning(),
            (None, None) => None,
        },
        content,
        fault,
        taken_back,
        holder: seat.key.holder().to_owned(),
    })
}

/// What a signer reads of it: what was shown before, as long as it is the same docket; else it is checked now. What is
/// otherwise than in the draft before it is told even where it can't be signed.
async fn shown(
    app: &App,
    drafts: &Drafts<'_>,
    id: DraftId,
    opened: OpenDraft,
) -> Result<(Option<Changes>, Result<Shown, Error>), Error> {
    if let Some(shown) = app.shown(id) {
        return Ok((shown.changes.clone(), Ok(shown)));
    }
    let changes = drafts.changes(&opened, &mut os_rng()).await?;
    let reading = drafts.read(opened, &mut os_rng(), |_| {}).await;
    let shown = reading.map(|reading| {
        let shown = Shown { draft: id, word: word(), reading: Arc::new(reading), changes: changes.clone() };
        app.show(shown.clone());
        shown
    });
    Ok((changes, shown))
}

fn said(opened: &OpenDraft, drafts: &Drafts<'_>) -> Vec<Said> {
    let said = opened.said().map(|(answer, text)| Said {
        at: time_text(answer.at),
        who: holder(drafts.roster(), &answer.seat),
        did: act_text(answer.act).to_string(),
        text: text.map(indented),
        is_for_others: text.is_none() && answer.sealed.is_some(),
        is_note: answer.act == DraftAct::Note,
    });
    said.collect()
}

impl Changed {
    fn of(Changes { since, told, same }: Changes) -> Self {
        let at = time_text(since);
        Self {
            with: zh_en!("与{at}起草、后来撤回的一份相比", "Compared with the draft of {at}, which was withdrawn"),
            told: told.iter().map(|told| Visible(told).to_string()).collect(),
            same: zh_en!("其余{same}项没有改动。", "The other {same} are as they were."),
        }
    }
}

impl Content {
    /// What is to be known of the copy of the log. Public documents don't rest on it; that a registry lies is told all the
    /// same.
    fn log(&self, app: &App) -> Option<String> {
        if self.documents.is_empty() { app.own_log.warning() } else { app.own_log.alarm() }
    }

    fn of(shown: &Shown, language: Language, sent: Option<&Form>) -> Self {
        let reading: &Reading = &shown.reading;
        let outlines = reading.outlines();
        let field = |name: String, label| Tick { is_given: sent.is_some_and(|sent| sent.has(&name)), name, label };
        let ticks =
            (1..).zip(reading.to_confirm(language)).map(|(at, odd): (usize, _)| field(format!("seen-{at}"), odd));
        let documents = if outlines.is_empty() { reading.pages().to_vec() } else { Vec::new() };
        let letters = (1..).zip(reading.pages()).filter(|_| documents.is_empty());
        let rows = letters.map(|(at, text)| row(at, text, outlines.get(at - 1), language)).collect();
        let ends = (1..).zip(&reading.unnamed);
        let ends = ends.map(|(at, record): (usize, _)| field(format!("end-{at}"), Reading::question_of(*record)));
        Self {
            word: shown.word.clone(),
            headline: (!outlines.is_empty()).then(|| headline(outlines, language)),
            oddities: ticks.collect(),
            rows,
            documents,
            ends: ends.collect(),
            publication: reading.publication().map(|public| (indented(&public.zh), indented(&public.en))),
            warning: reading.warning.as_ref().map(ToString::to_string),
        }
    }
}

fn row(number: usize, letter: &str, outline: Option<&Outline>, language: Language) -> LetterRow {
    let text = |of: fn(&Outline) -> Option<&String>| {
        outline.and_then(of).map(|text| Visible(text).to_string()).unwrap_or_default()
    };
    let kind = text(|outline| Some(&outline.kind));
    let measure = text(|outline| outline.measure.as_ref());
    let what = [kind, measure].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let marks = outline.map(|outline| outline.marks.as_slice()).unwrap_or_default();
    LetterRow {
        number,
        whose: text(|outline| Some(&outline.whose)),
        what: if what.is_empty() { zh_en!("公开文件", "a public document") } else { what },
        term: text(|outline| outline.term.as_ref()),
        scopes: text(|outline| outline.scopes.as_ref()),
        marks: marks.iter().map(|mark| mark_text(*mark, language)).collect::<Vec<_>>().join(&zh_en!("；", "; ")),
        letter: letter.to_owned(),
    }
}

const fn mark_text(mark: Mark, language: Language) -> &'static str {
    match mark {
        Mark::Unnamed => language.pick("未核实是谁的记录", "whose it is, isn't shown"),
        Mark::Listed => language.pick("已在册", "already listed"),
        Mark::Left => language.pick("另有措施仍然有效", "something else still stands"),
        Mark::Minor => language.pick("未成年", "a minor"),
        Mark::Confirmed => language.pick("证件由起草人核对", "identity compared by the drafter"),
        Mark::Import => language.pick("历史决定", "taken over"),
    }
}
