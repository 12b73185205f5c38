//! The encodings that every format shares: strict JSON, ids, length prefixes; hashes, keys and times are the
//! log's ([`callboard_log::encoding`]).
//!
//! Implements `docs/formats.md` §1. What the bytes mean stands with each format; this room only says what well-formed
//! is.

mod fast_path;
mod id;
pub mod json;

pub(crate) use callboard_log::encoding::text_of;
pub use callboard_log::encoding::{
    Base64, EncodingError, Hash, KeyError, KeyId, Octets, PublicKey, Salt, Signature, Time, TimeError,
};
pub use id::{
    CaseId, CheckId, DocketId, DraftId, EndpointId, FilingId, Id, IdError, IdentityRequestId, RecordId, ReportId,
};
pub use json::{JsonError, from_json, to_json};

/// Appends `LP(x)`: a 4-byte big-endian length, then `x` (formats §1).
///
/// No field of the formats reaches 2³² bytes; every caller bounds its input before.
pub fn put_prefixed(out: &mut Vec<u8>, x: &[u8]) {
    let length = u32::try_from(x.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(x);
}
