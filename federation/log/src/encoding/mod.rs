//! What the texts of a log are made of: bytes in hexadecimal and base64, hashes, keys and signatures, instants.

mod bytes;
mod key;
mod time;

pub use bytes::{Base64, Hash, Octets, Salt, text_of};
pub use key::{KeyError, KeyId, PublicKey, Signature};
pub use time::{Time, TimeError};

use callboard_language::zh_en;

/// The first integer that isn't exact in every reader: 2⁵³.
pub const INTEGER_LIMIT: u64 = 1 << 53;

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
}
