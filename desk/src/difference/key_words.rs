//! The keys of a document in the words by which people compare them ([`CheckWords`]), in place of their text: of a seat
//! both keys at once, as its key card has them; of a verifier key its name too.

use callboard_federation::tlog::vkey::VerifierKey;
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
    // A key of another kind may have a `+` in its base64: a verifier key is told by its whole form.
    Value::from(match text.parse::<VerifierKey>() {
        Ok(key) => format!("{} {words}", key.name()),
        Err(_) => words,
    })
}

#[cfg(test)]
mod tests {
    use callboard_federation::{encoding::PublicKey, tlog::vkey::SignatureType};
    use serde_json::json;

    use super::*;

    fn seed() -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[9; 32])
    }

    #[test]
    fn a_key_with_pluses_in_its_base64_is_no_verifier_key() {
        let key = "UK8ocp7h+5zbd+jv1Ck8dQ2hN0o8VqQ7dZ3l1xUu9Wk=";
        let log =
            VerifierKey::new("log.example".parse().unwrap(), SignatureType::Note, PublicKey::of(&seed())).to_string();
        let told = keys_in_words(&json!({"keys": [key, log]}), Language::En);
        let words = |key: &str| CheckWords::of_keys([key]).line(Language::En);
        assert_eq!(told["keys"], json!([words(key), format!("log.example {}", words(&log))]));
    }
}
