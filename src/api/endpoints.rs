//! Endpoints: where a member wants to be pushed to. The operations: [`callboard_api::registry::endpoints`].

use callboard_api::{
    Member,
    registry::{
        endpoints::{
            AttemptsBefore, ChangedEndpoint, DeliveryAttempt, DeliveryAttempts, Endpoint, EndpointState, Endpoints,
            NewEndpoint, ReplayFrom, WantedState,
        },
        rows,
    },
};
use callboard_client::runtime::os_rng;
use callboard_federation::{
    encoding::{EndpointId, Time},
    members::MemberId,
    statement::Kind,
    webhook::Secret,
};
use rand_core::Rng as _;

use super::{App, Call, problem::ApiError};
use crate::store::{attempts::StoredAttempt, endpoints::StoredEndpoint};

/// The most endpoints of a member: one for each of its systems, and some to try things out.
const MAX_ENDPOINTS: usize = 8;
/// How long messages are signed with both secrets: a working day and a night.
const OVERLAP_MILLIS: i64 = 24 * 3_600 * 1_000;

pub(super) async fn create(app: App, call: Call<Member, (), (), NewEndpoint>) -> Result<Endpoint, ApiError> {
    let (member, asked) = (call.by.as_str(), call.body);
    app.delivery.guard().check(&asked.url)?;
    let own = app.ledger.store().endpoints_of(member).await?;
    if own.len() >= MAX_ENDPOINTS || own.iter().any(|endpoint| endpoint.url == asked.url) {
        return Err(ApiError::EndpointRepeated);
    }
    let (now, size) = (app.clock.now(), app.ledger.size());
    let mut random = [0; 10];
    os_rng().fill_bytes(&mut random);
    let (id, secret) = (EndpointId::new(now, random), Secret::draw(&mut os_rng()));
    let from = asked.from.unwrap_or(size).min(size);
    let endpoint = StoredEndpoint {
        kinds: kinds_text(&asked.kinds.unwrap_or_default()),
        ..StoredEndpoint::new(id, member, &asked.url, secret.as_bytes(), from, now)
    };
    app.ledger.store().put_endpoint(&endpoint).await?;
    app.delivery.look_at_endpoints();
    Ok(with_secret(endpoint, size))
}

pub(super) async fn list(app: App, call: Call<Member>) -> Result<Endpoints, ApiError> {
    let size = app.ledger.size();
    let own = app.ledger.store().endpoints_of(call.by.as_str()).await?;
    Ok(Endpoints { endpoints: own.into_iter().map(|stored| to_endpoint(stored, size)).collect() })
}

pub(super) async fn show(app: App, call: Call<Member, EndpointId>) -> Result<Endpoint, ApiError> {
    Ok(to_endpoint(own_endpoint(&app, &call.by, call.part).await?, app.ledger.size()))
}

pub(super) async fn change(
    app: App,
    call: Call<Member, EndpointId, (), ChangedEndpoint>,
) -> Result<Endpoint, ApiError> {
    let mut stored = own_endpoint(&app, &call.by, call.part).await?;
    if let Some(url) = call.body.url {
        app.delivery.guard().check(&url)?;
        let own = app.ledger.store().endpoints_of(call.by.as_str()).await?;
        if own.iter().any(|other| other.url == url && other.id != stored.id) {
            return Err(ApiError::EndpointRepeated);
        }
        stored.url = url;
    }
    if let Some(kinds) = call.body.kinds {
        stored.kinds = kinds_text(&kinds);
    }
    if let Some(wanted) = call.body.state {
        stored.status.reason = None;
        stored.status.state = match wanted {
            WantedState::Active => EndpointState::Active,
            WantedState::Paused => EndpointState::Paused,
        };
    }
    Ok(to_endpoint(save_endpoint(&app, &stored).await?, app.ledger.size()))
}

pub(super) async fn delete(app: App, call: Call<Member, EndpointId>) -> Result<(), ApiError> {
    let stored = own_endpoint(&app, &call.by, call.part).await?;
    app.ledger.store().delete_endpoint(stored.id).await?;
    app.delivery.look_at_endpoints();
    Ok(())
}

