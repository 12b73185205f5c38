//! The numbers: how many connections a service keeps, and how long each of their parts may take.

use std::{num::NonZeroUsize, time::Duration};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::proxies::TrustedProxies;

/// How long a request's head may take, and a connection may wait for the next one: a client sends a head at once.
pub const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// The most bytes of a head: signed requests have less than one thousand, browsers with a proxy's fields a few.
pub const HEAD_BYTES: usize = 32 * 1_024;
/// How long a body may take, besides what its length gives it.
pub const BODY_WITHIN: Duration = Duration::from_secs(30);
/// For each so many bytes that came, a body has a second more: a slow line has many times as much.
pub const BODY_BYTES_PER_SECOND: u64 = 32 * 1_024;
/// How long a client may take none of an answer that waits for it.
pub const ANSWER_STALLS_FOR: Duration = Duration::from_secs(30);
/// How long requests may take to end once the service is told to stop; other closing has the rest of ten seconds.
pub const STOP_WITHIN: Duration = Duration::from_secs(5);
/// Files that a service has open besides connections: its store, its log, its own requests.
const OTHER_FILES: usize = 256;

#[derive(Debug, Clone)]
pub struct Bounds {
    /// In all. One more takes the place of the one that was idle longest.
    pub connections: usize,
    /// Of one address; of IPv6, of one network of 64 bits. A trusted proxy is counted in all alone.
    pub per_address: usize,
    /// Whose word is taken for who asks.
    pub proxies: TrustedProxies,
    pub times: Timeouts,
}

/// How long each part of a connection may take.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// [`HEAD_WITHIN`].
    pub head: Duration,
    /// [`BODY_WITHIN`].
    pub body: Duration,
    /// [`ANSWER_STALLS_FOR`].
    pub answer: Duration,
    /// [`STOP_WITHIN`].
    pub stop: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { head: HEAD_WITHIN, body: BODY_WITHIN, answer: ANSWER_STALLS_FOR, stop: STOP_WITHIN }
    }
}

impl Bounds {
    /// So many connections, of one address or of many, before which no proxy is trusted.
    pub fn of(connections: usize) -> Self {
        let (proxies, times) = (TrustedProxies::default(), Timeouts::default());
        Self { connections, per_address: connections, proxies, times }
    }

    /// As a service's configuration has them, within the files that this process may have open.
    pub fn configured(connections: NonZeroUsize, per_address: NonZeroUsize, proxies: TrustedProxies) -> Self {
        Self { per_address: per_address.get(), proxies, ..Self::of(connections.get()) }.within_open_files()
    }

    /// The same, within the files that this process may have open, raised as far as the system lets it.
    #[must_use]
    pub fn within_open_files(mut self) -> Self {
        let files = raise_files();
        let fit = files.saturating_sub(OTHER_FILES).max(files / 2).max(1);
        if fit < self.connections {
            tracing::warn!(connections = fit, asked = self.connections, "the system lets this process open few files");
            self.connections = fit;
        }
        self
    }
}

/// Raises the number of files that may be open as far as the system allows; gives the number.
fn raise_files() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    let current = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
    current.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX))
}
