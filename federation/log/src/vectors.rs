//! The sample log of `vectors/entries.json`, as the tests of this room read it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::encoding::Hash;

/// The whole file.
pub(crate) fn entries() -> Value {
    serde_json::from_str(include_str!("../../vectors/entries.json")).unwrap()
}

/// A hash in hexadecimal.
pub(crate) fn hash(value: &Value) -> Hash {
    value.as_str().unwrap().parse().unwrap()
}

/// Hashes in base64.
pub(crate) fn hashes(list: &Value) -> Vec<Hash> {
    let bytes = |text: &Value| STANDARD.decode(text.as_str().unwrap()).unwrap().try_into().unwrap();
    list.as_array().unwrap().iter().map(|text| Hash::from_bytes(bytes(text))).collect()
}

/// The key of the sample log.
pub(crate) fn log_key() -> ed25519_dalek::SigningKey {
    let seed = entries()["logKeySeed"].as_str().unwrap().parse::<Hash>().unwrap();
    ed25519_dalek::SigningKey::from_bytes(seed.as_bytes())
}
