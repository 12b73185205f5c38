//! Who asks: members and seats, by a request signed with their own key (formats §3).
//!
//! What belongs to a session of a subject is asked by the browser that it is bound to, with that browser's key (formats §18).
//!
//! An act of an operation that asks for a right is given the proof of it, and can't forget to check it. There are no
//! passwords and no bearer keys.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::Request,
    http::{request::Parts, uri::PathAndQuery},
};
use callboard_api::{self as api, Description, RightKind};
use callboard_federation::{
    encoding::{KeyId, PublicKey, Time},
    members::MemberId,
    replay::Replay,
    request::{RequestError, RequestHead, RequestKey, SIGNATURE_INPUT, VerifiedRequest, WINDOW_SECONDS, check_head},
    roster::Role,
    subject_session::{SessionId, SessionState},
};
use callboard_service::{
    limit::KeyBudget,
    operation::{Authorise, Host},
};

use super::{App, body, problem::ApiError};
use crate::store::subject_sessions::StoredSession;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    Member(MemberId),
    Seat(Role),
}

impl Principal {
    /// The name that is counted: a member's id, or `seat:ROLE`, which no id can be.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Member(member) => member.as_str().into(),
            Self::Seat(role) => format!("seat:{role}").into(),
        }
    }
}

/// Who signed a request, a member or a seat in force, and with which key.
pub struct RequestSigner {
    pub who: Principal,
    pub key_id: KeyId,
}

/// A seat in force that signed a request.
#[derive(Debug, Clone, Copy)]
pub struct SigningSeat {
    pub role: Role,
    pub key_id: KeyId,
}

/// Who asks, as far as they showed it.
pub enum Caller {
    Nobody,
    Signed(RequestSigner),
    /// The browser that a session is bound to.
    Browser(Box<StoredSession>),
}

impl Caller {
    fn signer(self) -> Option<RequestSigner> {
        if let Self::Signed(signer) = self { Some(signer) } else { None }
    }
}

impl Host for App {
    type Error = ApiError;
    type Caller = Caller;

    async fn read(&self, operation: &'static Description, request: Request) -> Result<(Caller, Vec<u8>), ApiError> {
        let asks_signed = match operation.right {
            RightKind::Anyone => false,
            RightKind::MaybeSigned => request.headers().contains_key(SIGNATURE_INPUT),
            RightKind::Signed | RightKind::Seat | RightKind::Member | RightKind::Token => true,
            RightKind::Session => {
                let (session, body) = authenticate_browser(self, operation, request).await?;
                return Ok((Caller::Browser(Box::new(session)), body));
            }
        };
        if asks_signed {
            let (signed, body) = authenticate(self, operation, request).await?;
            return Ok((Caller::Signed(signed), body));
        }
        if operation.body.is_none() {
            return Ok((Caller::Nobody, Vec::new()));
        }
        Ok((Caller::Nobody, body::read(request.into_body(), self.config.limits.request_bytes, self).await?))
    }
}

impl Authorise<api::Anyone> for App {
    type By = ();

    fn authorise(_: Caller) -> Result<(), ApiError> {
        Ok(())
    }
}

impl Authorise<api::MaybeSigned> for App {
    type By = Option<RequestSigner>;

    fn authorise(caller: Caller) -> Result<Option<RequestSigner>, ApiError> {
        Ok(caller.signer())
    }
}

impl Authorise<api::Signed> for App {
    type By = RequestSigner;

    fn authorise(caller: Caller) -> Result<RequestSigner, ApiError> {
        caller.signer().ok_or(ApiError::Request(RequestError::Unsigned))
    }
}

impl Authorise<api::Seat> for App {
    type By = SigningSeat;

    fn authorise(caller: Caller) -> Result<SigningSeat, ApiError> {
        let RequestSigner { who, key_id } = <Self as Authorise<api::Signed>>::authorise(caller)?;
        match who {
            Principal::Seat(role) => Ok(SigningSeat { role, key_id }),
            Principal::Member(_) => Err(ApiError::SeatsOnly),
        }
    }
}

impl Authorise<api::Member> for App {
    type By = MemberId;

    fn authorise(caller: Caller) -> Result<MemberId, ApiError> {
        match <Self as Authorise<api::Signed>>::authorise(caller)?.who {
            Principal::Member(member) => Ok(member),
            Principal::Seat(_) => Err(ApiError::MembersOnly),
        }
    }
}

impl Authorise<api::Session> for App {
    type By = Box<StoredSession>;

    fn authorise(caller: Caller) -> Result<Box<StoredSession>, ApiError> {
        if let Caller::Browser(session) = caller { Ok(session) } else { Err(ApiError::Request(RequestError::Unsigned)) }
    }
}

