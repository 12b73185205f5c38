//! What is sealed under one symmetric key that a sealed report carries: its files, and what is said afterwards between
//! the secretariat and whoever reported.
//!
//! AES-256-GCM, bound to what it belongs to, with a commitment to its key (§7). Implements `docs/formats.md` §17.

use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    encoding::{Base64, Hash, Octets, put_prefixed},
    sealed::{SealError, cipher, padded_length, random},
    zh_en,
};

/// 32 bytes that open one file, or one conversation.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SealingKey([u8; 32]);

/// Words sealed under a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedUnderKey {
    /// The format's version, 1.
    pub v: u64,
    /// 12 random bytes, base64.
    pub nonce: Octets<12>,
    /// AES-256-GCM of the padded content.
    pub ciphertext: Base64,
    /// The commitment to the key (§7).
    pub commit: Hash,
}

/// Why it doesn't open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("无法解密：密钥或所属不符，或内容已被改动", "it does not decrypt: another key, or changed"))]
pub struct UnderKeyError;

impl From<SealError> for UnderKeyError {
    fn from(_: SealError) -> Self {
        Self
    }
}

impl SealingKey {
    /// A new key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(random(rng))
    }

    /// The key of 32 raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The key as a sealed report carries it.
impl Serialize for SealingKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Octets(self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SealingKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Octets::deserialize(deserializer).map(|Octets(bytes)| Self(bytes))
    }
}

/// Seals JSON, bound to `belongs_to`: what it is, and of what.
pub fn seal(
    content: &[u8],
    key: &SealingKey,
    belongs_to: &[&str],
    rng: &mut impl CryptoRng,
) -> Result<SealedUnderKey, UnderKeyError> {
    let mut padded = Zeroizing::new(content.to_vec());
    let length = padded_length(padded.len());
    padded.resize(length, b' ');
    let (nonce, aad) = (random(rng), aad(belongs_to));
    Ok(SealedUnderKey {
        v: 1,
        nonce: Octets(nonce),
        ciphertext: Base64(cipher::encrypt(&key.0, &nonce, &aad, &padded)?),
        commit: cipher::commit(&key.0, &nonce, &aad)?,
    })
}

impl SealedUnderKey {
    /// Opens it; the padding is still there.
    pub fn open(&self, key: &SealingKey, belongs_to: &[&str]) -> Result<Zeroizing<Vec<u8>>, UnderKeyError> {
        let aad = aad(belongs_to);
        if self.v != 1 || cipher::commit(&key.0, &self.nonce.0, &aad)? != self.commit {
            return Err(UnderKeyError);
        }
        cipher::decrypt(&key.0, &self.nonce.0, &aad, &self.ciphertext.0).ok_or(UnderKeyError)
    }
}

/// What a file's ciphertext is bound to: which file of which report.
fn file_belongs_to(report: &str, number: usize) -> Vec<u8> {
    aad(&["callboard/sealed-file/v1", report, &number.to_string()])
}

/// Seals a file: its bytes, zeros up to the next step, under a key and nonce of its own, which the report carries.
pub fn seal_file(
    bytes: &[u8],
    key: &SealingKey,
    nonce: &[u8; 12],
    report: &str,
    number: usize,
) -> Result<Vec<u8>, UnderKeyError> {
    let mut padded = Zeroizing::new(bytes.to_vec());
    let length = padded_length(padded.len());
    padded.resize(length, 0);
    Ok(cipher::encrypt(&key.0, nonce, &file_belongs_to(report, number), &padded)?)
}

/// Opens a file of so many bytes. That it is the file which the report means is its SHA-256's to say.
pub fn open_file(
    sealed: &[u8],
    key: &SealingKey,
    nonce: &[u8; 12],
    (report, number): (&str, usize),
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, UnderKeyError> {
    let opened = cipher::decrypt(&key.0, nonce, &file_belongs_to(report, number), sealed);
    let mut opened = opened.ok_or(UnderKeyError)?;
    if opened.len() != padded_length(length) {
        return Err(UnderKeyError);
    }
    opened.truncate(length);
    Ok(opened)
}

/// The bytes of a sealed file of so many bytes.
pub fn sealed_length(length: usize) -> usize {
    padded_length(length) + 16
}

fn aad(belongs_to: &[&str]) -> Vec<u8> {
    let mut aad = Vec::new();
    for part in belongs_to {
        put_prefixed(&mut aad, part.as_bytes());
    }
    aad
}
