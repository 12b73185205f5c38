//! The keys of a document in the words by which people compare them ([`CheckWords`]), in place of their text: of a seat
//! both keys at once, as its key card has them; of a verifier key its name too.

use serde_json::{Map, Value};

use crate::{key_card::CheckWords, language::Language};

/// What a seat has in place of its two keys.
const CARD: &str = "card";

/// A roster or a list of members with each key in words.
pub(crate) fn keys_in_words(document: &Value, language: Language) -> Value {
    match document {
        Value::Object(members) => Value::Object(object(members, language)),
        Value::Array(values) => values.iter().map(|value| keys_in_words(value, language)).collect(),
        other => other.clone(),
    }
}

fn object(members: &Map<String, Value>, language: Language) -> Map<String, Value> {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let words = |keys: &[&str]| Value::from(CheckWords::of_keys(keys.iter().copied()).line(language));
    let is_seat = text("publicKey").is_some() && text("recipient").is_some();
    let mut told = Map::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("publicKey", Value::String(key)) if is_seat => {
                let recipient = text("recipient").unwrap_or_default();
                told.insert(CARD.to_owned(), words(&[key.as_str(), recipient]));
            }
            ("recipient", _) if is_seat => {}
            ("publicKey", Value::String(key)) => drop(told.insert(name.clone(), words(&[key.as_str()]))),
            ("keys" | "log", Value::Array(keys)) => {
                drop(told.insert(name.clone(), keys.iter().map(|key| named(key, language)).collect()));
            }
            (_, value) => drop(told.insert(name.clone(), keys_in_words(value, language))),
        }
    }
    told
}

/// A key of a list: of a verifier key (`NAME+HASH+KEY`) the name, and the words of all of it.
fn named(key: &Value, language: Language) -> Value {
    let Some(text) = key.as_str() else { return key.clone() };
    let words = CheckWords::of_keys([text]).line(language);
    Value::from(match text.split_once('+') {
        Some((name, rest)) if rest.contains('+') => format!("{name} {words}"),
        _ => words,
    })
}
