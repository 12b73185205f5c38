//! What every request needs.

use std::sync::Arc;

use callboard_client::clock::Clock;
use callboard_service::limit::RateLimits;
use rand_core::CryptoRng;
use tokio::sync::Semaphore;

use super::{Config, follow::Follower, seed::Seeds, store::Store};

/// Makes the randomness of one proof.
pub type RngSource = Arc<dyn Fn() -> Box<dyn CryptoRng> + Send + Sync>;

pub(super) struct App {
    pub(super) config: Config,
    pub(super) seeds: Seeds,
    pub(super) store: Store,
    pub(super) follower: Follower,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) os_rng: RngSource,
    pub(super) turns: Semaphore,
    pub(super) limits: Arc<RateLimits>,
}
