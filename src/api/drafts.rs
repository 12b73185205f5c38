//! Drafts: ciphertext that seats pass on through the registry. The operations: [`callboard_api::registry::drafts`].
//!
//! Here is who may answer what. Nothing of it is read: a signature is held against its docket at the desks, which have
//! it.

use callboard_api::{
    Seat,
    registry::drafts::{
        AGE, Draft, DraftAct, DraftAnswer, DraftState, Drafts, DraftsBefore, MAX_ANSWER_BYTES, NewAnswer, NewDraft,
        NewSeal, SeatStanding, Withdrawal,
    },
};
use callboard_client::runtime::os_rng;
use callboard_federation::{
    encoding::{Base64, DraftId, KeyId},
    roster::Role,
};
use callboard_service::operation::Reply;
use rand_core::Rng as _;

use super::{App, Call, authority::SigningSeat, problem::ApiError};
use crate::store::{
    StoreError,
    drafts::{DraftList, KeptDraft, StoredDraft, TakenBack},
};

/// The most answers of a draft, but for stops and withdrawals: a conversation has fewer.
const MAX_ANSWERS: usize = 500;
/// The most answers of a draft with the secretariat's notes, which it takes for as long as the draft is there.
const MAX_NOTES: usize = 5_000;
/// How often an answer is decided anew because another came before it.
const TRIES: usize = 16;

pub(super) async fn create(app: App, call: Call<Seat, (), (), NewDraft>) -> Result<Reply<Draft>, ApiError> {
    let (by, NewDraft { docket, asked, sealed: Base64(sealed) }) = (call.by, call.body);
    let limit = app.config.limits.draft_bytes;
    if sealed.len() > limit {
        return Err(ApiError::BodyTooLarge { limit });
    }
    let (store, size) = (app.ledger.store(), app.ledger.size());
    let mut kept = store.draft_of(docket, by.key_id, size).await?;
    let mut is_new = false;
    if kept.is_none() {
        check_asked(&app, &asked)?;
        check_age(&sealed)?;
        let (at, mut random) = (app.clock.now(), [0; 10]);
        os_rng().fill_bytes(&mut random);
        let id = DraftId::new(at, random);
        is_new = store.put_draft(&KeptDraft { id, docket, drafter: by.key_id, at, asked, sealed }).await?;
        metrics::counter!("callboard_registry_drafts_total").increment(u64::from(is_new));
        kept = store.draft_of(docket, by.key_id, size).await?;
    }
    Ok(Reply::given_before(in_short(kept.ok_or(ApiError::NotFound)?.draft), !is_new))
}

pub(super) async fn list(app: App, call: Call<Seat, (), DraftsBefore>) -> Result<Drafts, ApiError> {
    let (by, query) = (call.by, call.query);
    let rows = query.rows();
    let seat = Some(&by.key_id).filter(|_| by.role != Role::Secretariat);
    let list = DraftList { seat, state: query.state, before: query.before, rows };
    let drafts = app.ledger.store().drafts(list, app.ledger.size()).await?;
    let next = drafts.last().map(|last| last.id).filter(|_| drafts.len() as u64 == rows);
    Ok(Drafts { drafts, next })
}

pub(super) async fn show(app: App, call: Call<Seat, DraftId>) -> Result<Draft, ApiError> {
    let draft = shown_to(&app, &call.by, call.part).await?.draft;
    let sealed = app.ledger.store().draft_ciphertext(draft.id).await?.map(Base64);
    Ok(Draft { sealed, ..draft })
}

pub(super) async fn answer(app: App, call: Call<Seat, DraftId, (), NewAnswer>) -> Result<Reply<Draft>, ApiError> {
    let (by, id, NewAnswer { act, signature, sealed, takes_back }) = (call.by, call.part, call.body);
    let store = app.ledger.store();
    for _ in 0..TRIES {
        let stored = shown_to(&app, &by, id).await?;
        let at = app.clock.now();
        let said = DraftAnswer { seat: by.key_id, act, at, signature, sealed: sealed.clone() };
        check_answer(&said, takes_back)?;
        let is_secretariat = by.role == Role::Secretariat;
        let Some(takes) = decide(&stored.draft, &said, takes_back, is_secretariat)? else {
            return Ok(Reply::given_before(in_short(stored.draft), true));
        };
        if store.put_draft_answer(&stored, &said, takes).await? {
            metrics::counter!("callboard_registry_draft_answers_total", "act" => act.as_str()).increment(1);
            let draft = shown_to(&app, &by, id).await?.draft;
            return Ok(Reply::given_before(in_short(draft), false));
        }
    }
    Err(StoreError::Unavailable("too many answers at once").into())
}

