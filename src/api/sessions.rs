//! Sessions of subjects. The operations: [`callboard_api::registry::sessions`].
//!
//! Here is who may make, open and end one, and what the registry knows of its records now. Nothing of what is held is read.

use std::collections::BTreeSet;

use callboard_api::{
    Anyone, Seat, Session, Signed,
    registry::sessions::{
        ConfirmationCode, KeptSession, LiveRecord, MemberAction, NewIdentityCheck, NewSession, OpenSession,
        SessionContent, SessionProofs, SessionStatus, Sessions, SessionsBefore, ShareAsked,
    },
};
use callboard_federation::{
    encoding::{Hash, RecordId, Time, from_json, to_json},
    members::MemberId,
    roster::Role,
    standing::AsOf,
    statement::Kind,
    subject_session::{
        IdentityCheck, MAX_LINK_DAYS, MAX_RECORDS, MAX_SEALED_BYTES, MAX_WRONG_CODES, OPENED_DAYS, SessionFor,
        SessionId, SessionState,
    },
};
use callboard_service::operation::Reply;

use super::{
    App, Call,
    authority::{Principal, RequestSigner, SigningSeat, session_of},
    problem::ApiError,
    records::proof_of,
};
use crate::{
    ledger::LedgerError,
    store::subject_sessions::{CodeOutcome, Opening, StoredSession},
};

/// The most links of a maker that wait to be opened: weeks of work of a secretariat.
const MAX_WAITING: u64 = 10_000;
/// The most filings of a session that are shown: more than may be filed in its time.
pub(super) const MAX_FILINGS: u64 = 5_000;

pub(super) async fn create(app: App, call: Call<Signed, (), (), NewSession>) -> Result<Reply<KeptSession>, ApiError> {
    let (by, new) = (call.by, call.body);
    let body = Hash::of(&to_json(&new));
    let (member, seat) = match by.who {
        Principal::Member(member) if new.whose == SessionFor::Subject => (Some(member), None),
        Principal::Member(_) => {
            return Err(ApiError::SessionForbidden("guardians, attorneys and heirs are entered by the secretariat"));
        }
        Principal::Seat(Role::Secretariat) => (None, Some(by.key_id)),
        Principal::Seat(_) => return Err(NOT_THE_SECRETARIAT),
    };
    let store = app.ledger.store();
    let mut is_new = false;
    if store.session(new.id).await?.is_none() {
        let now = app.clock.now();
        check_new(&app, &new, now)?;
        let maker = member.as_ref().map_or("", MemberId::as_str);
        if store.waiting_sessions(maker, now).await? >= MAX_WAITING {
            return Err(ApiError::SessionsFull { most: MAX_WAITING });
        }
        // The secretariat looked at a document before it made the link.
        let checked = seat.map(|_| IdentityCheck::DocumentSeen);
        let stored = StoredSession {
            session: KeptSession {
                id: new.id,
                state: SessionState::Waiting,
                whose: new.whose,
                records: new.records,
                member: member.clone(),
                seat,
                made_at: now,
                expires_at: new.expires_at,
                ends_at: new.ends_at,
                opened_at: None,
                ended_at: None,
                wrong_codes: 0,
                identity: checked,
                code_sent_at: None,
                confirmed_at: checked.map(|_| now),
            },
            sent: body,
            code_hash: new.code_hash,
            sealed: to_json(&new.sealed),
            browser: None,
            confirm_hash: None,
            confirm_wrong: 0,
        };
        is_new = store.put_session(&stored).await?;
        metrics::counter!("callboard_registry_sessions_total", "for" => new.whose.as_str())
            .increment(u64::from(is_new));
    }
    let kept = session_of(&app, new.id).await?;
    if kept.sent != body || (&kept.session.member, kept.session.seat) != (&member, seat) {
        return Err(ApiError::SessionRepeated);
    }
    Ok(Reply::given_before(kept.session, !is_new))
}

pub(super) async fn list(app: App, call: Call<Signed, (), SessionsBefore>) -> Result<Sessions, ApiError> {
    let (query, rows) = (&call.query, call.query.rows());
    let member = maker(&call.by)?;
    let before = match query.before {
        Some(before) => {
            let of = shown_to(&app, member, before).await?.session;
            Some((of.made_at, of.id))
        }
        None => None,
    };
    let now = app.clock.now();
    let listed = app.ledger.store().sessions(member.map(MemberId::as_str), before, rows).await?;
    let next = listed.last().map(|last| last.session.id).filter(|_| listed.len() as u64 == rows);
    Ok(Sessions { sessions: listed.into_iter().map(|stored| stored.at(now).session).collect(), next })
}

