//! The token service's settings: what `tokens.toml` says, over what the compiled-in example says.
//!
//! Each key is explained in `ops/tokens.toml`, which is that example.

use std::{
    fs,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroUsize},
    path::Path,
    sync::Arc,
};

use callboard_client::pin::Address;
use callboard_service::{
    Bounds,
    limit::{Rate, RateLimits},
    proxies::{ForwardedHeader, TrustedProxies},
};
use serde::Deserialize;
use toml::{Table, Value};

use super::TokensError;

/// The commented example; its values are the defaults.
pub(super) const EXAMPLE: &str = include_str!("../../ops/tokens.toml");
/// The file's name in the service's directory.
pub(super) const FILE: &str = "tokens.toml";
/// What every installation says itself: a default would be somebody else's.
const OWN: [&str; 3] = ["issuer", "public_url", "registry_url"];

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The log's origin.
    pub issuer: String,
    pub public_url: Address,
    pub registry_url: Address,
    pub listen: SocketAddr,
    pub metrics_listen: SocketAddr,
    /// Seconds between two looks at the registry.
    pub poll_seconds: u64,
    /// Seconds before an unknown key makes us look again.
    pub unknown_key_seconds: u64,
    /// Seconds after which a roster that nobody confirmed isn't ready.
    pub ready_seconds: u64,
    /// Days that the roots of answered batches are kept for auditors.
    pub keep_batches_days: u16,
    /// Requests a second of one key.
    pub requests_per_second: NonZeroU32,
    /// Requests of one key at once.
    pub requests_at_once: NonZeroU32,
    /// Requests a second of one address that no key signed.
    pub address_requests_per_second: NonZeroU32,
    /// Such requests of one address at once.
    pub address_requests_at_once: NonZeroU32,
    pub trusted_proxies: TrustedProxies,
    pub forwarded_header: ForwardedHeader,
    pub connections: NonZeroUsize,
    pub connections_per_address: NonZeroUsize,
    /// Points a day after which a seat's use raises the alarm.
    pub seat_alarm_points: u64,
}

impl Config {
    pub fn read(dir: &Path) -> Result<Self, TokensError> {
        let path = dir.join(FILE);
        let text = fs::read_to_string(&path).map_err(|source| TokensError::File { path, source })?;
        Self::of(&text)
    }

    pub fn of(text: &str) -> Result<Self, TokensError> {
        let mut all: Table = EXAMPLE.parse().map_err(TokensError::Config)?;
        all.retain(|key, _| !OWN.contains(&key));
        all.extend(text.parse::<Table>().map_err(TokensError::Config)?);
        Value::Table(all).try_into().map_err(TokensError::Config)
    }

    /// How often one may ask.
    pub fn requests(&self) -> Arc<RateLimits> {
        let by_address = Rate { per_second: self.address_requests_per_second, burst: self.address_requests_at_once };
        let by_key = Rate { per_second: self.requests_per_second, burst: self.requests_at_once };
        RateLimits::new(by_address, by_key, self.proxies())
    }

    pub fn bounds(&self) -> Bounds {
        Bounds::configured(self.connections, self.connections_per_address, self.proxies())
    }

    fn proxies(&self) -> TrustedProxies {
        self.trusted_proxies.clone().with_header(self.forwarded_header)
    }

    /// Whether the issuer is a sandbox, which every program says (`docs/formats.md` §5).
    pub fn is_sandbox(&self) -> bool {
        callboard_federation::roster::is_sandbox(&self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "issuer = \"a.test\"\npublic_url = \"http://a.test/\"\nregistry_url = \"http://b.test\"\n";

    #[test]
    fn the_example_is_the_defaults_and_says_every_key() {
        let example = Config::of(EXAMPLE).unwrap();
        let own = Config::of(OWN).unwrap();
        assert_eq!((own.listen, own.poll_seconds), (example.listen, example.poll_seconds));
        assert_eq!((own.public_url.as_str(), own.is_sandbox()), ("http://a.test", true));
        assert!(!example.is_sandbox());
    }

    #[test]
    fn an_unknown_key_and_an_installation_without_its_own_addresses_are_refused() {
        assert!(Config::of(&format!("{OWN}listens = \"127.0.0.1:1\"")).is_err());
        for (at, _) in OWN.lines().enumerate() {
            let without: Vec<&str> = OWN.lines().enumerate().filter(|(line, _)| *line != at).map(|(_, l)| l).collect();
            assert!(Config::of(&without.join("\n")).is_err());
        }
    }
}
