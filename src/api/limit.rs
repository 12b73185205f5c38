//! How often one address may ask: a burst, then a steady rate, told in headers (RateLimit fields, IETF draft).
//!
//! Members and seats are limited by address too: what they may ask of tags is counted at the token service.

use std::{
    net::{IpAddr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderValue,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};

use super::problem::ApiError;

/// Counts requests by address.
pub struct AddressLimit {
    limiter: RateLimiter<IpAddr, DefaultKeyedStateStore<IpAddr>, DefaultClock, StateInformationMiddleware>,
    per_second: NonZeroU32,
    burst: NonZeroU32,
}

impl AddressLimit {
    /// A limit of so many requests a second, and so many at once.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32) -> Arc<Self> {
        let quota = Quota::per_second(per_second).allow_burst(burst);
        Arc::new(Self { limiter: RateLimiter::keyed(quota).with_middleware(), per_second, burst })
    }

    /// Seconds until an address that asked all it may has all of it again.
    fn window(&self) -> u32 {
        self.burst.get().div_ceil(self.per_second.get())
    }

    /// Forgets addresses that haven't asked for as long as the limit counts.
    pub fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// Lets a request pass, or says when to come again; either way tells how many are left.
pub async fn limit(State(limit): State<Arc<AddressLimit>>, request: Request, next: Next) -> Response {
    let address = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    // In-process callers have no address, and aren't limited.
    let Some(address) = address else { return next.run(request).await };
    let (mut response, left, reset) = match limit.limiter.check_key(&address) {
        Ok(state) => {
            (next.run(request).await, state.remaining_burst_capacity(), Duration::from_secs(limit.window().into()))
        }
        Err(early) => {
            let wait = early.wait_time_from(DefaultClock::default().now());
            let after = wait.as_secs() + 1;
            (ApiError::RateLimited { after }.into_response(), 0, Duration::from_secs(after))
        }
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("ratelimit-policy", format!("\"address\";q={};w={}", limit.burst, limit.window())),
        ("ratelimit", format!("\"address\";r={left};t={}", reset.as_secs())),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}
