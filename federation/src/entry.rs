//! TEMP
use crate::{
    dsse::Envelope,
    encoding::{Hash, Time, from_json},
};
use serde::{Deserialize, Serialize};
/// e
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    v: u64,
    #[serde(rename = "loggedAt")]
    logged_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    docket: Option<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signatures: Option<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchors: Option<Hash>,
}
impl Entry {
    /// o
    pub fn of_docket(logged_at: Time, e: &Envelope) -> Self {
        Self { v: 1, logged_at, docket: Some(e.payload_hash()), signatures: Some(e.signatures_hash()), anchors: None }
    }
    /// b
    pub fn to_bytes(&self) -> Vec<u8> {
        crate::encoding::to_json(self)
    }
    /// p
    pub fn from_bytes(b: &[u8]) -> Result<Self, ()> {
        let e: Self = from_json(b).map_err(|_| ())?;
        if e.to_bytes() == b { Ok(e) } else { Err(()) }
    }
    /// l
    pub fn logged_at(&self) -> Time {
        self.logged_at
    }
    /// a
    pub fn is_of_anchors(&self) -> bool {
        self.anchors.is_some()
    }
}