pub(super) async fn rotate(app: App, call: Call<Member, EndpointId>) -> Result<Endpoint, ApiError> {
    let mut stored = own_endpoint(&app, &call.by, call.part).await?;
    let new = Secret::draw(&mut os_rng()).as_bytes().to_vec();
    let old = std::mem::replace(&mut stored.secret, new);
    stored.old_secret = Some((old, app.clock.now().plus_millis(OVERLAP_MILLIS)));
    Ok(with_secret(save_endpoint(&app, &stored).await?, app.ledger.size()))
}

pub(super) async fn test(app: App, call: Call<Member, EndpointId>) -> Result<DeliveryAttempt, ApiError> {
    let stored = own_endpoint(&app, &call.by, call.part).await?;
    Ok(attempt(app.delivery.test(&stored).await?))
}

pub(super) async fn replay(app: App, call: Call<Member, EndpointId, (), ReplayFrom>) -> Result<Endpoint, ApiError> {
    let mut stored = own_endpoint(&app, &call.by, call.part).await?;
    let size = app.ledger.size();
    stored.status.next_index = call.body.from.min(size);
    Ok(to_endpoint(save_endpoint(&app, &stored).await?, size))
}

pub(super) async fn attempts(
    app: App,
    call: Call<Member, EndpointId, AttemptsBefore>,
) -> Result<DeliveryAttempts, ApiError> {
    let stored = own_endpoint(&app, &call.by, call.part).await?;
    let limit = rows(call.query.limit);
    let before = call.query.before.unwrap_or(Time::from_millis(i64::MAX / 2));
    let found = app.ledger.store().attempts_before(stored.id, before, limit).await?;
    let next = found.last().map(|last| last.at).filter(|_| found.len() as u64 == limit);
    Ok(DeliveryAttempts { attempts: found.into_iter().map(attempt).collect(), next })
}

fn to_endpoint(stored: StoredEndpoint, size: u64) -> Endpoint {
    let status = stored.status;
    let kinds = stored.kinds.split(' ').filter(|kind| !kind.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    Endpoint {
        id: stored.id,
        url: stored.url,
        kinds: Some(kinds).filter(|kinds| !kinds.is_empty()),
        state: status.state,
        reason: status.reason,
        next_index: status.next_index,
        behind: size.saturating_sub(status.next_index),
        failures: status.failures,
        failing_since: status.failing_since,
        retry_at: status.retry_at,
        created_at: stored.created_at,
        old_secret_until: stored.old_secret.map(|(_, until)| until),
        secret: None,
    }
}

fn with_secret(stored: StoredEndpoint, size: u64) -> Endpoint {
    let secret = Secret::from_bytes(&stored.secret).ok().map(|secret| secret.text().to_string());
    Endpoint { secret, ..to_endpoint(stored, size) }
}

fn attempt(stored: StoredAttempt) -> DeliveryAttempt {
    let StoredAttempt { index, part, at, millis, status, is_taken: taken, answer, .. } = stored;
    DeliveryAttempt { index, part, at, millis, status, taken, answer }
}

/// The member's own endpoint of an id; another's is nobody's.
async fn own_endpoint(app: &App, member: &MemberId, id: EndpointId) -> Result<StoredEndpoint, ApiError> {
    let stored = app.ledger.store().endpoint(id).await?;
    stored.filter(|stored| stored.member == member.as_str()).ok_or(ApiError::NotFound)
}

/// Keeps a change, and has its worker begin anew.
async fn save_endpoint(app: &App, changed: &StoredEndpoint) -> Result<StoredEndpoint, ApiError> {
    if !app.ledger.store().change_endpoint(changed).await? {
        return Err(ApiError::EndpointMoved);
    }
    app.delivery.look_at_endpoints();
    app.ledger.store().endpoint(changed.id).await?.ok_or(ApiError::NotFound)
}

fn kinds_text(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
}
