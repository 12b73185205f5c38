//! The code by which whoever reported follows a report: made in a browser, shown once, known to the registry by a hash.
//!
//! From it follow by what the registry knows it, and the key under which secretariat and reporter write to each other.
//! The sealed report carries that key, so each seat that opens the report can answer. Implements `docs/formats.md` §17;
//! in JavaScript: `web/shared/follow.mjs`.

use std::{fmt, str::FromStr};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::code::ALPHABET;
use crate::{
    encoding::{Hash, ReportId},
    report_key::under_key::SealingKey,
    zh_en,
};

/// Characters: 128 bits, five each, and two zeros at the end.
const CHARACTERS: usize = 26;

/// The code; a secret of whoever reported.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct FollowCode([u8; 16]);

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", zh_en!("查询码应有26个字母或数字", "a code has 26 letters and digits"))]
pub struct FollowCodeError;

impl FollowCode {
    /// The code of 16 bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// By what the registry knows it.
    pub fn id(&self) -> Hash {
        Hash::of_parts([b"callboard/follow/v1\0".as_slice(), &self.0])
    }

    /// The key of what is said about `report`.
    pub fn key(&self, report: ReportId) -> SealingKey {
        let mut key = Zeroizing::new([0; 32]);
        // One block: the library's refusal of longer output can't happen.
        let _ = Hkdf::<Sha256>::new(Some(report.to_string().as_bytes()), &self.0)
            .expand(b"callboard/follow-key/v1\0", &mut *key);
        SealingKey::from_bytes(*key)
    }
}

/// As it is shown: groups of four.
impl fmt::Display for FollowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
        for at in 0..CHARACTERS {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            // The first character has the highest five bits; the last has three, and two zeros.
            let value = if at + 1 < CHARACTERS { bits >> (123 - 5 * at) } else { bits << 2 } & 0x1f;
            let place = usize::try_from(value).unwrap_or_default();
            write!(f, "{}", char::from(ALPHABET[place]))?;
        }
        Ok(())
    }
}

impl FromStr for FollowCode {
    type Err = FollowCodeError;

    /// As people write it: in either case, with hyphens and spaces, `O` for 0, `I` and `L` for 1.
    fn from_str(text: &str) -> Result<Self, FollowCodeError> {
        let typed =
            text.bytes().filter(|byte| !matches!(byte, b'-' | b' ')).map(|byte| match byte.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            });
        let (mut bits, mut count) = (0_u128, 0);
        for byte in typed {
            let value = ALPHABET.iter().position(|of| *of == byte).ok_or(FollowCodeError)?;
            let value = u128::try_from(value).map_err(|_| FollowCodeError)?;
            count += 1;
            bits = match count {
                1..CHARACTERS => bits << 5 | value,
                CHARACTERS if value.trailing_zeros() >= 2 => bits << 3 | value >> 2,
                _ => return Err(FollowCodeError),
            };
        }
        if count == CHARACTERS { Ok(Self(bits.to_be_bytes())) } else { Err(FollowCodeError) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_code_reads_back_however_it_is_typed(bytes: [u8; 16]) {
            let code = FollowCode::from_bytes(bytes);
            let text = code.to_string();
            prop_assert_eq!(text.len(), 32);
            let typed = text.replace('-', " ").to_lowercase().replace('0', "o").replace('1', "l");
            prop_assert!(typed.parse::<FollowCode>() == Ok(code));
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        let good = FollowCode::from_bytes([0xff; 16]).to_string();
        assert_eq!(good, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZW");
        for wrong in ["", "ZZZZ", &good[1..], &format!("{good}0"), &good.replace('W', "Z"), &good.replace('W', "U")] {
            assert!(wrong.parse::<FollowCode>().is_err(), "{wrong}");
        }
    }
}
