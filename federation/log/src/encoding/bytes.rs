//! Byte strings with one text form each: hexadecimal for what is compared by eye, base64 for what is carried.

use std::{fmt, marker::PhantomData, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, Visitor},
};
use sha2::{Digest as _, Sha256};

use super::EncodingError;

/// 32 bytes in lower-case hexadecimal: a SHA-256, a commitment, a root, a tag's text form.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

/// Of no lower-case hexadecimal digit; more bits than any nibble has.
const NO_NIBBLE: u8 = 0xff;
/// What each byte stands for in lower-case hexadecimal. A replay reads half a dozen hashes a record: a look for each
/// digit and one question at the end take half the time of asking each digit.
const NIBBLES: [u8; 256] = {
    let (mut nibbles, mut value) = ([NO_NIBBLE; 256], 0);
    while value < 16 {
        nibbles[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
};

impl Hash {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// SHA-256 of the concatenated `parts`.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The value of 32 raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = Err(EncodingError::Hex { bytes: 32 });
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return wrong };
        if pairs.len() != 32 {
            return wrong;
        }
        let (mut bytes, mut strange) = ([0; 32], 0);
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = (NIBBLES[usize::from(*high)], NIBBLES[usize::from(*low)]);
            strange |= high | low;
            *byte = high << 4 | low & 0xf;
        }
        if strange == NO_NIBBLE { wrong } else { Ok(Self(bytes)) }
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

/// `N` bytes in padded standard base64: keys, points, nonces, shares.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Octets<const N: usize>(pub [u8; N]);

/// The 32 random bytes that make a commitment hiding, and the shape of a share.
pub type Salt = Octets<32>;

impl<const N: usize> fmt::Display for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Octets<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} octets")
    }
}

impl<const N: usize> FromStr for Octets<N> {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = STANDARD.decode(text).map_err(|_| EncodingError::Base64)?;
        Ok(Self(bytes.try_into().map_err(|_| EncodingError::Base64)?))
    }
}

impl<const N: usize> Serialize for Octets<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Octets<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

/// Bytes of any length in padded standard base64: payloads, statements, ciphertexts.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Base64(pub Vec<u8>);

impl fmt::Display for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl FromStr for Base64 {
    type Err = EncodingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        STANDARD.decode(text).map(Self).map_err(|_| EncodingError::Base64)
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

/// Hands the text of a JSON string to `read`, without a copy of it where it stands without escapes.
pub fn text_of<'de, D, T>(deserializer: D, read: impl FnOnce(&str) -> Result<T, D::Error>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(Text(read, PhantomData))?
}

struct Text<F, R>(F, PhantomData<fn() -> R>);

impl<R, F: FnOnce(&str) -> R> Visitor<'_> for Text<F, R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<R, E> {
        Ok((self.0)(text))
    }
}
