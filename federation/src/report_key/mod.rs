//! Report keys: P-256 keys of the secretariat's seats, to which whoever has no key of their own seals in a browser.
//!
//! A seat makes such a key for this alone, and says under its seat key that it is its own ([`declared`]).
//! [`sealed`] is a message to several of them, [`under_key`] what is sealed under one symmetric key: files, and what is
//! said between the secretariat and a reporter. Implements `docs/formats.md` §17; the same in JavaScript is
//! `web/shared/seal.mjs`.
//!
//! Not here: where a seat keeps its secret key (the desk), and what a report says (`report`).

pub mod declared;
pub mod sealed;
pub mod under_key;

use std::{fmt, str::FromStr};

use hpke::{Deserializable as _, Kem as _, Serializable as _, kem::DhP256HkdfSha256};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    encoding::{Hash, Octets},
    zh_en,
};

type Kem = DhP256HkdfSha256;

/// A report key's public half: a point of P-256, uncompressed, 65 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Octets<65>", into = "Octets<65>")]
pub struct ReportPublicKey([u8; 65]);

/// Bytes that are no key of P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("不是 P-256 的密钥", "not a key of P-256"))]
pub struct ReportKeyError;

/// Its secret half, of one seat. Its bytes are wiped when it is dropped.
#[derive(Clone)]
pub struct ReportSecretKey(<Kem as hpke::Kem>::PrivateKey);

impl ReportPublicKey {
    /// The 65 bytes: 4, and both coordinates.
    pub const fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// What names it: SHA-256 of the 65 bytes.
    pub fn id(&self) -> Hash {
        Hash::of(&self.0)
    }

    fn to_hpke(self) -> Result<<Kem as hpke::Kem>::PublicKey, ReportKeyError> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(&self.0).map_err(|_| ReportKeyError)
    }
}

impl TryFrom<Octets<65>> for ReportPublicKey {
    type Error = ReportKeyError;

    fn try_from(Octets(bytes): Octets<65>) -> Result<Self, ReportKeyError> {
        let key = Self(bytes);
        key.to_hpke()?;
        Ok(key)
    }
}

impl From<ReportPublicKey> for Octets<65> {
    fn from(key: ReportPublicKey) -> Self {
        Self(key.0)
    }
}

impl FromStr for ReportPublicKey {
    type Err = ReportKeyError;

    fn from_str(text: &str) -> Result<Self, ReportKeyError> {
        text.parse::<Octets<65>>().map_err(|_| ReportKeyError)?.try_into()
    }
}

impl fmt::Display for ReportPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Octets(self.0).fmt(f)
    }
}

impl fmt::Debug for ReportPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "report key {}", self.id())
    }
}

impl ReportSecretKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(Kem::gen_keypair_with_rng(rng).0)
    }

    /// The key of 32 stored bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReportKeyError> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(bytes).map(Self).map_err(|_| ReportKeyError)
    }

    /// The 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// Its public half.
    pub fn public(&self) -> ReportPublicKey {
        ReportPublicKey(Kem::sk_to_pk(&self.0).to_bytes().into())
    }
}

#[cfg(test)]
mod tests;
