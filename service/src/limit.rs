//! How often one may ask: a burst, then a steady rate, told in headers (RateLimit fields, IETF draft).
//!
//! What isn't signed is counted by address. A signed request is counted by its key, once the signature is verified: a
//! platform behind one address with three hundred others is counted alone, and nobody spends another's budget by its
//! key id. A request that bears a signature and was not verified, for whatever reason, is counted by address
//! afterwards; an address that spent its budget so has no further signature looked at until it has some again. What a
//! member may ask of tags is counted at the token service besides. Health is never counted.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    num::NonZeroU32,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use callboard_federation::{
    encoding::KeyId,
    request::{SIGNATURE, SIGNATURE_INPUT},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use crate::proxies::TrustedProxies;

/// What whoever watches a service asks.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// What is counted as one address: an IPv4 address, or the 64 bits of an IPv6 network that one household has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AddressBlock(IpAddr);

impl AddressBlock {
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

/// So many requests at once, then so many a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    pub per_second: NonZeroU32,
    pub burst: NonZeroU32,
}

impl Rate {
    /// Seconds until whoever asked all it may has all of it again.
    fn window(self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }
}

pub struct RateLimits {
    proxies: TrustedProxies,
    /// What is asked seldom, and costs people's time.
    hourly: Option<HourlyLimit>,
    addresses: KeyedLimiter<AddressBlock>,
    keys: KeyedLimiter<KeyId>,
    /// Addresses whose signatures aren't looked at, and until when.
    shut: Mutex<HashMap<AddressBlock, Instant>>,
}

/// How often an hour one address may POST to a path.
struct HourlyLimit {
    path: &'static str,
    limiter: RateLimiter<AddressBlock, DefaultKeyedStateStore<AddressBlock>, DefaultClock>,
}

struct KeyedLimiter<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    limiter: RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>,
}

/// What is left to whoever asked, of which budget.
#[derive(Debug, Clone, Copy)]
struct RemainingBudget {
    name: &'static str,
    rate: Rate,
    requests: u32,
}

impl<K: Hash + Eq + Clone> KeyedLimiter<K> {
    fn new(name: &'static str, rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self { name, rate, limiter: RateLimiter::keyed(quota).with_middleware() }
    }

    /// Takes a request from the budget: what is left, or how long until there is one.
    fn take(&self, key: &K) -> Result<RemainingBudget, Duration> {
        let (name, rate) = (self.name, self.rate);
        let taken = self.limiter.check_key(key);
        let taken = taken.map(|state| RemainingBudget { name, rate, requests: state.remaining_burst_capacity() });
        taken.map_err(|early| early.wait_time_from(DefaultClock::default().now()))
    }

    /// How a refusal is told.
    const fn exhausted(&self) -> RemainingBudget {
        RemainingBudget { name: self.name, rate: self.rate, requests: 0 }
    }

    fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

impl RateLimits {
    /// `proxies` say whose address it is.
    pub fn new(by_address: Rate, by_key: Rate, proxies: TrustedProxies) -> Arc<Self> {
        Arc::new(Self::of(by_address, by_key, proxies, None))
    }

    /// The same, with a bound on how often an hour one address may POST to `path`.
    pub fn with_hourly(
        by_address: Rate,
        by_key: Rate,
        proxies: TrustedProxies,
        path: &'static str,
        per_hour: NonZeroU32,
    ) -> Arc<Self> {
        let limiter = RateLimiter::keyed(Quota::per_hour(per_hour));
        Arc::new(Self::of(by_address, by_key, proxies, Some(HourlyLimit { path, limiter })))
    }

    fn of(by_address: Rate, by_key: Rate, proxies: TrustedProxies, hourly: Option<HourlyLimit>) -> Self {
        let (addresses, keys) = (KeyedLimiter::new("address", by_address), KeyedLimiter::new("key", by_key));
        Self { proxies, hourly, addresses, keys, shut: Mutex::default() }
    }

    /// Takes a request from what its address may ask an hour; how long until there is one.
    fn take_hourly(&self, request: &Request, block: &AddressBlock) -> Result<(), Duration> {
        let hourly =
            self.hourly.as_ref().filter(|of| request.method() == Method::POST && request.uri().path() == of.path);
        let Some(hourly) = hourly else { return Ok(()) };
        let now = DefaultClock::default();
        hourly.limiter.check_key(block).map_err(|early| early.wait_time_from(now.now()))
    }

