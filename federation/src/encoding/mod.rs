//! The encodings that every format shares: strict JSON, hexadecimal and base64 newtypes, ids, times, length prefixes.
//!
//! Implements `docs/formats.md` §1. What the bytes mean stands with each format; this room only says what well-formed is.

use crate::zh_en;

mod bytes;
mod glance;
mod id;
pub mod json;
mod key;
mod time;

pub(crate) use bytes::text_of;
pub use bytes::{Base64, Hash, Octets, Salt};
pub use id::{CaseId, CheckId, DocketId, EndpointId, Id, RecordId};
pub use json::{JsonError, from_json, to_json};
pub use key::{KeyError, KeyId, PublicKey, Signature};
pub use time::{Time, TimeError};

/// A malformed text of a fixed-size value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodingError {
    /// Not lower-case hexadecimal of the length that the value has.
    #[error("{}", zh_en!("不是{bytes}字节的小写十六进制", "not lower-case hexadecimal of {bytes} bytes"))]
    Hex {
        /// The bytes that the value has.
        bytes: usize,
    },
    /// Not standard base64: padded, no stray bits, and of the length that the value has, where it has one.
    #[error("{}", zh_en!("不是规定长度的带填充标准 base64", "not padded standard base64 of the length asked"))]
    Base64,
    /// Not a lower-case UUID of version 7.
    #[error("{}", zh_en!("不是小写的 UUIDv7", "not a lower-case UUIDv7"))]
    Id,
}

/// Appends `LP(x)`: a 4-byte big-endian length, then `x` (formats §1).
///
/// No field of the formats reaches 2³² bytes; every caller bounds its input before.
pub fn put_prefixed(out: &mut Vec<u8>, x: &[u8]) {
    let length = u32::try_from(x.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(x);
}
