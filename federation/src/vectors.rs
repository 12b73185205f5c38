//! Reading the test vectors; for tests alone.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

use crate::{disclosure::DocketDisclosure, dsse::Envelope, encoding::Hash};

/// The bytes of a base64 text.
pub(crate) fn base64(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// A list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A text.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// The docket of a hand-in or of a line; `None` if its envelope is none that the formats take.
pub(crate) fn disclosed(docket: &Value) -> Option<DocketDisclosure> {
    let envelope: Envelope = crate::encoding::from_json(docket["docket"].to_string().as_bytes()).ok()?;
    let statement = |item: &Value| {
        let statement = if item.is_object() { &item["statement"] } else { item };
        (!statement.is_null()).then(|| base64(statement))
    };
    let items = list(&docket["items"]).iter().map(statement).collect();
    let publication = docket.get("publication").map(base64);
    Some(DocketDisclosure { envelope, items, publication })
}

/// The sample log of `vectors/entries.json`.
pub(crate) fn entries() -> Value {
    serde_json::from_str(include_str!("../vectors/entries.json")).unwrap()
}

/// A hash in hexadecimal.
pub(crate) fn hash(value: &Value) -> Hash {
    value.as_str().unwrap().parse().unwrap()
}
