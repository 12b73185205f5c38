//! Ed25519 keys and signatures as the formats carry them: raw, in base64, never weak.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_language::zh_en;
use ed25519_dalek::{SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{EncodingError, Hash, Octets, bytes::text_of};

/// Hexadecimal SHA-256 of the 32 raw bytes of a public key.
pub type KeyId = Hash;

/// The 64 raw bytes of an Ed25519 signature, in base64.
pub type Signature = Octets<64>;

/// Why bytes are no public key that the formats take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not base64 of 32 bytes.
    #[error("{}", zh_en!("不是32字节的 base64", "not base64 of 32 bytes"))]
    Encoding,
    /// Not a point, not its canonical encoding, or of small order (formats §1: a weak key).
    #[error("{}", zh_en!("弱密钥：阶数过小或编码不规范", "a weak key: of small order or not canonically encoded"))]
    Weak,
}

/// An Ed25519 public key (32 raw bytes, base64 in text) that isn't weak.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The key of 32 raw bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Weak)?;
        // Decompression takes a y of p or more; only re-encoding shows it.
        if key.is_weak() || key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// The public half of `key`.
    pub fn of(key: &SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// The 32 raw bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The key's id: SHA-256 of its raw bytes.
    pub fn id(&self) -> KeyId {
        Hash::of(self.as_bytes())
    }

    /// Whether `signature` is this key's over `message`: RFC 8032, strict, no weak R.
    pub fn verifies(&self, message: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(&signature.0)).is_ok()
    }
}

impl std::hash::Hash for PublicKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.id())
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let raw: Octets<32> = text.parse().map_err(|_: EncodingError| KeyError::Encoding)?;
        Self::from_bytes(&raw.0)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}
