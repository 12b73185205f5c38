//! `POST /v1/tokens?epoch=N`: a batch of blinded points in, a proof and as many evaluated points out.
//!
//! What is true if we die: before the booking commits, nothing was spent and nothing was answered; after it, the points
//! are spent and the batch is kept, though nobody has the answer. An answer without its rows can't be.
//!
//! Points are evaluated before the booking, so that its transaction is short. Before a large batch there is a look at
//! quota and nonce, so that what will be refused costs little. Implements `docs/formats.md` §3.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Extension, OriginalUri, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    response::{IntoResponse as _, Response},
};
use callboard_api::tokens::OfEpoch;
use callboard_federation::{
    encoding::Time,
    request::{self, RequestError, RequestHead, VerifiedRequest},
    tag::Epoch,
    token::{self, MAX_BATCH, POINT_BYTES, TokenError},
};
use callboard_service::limit::KeyBudget;

use super::{
    app::App,
    follow::RefreshOutcome,
    problem::Problem,
    quota::{self, Payment},
    seed::Evaluator,
    store::{Account, AccountUsage, NewBatch},
    view::{EpochError, Principal},
};

/// The most bytes of a body that are read: somewhat more than a batch, so that a batch that is too long hears why.
const MAX_BODY: usize = 2 * MAX_BATCH * POINT_BYTES;
/// Up to so many points are evaluated where they are, since a thread would cost more than it frees (a point is about
/// 0.1 ms).
const INLINE_POINTS: usize = 8;
const OCTETS: &str = "application/octet-stream";

/// The IETF's draft fields that tell a member its quota, in points: of the day, and what is left with all grants, for
/// the seconds until the next UTC day. A seat's answers have none.
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");

