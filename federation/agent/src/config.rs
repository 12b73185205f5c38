//! `member.toml`: all that an agent is told. `callboard member add` writes it; paths in it are relative to it.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use callboard_client::pin::{Address, Pin};
use callboard_federation::{encoding::Hash, members::MemberId};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All settings of an agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Config {
    /// Whose agent it is.
    pub member: MemberId,
    /// The log's origin.
    pub issuer: String,
    /// SHA-256 of the payload of entry 0: everything is verified against it.
    pub genesis: Hash,
    /// The registry's public address.
    pub url: Address,
    /// The token service's public address.
    pub tokens_url: Address,
    /// The member's key file.
    pub key: PathBuf,
    /// A view that is older answers nothing but `stale`.
    pub max_staleness: SignedDuration,
    /// Where checks are answered; loopback, since whoever may connect may ask.
    #[serde(default = "listen")]
    pub listen: SocketAddr,
    /// What is kept: the replica, the tag book and its key, the log of checks.
    #[serde(default = "directory")]
    pub directory: PathBuf,
    /// The platform's hook: told what changed for whom. Without it nothing is told.
    #[serde(default)]
    pub hook: Option<Address>,
    /// `call`, or `report`: a dry run, in which the hook is not called and owed nothing, and status, log and metrics tell how
    /// many people a docket concerns. Receipts are filed by command alone then.
    #[serde(default)]
    pub hook_mode: HookMode,
    /// How many days the log of checks keeps what was asked and answered; the leaves' hashes stay.
    #[serde(default = "keep_checks_days")]
    pub keep_checks_days: u16,
}

/// Whether the hook is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HookMode {
    /// It is.
    #[default]
    Call,
    /// It isn't: what it would be told of is reported.
    Report,
}

/// Where an agent listens unless it is told otherwise.
fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8448))
}

fn directory() -> PathBuf {
    "agent".into()
}

/// Five years: longer than any appeal, as other records of content review are kept.
const fn keep_checks_days() -> u16 {
    5 * 366
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It can't be read.
    #[error("{path}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Not a configuration.
    #[error("{path}: {source}", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: toml::de::Error,
    },
    /// It would answer whoever is on the network.
    #[error("listen = \"{0}\": an agent listens on loopback alone, since whoever can connect can ask it about people")]
    Listen(SocketAddr),
    /// No view would ever be fresh.
    #[error("maxStaleness is at least two minutes: a quiet log cosigns once a minute")]
    Staleness,
}

impl Config {
    /// Reads `member.toml`.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
        let malformed = |source| ConfigError::Malformed { path: path.to_owned(), source };
        let mut config: Self = toml::from_str(&text).map_err(malformed)?;
        let base = path.parent().unwrap_or(Path::new(""));
        config.key = base.join(&config.key);
        config.directory = base.join(&config.directory);
        if !config.listen.ip().is_loopback() {
            return Err(ConfigError::Listen(config.listen));
        }
        if config.max_staleness < SignedDuration::from_mins(2) {
            return Err(ConfigError::Staleness);
        }
        Ok(config)
    }

    /// What the agent pins.
    pub fn pin(&self) -> Pin {
        Pin {
            v: 1,
            issuer: self.issuer.clone(),
            genesis: self.genesis,
            url: self.url.clone(),
            tokens_url: self.tokens_url.clone(),
        }
    }

    /// The hook, if it is called.
    pub fn calls(&self) -> Option<&Address> {
        self.hook.as_ref().filter(|_| self.hook_mode == HookMode::Call)
    }

    /// `maxStaleness` as a length of time.
    pub fn max_staleness(&self) -> Duration {
        self.max_staleness.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(extra: &str, staleness: &str) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("member.toml");
        let genesis = "0".repeat(64);
        let text = format!(
            "member = \"huya\"\nissuer = \"callboard.test\"\ngenesis = \"{genesis}\"\nurl = \"http://127.0.0.1:8440\"\n\
             tokensUrl = \"http://127.0.0.1:8441\"\nkey = \"huya.key\"\nmaxStaleness = \"{staleness}\"\n{extra}"
        );
        fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn paths_are_relative_to_the_file() {
        let config = read("", "10m").unwrap();
        assert!(config.key.ends_with("huya.key") && config.key.is_absolute());
        assert_eq!(config.max_staleness(), Duration::from_mins(10));
    }

    #[test]
    fn an_agent_listens_on_loopback_alone_and_an_unknown_setting_is_an_error() {
        assert!(matches!(read("listen = \"0.0.0.0:1\"", "10m"), Err(ConfigError::Listen(_))));
        assert!(matches!(read("lisen = \"127.0.0.1:1\"", "10m"), Err(ConfigError::Malformed { .. })));
        assert!(matches!(read("", "1m"), Err(ConfigError::Staleness)));
    }
}