pub(super) async fn show(app: App, call: Call<Anyone, SessionId>) -> Result<SessionStatus, ApiError> {
    Ok(SessionStatus { state: session_of(&app, call.part).await?.session.state })
}

pub(super) async fn open(app: App, call: Call<Anyone, SessionId, (), OpenSession>) -> Result<KeptSession, ApiError> {
    let (id, OpenSession { code, public_key, seal_to }) = (call.part, call.body);
    session_of(&app, id).await?;
    let at = app.clock.now();
    let ends_at = at.plus_days(OPENED_DAYS);
    let opening = Opening { code_hash: code.hash(id), public_key, seal_to, at, ends_at };
    let outcome = app.ledger.store().open_session(id, &opening).await?;
    let kept = session_of(&app, id).await?;
    match (outcome, kept.session.state) {
        (CodeOutcome::Right, _) => Ok(kept.session),
        // It opened this, and didn't hear of it.
        (CodeOutcome::NotAsked, SessionState::Opened) if kept.browser == Some((public_key, seal_to)) => {
            Ok(kept.session)
        }
        (CodeOutcome::NotAsked, SessionState::Opened) => Err(ApiError::SessionUsed),
        (CodeOutcome::Wrong, _) => {
            Err(ApiError::SessionCode { left: MAX_WRONG_CODES.saturating_sub(kept.session.wrong_codes) })
        }
        (CodeOutcome::NotAsked, state) => Err(ApiError::SessionClosed(state)),
    }
}

pub(super) async fn end(app: App, call: Call<Signed, SessionId>) -> Result<KeptSession, ApiError> {
    let member = maker(&call.by)?;
    shown_to(&app, member, call.part).await?;
    app.ledger.store().end_session(call.part, app.clock.now()).await?;
    Ok(session_of(&app, call.part).await?.session)
}

pub(super) async fn read(app: App, call: Call<Session, SessionId>) -> Result<SessionContent, ApiError> {
    let stored = *call.by;
    let sealed = from_json(&stored.sealed).map_err(|_| unreadable())?;
    let mut records = Vec::with_capacity(stored.session.records.len());
    for record in &stored.session.records {
        records.push(live(&app, *record).await?);
    }
    let filings = app.ledger.store().filings_of(stored.session.id, MAX_FILINGS).await?;
    Ok(SessionContent { session: stored.session, sealed, records, filings })
}

pub(super) async fn proofs(app: App, call: Call<Session, SessionId>) -> Result<SessionProofs, ApiError> {
    let (mut proofs, mut missing) = (Vec::new(), Vec::new());
    for record in call.by.session.records {
        match proof_of(&app, record).await {
            Ok(proof) => proofs.push(proof),
            Err(ApiError::NotFound | ApiError::Erased | ApiError::NotWitnessed) => missing.push(record),
            Err(error) => return Err(error),
        }
    }
    Ok(SessionProofs { proofs, missing })
}

pub(super) async fn check_identity(
    app: App,
    call: Call<Seat, SessionId, (), NewIdentityCheck>,
) -> Result<KeptSession, ApiError> {
    secretariat(&call.by)?;
    let NewIdentityCheck { how, code_hash } = call.body;
    if code_hash.is_some() != (how == IdentityCheck::CodeSent) {
        return Err(ApiError::SessionRefused("`code-sent` has a `codeHash`, and nothing else does"));
    }
    match session_of(&app, call.part).await?.session.state {
        SessionState::Waiting | SessionState::Opened => {}
        state => return Err(ApiError::SessionClosed(state)),
    }
    app.ledger.store().note_identity(call.part, how, code_hash, app.clock.now()).await?;
    Ok(session_of(&app, call.part).await?.session)
}

pub(super) async fn confirm(
    app: App,
    call: Call<Session, SessionId, (), ConfirmationCode>,
) -> Result<KeptSession, ApiError> {
    let (id, code) = (call.part, call.body.code);
    let outcome = app.ledger.store().confirm_session(id, code.hash(id), app.clock.now()).await?;
    let kept = session_of(&app, id).await?;
    match outcome {
        CodeOutcome::Right => Ok(kept.session),
        CodeOutcome::NotAsked if kept.session.confirmed_at.is_some() => Ok(kept.session),
        CodeOutcome::NotAsked => Err(ApiError::SessionUnconfirmed),
        CodeOutcome::Wrong => Err(ApiError::SessionCode { left: MAX_WRONG_CODES.saturating_sub(kept.confirm_wrong) }),
    }
}

