//! The agent's configuration: `member.toml`, which is compiled in as the defaults and documents each setting.
//!
//! An unknown setting is an error; a footgun is refused, not warned of. `callboard member add` writes it for a member
//! (`callboard_client::settings::of_member`).

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

pub use callboard_api::agent::operating::HookMode;
use callboard_client::pin::{Address, Pin};
pub use callboard_client::settings::MEMBER as EXAMPLE;
use callboard_federation::{encoding::Hash, members::MemberId, zh_en};
use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, de::Error as _};

/// Settings that have no default: they say whose agent it is, and of which registry.
const WHOSE: [&str; 6] = ["member", "issuer", "genesis", "url", "tokens_url", "key"];

/// All settings of an agent; `member.toml` says what each is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub member: MemberId,
    /// The log's origin.
    pub issuer: String,
    /// SHA-256 of the payload of entry 0.
    pub genesis: Hash,
    /// The registry's public address.
    pub url: Address,
    /// The token service's public address.
    pub tokens_url: Address,
    /// The member's key file.
    pub key: PathBuf,
    pub directory: PathBuf,
    /// A view that is older answers nothing but `stale`.
    pub max_staleness: SignedDuration,
    /// Days for which the log of checks keeps its lines.
    pub keep_checks_days: u16,
    pub listen: SocketAddr,
    /// By which names it may be asked besides.
    pub hosts: Vec<String>,
    /// A Unix socket on which it answers too.
    #[serde(deserialize_with = "unless_empty")]
    pub socket: Option<PathBuf>,
    /// Whether `POST /check` is answered without the token.
    pub check_without_token: bool,
    #[serde(deserialize_with = "unless_empty")]
    pub hook: Option<Address>,
    pub hook_mode: HookMode,
}

/// An empty text says that there is none.
fn unless_empty<'de, T: TryFrom<String, Error: std::fmt::Display>, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(from)?;
    if text.is_empty() { Ok(None) } else { text.try_into().map(Some).map_err(D::Error::custom) }
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path}", path = path.display())]
    Io {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{path}: {source}", path = path.display())]
    Malformed { path: PathBuf, source: Box<toml::de::Error> },
    /// It would answer whoever is on the network.
    #[error("{}", zh_en!("listen = \"{_0}\" 时不得设 check_without_token = true：不限于本机的，须凭接口口令查询",
        "listen = \"{_0}\" with check_without_token = true: beyond loopback nobody is answered without the token"))]
    Listen(SocketAddr),
    /// No view would ever be fresh.
    #[error("{}", zh_en!("max_staleness 至少为两分钟：登记册无新内容时每分钟会签一次",
        "max_staleness is at least two minutes: a quiet log cosigns once a minute"))]
    Staleness,
}

impl Config {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
        let malformed = |source| ConfigError::Malformed { path: path.to_owned(), source: Box::new(source) };
        let mut config = Self::of_text(&text).map_err(malformed)?;
        let base = path.parent().unwrap_or(Path::new(""));
        config.key = base.join(&config.key);
        config.directory = base.join(&config.directory);
        config.socket = config.socket.map(|socket| base.join(socket));
        config.check()?;
        Ok(config)
    }

    /// The settings of a text, over the defaults.
    pub fn of_text(text: &str) -> Result<Self, toml::de::Error> {
        let mut table: toml::Table = toml::from_str(EXAMPLE)?;
        table.retain(|key, _| !WHOSE.contains(&key));
        let own: toml::Table = toml::from_str(text)?;
        table.extend(own);
        table.try_into()
    }

    /// Refuses what would put people or answers at risk.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.check_without_token && !self.listen.ip().is_loopback() {
            return Err(ConfigError::Listen(self.listen));
        }
        if self.max_staleness < SignedDuration::from_mins(2) {
            return Err(ConfigError::Staleness);
        }
        Ok(())
    }

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

    pub fn max_staleness(&self) -> Duration {
        self.max_staleness.unsigned_abs()
    }
}

