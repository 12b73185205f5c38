//! The registry's configuration: `ops/callboard.toml`, which is compiled in as the defaults and documents each setting.
//!
//! An unknown setting is an error; a footgun is refused, not warned of.

use std::{
    fs, io,
    net::{IpAddr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::{Path, PathBuf},
    sync::Arc,
};

use callboard_api::{
    Description,
    registry::{cases::ADD_CASE_EVENT, drafts::CREATE_DRAFT, public_reports::FILE_PUBLIC_REPORT},
};
use callboard_client::{pin::Address, settings::set_texts};
use callboard_federation::zh_en;
use callboard_rules::case::act::MAX_SEALED_BYTES;
use callboard_service::{
    Bounds,
    limit::{self, Rate},
    proxies::{ForwardedHeader, TrustedProxies},
};
use serde::Deserialize;

pub const EXAMPLE: &str = include_str!("../ops/callboard.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub registry: RegistryConfig,
    pub log: LogConfig,
    pub witnesses: WitnessConfig,
    pub limits: LimitsConfig,
    pub public_reports: PublicReportsConfig,
    pub delivery: DeliveryConfig,
}

/// Who this registry is, and where.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// The log's origin.
    pub issuer: String,
    pub public_url: Address,
    pub listen: SocketAddr,
    pub metrics_listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`.
    pub store: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub key: PathBuf,
    /// Where the last signed note is kept, outside the store.
    pub signed_note: PathBuf,
}

/// Who watches the log besides the members.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessConfig {
    /// Addresses to bring each checkpoint to.
    pub ask: Vec<Address>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub docket_bytes: usize,
    /// Bytes of a draft's ciphertext.
    pub draft_bytes: usize,
    /// Bytes of any other request.
    pub request_bytes: usize,
    /// Requests a second from one address that aren't signed.
    pub requests_per_second: NonZeroU32,
    /// Such requests of one address that may come at once.
    pub request_burst: NonZeroU32,
    /// Signed requests a second by one key.
    pub key_requests_per_second: NonZeroU32,
    /// Signed requests of one key that may come at once.
    pub key_request_burst: NonZeroU32,
    pub trusted_proxies: TrustedProxies,
    pub forwarded_header: ForwardedHeader,
    pub connections: NonZeroUsize,
    pub connections_per_address: NonZeroUsize,
}

impl LimitsConfig {
    /// The most bytes of an operation's body, in JSON.
    pub fn bytes_of(&self, operation: &Description) -> usize {
        if operation.name == CREATE_DRAFT.description.name {
            // Base64, and beside it who is asked.
            return self.draft_bytes.div_ceil(3) * 4 + self.request_bytes;
        }
        if operation.name == ADD_CASE_EVENT.description.name {
            let sealed = usize::try_from(MAX_SEALED_BYTES).unwrap_or(usize::MAX);
            return sealed.div_ceil(3) * 4 + self.request_bytes;
        }
        self.request_bytes
    }

    /// How often one may ask, and how often the public may report.
    pub fn requests(&self, reports: &PublicReportsConfig) -> Arc<limit::RateLimits> {
        let by_address = Rate { per_second: self.requests_per_second, burst: self.request_burst };
        let by_key = Rate { per_second: self.key_requests_per_second, burst: self.key_request_burst };
        let (path, per_hour) = (FILE_PUBLIC_REPORT.description.path, reports.per_address_per_hour);
        limit::RateLimits::with_hourly(by_address, by_key, self.proxies(), path, per_hour)
    }

    pub fn bounds(&self) -> Bounds {
        Bounds::configured(self.connections, self.connections_per_address, self.proxies())
    }

    fn proxies(&self) -> TrustedProxies {
        self.trusted_proxies.clone().with_header(self.forwarded_header)
    }
}

/// What the public may report.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicReportsConfig {
    /// Reports an hour from one address.
    pub per_address_per_hour: NonZeroU32,
    /// Reports an hour in all.
    pub per_hour: u64,
    /// Bytes of reports and their files that are kept.
    pub kept_bytes: u64,
    /// Telephone and post, in Chinese and in English.
    pub contact_zh: String,
    pub contact_en: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryConfig {
    /// Whether this machine itself may be an endpoint, without TLS.
    pub loopback: bool,
    /// Where to tell the operators of what lags or is overdue; empty: nowhere but metrics and log.
    pub operations_url: String,
    pub keep_attempts_days: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}", zh_en!("{path} 无法读取", "{path} can't be read", path = path.display()))]
    File { path: PathBuf, source: io::Error },
    /// Not TOML, or a setting unknown, missing or malformed.
    #[error("{}", zh_en!("{path} 不是配置文件", "{path} is no configuration", path = path.display()))]
    Settings { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{}", zh_en!("名称以 .test 结尾的是测试环境：请加 --sandbox 启动，或者写明正式登记册的名称",
        "an issuer that ends in .test is a sandbox: start with --sandbox, or name the registry that this is"))]
    Sandbox,
    #[error("{}", zh_en!("{_0}：登记系统的目录中有身份代码密钥；应由另一方在身份代码服务处保管",
        "{_0}: a token seed in the registry's own directory; keep it under another hand, where the token service runs", _0 = _0.display()))]
    TokenSeed(PathBuf),
}

impl Config {
    /// Reads the file, over the defaults; paths in it are relative to its directory.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path).map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        let settings = |source| ConfigError::Settings { path: path.to_owned(), source: Box::new(source) };
        let mut config = Self::of_text(&text).map_err(settings)?;
        let directory = path.parent().unwrap_or(Path::new("."));
        config.log.key = directory.join(&config.log.key);
        config.log.signed_note = directory.join(&config.log.signed_note);
        if let Some(file) = config.registry.store.strip_prefix("sqlite:") {
            config.registry.store = format!("sqlite:{}", directory.join(file).display());
        }
        Ok(config)
    }

    /// The settings of a text, over the defaults.
    pub fn of_text(text: &str) -> Result<Self, toml::de::Error> {
        let mut table: toml::Table = toml::from_str(EXAMPLE)?;
        overlay(&mut table, toml::from_str(text)?);
        table.try_into()
    }

    /// Refuses what would put the registry's promises at risk (formats §5; DESIGN of custody in `docs/keys.md`).
    pub fn check_custody(&self, directory: &Path, sandbox: bool) -> Result<(), ConfigError> {
        if sandbox {
            return Ok(());
        }
        if callboard_federation::roster::is_sandbox(&self.registry.issuer) {
            return Err(ConfigError::Sandbox);
        }
        let files = fs::read_dir(directory)
            .map_err(|source| ConfigError::File { path: directory.to_owned(), source })?
            .filter_map(Result::ok)
            .map(|file| file.path());
        match files
            .into_iter()
            .find(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("seed")))
        {
            Some(seed) => Err(ConfigError::TokenSeed(seed)),
            None => Ok(()),
        }
    }
}

fn overlay(defaults: &mut toml::Table, settings: toml::Table) {
    for (name, value) in settings {
        match (defaults.get_mut(&name), value) {
            (Some(toml::Value::Table(section)), toml::Value::Table(settings)) => overlay(section, settings),
            (_, value) => {
                defaults.insert(name, value);
            }
        }
    }
}

/// The example with this registry's names in it; where its address is of this machine, it listens there.
pub fn new_text(issuer: &str, url: &Address) -> String {
    let local = reqwest::Url::parse(url.as_str()).ok().and_then(|url| {
        let host: IpAddr = url.host_str()?.trim_matches(['[', ']']).parse().ok()?;
        Some(SocketAddr::new(host, url.port_or_known_default()?)).filter(|_| host.is_loopback())
    });
    let mut values = vec![("issuer", issuer.to_owned()), ("public_url", url.to_string())];
    values.extend(local.map(|listen| ("listen", listen.to_string())));
    set_texts(EXAMPLE, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_a_configuration() {
        let config = Config::of_text("").unwrap();
        assert_eq!(config.registry.issuer, "callboard.example");
    }

    #[test]
    fn a_setting_may_be_left_out_and_an_unknown_one_is_an_error() {
        let config = Config::of_text("[registry]\nissuer = \"board.example\"\n").unwrap();
        assert_eq!((config.registry.issuer.as_str(), config.witnesses.ask.len()), ("board.example", 0));
        assert!(Config::of_text("[registry]\nissuers = \"board.example\"\n").is_err());
    }

    #[test]
    fn a_token_seed_beside_the_registry_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let config = Config::of_text("").unwrap();
        assert!(config.check_custody(directory.path(), false).is_ok());
        fs::write(directory.path().join("epoch-1.seed"), "x").unwrap();
        assert!(matches!(config.check_custody(directory.path(), false), Err(ConfigError::TokenSeed(_))));
        assert!(config.check_custody(directory.path(), true).is_ok());
    }

    #[test]
    fn the_configuration_is_the_example_with_the_registrys_names() {
        let local = new_text("callboard.test", &"http://127.0.0.1:18440".parse().unwrap());
        let read: toml::Table = local.parse().unwrap();
        assert_eq!(read["registry"]["issuer"].as_str(), Some("callboard.test"));
        assert_eq!(read["registry"]["public_url"].as_str(), Some("http://127.0.0.1:18440"));
        assert_eq!(read["registry"]["listen"].as_str(), Some("127.0.0.1:18440"));
        assert_eq!(local.lines().count(), EXAMPLE.lines().count());

        assert_eq!(new_text("callboard.example", &"https://callboard.example".parse().unwrap()), EXAMPLE);
    }
}
