//! The pin file, `genesis.json`: the one hash that everything of a registry is verified against, and where it answers.
//!
//! `callboard init` writes it; whoever deals with the registry gets it from someone they trust, since it is the root.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use callboard_federation::{
    encoding::{Hash, to_json},
    language::Phrase,
    zh_en,
};
use serde::{Deserialize, Serialize};

use crate::json_file::{self, JsonFileError, PastedError};

const PIN_FILE: Phrase = Phrase::new("登记册校验文件", "pin file");

/// The hash that pins a registry's log, and the addresses of its two services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Pin {
    /// The file's version, 1.
    pub v: u64,
    /// The log's origin.
    pub issuer: String,
    /// SHA-256 of the payload of entry 0.
    pub genesis: Hash,
    /// The registry's public address.
    pub url: Address,
    /// The token service's public address.
    pub tokens_url: Address,
}

/// The public address of a service: `http` or `https`, without query, fragment or final slash, so that a path goes behind it.
///
/// Whatever people type or configure as one is read here, so that a case, a default port or a slash more makes no other address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

/// What a person names where a service or something on this machine may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A service.
    Service(Address),
    /// A directory or file.
    Path(PathBuf),
}

/// A text that is no address of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("地址应写成 http://… 或 https://…，不含用户名、查询参数和锚点",
    "an address is http://… or https://…, without user, query or fragment"))]
pub struct AddressError;

/// Which pin file a verb reads.
#[derive(Debug, clap::Args)]
pub struct PinFile {
    /// The file that pins the registry, written by `callboard init`
    #[arg(long, value_name = "FILE", env = "CALLBOARD_PIN", default_value = "genesis.json")]
    pub pin: PathBuf,
}

impl PinFile {
    /// Reads the pin.
    pub fn read(&self) -> Result<Pin, JsonFileError> {
        json_file::read(&self.pin, PIN_FILE, |pin: &Pin| pin.v)
    }
}

impl Pin {
    /// Whether the registry is a sandbox, which every program says (`docs/formats.md` §5).
    pub fn is_sandbox(&self) -> bool {
        callboard_federation::roster::is_sandbox(&self.issuer)
    }

    /// Reads a pin file's text, as somebody pasted it.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(text: &str) -> Result<Self, PastedError> {
        json_file::parse(text, PIN_FILE, |pin: &Self| pin.v)
    }

    /// The text of its file.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&to_json(self)).into_owned()
    }

    /// Writes it where nothing stands yet.
    pub fn write(&self, path: &Path) -> Result<(), JsonFileError> {
        json_file::write(path, self)
    }
}

impl Address {
    /// The address of what stands at `path`, which begins with `/`: also what a signed request calls `@target-uri`.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        let url = reqwest::Url::parse(&text).map_err(|_| AddressError)?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !plain || url.password().is_some() {
            return Err(AddressError);
        }
        // As the parser writes it: what a client sends and what a server is configured with are then one text.
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl std::str::FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        text.to_owned().try_into()
    }
}

impl std::str::FromStr for Place {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.trim_start().to_ascii_lowercase());
        if scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme.as_str())) {
            text.parse().map(Self::Service)
        } else {
            Ok(Self::Path(text.into()))
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (typed, written) in [
            ("http://127.0.0.1:8440", "http://127.0.0.1:8440/v1/feed"),
            ("https://Callboard.Example/board/", "https://callboard.example/board/v1/feed"),
            ("https://callboard.example:443/", "https://callboard.example/v1/feed"),
            ("HTTP://LOCALHOST:8440", "http://localhost:8440/v1/feed"),
            ("http://localhost:80//", "http://localhost/v1/feed"),
            ("https://Bücher.example", "https://xn--bcher-kva.example/v1/feed"),
            ("https://直播.example", "https://xn--z6ut02b.example/v1/feed"),
            ("http://[::1]:8440/", "http://[::1]:8440/v1/feed"),
            ("http://0x7f.1:8440", "http://127.0.0.1:8440/v1/feed"),
        ] {
            assert_eq!(typed.parse::<Address>().unwrap().at("/v1/feed"), written);
        }
        for wrong in [
            "callboard.example",
            "ftp://a.example",
            "http://a.example/?b",
            "http://a.example/#b",
            "http://b@a/",
            "http://",
            "",
        ] {
            assert_eq!(wrong.parse::<Address>(), Err(AddressError), "{wrong}");
        }
    }

    #[test]
    fn a_place_is_a_service_in_whatever_case_its_scheme_is_typed_or_a_path() {
        let service = Place::Service("http://localhost:8440".parse().unwrap());
        assert_eq!("HTTP://LOCALHOST:8440/".parse(), Ok(service));
        assert_eq!("registry".parse(), Ok(Place::Path("registry".into())));
        assert_eq!("./http".parse(), Ok(Place::Path("./http".into())));
        assert_eq!("https://a:b@callboard.example".parse::<Place>(), Err(AddressError));
    }

    #[test]
    fn a_pin_reads_as_it_was_written_and_is_never_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("genesis.json");
        let address: Address = "http://127.0.0.1:8440".parse().unwrap();
        let (url, tokens_url) = (address.clone(), address);
        let pin = Pin { v: 1, issuer: "callboard.test".to_owned(), genesis: Hash::of(b"genesis"), url, tokens_url };
        pin.write(&path).unwrap();
        assert_eq!(PinFile { pin: path.clone() }.read().unwrap(), pin);
        assert!(pin.write(&path).is_err());
    }
}