pub(super) async fn authenticate(
    app: &App,
    operation: &Description,
    request: Request,
) -> Result<(RequestSigner, Vec<u8>), ApiError> {
    let (parts, body) = request.into_parts();
    // Nothing of a stranger's body is read.
    let head = head_of(app, &parts, |id| key_of(&app.ledger.replay(), id))?;
    if operation.right == RightKind::Seat && matches!(head.who(), Principal::Member(_)) {
        return Err(ApiError::SeatsOnly);
    }
    let (checked, body) = read_signed(app, operation, head, body).await?;
    Ok((RequestSigner { who: checked.who, key_id: checked.keyid }, body))
}

/// The session that a request is of, signed by the browser that it is bound to.
async fn authenticate_browser(
    app: &App,
    operation: &Description,
    request: Request,
) -> Result<(StoredSession, Vec<u8>), ApiError> {
    let (parts, body) = request.into_parts();
    let named = parts.uri.path().strip_prefix(SESSIONS).and_then(|rest| rest.split('/').next());
    let id = named.and_then(|id| id.parse().ok()).ok_or(ApiError::SessionUnknown)?;
    let session = session_of(app, id).await?;
    let browser = match (session.session.state, &session.browser) {
        (SessionState::Opened, Some((key, _))) => *key,
        (state, _) => return Err(ApiError::SessionClosed(state)),
    };
    let head = head_of(app, &parts, |id| (browser.id() == *id).then_some((browser, ())));
    let head = head.map_err(|error| match error {
        ApiError::Request(RequestError::KeyUnknown(_)) => ApiError::SessionUsed,
        error => error,
    })?;
    let (_, body) = read_signed(app, operation, head, body).await?;
    Ok((session, body))
}

/// What begins the address of every operation of a session.
const SESSIONS: &str = "/v1/sessions/";

/// A session as it is now.
pub(super) async fn session_of(app: &App, id: SessionId) -> Result<StoredSession, ApiError> {
    let stored = app.ledger.store().session(id).await?;
    Ok(stored.ok_or(ApiError::SessionUnknown)?.at(app.clock.now()))
}

/// The head of a signed request, whose key has requests left.
fn head_of<K: RequestKey, T>(
    app: &App,
    parts: &Parts,
    key_of: impl FnOnce(&KeyId) -> Option<(K, T)>,
) -> Result<RequestHead<T>, ApiError> {
    let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let target_uri = app.config.registry.public_url.at(path);
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let head = check_head(parts.method.as_str(), &target_uri, headers, app.clock.now(), key_of)?;
    if let Some(budget) = parts.extensions.get::<KeyBudget>() {
        budget.charge(head.keyid()).map_err(|after| ApiError::RateLimited { after })?;
    }
    Ok(head)
}

/// The body of a signed request, whose nonce is taken once.
async fn read_signed<T>(
    app: &App,
    operation: &Description,
    head: RequestHead<T>,
    body: Body,
) -> Result<(VerifiedRequest<T>, Vec<u8>), ApiError> {
    let body = body::read(body, app.config.limits.bytes_of(operation), app).await?;
    let checked = head.with_body(&body)?;
    if let Some(after) = until_taken(app.ledger.restored_at(), checked.created, app.clock.now()) {
        return Err(ApiError::JustRestored { after });
    }
    // As long as `created` lets it count, and the same again for a clock that was set back.
    let expires = checked.created.plus_millis(2 * WINDOW_SECONDS * 1000);
    let (store, nonce) = (app.ledger.store(), checked.nonce.0);
    let is_new = if operation.only_reads {
        store.take_nonce_of_reading(checked.keyid, nonce, expires, app.clock.now()).await?
    } else {
        store.take_nonce(checked.keyid, nonce, expires).await?
    };
    if !is_new {
        return Err(ApiError::Replayed);
    }
    Ok((checked, body))
}

/// How many seconds a request waits that may have been taken before the store was restored: its nonce would be unknown.
/// What was taken then has a `created` of up to [`WINDOW_SECONDS`] after it.
fn until_taken(restored_at: Option<Time>, created: Time, now: Time) -> Option<u64> {
    let until = restored_at?.plus_millis(WINDOW_SECONDS * 1000);
    let millis = until.as_millis().saturating_sub(now.as_millis()).max(1_000);
    (created <= until).then(|| u64::try_from(millis).unwrap_or_default().div_ceil(1_000))
}

/// How many seconds it takes after a restore until requests are taken that are signed then.
pub(super) fn until_ready(restored_at: Option<Time>, now: Time) -> Option<u64> {
    // `created` is in whole seconds: what is signed now may say the second that began before.
    until_taken(restored_at, Time::from_seconds(now.as_seconds()), now)
}

fn key_of(replay: &Replay, id: &KeyId) -> Option<(PublicKey, Principal)> {
    let seat = replay.roster().and_then(|roster| roster.seat(id));
    if let Some(seat) = seat {
        return Some((seat.public_key, Principal::Seat(seat.role)));
    }
    let (member, key) = replay.members()?.document.value.of_key(id)?;
    Some((*key, Principal::Member(member.member.clone())))
}
