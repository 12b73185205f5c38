//! What people file in their sessions. The operations: [`callboard_api::registry::filings`].

use callboard_api::{
    Seat, Session,
    registry::filings::{Filings, FilingsBefore, KeptAnswer, KeptFiling, NewAnswer, NewFiling, OwnFiling},
};
use callboard_federation::{
    encoding::{Base64, FilingId, Hash, to_json},
    subject_session::{MAX_FILING_BYTES, SessionId, receipt::FilingReceipt},
};
use callboard_rules::{
    filings::due,
    reports::{Due, in_force},
};
use callboard_service::operation::Reply;

use super::{App, Call, problem::ApiError, sessions::secretariat};
use crate::store::{
    StoreError,
    filings::{NewStoredFiling, StoredFiling},
};

/// So much a session files in 24 hours.
const MAX_PER_DAY: u64 = 20;
/// The most answers to a filing.
const MAX_ANSWERS: usize = 50;
/// How often an answer is decided anew because another came before it.
const TRIES: usize = 16;

pub(super) async fn file(
    app: App,
    call: Call<Session, SessionId, (), NewFiling>,
) -> Result<Reply<OwnFiling>, ApiError> {
    let (session, new) = (call.by.session, call.body);
    let sent = Hash::of(&to_json(&new));
    let NewFiling { id, kind, about, sealed: Base64(sealed) } = new;
    let store = app.ledger.store();
    let mut is_new = false;
    let mut kept = store.filing(id).await?;
    if kept.is_none() {
        if !session.records.contains(&about) {
            return Err(ApiError::FilingRefused("it is about a record of this session"));
        }
        check_sealed(&sealed)?;
        let at = app.clock.now();
        if store.filings_since(session.id, at.plus_days(-1)).await? >= MAX_PER_DAY {
            return Err(ApiError::FilingsFull("a session files at most 20 in 24 hours"));
        }
        let (due_at, calendar_unknown) = {
            let replay = app.ledger.replay();
            match due(at, in_force(replay.policies().values(), at)) {
                Some(Due::At(due_at)) => (Some(due_at), false),
                Some(Due::CalendarUnknown) => (None, true),
                None => (None, false),
            }
        };
        let provisional = session.confirmed_at.is_none();
        let (filing, session, sealed_hash) = (id, session.id, Hash::of(&sealed));
        let said = FilingReceipt { v: 1, filing, session, kind, about, sealed: sealed_hash, at, provisional };
        let receipt = app.ledger.sign_filing(&said)?;
        let filing = OwnFiling {
            id,
            kind,
            about,
            filed_at: at,
            due_at,
            calendar_unknown,
            provisional,
            receipt,
            answers: Vec::new(),
        };
        is_new = store.put_filing(&NewStoredFiling { session, filing, sent, sealed }).await?;
        metrics::counter!("callboard_registry_filings_total", "kind" => kind.as_str()).increment(u64::from(is_new));
        kept = store.filing(id).await?;
    }
    let kept = kept.ok_or(ApiError::NotFound)?;
    if kept.sent != sent || kept.filing.session != session.id {
        return Err(ApiError::FilingRepeated);
    }
    Ok(Reply::given_before(kept.filing.filing, !is_new))
}

pub(super) async fn list(app: App, call: Call<Seat, (), FilingsBefore>) -> Result<Filings, ApiError> {
    secretariat(&call.by)?;
    let (query, rows) = (&call.query, call.query.rows());
    let before = match query.before {
        Some(before) => Some((filing_of(&app, before).await?.filing.filing.filed_at, before)),
        None => None,
    };
    let filings = app.ledger.store().filings(query.open, before, rows).await?;
    let next = filings.last().map(|last| last.filing.id).filter(|_| filings.len() as u64 == rows);
    Ok(Filings { filings, next })
}

pub(super) async fn show(app: App, call: Call<Seat, FilingId>) -> Result<KeptFiling, ApiError> {
    secretariat(&call.by)?;
    let filing = filing_of(&app, call.part).await?.filing;
    let sealed = app.ledger.store().filing_ciphertext(call.part).await?.map(Base64);
    Ok(KeptFiling { sealed, ..filing })
}

pub(super) async fn answer(app: App, call: Call<Seat, FilingId, (), NewAnswer>) -> Result<Reply<KeptFiling>, ApiError> {
    secretariat(&call.by)?;
    let (id, NewAnswer { outcome, sealed }) = (call.part, call.body);
    check_sealed(&sealed.0)?;
    for _ in 0..TRIES {
        let filing = filing_of(&app, id).await?.filing;
        let given = &filing.filing.answers;
        let answer = KeptAnswer { at: app.clock.now(), outcome, sealed: sealed.clone(), seat: call.by.key_id };
        if given.last().is_some_and(|last| KeptAnswer { at: last.at, ..answer.clone() } == *last) {
            return Ok(Reply::given_before(filing, true));
        }
        if given.len() >= MAX_ANSWERS {
            return Err(ApiError::FilingsFull("it has as many answers as it may"));
        }
        if app.ledger.store().put_answer(id, given.len() as u64, &answer).await? {
            metrics::counter!("callboard_registry_filing_answers_total", "outcome" => outcome.as_str()).increment(1);
            return Ok(Reply::given_before(filing_of(&app, id).await?.filing, false));
        }
    }
    Err(StoreError::Unavailable("too many answers at once").into())
}

async fn filing_of(app: &App, id: FilingId) -> Result<StoredFiling, ApiError> {
    app.ledger.store().filing(id).await?.ok_or(ApiError::NotFound)
}

fn check_sealed(sealed: &[u8]) -> Result<(), ApiError> {
    if (1..=MAX_FILING_BYTES).contains(&sealed.len()) {
        Ok(())
    } else {
        Err(ApiError::FilingRefused("what is sealed has 1 to 49,152 bytes"))
    }
}
