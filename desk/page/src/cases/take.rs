//! A form of a case on a page of its own, and what each does: one act, judged by the rules before it is signed. A form
//! that was sent twice does it once.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use callboard_client::runtime::os_rng;
use callboard_desk::{
    Error,
    cases::{
        Cases,
        case_file::CaseFile,
        proposal::hosts_of,
        sealed::{Said, Subject},
        secrets::CaseSecret,
        typed::{instant, items},
        waiting::carried,
    },
};
use callboard_federation::{
    encoding::{CaseId, Hash, KeyId, Time},
    members::MemberId,
    zh_en,
};
use callboard_rules::case::{
    Stage,
    act::{Act, Evidence, EvidenceKind, Proposal},
    item::ItemState,
    number::ItemNumber,
};

use super::{
    cases,
    form::{ActForm, of_word},
    known::{self, Parts, opened_vote},
    one::render,
    open::open_appeal,
    opened, seated,
    voting::{at, interim, session, vote},
};
use crate::{
    App,
    form::{Form, Hashed, ONCE},
    page::{Frame, failed, go_to, not_found, page},
    session::Seat,
};

const MINUTE_MILLIS: i64 = 60 * 1_000;

#[derive(Template)]
#[template(path = "cases/act.html")]
struct ActPage {
    f: Frame,
    url: String,
    name: String,
    error: Option<String>,
    form: ActForm,
}

/// What a form says.
struct Sent<'a> {
    form: &'a Form,
    file: Option<Hash>,
}

/// What became of a form.
enum Done {
    Here,
    /// Another case was opened.
    Opened(CaseId),
    /// What it lacks.
    Lacks(String),
}

pub(super) async fn show(State(app): State<Arc<App>>, Path((case, word)): Path<(String, String)>) -> Response {
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    match form_page(&app, &seat, id, &word, None).await {
        Ok(Some(form)) => page(StatusCode::OK, &form),
        Ok(None) => not_found(State(app)).await,
        Err(error) => failed(&app, &error, format!("/cases/{id}")),
    }
}

async fn form_page(
    app: &App,
    seat: &Seat,
    id: CaseId,
    word: &str,
    wrong: Option<(String, &Form)>,
) -> Result<Option<ActPage>, Error> {
    let typed = wrong.as_ref().map(|(_, form)| (*form).clone()).unwrap_or_default();
    let opened = opened::open(app, seat, id, Parts::FIRST).await?;
    let Some(form) = opened.forms(&typed).of(word) else { return Ok(None) };
    let (url, name) = (format!("/cases/{id}"), opened.read.name());
    Ok(Some(ActPage { f: Frame::of(app), url, name, error: wrong.map(|(why, _)| why), form }))
}

pub(super) async fn take(
    State(app): State<Arc<App>>,
    Path((case, word)): Path<(String, String)>,
    Hashed { form, file }: Hashed,
) -> Response {
    let Ok(id) = case.parse::<CaseId>() else { return not_found(State(app)).await };
    let _act = app.acting.lock().await;
    let seat = match seated(&app) {
        Ok(seat) => seat,
        Err(instead) => return *instead,
    };
    let url = format!("/cases/{id}");
    if app.is_spent(form.get(ONCE)) {
        return go_to(&url);
    }
    match taken(&app, &seat, id, &word, Sent { form: &form, file }).await {
        Ok(Some(Done::Here)) => {
            app.spend(form.get(ONCE));
            go_to(&url)
        }
        Ok(Some(Done::Opened(other))) => {
            app.spend(form.get(ONCE));
            go_to(&format!("/cases/{other}"))
        }
        Ok(None) => not_found(State(app.clone())).await,
        Ok(Some(Done::Lacks(why))) => lacking(&app, &seat, id, &word, why, &form).await,
        Err(error) if is_own(&error) => lacking(&app, &seat, id, &word, error.to_string(), &form).await,
        Err(error) => failed(&app, &error, url),
    }
}

/// What is wrong with what was typed, or what the rules say: the form is shown again.
fn is_own(error: &Error) -> bool {
    matches!(
        error.code().as_str(),
        "case-refused" | "case-items" | "case-time" | "day" | "secret-lost" | "proposal-item"
    )
}

async fn lacking(app: &App, seat: &Seat, id: CaseId, word: &str, why: String, form: &Form) -> Response {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    match form_page(app, seat, id, word, Some((why.clone(), form))).await {
        Ok(Some(shown)) => page(status, &shown),
        _ => render(app, seat, id, status, Some(why)).await,
    }
}

