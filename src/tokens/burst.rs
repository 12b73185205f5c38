//! How many requests one key may make at once. What it may ask in a day is `quota`'s.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use callboard_client::clock::Clock;
use callboard_federation::encoding::KeyId;
use governor::{
    Quota, RateLimiter, clock::Clock as _, middleware::NoOpMiddleware, state::keyed::DefaultKeyedStateStore,
};

use super::problem::Problem;

/// The requests that each key made of late.
pub(super) struct Bursts {
    clock: ByClock,
    keys: RateLimiter<KeyId, DefaultKeyedStateStore<KeyId>, ByClock, NoOpMiddleware<Duration>>,
}

/// Our clock as `governor` reads it.
#[derive(Clone)]
struct ByClock(Arc<dyn Clock>);

impl governor::clock::Clock for ByClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now().as_millis()).unwrap_or(0))
    }
}

impl Bursts {
    /// No requests so far.
    pub(super) fn new(per_second: NonZeroU32, at_once: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let clock = ByClock(clock);
        let quota = Quota::per_second(per_second).allow_burst(at_once);
        Self { keys: RateLimiter::dashmap_with_clock(quota, clock.clone()), clock }
    }

    /// Takes one request of a key, unless it makes too many at once.
    pub(super) fn take(&self, keyid: KeyId) -> Result<(), Problem> {
        self.keys.check_key(&keyid).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.clock.now());
            Problem::TooFast { retry_after: wait.as_secs().saturating_add(1) }
        })
    }

    /// Forgets keys that made none of late.
    pub(super) fn forget(&self) {
        self.keys.retain_recent();
    }
}