#[cfg(test)]
mod tests {
    use callboard_client::settings::{of_member, set};

    use super::*;

    fn read(extra: &str) -> Result<Config, ConfigError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("member.toml");
        let genesis = "0".repeat(64);
        let text = format!(
            "member = \"huya\"\nissuer = \"callboard.test\"\ngenesis = \"{genesis}\"\nurl = \"http://127.0.0.1:8440\"\n\
             tokens_url = \"http://127.0.0.1:8441\"\nkey = \"huya.key\"\n{extra}"
        );
        fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn paths_are_relative_to_the_file_and_what_is_left_out_is_as_the_example_says() {
        let config = read("socket = \"a.sock\"").unwrap();
        assert!(config.key.ends_with("huya.key") && config.key.is_absolute());
        assert!(config.socket.unwrap().is_absolute());
        assert_eq!(config.max_staleness, SignedDuration::from_mins(10));
        assert!(config.hook.is_none() && config.hosts.is_empty() && !config.check_without_token);
        let config = read("hook = \"http://127.0.0.1:1/hook\"\nmax_staleness = \"2m\"").unwrap();
        assert_eq!((config.hook.is_some(), config.max_staleness()), (true, Duration::from_mins(2)));
    }

    #[test]
    fn every_setting_stands_in_the_example_with_its_default_and_why_above_it() {
        // Nothing has a default but the one that stands in the file: without its line each setting is missing.
        let example: toml::Table = toml::from_str(EXAMPLE).unwrap();
        Config::deserialize(example.clone()).unwrap();
        for key in example.keys() {
            let mut without = example.clone();
            without.remove(key);
            assert!(Config::deserialize(without).unwrap_err().to_string().contains(key), "{key}");
            let above = EXAMPLE.lines().take_while(|line| !line.starts_with(&format!("{key} = "))).last().unwrap();
            assert!(above.starts_with("# ") || key == "tokens_url", "{key}: {above}");
        }
    }

    #[test]
    fn whose_agent_it_is_must_be_said_and_an_unknown_setting_is_an_error() {
        let whole: toml::Table = toml::from_str(EXAMPLE).unwrap();
        for key in WHOSE {
            let mut without = whole.clone();
            without.remove(key).unwrap();
            assert!(Config::of_text(&without.to_string()).unwrap_err().to_string().contains(key), "{key}");
        }
        assert!(matches!(read("lisen = \"127.0.0.1:1\""), Err(ConfigError::Malformed { .. })));
        assert!(matches!(read("max_staleness = \"1m\""), Err(ConfigError::Staleness)));
    }

    #[test]
    fn beyond_loopback_nobody_is_answered_without_the_token() {
        assert!(read("listen = \"0.0.0.0:1\"").is_ok() && read("check_without_token = true").is_ok());
        for listen in ["0.0.0.0:1", "192.0.2.1:1", "[::]:1"] {
            let open = read(&format!("listen = \"{listen}\"\ncheck_without_token = true"));
            assert!(matches!(open, Err(ConfigError::Listen(_))), "{listen}");
        }
    }

    #[test]
    fn what_is_written_for_a_member_is_the_example_with_the_pin_and_its_own_settings() {
        let pin = Pin {
            v: 1,
            issuer: "callboard.test".to_owned(),
            genesis: Hash::of(b"genesis"),
            url: "http://127.0.0.1:8440".parse().unwrap(),
            tokens_url: "http://127.0.0.1:8441".parse().unwrap(),
        };
        let file = of_member(&pin, &"beta".to_owned().try_into().unwrap());
        assert_eq!(file.lines().count(), EXAMPLE.lines().count());
        let file = set(&file, "listen", "\"127.0.0.1:9\"");
        let config = Config::of_text(&file).unwrap();
        assert_eq!((config.pin(), config.key.to_str()), (pin, Some("beta.key")));
        assert_eq!((config.member.as_str(), config.listen.port()), ("beta", 9));
    }
}