async fn taken(app: &App, seat: &Seat, id: CaseId, word: &str, filled: Sent<'_>) -> Result<Option<Done>, Error> {
    cases!(app, seat, cases, registry);
    let read = known::read(app, &cases, id).await?;
    let file = &read.file;
    let text = filled.form.get("text").trim();
    let said = if text.is_empty() { Said::default() } else { Said::text(text) };
    if word == "appeal" {
        let opened = open_appeal(app, &cases, file, filled.form, said).await?;
        return Ok(Some(opened.map_or_else(Done::Lacks, Done::Opened)));
    }
    let act = match word {
        "vote" => vote(&cases, file, filled.form)?,
        "open-vote" => match opened_vote(&cases, file)? {
            Some(opening) => Ok(opening),
            None => Err(zh_en!("您没有密封的投票", "you sealed no vote")),
        },
        "draw-commit" => {
            let Some(draw) = &file.case.panel.draw else { return Ok(Some(Done::Lacks(no_draw()))) };
            let secret = CaseSecret::draw(id, draw.seq, &mut os_rng());
            let commitment = secret.commitment(&cases.seat().key);
            cases.may(file, &Act::DrawCommitted { commitment }, at(&cases, file))?;
            Ok((Act::DrawCommitted { commitment: cases.secrets().keep(&secret)? }, Said::default()))
        }
        "draw-open" => {
            let draw = file.case.panel.draw.as_ref();
            match draw.and_then(|draw| draw.commitment_of(&cases.seat().holder)) {
                Some(commitment) => {
                    let secret = cases.secrets().open(id, &commitment)?.secret;
                    Ok((Act::DrawOpened { secret }, Said::default()))
                }
                None => Err(no_draw()),
            }
        }
        "session" => session(app, &cases, file, filled.form),
        "interim" => interim(app, id, filled.form),
        "add-item" => added(filled.form),
        _ => {
            let paper = paper(word, file, &filled)?;
            let act = if paper.is_some() { paper } else { plain(word, &cases, file, filled.form)? };
            let Some(act) = act else { return Ok(None) };
            act.map(|act| (act, said))
        }
    };
    match act {
        Ok((act, said)) => {
            let file = cases.act(file.clone(), act, said, &mut os_rng()).await?;
            known::keep(app, &cases, file).await;
            Ok(Some(Done::Here))
        }
        Err(why) => Ok(Some(Done::Lacks(why))),
    }
}

fn no_draw() -> String {
    zh_en!("没有待您办理的抽签", "no draw waits for you")
}

/// The items that were typed; else all that wait.
fn named(file: &CaseFile, form: &Form) -> Result<Vec<ItemNumber>, Error> {
    let typed = items(form.get("items"))?;
    let waits = |state: ItemState| !matches!(state, ItemState::Issued | ItemState::Dropped);
    let all = || file.case.items.iter().filter(|(_, item)| waits(item.state)).map(|(number, _)| *number).collect();
    Ok(if typed.is_empty() { all() } else { typed })
}

fn key_in(form: &Form, name: &str) -> Result<KeyId, String> {
    form.get(name).parse().map_err(|_| zh_en!("请选择签署人", "choose a seat"))
}

/// What is filed, with the hash of a file.
fn paper(word: &str, file: &CaseFile, filled: &Sent<'_>) -> Result<Option<Result<Act, String>>, Error> {
    let form = filled.form;
    let proof = || filled.file.ok_or_else(|| zh_en!("请选择文件", "choose a file"));
    let when = |items: &[ItemNumber]| {
        let typed = instant(form.get("day"), form.get("clock"))?;
        // A minute is typed: what was done in the one in which somebody was added wasn't done before that.
        let added = file.events.iter().filter_map(|filed| match &filed.act {
            Act::ItemAdded { item, .. } if items.contains(item) => Some(filed.event.at),
            _ => None,
        });
        let last = added.max().filter(|added| typed < *added && *added < typed.plus_millis(MINUTE_MILLIS));
        Ok::<Time, Error>(last.unwrap_or(typed))
    };
    let wrong = || zh_en!("请选择", "choose one");
    Ok(Some(match word {
        "evidence" => {
            let items = named(file, form)?;
            proof().and_then(|sha256| {
                let kind =
                    of_word(form.get("kind")).filter(|kind| *kind != EvidenceKind::ForeignDocket).ok_or_else(wrong)?;
                Ok(Act::EvidenceAdded { items, evidence: vec![Evidence { sha256, kind }] })
            })
        }
        "notified" => {
            let items = named(file, form)?;
            let delivered_at = when(&items)?;
            proof().and_then(|proof| {
                Ok(Act::Notified { items, to: of_word(form.get("to")).ok_or_else(wrong)?, delivered_at, proof })
            })
        }
        "notice-failed" => {
            let items = named(file, form)?;
            let attempted_at = when(&items)?;
            proof().map(|proof| Act::NoticeFailed { items, attempted_at, proof })
        }
        "published" => {
            let items = named(file, form)?;
            let published_at = when(&items)?;
            proof().map(|notice| Act::ServedByPublication { items, published_at, notice })
        }
        "decision-notified" => {
            let items = items(form.get("items"))?;
            let delivered_at = file.case.not_before_decision(&items, instant(form.get("day"), form.get("clock"))?);
            proof().and_then(|proof| {
                Ok(Act::DecisionNotified { items, to: of_word(form.get("to")).ok_or_else(wrong)?, delivered_at, proof })
            })
        }
        "decision-published" => {
            let items = items(form.get("items"))?;
            let published_at = file.case.not_before_decision(&items, instant(form.get("day"), form.get("clock"))?);
            proof().map(|notice| Act::DecisionPublished { items, published_at, notice })
        }
        "probation-reported" => {
            let items = items(form.get("items"))?;
            let reported_at = instant(form.get("day"), form.get("clock"))?;
            proof().map(|proof| Act::ProbationReported { items, reported_at, proof })
        }
        _ => return Ok(None),
    }))
}

