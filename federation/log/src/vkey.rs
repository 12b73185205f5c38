//! Verifier keys: who may sign notes, by name, signature type and public key.
//!
//! What such a key signed is in [`super::note`], [`super::checkpoint`] and [`super::cosignature`]. Implements *Verifier
//! keys* and *Signature types* of C2SP signed-note.

use std::{fmt, str::FromStr};

use crate::encoding::{Base64, Hash, PublicKey};

use super::TlogError;

/// The name of a key, by recommendation a URL without scheme: not empty, no Unicode space, plus or control character.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyName {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        if text.is_empty() || text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(TlogError::KeyName);
        }
        Ok(Self(text.to_owned()))
    }
}

/// How a key signs. Another type (0x06, ML-DSA-44 cosignatures, is the one to expect) is a variant more, here and in
/// [`VerifierKey`]; until then lines of it are lines by an unknown key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureType {
    /// 0x01: Ed25519 over the note's text. The log signs so.
    Note,
    /// 0x04: timestamped Ed25519 cosignature. Witnesses sign so, and the log again each minute.
    Cosignature,
}

impl SignatureType {
    /// The byte that identifies the type.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Note => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of_byte(byte: u8) -> Result<Self, TlogError> {
        match byte {
            0x01 => Ok(Self::Note),
            0x04 => Ok(Self::Cosignature),
            other => Err(TlogError::SignatureType(other)),
        }
    }
}

/// The first 4 bytes of SHA-256 over `name ‖ 0x0A ‖ type ‖ public key`: what the C2SP texts call key ID. It identifies,
/// it doesn't authenticate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash([u8; 4]);

impl KeyHash {
    /// The value of 4 raw bytes.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    /// The 4 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A named public key with its signature type. In text `name+hash+base64(type ‖ key)`, the hash in 8 lower-case
/// hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VerifierKey {
    name: KeyName,
    signs: SignatureType,
    key: PublicKey,
    hash: KeyHash,
}

impl VerifierKey {
    /// The verifier key of `key` under `name`.
    pub fn new(name: KeyName, signs: SignatureType, key: PublicKey) -> Self {
        let digest = Hash::of_parts([name.as_str().as_bytes(), &[b'\n', signs.byte()], key.as_bytes()]);
        let [a, b, c, d, ..] = *digest.as_bytes();
        Self { name, signs, key, hash: KeyHash([a, b, c, d]) }
    }

    /// The name.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// How the key signs.
    pub const fn signs(&self) -> SignatureType {
        self.signs
    }

    /// The public key.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The hash that stands in the key's signature lines.
    pub const fn hash(&self) -> KeyHash {
        self.hash
    }

    /// The same key and name as a cosigner's: the log's own cosignatures are by this one (`docs/formats.md` §8).
    #[must_use]
    pub fn as_cosigner(&self) -> Self {
        Self::new(self.name.clone(), SignatureType::Cosignature, self.key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let typed = [&[self.signs.byte()], &self.key.as_bytes()[..]].concat();
        write!(f, "{}+{}+{}", self.name, self.hash, Base64(typed))
    }
}

impl FromStr for VerifierKey {
    type Err = TlogError;

    fn from_str(text: &str) -> Result<Self, TlogError> {
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().ok_or(TlogError::VerifierKey);
        let (name, hash, typed) = (part()?.parse()?, part()?, part()?);
        let Base64(typed) = typed.parse().map_err(|_| TlogError::VerifierKey)?;
        let (byte, raw) = typed.split_first().ok_or(TlogError::VerifierKey)?;
        let signs = SignatureType::of_byte(*byte)?;
        let raw = raw.try_into().map_err(|_| TlogError::VerifierKey)?;
        let key = Self::new(name, signs, PublicKey::from_bytes(raw).map_err(|_| TlogError::VerifierKey)?);
        // The hash has one spelling: compared as printed.
        if key.hash.to_string() == hash { Ok(key) } else { Err(TlogError::VerifierKey) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors::entries;

    /// The example of the signed-note text.
    const EXAMPLE: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    #[test]
    fn a_verifier_key_prints_as_it_was_read() {
        let log = entries();
        let witnesses = log["witnesses"].as_array().unwrap().iter().map(|key| key.as_str().unwrap());
        for text in [EXAMPLE, log["logVkey"].as_str().unwrap()].into_iter().chain(witnesses) {
            assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn one_key_has_another_hash_as_cosigner() {
        let key: VerifierKey = entries()["logVkey"].as_str().unwrap().parse().unwrap();
        let cosigner = key.as_cosigner();
        assert_eq!((cosigner.name(), cosigner.key()), (key.name(), key.key()));
        assert_eq!(cosigner.hash().to_string(), "b5fe0076");
    }

    #[test]
    fn a_verifier_key_of_another_form_is_refused() {
        let weak = [&[1][..], &[1], &[0; 31]].concat();
        for wrong in [
            EXAMPLE.replace("530d903a", "530d903b"),
            EXAMPLE.replace("530d903a", "530D903A"),
            EXAMPLE.replace("example.com/foo", "example.com/bar"),
            EXAMPLE.replace("3U2k", "3U2"),
            EXAMPLE.replace("+530d903a", ""),
            format!("{EXAMPLE} "),
            format!("a+00000000+{}", Base64(weak)),
        ] {
            assert_eq!(wrong.parse::<VerifierKey>(), Err(TlogError::VerifierKey), "{wrong}");
        }
        let key: VerifierKey = EXAMPLE.parse().unwrap();
        let later = [&[6][..], key.key().as_bytes()].concat();
        let later = format!("{}+00000000+{}", key.name(), Base64(later));
        assert_eq!(later.parse::<VerifierKey>(), Err(TlogError::SignatureType(6)));
    }

    #[test]
    fn a_key_name_has_no_space_and_no_plus() {
        for wrong in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\u{7f}b"] {
            assert_eq!(wrong.parse::<KeyName>(), Err(TlogError::KeyName), "{wrong:?}");
        }
        assert!("例.example/日志".parse::<KeyName>().is_ok());
    }
}