pub(super) async fn evaluate(
    State(served): State<Arc<App>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    budget: Option<Extension<KeyBudget>>,
    body: Body,
) -> Result<Response, Problem> {
    let now = served.clock.now();
    let unread = authenticate(&served, &method, &uri, &headers, now).await?;
    if let Some(Extension(budget)) = budget {
        budget.charge(unread.keyid()).map_err(|retry_after| Problem::TooFast { retry_after })?;
    }
    // Nothing of a stranger's body is read.
    let body = axum::body::to_bytes(body, MAX_BODY).await.map_err(|_| TokenError::BatchSize)?;
    let checked = unread.with_body(&body)?;
    let Query(OfEpoch { epoch }) = Query::try_from_uri(&uri).map_err(|_| Problem::Query)?;
    let epoch = Epoch::new(epoch).map_err(|_| Problem::Query)?;
    if matches!(served.follower.view().live_key(epoch), Err(EpochError::Unknown)) {
        served.follower.refresh_until(|view| !matches!(view.live_key(epoch), Err(EpochError::Unknown))).await;
    }
    let evaluator = evaluator(&served, epoch)?;
    let points = token::read_batch(&body)?.len();

    let account = account(&checked, now);
    let count = points as u64;
    if points > INLINE_POINTS {
        let had = served.store.usage(&account, &checked.nonce).await?.ok_or(Problem::Replayed)?;
        pay(&checked.who, &had, count, now)?;
    }

    let root = token::blinded_root(token::read_batch(&body)?);
    let answer = run(&served, evaluator, body, points).await?;

    let claimed = served.store.claim(&account, &checked.nonce, checked.created).await?;
    let (booking, had) = claimed.ok_or(Problem::Replayed)?;
    let payment = pay(&checked.who, &had, count, now)?;
    booking.keep(&account, payment.as_ref(), &NewBatch { epoch, points: count, root }).await?;

    metrics::histogram!("callboard_tokens_batch_points").record(u32::try_from(count).unwrap_or(u32::MAX));
    metrics::counter!("callboard_tokens_points_total", "epoch" => epoch.to_string()).increment(count);
    if let Principal::Seat { role } = &checked.who {
        let points_today = had.points_today.saturating_add(count);
        metrics::counter!("callboard_tokens_seat_points_total", "role" => role.as_str()).increment(count);
        if points_today > served.config.seat_alarm_points {
            metrics::counter!("callboard_tokens_seat_alarms_total", "role" => role.as_str()).increment(1);
            tracing::warn!(seat.role = role.as_str(), seat.points_today = points_today, "a seat asks more than usual");
        }
    }
    let fields = [(header::CONTENT_TYPE, OCTETS), (header::CACHE_CONTROL, "no-store")];
    let mut response = (fields, answer).into_response();
    if let (Principal::Member { quota, .. }, Some(payment)) = (&checked.who, &payment) {
        let reset = seconds_until(quota::next_day(now), now);
        for (name, value) in [
            (RATE_LIMIT_POLICY, format!("\"points\";q={};w=86400", quota.per_day)),
            (RATE_LIMIT, format!("\"points\";r={};t={reset}", payment.left)),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    Ok(response)
}

/// Who signed the request; an unknown key makes us look at the registry once more.
async fn authenticate(
    served: &App,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    now: Time,
) -> Result<RequestHead<Principal>, Problem> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let target_uri = served.config.public_url.at(path);
    let check = || {
        let view = served.follower.view();
        if !view.has_roster() {
            return Err(Problem::NotReady);
        }
        let lines = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Ok(request::check_head(method.as_str(), &target_uri, lines, now, |keyid| view.asker(keyid))?)
    };
    match check() {
        Err(Problem::Request(RequestError::KeyUnknown(keyid))) => {
            let news = served.follower.refresh_until(|view| view.asker(&keyid).is_some()).await;
            match check() {
                Err(Problem::Request(RequestError::KeyUnknown(_))) if news == RefreshOutcome::NotYetProven => {
                    Err(Problem::KeyNotYet)
                }
                checked => checked,
            }
        }
        checked => checked,
    }
}

/// Who evaluates: the epoch is live in the roster, and the key held here is the one that the roster names.
fn evaluator(served: &App, epoch: Epoch) -> Result<Evaluator, Problem> {
    let named = served.follower.view().live_key(epoch).map_err(|not_live| match not_live {
        EpochError::Unknown => Problem::EpochUnknown(epoch),
        EpochError::Closed => Problem::EpochClosed(epoch),
    })?;
    let held = served.seeds.of(epoch).filter(|held| held.public() == named);
    held.cloned().ok_or(Problem::EpochUnavailable(epoch))
}

fn account(checked: &VerifiedRequest<Principal>, now: Time) -> Account {
    let asker = match &checked.who {
        Principal::Member { member, .. } => member.to_string(),
        // A member's id has no colon.
        Principal::Seat { .. } => format!("seat:{}", checked.keyid),
    };
    Account { asker, keyid: checked.keyid, now, day: quota::day_of(now) }
}

/// How the points are paid for; a seat pays nothing.
fn pay(asker: &Principal, had: &AccountUsage, count: u64, now: Time) -> Result<Option<Payment>, Problem> {
    let Principal::Member { quota, .. } = asker else { return Ok(None) };
    quota::pay(quota, &had.spent, count, now).map(Some).ok_or_else(|| {
        let resets_at = quota::next_day(now);
        let left = quota::pay(quota, &had.spent, 0, now).map_or(0, |payment| payment.left);
        Problem::QuotaSpent { asked: count, left, resets_at, retry_after: seconds_until(resets_at, now) }
    })
}

/// Evaluates on a thread of its own, as many batches at once as there are processors; a few points right here.
async fn run(served: &App, evaluator: Evaluator, body: Bytes, points: usize) -> Result<Vec<u8>, Problem> {
    let os_rng = Arc::clone(&served.os_rng);
    let work = move || evaluator.evaluate(token::read_batch(&body)?, &mut *os_rng());
    if points <= INLINE_POINTS {
        return Ok(work()?);
    }
    let _turn = served.turns.acquire().await.map_err(|_| Problem::Failed)?;
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Failed)??)
}

/// Whole seconds from `now` to `then`, rounded up.
fn seconds_until(then: Time, now: Time) -> u64 {
    let millis = then.as_millis().saturating_sub(now.as_millis());
    u64::try_from(millis).unwrap_or(0).div_ceil(1000)
}