    /// Forgets addresses and keys that haven't asked for as long as the limits count.
    pub fn forget_idle(&self) {
        self.addresses.forget_idle();
        self.keys.forget_idle();
        if let Some(hourly) = &self.hourly {
            hourly.limiter.retain_recent();
            hourly.limiter.shrink_to_fit();
        }
        let now = Instant::now();
        self.shut.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, until| *until > now);
    }

    /// How long this address's signatures aren't looked at.
    fn blocked_for(&self, block: &AddressBlock) -> Option<Duration> {
        let shut = self.shut.lock().unwrap_or_else(PoisonError::into_inner);
        shut.get(block)?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    /// Counts a request that bears a signature, and wasn't verified.
    fn note_unverified(&self, block: AddressBlock) {
        if let Err(wait) = self.addresses.take(&block) {
            self.shut.lock().unwrap_or_else(PoisonError::into_inner).insert(block, Instant::now() + wait);
        }
    }
}

/// Stands in the extensions of a request that bears a signature: whoever verifies it says so here.
#[derive(Clone)]
pub struct KeyBudget {
    limits: Arc<RateLimits>,
    verified: Arc<OnceLock<RemainingBudget>>,
}

impl KeyBudget {
    /// Takes the request from the budget of its key, now that it is verified; seconds to wait, if that is spent.
    pub fn charge(&self, key: &KeyId) -> Result<(), u64> {
        let (left, taken) = match self.limits.keys.take(key) {
            Ok(left) => (left, Ok(())),
            Err(wait) => (self.limits.keys.exhausted(), Err(whole_seconds(wait))),
        };
        // A request is verified once; another time says nothing new.
        let _ = self.verified.set(left);
        taken
    }
}

#[derive(Clone)]
pub struct LimitLayer {
    pub limits: Arc<RateLimits>,
    /// The service's own problem for who must wait so many seconds.
    pub refuse: fn(u64) -> Response,
    /// Whether answers tell what is left; a service that tells of a scarcer budget doesn't.
    pub tells: bool,
}

/// Lets a request pass, or says when to come again; either way may tell how many are left.
pub async fn limit(State(limited): State<LimitLayer>, mut request: Request, next: Next) -> Response {
    let limits = &limited.limits;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    // In-process callers have no address, and aren't limited.
    let Some(peer) = peer.filter(|_| !HEALTH.contains(&request.uri().path())) else { return next.run(request).await };
    let block = AddressBlock::of(limits.proxies.client(peer, request.headers()));
    if let Err(wait) = limits.take_hourly(&request, &block) {
        return limited.refusal(limits.addresses.exhausted(), wait);
    }
    if !bears_signature(request.headers()) {
        return match limits.addresses.take(&block) {
            Ok(left) => limited.with_budget(next.run(request).await, left, None),
            Err(wait) => limited.refusal(limits.addresses.exhausted(), wait),
        };
    }
    if let Some(wait) = limits.blocked_for(&block) {
        return limited.refusal(limits.addresses.exhausted(), wait);
    }
    let budget = KeyBudget { limits: limits.clone(), verified: Arc::default() };
    request.extensions_mut().insert(budget.clone());
    let response = next.run(request).await;
    let Some(left) = budget.verified.get() else {
        limits.note_unverified(block);
        return response;
    };
    limited.with_budget(response, *left, None)
}

fn bears_signature(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE_INPUT) && headers.contains_key(SIGNATURE)
}

/// Seconds to wait, of which a part is a whole one.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + 1
}

impl LimitLayer {
    fn refusal(&self, left: RemainingBudget, wait: Duration) -> Response {
        let after = whole_seconds(wait);
        self.with_budget((self.refuse)(after), left, Some(after))
    }

    fn with_budget(
        &self,
        mut response: Response,
        RemainingBudget { name, rate, requests }: RemainingBudget,
        after: Option<u64>,
    ) -> Response {
        let reset = after.unwrap_or_else(|| rate.window().into());
        for (field, value) in [
            ("ratelimit-policy", format!("\"{name}\";q={};w={}", rate.burst, rate.window())),
            ("ratelimit", format!("\"{name}\";r={requests};t={reset}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value)
                && self.tells
            {
                response.headers_mut().insert(field, value);
            }
        }
        response
    }
}
