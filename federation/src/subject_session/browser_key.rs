//! The key of one browser, to which a session is bound: ECDSA on P-256, since every browser makes one that can't be taken out
//! of it. Requests of the session are signed with it ([`crate::request`], `ecdsa-p256-sha256`).

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use p256::ecdsa::{
    Signature as Ecdsa, SigningKey, VerifyingKey,
    signature::{Signer as _, Verifier as _},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    encoding::{Hash, KeyId, Octets, Signature, text_of},
    request::{RequestKey, SigningRequestKey},
    zh_en,
};

/// A point of P-256 as 65 bytes, uncompressed (SEC 1 §2.3.3), in base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BrowserKey([u8; 65]);

/// Not 65 bytes in base64, or no point of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("不是 P-256 公钥（65字节的 base64）", "not a public key of P-256, 65 bytes in base64"))]
pub struct BrowserKeyError;

impl BrowserKey {
    /// The key of 65 bytes.
    ///
    /// # Errors
    /// [`BrowserKeyError`].
    pub fn from_bytes(bytes: [u8; 65]) -> Result<Self, BrowserKeyError> {
        VerifyingKey::from_sec1_bytes(&bytes).map_err(|_| BrowserKeyError)?;
        Ok(Self(bytes))
    }

    /// The public half of `key`.
    pub fn of(key: &SigningKey) -> Self {
        let point = key.verifying_key().to_sec1_point(false);
        let mut bytes = [0; 65];
        bytes.copy_from_slice(point.as_bytes());
        Self(bytes)
    }

    /// The 65 bytes.
    pub const fn as_bytes(&self) -> &[u8; 65] {
        &self.0
    }

    /// The key's id: SHA-256 of its 65 bytes.
    pub fn id(&self) -> KeyId {
        Hash::of(&self.0)
    }
}

impl RequestKey for BrowserKey {
    const ALGORITHM: &'static str = "ecdsa-p256-sha256";

    fn verifies(&self, base: &[u8], signature: &Signature) -> bool {
        let key = VerifyingKey::from_sec1_bytes(&self.0);
        key.is_ok_and(|key| Ecdsa::from_slice(&signature.0).is_ok_and(|sig| key.verify(base, &sig).is_ok()))
    }
}

impl SigningRequestKey for SigningKey {
    type Public = BrowserKey;

    fn key_id(&self) -> KeyId {
        BrowserKey::of(self).id()
    }

    fn signature_over(&self, base: &[u8]) -> Signature {
        let signature: Ecdsa = self.sign(base);
        Octets(signature.to_bytes().into())
    }
}

impl fmt::Display for BrowserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for BrowserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.id())
    }
}

impl FromStr for BrowserKey {
    type Err = BrowserKeyError;

    fn from_str(text: &str) -> Result<Self, BrowserKeyError> {
        let bytes = STANDARD.decode(text).map_err(|_| BrowserKeyError)?;
        Self::from_bytes(bytes.try_into().map_err(|_| BrowserKeyError)?)
    }
}

impl Serialize for BrowserKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BrowserKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        encoding::Time,
        request::{RequestError, RequestParts, check, sign},
    };

    const NOW: Time = Time::from_seconds(1_780_000_000);
    const URI: &str = "https://r.example/v1/sessions/00/content";

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_slice(&[seed; 32]).unwrap()
    }

    #[test]
    fn a_request_of_a_browser_verifies_with_its_key_and_with_no_other() {
        let (own, other) = (key(1), key(2));
        let signed = sign(&own, "POST", URI, b"{}", NOW, [1; 16]);
        assert!(signed.signature_input.contains("alg=\"ecdsa-p256-sha256\""));
        let taken = |known: &SigningKey, body: &[u8]| {
            let lines = signed.lines().map(|(name, value)| (name, value.as_bytes()));
            let parts = RequestParts { method: "POST", target_uri: URI, body };
            let known = BrowserKey::of(known);
            check(&parts, lines, NOW, |id| (known.id() == *id).then_some((known, ())))
        };
        assert!(taken(&own, b"{}").is_ok());
        assert!(matches!(taken(&own, b"{ }"), Err(RequestError::Digest)));
        assert!(matches!(taken(&other, b"{}"), Err(RequestError::KeyUnknown(_))));
    }

    #[test]
    fn a_signature_of_one_algorithm_is_none_of_another() {
        let member = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        let signed = sign(&member, "GET", URI, b"", NOW, [1; 16]);
        let lines = signed.lines().map(|(name, value)| (name, value.as_bytes()));
        let parts = RequestParts { method: "GET", target_uri: URI, body: b"" };
        let browser = BrowserKey::of(&key(1));
        let taken = check(&parts, lines, NOW, |_| Some((browser, ())));
        assert!(matches!(taken, Err(RequestError::Parameter("alg"))));
    }

    #[test]
    fn what_is_no_point_is_no_key() {
        let own = BrowserKey::of(&key(1));
        assert_eq!(own.to_string().parse(), Ok(own));
        let mut moved = *own.as_bytes();
        moved[64] ^= 1;
        assert_eq!(BrowserKey::from_bytes(moved), Err(BrowserKeyError));
        let mut compressed = *own.as_bytes();
        compressed[0] = 2;
        assert_eq!(BrowserKey::from_bytes(compressed), Err(BrowserKeyError));
        assert_eq!("AAAA".parse::<BrowserKey>(), Err(BrowserKeyError));
    }
}
