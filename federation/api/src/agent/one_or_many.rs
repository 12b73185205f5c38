//! A body or an answer that is of one person, as an object, or of several, as a list.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

/// One, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T> {
    /// Each of them.
    pub each: Vec<T>,
    /// Whether they stand in a list.
    pub is_list: bool,
}

impl<T> OneOrMany<T> {
    /// One.
    pub fn one(one: T) -> Self {
        Self { each: vec![one], is_list: false }
    }

    /// A list.
    pub const fn many(each: Vec<T>) -> Self {
        Self { each, is_list: true }
    }
}

impl<T: Serialize> Serialize for OneOrMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.each[..] {
            [one] if !self.is_list => one.serialize(serializer),
            each => each.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectOrList(PhantomData))
    }
}

/// Reads whichever comes, so that an error says where in it something is wrong.
struct ObjectOrList<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOrList<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(OneOrMany::one)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(OneOrMany::many)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_object_is_one_and_a_list_is_many_and_an_error_says_where() {
        type Read = Result<OneOrMany<BTreeMap<String, u8>>, serde_json::Error>;
        for (text, each, is_list) in
            [(r#"{"a":1}"#, 1, false), (r#"[{"a":1}]"#, 1, true), (r#"[{"a":1},{}]"#, 2, true), ("[]", 0, true)]
        {
            let read = (serde_json::from_str(text) as Read).unwrap();
            assert_eq!((read.each.len(), read.is_list), (each, is_list), "{text}");
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
        let wrong = (serde_json::from_str("{\n\"a\": \"x\"}") as Read).unwrap_err();
        assert_eq!((wrong.line(), wrong.column()), (2, 8));
        assert!((serde_json::from_str("7") as Read).is_err());
    }
}
