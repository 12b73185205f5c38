//! A seat's `age` X25519 recipient, as the roster carries it: only whether it is one; encrypting is the desk's.

use std::fmt;

use crate::zh_en;
use serde::{Deserialize, Serialize};

/// An X25519 recipient, `age1…` in lower case, neither of small order nor non-canonical (formats §1, §6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

/// A text that is no recipient that the formats take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// Not `age1…` in lower-case Bech32 over 32 bytes.
    #[error("{}", zh_en!("不是 age 的 X25519 公钥", "not an X25519 recipient of age"))]
    Shape,
    /// A point of small order, or not its canonical encoding.
    #[error("{}", zh_en!("弱公钥", "a weak recipient"))]
    Weak,
}

/// 2²⁵⁵ − 19 in little-endian bytes: the first u that isn't canonical.
const P: [u8; 32] = {
    let mut p = [0xff; 32];
    p[0] = 0xed;
    p[31] = 0x7f;
    p
};

/// The canonical u of points whose order divides 8, on the curve and its twist (RFC 7748 §6.1; Bernstein's list).
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = P;
        minus_one[0] -= 1;
        minus_one
    },
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44,
        0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57,
    ],
];

impl Recipient {
    /// The text, `age1…`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = RecipientError;

    fn try_from(text: String) -> Result<Self, RecipientError> {
        if !text.starts_with("age1") || text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(RecipientError::Shape);
        }
        let parsed = bech32::primitives::decode::CheckedHrpstring::new::<bech32::Bech32>(&text)
            .map_err(|_| RecipientError::Shape)?;
        let bytes: Vec<u8> = parsed.byte_iter().collect();
        let point: [u8; 32] = bytes.try_into().map_err(|_| RecipientError::Shape)?;
        // Trailing bits that decode to nothing would be a second spelling of one recipient.
        let again = bech32::encode::<bech32::Bech32>(parsed.hrp(), &point).map_err(|_| RecipientError::Shape)?;
        if again != text {
            return Err(RecipientError::Shape);
        }
        let is_canonical = point.iter().rev().lt(P.iter().rev());
        if !is_canonical || SMALL_ORDER.contains(&point) {
            return Err(RecipientError::Weak);
        }
        Ok(Self(text))
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