/// An act that says what its form says; nothing of a word that is none.
fn plain(word: &str, cases: &Cases<'_>, file: &CaseFile, form: &Form) -> Result<Option<Result<Act, String>>, Error> {
    let number = |name: &str| form.get(name).trim().parse::<u64>().unwrap_or(u64::MAX);
    let wrong = || zh_en!("请选择", "choose one");
    let needs_text = |act: Act| {
        if form.get("text").trim().is_empty() {
            Err(zh_en!("请写明内容或者理由", "write what was said, or why"))
        } else {
            Ok(act)
        }
    };
    Ok(Some(match word {
        "drop-item" => match items(form.get("item"))?.as_slice() {
            [item] => needs_text(Act::ItemDropped { item: *item }),
            _ => Err(zh_en!("请填写第几人", "write the number of the item")),
        },
        "represented" => {
            let items = named(file, form)?;
            of_word(form.get("by")).ok_or_else(wrong).map(|by| Act::Represented { items, by })
        }
        "answered" => needs_text(Act::Answered { items: named(file, form)? }),
        "challenge" => {
            let items = named(file, form)?;
            key_in(form, "seat").and_then(|seat| needs_text(Act::Challenged { seat, items }))
        }
        "decide-challenge" => {
            let upheld = form.get("how") == "upheld";
            needs_text(Act::ChallengeDecided { challenge: number("challenge"), upheld })
        }
        "approve-access" => {
            let items = named(file, form)?;
            key_in(form, "reader").map(|reader| Act::AccessApproved { items, reader })
        }
        "panel" => {
            let seats: Vec<KeyId> = form.all("seat").filter_map(|key| key.parse().ok()).collect();
            if seats.is_empty() {
                Err(zh_en!("请选择评议组成员", "tick the seats of the panel"))
            } else {
                Ok(Act::PanelNamed { seats })
            }
        }
        "draw" => {
            let guarantors = [key_in(form, "chair"), key_in(form, "second"), key_in(form, "third")];
            let [Ok(chair), Ok(second), Ok(third)] = guarantors else { return Ok(Some(Err(wrong()))) };
            let eligible = cases.eligible(file)?.into_iter().map(|seat| seat.key).collect();
            let seats = u32::try_from(number("count")).unwrap_or(u32::MAX);
            Ok(Act::DrawAnnounced { eligible, seats, guarantors: [chair, second, third] })
        }
        "replace" => {
            let (out, seat) = (key_in(form, "out"), key_in(form, "in"));
            out.and_then(|out| Ok(Act::Replaced { out, seat: seat? }))
        }
        "recuse" => Ok(Act::Recused { items: items(form.get("items"))? }),
        "present" => match &file.case.stage {
            Stage::Sitting(session) => Ok(Act::Present { session: session.seq }),
            _ => Err(zh_en!("没有进行中的评议", "no session is open")),
        },
        "resolve" => {
            let of = number("of");
            let carried = file.case.sessions.get(&of).map(|session| carried(session, &file.case));
            let ordered = || {
                let interim = file.case.interims.get(&of)?;
                Some(vec![Proposal { item: interim.item, drafts: interim.drafts.clone() }])
            };
            let items = carried.or_else(ordered).filter(|items| !items.is_empty());
            items.map(|items| Act::Resolved { of, items }).ok_or_else(|| zh_en!("没有通过的项", "nothing was carried"))
        }
        "confirm" => Ok(Act::Confirmed { resolution: number("resolution") }),
        "withdraw" => needs_text(Act::Withdrawn { session: number("session") }),
        "close" => Ok(Act::Closed {}),
        _ => return Ok(None),
    }))
}

/// A person, named in what is sealed.
fn added(form: &Form) -> Result<(Act, Said), String> {
    let item = form.get("item").parse().map_err(|_| zh_en!("请返回重试", "go back, and try again"))?;
    let split = |name: &str| {
        let parts = form.get(name).split(['、', '，', ',']).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    let (names, accounts) = (split("names"), split("accounts"));
    if names.is_empty() && accounts.is_empty() {
        return Err(zh_en!("请填写姓名或者账号", "write a name, or an account"));
    }
    let decides: Vec<_> = form.all("decides").filter_map(of_word).collect();
    if decides.is_empty() {
        return Err(zh_en!("请选择可以决定的事项", "tick what may be decided"));
    }
    let members =
        |name: &'static str| form.all(name).filter_map(|id| MemberId::try_from(id.to_owned()).ok()).collect::<Vec<_>>();
    let hosts = hosts_of(members("hosts"));
    let act = Act::ItemAdded {
        item,
        decides,
        hosts,
        reporters: members("reporters"),
        minor: form.has("minor"),
        appeals: None,
    };
    Ok((act, Said { subjects: vec![Subject { item, names, accounts }], ..Said::default() }))
}
