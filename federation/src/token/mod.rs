//! Tokens: how an identity becomes a tag and a seal key, without anyone but its holder learning which.
//!
//! RFC 9497 in mode 0x01 (VOPRF), suite ristretto255-SHA512. The holder blinds ([`Blind`]), the token service evaluates
//! a batch and proves that it used the epoch's key, the holder checks ([`Evaluation`]) and finalises. Secret scalars
//! stay on constant-time paths; points and weights of the proof are public. The key itself, HTTP, quotas and epochs are
//! the token service's. Implements `docs/formats.md` §3.

use crate::zh_en;

mod blind;
mod proof;
pub mod suite;

pub use blind::{Blind, SealKey, blinded_root, finalise};
pub use proof::{Evaluation, challenge, weights};

/// The most points of one batch.
pub const MAX_BATCH: usize = 1_000;
/// Bytes of a point on the wire.
pub const POINT_BYTES: usize = 32;
/// Bytes of a batch's proof: `c ‖ s`.
pub const PROOF_BYTES: usize = 64;

/// A point on the wire: 32 bytes, canonical or not until it was read.
pub type WirePoint = [u8; POINT_BYTES];

/// Why a batch can't be evaluated, or its answer not be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a multiple of 32 bytes, no points, or more than 1,000.
    #[error("{}", zh_en!("一批为1至1,000个点，每个32字节", "a batch has 1 to 1,000 points of 32 bytes"))]
    BatchSize,
    /// A point that isn't canonically encoded, or is the identity.
    #[error("{}", zh_en!("第{at}个点编码不规范，或者为单位元", "point {at} is not canonical, or is the identity"))]
    Point {
        /// The point's place in the batch, from 0.
        at: usize,
    },
    /// The answer isn't a proof and as many points as were asked.
    #[error("{}", zh_en!("答复不是一份证明和同样数量的点",
        "the answer is not a proof and as many points as were asked"))]
    AnswerSize,
    /// The proof doesn't show that the epoch's key was used.
    #[error("{}", zh_en!("身份代码服务的证明不成立：它使用的密钥不是签署权限名单所列",
        "the token service's proof is wrong: it used another key than the roster says"))]
    Proof,
    /// 32 bytes that are no scalar, or zero.
    #[error("{}", zh_en!("不是非零标量", "not a scalar other than zero"))]
    Scalar,
    /// The input hashes to the identity: never found, and refused by RFC 9497 §3.3.2.
    #[error("{}", zh_en!("无法盲化该输入", "the input can't be blinded"))]
    Input,
}

/// Reads a batch from the wire: the points, 1 to 1,000 of 32 bytes.
pub fn read_batch(bytes: &[u8]) -> Result<&[WirePoint], TokenError> {
    let (points, rest) = bytes.as_chunks::<POINT_BYTES>();
    if rest.is_empty() && (1..=MAX_BATCH).contains(&points.len()) { Ok(points) } else { Err(TokenError::BatchSize) }
}