/// A session that the member made, or any where there is none: for the secretariat.
async fn shown_to(app: &App, member: Option<&MemberId>, id: SessionId) -> Result<StoredSession, ApiError> {
    let stored = session_of(app, id).await?;
    let is_shown = member.is_none() || stored.session.member.as_ref() == member;
    if is_shown { Ok(stored) } else { Err(ApiError::SessionUnknown) }
}

/// The member that asks; `None` is the secretariat, and no other seat is shown any session.
fn maker(by: &RequestSigner) -> Result<Option<&MemberId>, ApiError> {
    match &by.who {
        Principal::Member(member) => Ok(Some(member)),
        Principal::Seat(Role::Secretariat) => Ok(None),
        Principal::Seat(_) => Err(NOT_THE_SECRETARIAT),
    }
}

pub(super) fn secretariat(by: &SigningSeat) -> Result<(), ApiError> {
    if by.role == Role::Secretariat { Ok(()) } else { Err(NOT_THE_SECRETARIAT) }
}

const NOT_THE_SECRETARIAT: ApiError =
    ApiError::SessionForbidden("of the seats the secretariat alone has to do with sessions");

pub(super) const fn unreadable() -> ApiError {
    ApiError::Ledger(LedgerError::Store(crate::store::StoreError::Unreadable("subject_session")))
}

fn check_new(app: &App, new: &NewSession, now: Time) -> Result<(), ApiError> {
    let refused = |why| Err(ApiError::SessionRefused(why));
    let distinct: BTreeSet<&RecordId> = new.records.iter().collect();
    if !(1..=MAX_RECORDS).contains(&new.records.len()) || distinct.len() != new.records.len() {
        return refused("a session has 1 to 64 records, each once");
    }
    let size = app.ledger.size();
    let is_measure = |id: &RecordId| {
        let replay = app.ledger.replay();
        let record = replay.records().get(*id);
        record.is_some_and(|of| of.place.index < size && matches!(of.kind, Kind::Ruling | Kind::Interim))
    };
    if !new.records.iter().all(is_measure) {
        return refused("each record is a ruling or an interim that is logged and not erased");
    }
    if new.sealed.ciphertext.0.len() > MAX_SEALED_BYTES {
        return refused("what is sealed is too long");
    }
    if new.expires_at <= now || new.expires_at > now.plus_days(MAX_LINK_DAYS) {
        return refused("a link expires within 30 days");
    }
    match new.ends_at {
        Some(ends_at) if ends_at <= now => refused("it would be over already"),
        None if new.whose == SessionFor::Guardian => {
            refused("a guardian's session ends on the 18th birthday: say `endsAt`")
        }
        _ => Ok(()),
    }
}

/// What the registry knows of a record now.
async fn live(app: &App, id: RecordId) -> Result<LiveRecord, ApiError> {
    let store = app.ledger.store();
    let stored = store.record(id).await?.ok_or_else(unreadable)?;
    let docket = app.ledger.dockets(stored.index, stored.index + 1).await?;
    let docket = docket.first().ok_or(LedgerError::Unreadable { index: stored.index })?;
    let (void, phase, disputed) = {
        let replay = app.ledger.replay();
        let as_of = AsOf::new(replay.records(), app.ledger.size(), app.clock.now());
        match replay.records().get(id) {
            None => (false, None, false),
            Some(record) => {
                let policy = record.policy.and_then(|hash| replay.policies().get(&hash));
                let begun = record.measure.as_ref().zip(policy).filter(|_| as_of.has_effect(record));
                let phase = begun.map(|(measure, policy)| as_of.phase(record, measure, policy));
                (as_of.is_void(record), phase, as_of.is_disputed(record))
            }
        }
    };
    let propagation = app.delivery.propagation(docket.payload_hash).await?;
    let members = propagation.into_iter().flat_map(|propagation| propagation.members);
    let asked = store.share_recipients(id).await?;
    Ok(LiveRecord {
        record: id,
        kind: stored.kind,
        erased: stored.statement.is_none(),
        void,
        phase,
        disputed,
        logged_at: docket.logged_at,
        docket: docket.payload_hash,
        members: members
            .map(|of| MemberAction { member: of.member, name: of.name, acted: of.acted, receipted_at: of.receipted_at })
            .collect(),
        asked: asked
            .into_iter()
            .map(|of| ShareAsked { who: of.member, first_at: of.first_at, last_at: of.last_at, times: of.times })
            .collect(),
    })
}
