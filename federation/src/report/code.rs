//! The code by which people name a report, on the telephone and on paper: ten characters that follow from its id and
//! its ciphertext, so that whoever filed it checks that the registry has what was sent. Implements §14.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{Hash, ReportId, put_prefixed},
    zh_en,
};

/// What is hashed begins so.
const DOMAIN: &[u8] = b"callboard/report/v1\0";
/// Crockford's alphabet: none of I, L, O and U, which are misread or misheard.
pub(super) const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of five bits.
const LENGTH: usize = 10;

/// Ten characters of Crockford's base32: the first 50 bits of
/// SHA-256(`"callboard/report/v1"` ‖ 0x00 ‖ LP(id) ‖ LP(the bytes of the `age` file)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReportCode([u8; LENGTH]);

/// Not ten characters of the alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("回执码为{LENGTH}个字符", "a report's code has {LENGTH} characters"))]
pub struct ReportCodeError;

impl ReportCode {
    /// The code of a report.
    pub fn of(id: ReportId, sealed: &[u8]) -> Self {
        let mut bytes = DOMAIN.to_vec();
        put_prefixed(&mut bytes, id.to_string().as_bytes());
        put_prefixed(&mut bytes, sealed);
        let hash = Hash::of(&bytes);
        let bits = hash.as_bytes()[..8].iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        Self(std::array::from_fn(|at| {
            let place = usize::try_from(bits >> (59 - 5 * at) & 0x1f).unwrap_or_default();
            ALPHABET[place]
        }))
    }
}

impl fmt::Display for ReportCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl FromStr for ReportCode {
    type Err = ReportCodeError;

    /// As people write it: in either case, with hyphens and spaces, `O` for 0, `I` and `L` for 1.
    fn from_str(text: &str) -> Result<Self, ReportCodeError> {
        let read = |byte: u8| match byte.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let bytes: Vec<u8> = text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(read).collect();
        let code: [u8; LENGTH] = bytes.try_into().map_err(|_| ReportCodeError)?;
        if code.iter().all(|byte| ALPHABET.contains(byte)) { Ok(Self(code)) } else { Err(ReportCodeError) }
    }
}

impl TryFrom<String> for ReportCode {
    type Error = ReportCodeError;

    /// In JSON there is one spelling.
    fn try_from(text: String) -> Result<Self, ReportCodeError> {
        let code: Self = text.parse()?;
        if code.to_string() == text { Ok(code) } else { Err(ReportCodeError) }
    }
}

impl From<ReportCode> for String {
    fn from(code: ReportCode) -> Self {
        code.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::encoding::Time;

    /// A line of docs/formats.md: whoever writes an agent in another language compares with it.
    #[test]
    fn the_code_of_the_formats_is_this() {
        let id: ReportId = "019c167f-cc00-7568-8a65-6cc0703e460a".parse().unwrap();
        let code = ReportCode::of(id, b"age-encryption.org/v1\n");
        assert_eq!(code.to_string(), "PZMDE5VTNK");
    }

    proptest! {
        #[test]
        fn a_code_follows_from_id_and_every_byte_and_reads_back_however_it_is_written(
            millis in 0..1_i64 << 40, random: [u8; 10], sealed in proptest::collection::vec(any::<u8>(), 1..200), at: usize
        ) {
            let id = ReportId::new(Time::from_millis(millis), random);
            let code = ReportCode::of(id, &sealed);
            let text = code.to_string();
            prop_assert_eq!(text.len(), LENGTH);
            let spoken = format!("{} - {}", &text[..5], &text[5..]).to_lowercase().replace('1', "l").replace('0', "o");
            prop_assert_eq!(spoken.parse(), Ok(code));
            let mut other = sealed.clone();
            let at = at % other.len();
            other[at] ^= 1;
            prop_assert_ne!(ReportCode::of(id, &other), code);
            prop_assert_ne!(ReportCode::of(ReportId::new(Time::from_millis(millis + 1), random), &sealed), code);
        }
    }

    #[test]
    fn what_is_no_code_is_refused_and_json_has_one_spelling() {
        for wrong in ["", "012345678", "0123456789A", "012345678U", "01234é789"] {
            assert_eq!(wrong.parse::<ReportCode>(), Err(ReportCodeError), "{wrong}");
        }
        assert!(serde_json::from_str::<ReportCode>("\"0123456789\"").is_ok());
        assert!(serde_json::from_str::<ReportCode>("\"01234-56789\"").is_err());
        assert!(serde_json::from_str::<ReportCode>("\"o123456789\"").is_err());
    }
}
