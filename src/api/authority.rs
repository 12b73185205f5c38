//! Who asks: members and seats, by a request signed with their own key (formats §3).
//!
//! A handler that takes [`Signed`] can't forget to check it. There are no passwords and no bearer keys.

use std::borrow::Cow;

use axum::{
    extract::{FromRequest, MatchedPath, Request},
    http::{Method, uri::PathAndQuery},
};
use callboard_federation::{
    encoding::{KeyId, PublicKey, Time},
    members::MemberId,
    replay::Replay,
    request::{WINDOW_SECONDS, check_head},
    roster::Role,
};
use callboard_service::limit::Asking;

use super::{App, body, problem::ApiError};

/// What is asked with POST, and is the same to the asker a second time.
const READING: [&str; 2] = ["/v1/standings", "/v1/records/{record}/share"];

/// Who signed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A member.
    Member(MemberId),
    /// A seat.
    Seat(Role),
}

impl Who {
    /// The name that is counted: a member's id, or `seat:ROLE`, which no id can be.
    pub fn name(&self) -> Cow<'_, str> {
        match self {
            Self::Member(member) => member.as_str().into(),
            Self::Seat(role) => format!("seat:{role}").into(),
        }
    }
}

/// A request that a member or a seat in force signed, with its body.
pub struct Signed {
    /// Who.
    pub who: Who,
    /// With which key.
    pub key_id: KeyId,
    /// The body, whole.
    pub body: Vec<u8>,
}

impl Signed {
    /// The member who asks; a seat doesn't.
    pub const fn member(&self) -> Result<&MemberId, ApiError> {
        match &self.who {
            Who::Member(member) => Ok(member),
            Who::Seat(_) => Err(ApiError::MembersOnly),
        }
    }
}

impl FromRequest<App> for Signed {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let target_uri = app.config.registry.public_url.at(path);
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        let (method, now) = (parts.method.as_str(), app.clock.now());
        // Nothing of a stranger's body is read.
        let head = check_head(method, &target_uri, headers, now, |id| key_of(&app.ledger.replay(), id))?;
        if let Some(asking) = parts.extensions.get::<Asking>() {
            asking.is_verified(head.keyid()).map_err(|after| ApiError::RateLimited { after })?;
        }
        let body = body::read(body, app.config.limits.request_bytes, app).await?;
        let checked = head.with_body(&body)?;
        if let Some(after) = until_taken(app.ledger.restored_at(), checked.created, app.clock.now()) {
            return Err(ApiError::JustRestored { after });
        }
        // As long as `created` lets it count, and the same again for a clock that was set back.
        let expires = checked.created.plus_millis(2 * WINDOW_SECONDS * 1000);
        let (store, nonce) = (app.ledger.store(), checked.nonce.0);
        let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str);
        let only_reads = parts.method == Method::GET || route.is_some_and(|route| READING.contains(&route));
        let is_new = if only_reads {
            store.take_nonce_of_reading(checked.keyid, nonce, expires, app.clock.now()).await?
        } else {
            store.take_nonce(checked.keyid, nonce, expires).await?
        };
        if !is_new {
            return Err(ApiError::Replayed);
        }
        Ok(Self { who: checked.who, key_id: checked.keyid, body })
    }
}

/// How many seconds a request waits that may have been taken before the store was restored: its nonce would be unknown. What was
/// taken then has a `created` of up to [`WINDOW_SECONDS`] after it.
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

fn key_of(replay: &Replay, id: &KeyId) -> Option<(PublicKey, Who)> {
    let seat = replay.roster().and_then(|roster| roster.seat(id));
    if let Some(seat) = seat {
        return Some((seat.public_key, Who::Seat(seat.role)));
    }
    let (member, key) = replay.members()?.document.value.of_key(id)?;
    Some((*key, Who::Member(member.member.clone())))
}