pub(super) async fn reseal(app: App, call: Call<Seat, DraftId, (), NewSeal>) -> Result<Draft, ApiError> {
    let (by, id, NewSeal { sealed: Base64(sealed), readers, note }) = (call.by, call.part, call.body);
    let limit = app.config.limits.draft_bytes;
    if sealed.len() > limit {
        return Err(ApiError::BodyTooLarge { limit });
    }
    if by.role != Role::Secretariat {
        return Err(ApiError::DraftForbidden("the secretariat seals a draft anew"));
    }
    check_asked(&app, &readers)?;
    check_age(&sealed)?;
    check_age(&note.0)?;
    if note.0.len() > MAX_ANSWER_BYTES {
        return Err(ApiError::DraftRefused("the sealed part of an answer has at most 16 KiB"));
    }
    let store = app.ledger.store();
    for _ in 0..TRIES {
        let stored = shown_to(&app, &by, id).await?;
        if stored.draft.erased_at.is_some() || stored.draft.answers.len() >= MAX_NOTES {
            return Err(ApiError::DraftClosed("it was erased, or has as many answers as it may"));
        }
        let (seat, act, at) = (by.key_id, DraftAct::Reseal, app.clock.now());
        let said = DraftAnswer { seat, act, at, signature: None, sealed: Some(note.clone()) };
        if store.reseal_draft(&stored, &sealed, &readers, &said).await? {
            metrics::counter!("callboard_registry_draft_answers_total", "act" => act.as_str()).increment(1);
            return Ok(in_short(shown_to(&app, &by, id).await?.draft));
        }
    }
    Err(StoreError::Unavailable("too many answers at once").into())
}

pub(super) async fn erase(app: App, call: Call<Seat, DraftId>) -> Result<(), ApiError> {
    let draft = shown_to(&app, &call.by, call.part).await?.draft;
    if draft.drafter != call.by.key_id && call.by.role != Role::Secretariat {
        return Err(ApiError::DraftForbidden("the drafter and the secretariat erase a draft"));
    }
    app.ledger.store().erase_draft(draft.id, app.clock.now()).await?;
    Ok(())
}

/// A draft that the seat sent, is asked for or was sealed to since, or any for the secretariat; another's is nobody's.
/// The secretariat's notes are shown to it alone.
async fn shown_to(app: &App, by: &SigningSeat, id: DraftId) -> Result<StoredDraft, ApiError> {
    let stored = app.ledger.store().draft(id, app.ledger.size()).await?;
    let is_shown = |Draft { drafter, asked, readers, .. }: &Draft| {
        by.role == Role::Secretariat
            || *drafter == by.key_id
            || [asked, readers].iter().any(|seats| seats.contains(&by.key_id))
    };
    let mut stored = stored.filter(|stored| is_shown(&stored.draft)).ok_or(ApiError::NotFound)?;
    if by.role != Role::Secretariat {
        stored.draft.answers.retain(|answer| answer.act != DraftAct::Note);
    }
    Ok(stored)
}

/// Without signatures and ciphertext.
fn in_short(mut draft: Draft) -> Draft {
    for answer in &mut draft.answers {
        (answer.signature, answer.sealed) = (None, None);
    }
    draft
}

fn check_asked(app: &App, asked: &[KeyId]) -> Result<(), ApiError> {
    let replay = app.ledger.replay();
    let has_seat = |key: &KeyId| replay.roster().is_some_and(|roster| roster.seat(key).is_some());
    if asked.is_empty() || !asked.iter().all(has_seat) {
        return Err(ApiError::DraftRefused("who is asked has a seat in the roster in force, and somebody is"));
    }
    let is_repeated = (1..asked.len()).any(|at| asked[..at].contains(&asked[at]));
    if is_repeated { Err(ApiError::DraftRefused("a seat is asked twice")) } else { Ok(()) }
}

fn check_age(sealed: &[u8]) -> Result<(), ApiError> {
    if sealed.starts_with(AGE) { Ok(()) } else { Err(ApiError::DraftRefused("`sealed` is no `age` file")) }
}

