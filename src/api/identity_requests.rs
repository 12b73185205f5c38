//! Questions to members whose an account is. The operations: [`callboard_api::registry::identity_requests`].

use callboard_api::{
    Member, Seat,
    registry::{
        identity_requests::{
            IdentityRequest, IdentityRequests, IdentityRequestsBefore, NewIdentityAnswer, NewIdentityRequest,
        },
        reports::ReportEntry,
    },
};
use callboard_federation::{
    encoding::{IdentityRequestId, ReportId},
    members::MemberId,
    report::{MAX_WORDS_BYTES, ReportAct},
};
use callboard_service::operation::Reply;

use super::{
    App, Call,
    problem::ApiError,
    reports::{TRIES, check_age, next_state, secretariat, shown_to},
};
use crate::store::{
    StoreError,
    identity_requests::{IdentityRequestList, StoredIdentityRequest},
};

pub(super) async fn ask(
    app: App,
    call: Call<Seat, ReportId, (), NewIdentityRequest>,
) -> Result<Reply<IdentityRequest>, ApiError> {
    let (by, report, new) = (secretariat(call.by)?, call.part, call.body);
    let NewIdentityRequest { id, member, sealed, to_seats } = new;
    check_age(&sealed.0, MAX_WORDS_BYTES)?;
    check_age(&to_seats.0, MAX_WORDS_BYTES)?;
    let store = app.ledger.store();
    for _ in 0..TRIES {
        let stored = shown_to(&app, None, report).await?;
        if let Some(before) = store.identity_request(id).await? {
            let is_same = before.report == report && before.request.member == member && before.request.sealed == sealed;
            let again = IdentityRequest { sealed: to_seats, ..before.request };
            return if is_same { Ok(Reply::given_before(again, true)) } else { Err(ApiError::ReportRepeated) };
        }
        if !is_bound(&app, &member) {
            return Err(ApiError::ReportRefused("who is asked is a member in force"));
        }
        let (act, asked_at) = (ReportAct::AskIdentity, app.clock.now());
        next_state(&stored.report, act)?;
        let request = IdentityRequest {
            id,
            member: member.clone(),
            asked_at,
            answered_at: None,
            sealed: sealed.clone(),
            answer: None,
        };
        let entry = ReportEntry {
            seat: Some(by.key_id),
            act,
            at: asked_at,
            to_member: None,
            to_reporter: None,
            to_seats: Some(to_seats.clone()),
            request: Some(id),
        };
        if store.put_identity_request(&stored, &entry, &request, &to_seats.0).await? {
            metrics::counter!("callboard_registry_report_acts_total", "act" => act.as_str()).increment(1);
            return Ok(Reply::given_before(IdentityRequest { sealed: to_seats, ..request }, false));
        }
    }
    Err(StoreError::Unavailable("too many acts at once").into())
}

pub(super) async fn list(
    app: App,
    call: Call<Member, (), IdentityRequestsBefore>,
) -> Result<IdentityRequests, ApiError> {
    let (member, query) = (call.by, call.query);
    let rows = query.rows();
    let before = match query.before {
        Some(before) => {
            let IdentityRequest { asked_at, id, .. } = asked_of(&app, &member, before).await?.request;
            Some((asked_at, id))
        }
        None => None,
    };
    let list = IdentityRequestList { member: member.as_str(), open: query.open, before, rows };
    let listed = app.ledger.store().identity_requests(list).await?;
    let next = listed.last().map(|last| last.id).filter(|_| listed.len() as u64 == rows);
    Ok(IdentityRequests { identity_requests: listed.into_iter().map(as_asked).collect(), next })
}

pub(super) async fn answer(
    app: App,
    call: Call<Member, IdentityRequestId, (), NewIdentityAnswer>,
) -> Result<Reply<IdentityRequest>, ApiError> {
    let (member, id, NewIdentityAnswer { sealed }) = (call.by, call.part, call.body);
    check_age(&sealed.0, MAX_WORDS_BYTES)?;
    asked_of(&app, &member, id).await?;
    let is_new = app.ledger.store().answer_identity_request(id, app.clock.now(), &sealed.0).await?;
    let kept = asked_of(&app, &member, id).await?.request;
    if kept.answer.as_ref() != Some(&sealed) {
        return Err(ApiError::ReportClosed("it was answered otherwise"));
    }
    Ok(Reply::given_before(as_asked(kept), !is_new))
}

/// A question to the member; another's is nobody's.
async fn asked_of(app: &App, member: &MemberId, id: IdentityRequestId) -> Result<StoredIdentityRequest, ApiError> {
    let stored = app.ledger.store().identity_request(id).await?;
    stored.filter(|stored| stored.request.member == *member).ok_or(ApiError::NotFound)
}

/// As the member is shown it.
fn as_asked(request: IdentityRequest) -> IdentityRequest {
    IdentityRequest { answer: None, ..request }
}

fn is_bound(app: &App, member: &MemberId) -> bool {
    let replay = app.ledger.replay();
    replay.members().is_some_and(|list| list.document.value.members.iter().any(|bound| bound.member == *member))
}
