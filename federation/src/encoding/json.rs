//! JSON as the formats take it, and the one way to read it: strict first, typed second.
//!
//! `serde` refuses unknown members; what it lets pass is refused here: duplicate keys, `null`, numbers that aren't
//! plain integers below 2⁵³, nesting beyond 32 (formats §1). Bytes after the value, a BOM and lone surrogates
//! `serde_json` refuses itself.

use std::{borrow::Cow, fmt};

use crate::zh_en;
use serde::{
    Serialize,
    de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor},
};

use super::fast_path::{MAX_DEPTH, is_plain};

pub use callboard_log::encoding::INTEGER_LIMIT;

/// Why bytes aren't the JSON that was asked for.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// Not JSON as the formats take it; the text says what and where.
    #[error("{}", zh_en!("不是规定格式的 JSON：{_0}", "not the JSON that the formats take: {_0}"))]
    Strict(#[source] serde_json::Error),
    /// Well-formed, but not of this shape: a member is missing, unknown, or malformed.
    #[error("{}", zh_en!("格式不符：{_0}", "not of the shape asked: {_0}"))]
    Shape(#[source] serde_json::Error),
}

/// Reads a `T` from the whole of `bytes`, strictly.
///
/// `T` refuses members that it doesn't name (`deny_unknown_fields`); every format's type does.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    if !is_plain(bytes) {
        check(bytes).map_err(JsonError::Strict)?;
    }
    serde_json::from_slice(bytes).map_err(|shape| match check(bytes) {
        Ok(()) => JsonError::Shape(shape),
        Err(strict) => JsonError::Strict(strict),
    })
}

/// The compact JSON of `value`.
///
/// The types of this crate have text keys and no failing serialiser, so there is always one.
pub fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// Whether `bytes` are one JSON value as the formats take it.
pub fn check(bytes: &[u8]) -> Result<(), serde_json::Error> {
    check_value(bytes, Strict { depth: 0, in_list: false, erased: false })
}

/// As [`check`], but `null` may stand in a list: for a statement that was erased (formats §8, disclosure).
pub(crate) fn check_with_erased(bytes: &[u8]) -> Result<(), serde_json::Error> {
    check_value(bytes, Strict { depth: 0, in_list: false, erased: true })
}

fn check_value(bytes: &[u8], strict: Strict) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    strict.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Visits a value for its faults alone.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
    in_list: bool,
    erased: bool,
}

impl Strict {
    fn deeper<E: serde::de::Error>(self, in_list: bool) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deep"));
        }
        Ok(Self { depth: self.depth + 1, in_list, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, a list, text, a boolean, or an integer below 2^53 written plainly")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        if number < INTEGER_LIMIT { Ok(()) } else { Err(E::custom("an integer of 2^53 or more")) }
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.visit_u64(number.unsigned_abs())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        if self.erased && self.in_list { Ok(()) } else { Err(E::custom("null for an absent member")) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let inner = self.deeper(true)?;
        while list.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let inner = self.deeper(false)?;
        let mut keys: Vec<Cow<'de, str>> = Vec::new();
        while let Some(key) = object.next_key_seed(Key)? {
            if keys.contains(&key) {
                return Err(A::Error::custom("a duplicate key"));
            }
            // An object of the formats has a dozen members; a hostile one must not cost the square of its size.
            if keys.len() == MAX_MEMBERS {
                return Err(A::Error::custom("an object of too many members"));
            }
            keys.push(key);
            object.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// More members than any object of the formats has.
const MAX_MEMBERS: usize = 1_024;

/// Reads a key, borrowed where it stands without escapes: `serde`'s own `Cow` never borrows.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        for fine in [r#"{"a":1,"b":[true,"x"]}"#, " 9007199254740991 ", r#""\ud83d\ude00""#] {
            assert!(check(fine.as_bytes()).is_ok(), "{fine}");
        }
        let deep = "[".repeat(33) + &"]".repeat(33);
        for wrong in [
            r#"{"a":1,"a":2}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":null}"#,
            "1.0",
            "1e3",
            "-0",
            "9007199254740992",
            r#""\ud83d""#,
            "{} {}",
            "\u{feff}{}",
            &deep,
        ] {
            assert!(check(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