/// Whether an answer has what its act asks.
fn check_answer(answer: &DraftAnswer, takes_back: Option<Withdrawal>) -> Result<(), ApiError> {
    let DraftAnswer { act, signature, sealed, .. } = answer;
    if takes_back.is_some() != (*act == DraftAct::Withdraw) {
        return Err(ApiError::DraftRefused("`withdraw` says in `takesBack` what it takes back, and nothing else does"));
    }
    if signature.is_some() != (*act == DraftAct::Sign) {
        return Err(ApiError::DraftRefused("`sign` has a signature, and nothing else has"));
    }
    match (act, sealed) {
        (DraftAct::Reseal, _) => Err(ApiError::DraftRefused("a draft is sealed anew by its own operation")),
        (DraftAct::Refuse | DraftAct::Ask | DraftAct::Reply | DraftAct::Note, None) => {
            Err(ApiError::DraftRefused("`refuse`, `ask`, `reply` and `note` have a sealed part"))
        }
        (DraftAct::Sign, Some(_)) => Err(ApiError::DraftRefused("`sign` has no sealed part")),
        (_, Some(sealed)) if sealed.0.len() > MAX_ANSWER_BYTES => {
            Err(ApiError::DraftRefused("the sealed part of an answer has at most 16 KiB"))
        }
        (_, Some(sealed)) => check_age(&sealed.0),
        (_, None) => Ok(()),
    }
}

/// Whether an answer is taken, and what it takes back; `None` if it is the last of its seat already.
fn decide(
    draft: &Draft,
    said: &DraftAnswer,
    takes_back: Option<Withdrawal>,
    is_secretariat: bool,
) -> Result<Option<TakenBack>, ApiError> {
    let is_drafter = draft.drafter == said.seat;
    let is_asked = draft.asked.contains(&said.seat);
    let may = match said.act {
        DraftAct::Sign | DraftAct::Refuse | DraftAct::Ask => is_asked,
        DraftAct::Reply => is_drafter,
        DraftAct::Withdraw | DraftAct::Stop => is_asked || is_drafter,
        DraftAct::Note | DraftAct::Reseal => is_secretariat,
    };
    if !may {
        return Err(ApiError::DraftForbidden(match said.act {
            DraftAct::Reply => "the drafter replies",
            DraftAct::Sign | DraftAct::Refuse | DraftAct::Ask => "seats that are asked do this",
            DraftAct::Withdraw | DraftAct::Stop => "the drafter and seats that are asked do this",
            DraftAct::Note | DraftAct::Reseal => "the secretariat does this",
        }));
    }
    let last = draft.answers.iter().rfind(|answer| answer.seat == said.seat);
    let is_same =
        |last: &DraftAnswer| last.act == said.act && last.sealed == said.sealed && last.signature == said.signature;
    let standing = SeatStanding::of(&draft.answers, &said.seat);
    // Of the same once more nothing is left to take back; another withdrawal may be meant for the next.
    let is_left =
        takes_back.is_some() && draft.state == DraftState::Open && takes_back == standing.withdrawal(is_drafter);
    if last.is_some_and(is_same) && !is_left {
        return Ok(None);
    }
    if said.act == DraftAct::Note {
        let is_open = draft.erased_at.is_none() && draft.answers.len() < MAX_NOTES;
        let closed = ApiError::DraftClosed("it was erased, or has as many answers as it may");
        return if is_open { Ok(Some(TakenBack::Nothing)) } else { Err(closed) };
    }
    match draft.state {
        DraftState::Logged => return Err(ApiError::DraftClosed("its docket is logged")),
        DraftState::Withdrawn => return Err(ApiError::DraftClosed("it was withdrawn or erased")),
        DraftState::Open => {}
    }
    let answers = draft.answers.iter().filter(|answer| answer.act != DraftAct::Note).count();
    let is_full = answers >= MAX_ANSWERS && !matches!(said.act, DraftAct::Withdraw | DraftAct::Stop);
    match said.act {
        _ if is_full => Err(ApiError::DraftClosed("it has as many answers as it may")),
        DraftAct::Sign | DraftAct::Refuse if standing.has_decided() => {
            Err(ApiError::DraftAnswered("this seat has signed or refused: it withdraws that first"))
        }
        DraftAct::Stop if standing.is_stopped => Err(ApiError::DraftAnswered("this seat has stopped it")),
        DraftAct::Withdraw if !is_left => {
            Err(ApiError::DraftAnswered("what is to be taken back doesn't stand, or a stop stands before it"))
        }
        _ => Ok(Some(match takes_back {
            None | Some(Withdrawal::Stop) => TakenBack::Nothing,
            Some(Withdrawal::Decision) => TakenBack::Signature,
            Some(Withdrawal::Draft) => TakenBack::Draft,
        })),
    }
}
