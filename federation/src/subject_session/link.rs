//! The link: a random key that stands in a URL's fragment alone, which no server is sent; the session's id, that follows from
//! it and says nothing of it; and six digits that are told another way.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    encoding::{Hash, put_prefixed, text_of},
    zh_en,
};

/// What the id is hashed of begins so; keys that follow from the link's have it in their `info`.
pub(super) const DOMAIN: &[u8] = b"callboard/session/v1\0";
const CODE_DOMAIN: &[u8] = b"callboard/session-code/v1\0";
const DIGITS: usize = 6;

/// 32 random bytes of one link.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionKey([u8; 32]);

/// The first 16 bytes of SHA-256(`"callboard/session/v1"` ‖ 0x00 ‖ key), in lower-case hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 16]);

/// Six digits.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SessionCode([u8; DIGITS]);

/// Why a text is no link, id or code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not 32 bytes in base64url: most often a part of the link was cut off.
    #[error("{}", zh_en!("链接不完整：请复制整条链接", "the link is cut off: copy the whole of it"))]
    Key,
    /// Not 32 hexadecimal digits.
    #[error("{}", zh_en!("不是会话编号", "not the id of a session"))]
    Id,
    /// Not six digits.
    #[error("{}", zh_en!("验证码为{DIGITS}位数字", "a code has {DIGITS} digits"))]
    Code,
}

impl SessionKey {
    /// The key of 32 random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The id by which the registry knows the session.
    pub fn id(&self) -> SessionId {
        let hash = Hash::of_parts([DOMAIN, &self.0[..]]);
        let mut id = [0; 16];
        id.copy_from_slice(&hash.as_bytes()[..16]);
        SessionId(id)
    }

    /// The link to a page: the key stands behind `#`, which is never sent.
    pub fn link(&self, page: &str) -> Zeroizing<String> {
        Zeroizing::new(format!("{page}#{}", URL_SAFE_NO_PAD.encode(self.0)))
    }

    /// The key of a link, or of what stands behind its `#`.
    ///
    /// # Errors
    /// [`LinkError::Key`].
    pub fn of_link(link: &str) -> Result<Self, LinkError> {
        let fragment = link.trim().rsplit_once('#').map_or(link.trim(), |(_, fragment)| fragment);
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(fragment).map_err(|_| LinkError::Key)?);
        bytes.as_slice().try_into().map(Self).map_err(|_| LinkError::Key)
    }
}

impl SessionId {
    /// The id of 16 stored bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for SessionId {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| LinkError::Id)?;
        let id = Self(bytes);
        if id.to_string() == text { Ok(id) } else { Err(LinkError::Id) }
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| text.parse().map_err(D::Error::custom))
    }
}

impl SessionCode {
    /// A code of random bytes: each number below a million is as likely as the others, but for some part in 10¹³.
    pub fn new(random: [u8; 8]) -> Self {
        let mut number = u64::from_be_bytes(random) % 1_000_000;
        let mut digits = [b'0'; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
            number /= 10;
        }
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What the registry keeps: SHA-256(`"callboard/session-code/v1"` ‖ 0x00 ‖ LP(id) ‖ the digits). It keeps the registry's
    /// logs and files free of codes; against the registry itself six digits are none.
    pub fn hash(&self, session: SessionId) -> Hash {
        let mut bytes = Zeroizing::new(CODE_DOMAIN.to_vec());
        put_prefixed(&mut bytes, session.to_string().as_bytes());
        bytes.extend_from_slice(&self.0);
        Hash::of(&bytes)
    }
}

impl fmt::Debug for SessionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code")
    }
}

impl FromStr for SessionCode {
    type Err = LinkError;

    /// As people type it: with spaces and hyphens, and in full-width digits.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let digit = |c: char| match c {
            '0'..='9' => u8::try_from(c).ok(),
            '０'..='９' => {
                char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).and_then(|c| u8::try_from(c).ok())
            }
            _ => None,
        };
        let digits: Option<Vec<u8>> = text.chars().filter(|c| !c.is_whitespace() && *c != '-').map(digit).collect();
        digits.and_then(|digits| digits.try_into().ok()).map(Self).ok_or(LinkError::Code)
    }
}

impl Serialize for SessionCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SessionCode {
    /// In JSON there is one spelling.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_of(deserializer, |text| {
            let code: Self = text.parse().map_err(D::Error::custom)?;
            if code.as_str() == text { Ok(code) } else { Err(D::Error::custom(LinkError::Code)) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of docs/formats.md: whoever writes another page compares with them.
    #[test]
    fn the_link_of_the_formats_has_this_id_and_code() {
        let key = SessionKey::from_bytes([7; 32]);
        assert_eq!(
            *key.link("https://r.example/subject/"),
            "https://r.example/subject/#BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
        );
        assert_eq!(key.id().to_string(), "5d37e73a0279320f0633130a532bdcde");
        let code: SessionCode = "042917".parse().unwrap();
        assert_eq!(code.hash(key.id()).to_string(), "0fd350115d767c3db91c8cd7198abf87da77816b7727c4001e171241f2740172");
    }

    #[test]
    fn a_link_reads_back_and_one_that_was_cut_says_so() {
        let key = SessionKey::from_bytes([9; 32]);
        let link = key.link("https://r.example/subject/");
        assert_eq!(SessionKey::of_link(&format!(" {}\n", *link)).unwrap().as_bytes(), key.as_bytes());
        for cut in [&link[..link.len() - 1], "https://r.example/subject/", "https://r.example/subject/#", ""] {
            assert_eq!(SessionKey::of_link(cut).err(), Some(LinkError::Key), "{cut}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it_and_json_has_one_spelling() {
        for typed in ["042917", "042 917", " 042-917", "０４２９１７"] {
            assert_eq!(typed.parse::<SessionCode>().unwrap().as_str(), "042917");
        }
        for wrong in ["", "42917", "0429170", "04291a", "٠٤٢٩١٧"] {
            assert_eq!(wrong.parse::<SessionCode>(), Err(LinkError::Code), "{wrong}");
        }
        assert!(serde_json::from_str::<SessionCode>("\"042917\"").is_ok());
        assert!(serde_json::from_str::<SessionCode>("\"042 917\"").is_err());
        assert_eq!(SessionCode::new(42_917_u64.to_be_bytes()).as_str(), "042917");
        assert_eq!(SessionCode::new(3_000_001_u64.to_be_bytes()).as_str(), "000001");
        assert_eq!(format!("{:?}", SessionCode::new([1; 8])), "a code");
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = SessionKey::from_bytes([9; 32]).id();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_uppercase().parse::<SessionId>(), Err(LinkError::Id));
        assert_eq!("00".parse::<SessionId>(), Err(LinkError::Id));
    }
}
