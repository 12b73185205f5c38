//! The public half of an epoch's token key, as the roster carries it. What is done with it is `token`.

use std::{fmt, str::FromStr};

use curve25519_dalek::ristretto::CompressedRistretto;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{encoding::Octets, zh_en};

/// A ristretto255 point: 32 bytes, canonical, not the identity; base64 in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenPublicKey([u8; 32]);

/// Bytes that are no point, or the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("不是规范编码的 ristretto255 点，或者为单位元",
    "not a canonical ristretto255 point other than the identity"))]
pub struct TokenKeyError;

impl TokenPublicKey {
    /// The key of 32 wire bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, TokenKeyError> {
        // The identity's canonical encoding is 32 zero bytes.
        if bytes == [0; 32] || CompressedRistretto(bytes).decompress().is_none() {
            return Err(TokenKeyError);
        }
        Ok(Self(bytes))
    }

    /// The 32 wire bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TokenPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Octets(self.0), f)
    }
}

impl fmt::Debug for TokenPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "token key {self}")
    }
}

impl FromStr for TokenPublicKey {
    type Err = TokenKeyError;

    fn from_str(text: &str) -> Result<Self, TokenKeyError> {
        Self::from_bytes(text.parse::<Octets<32>>().map_err(|_| TokenKeyError)?.0)
    }
}

impl Serialize for TokenPublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TokenPublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_bytes(Octets::deserialize(deserializer)?.0).map_err(D::Error::custom)
    }
}
