//! The token service: evaluates blinded points under the token key, and sees nothing else of anyone.
pub(crate) mod config;
mod init;
mod seed;

use std::{io, path::PathBuf};

pub use config::Config;
pub use init::{Founded, Founding, init};

/// Why a token service can't be made, or can't start.
#[derive(Debug, thiserror::Error)]
pub enum TokensError {
    /// A file can't be read or written.
    #[error("{path}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The configuration isn't TOML, or a key is missing, unknown or malformed.
    #[error("the configuration tokens.toml")]
    Config(#[source] toml::de::Error),
    /// The directory, or the roster, is another issuer's.
    #[error("issuer {expected} is expected, not {got}")]
    Issuer {
        /// The configured one.
        expected: String,
        /// The other.
        got: String,
    },
    /// No seed.
    #[error("{path} holds no seed: `callboard tokens init` makes one", path = path.display())]
    NoSeed {
        /// The directory.
        path: PathBuf,
    },
    /// A seed that others may read.
    #[error("{path} has mode {mode:03o}: a seed is read by its owner alone (chmod 600)", path = path.display())]
    SeedMode {
        /// The seed's file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A seed of which no key comes.
    #[error(transparent)]
    Key(#[from] callboard_federation::token::TokenError),
}
