//! The suite's functions: hashing to group and scalar, reading points (RFC 9497 §4.1, RFC 9380 §5.3.1).

use curve25519_dalek::{
    ristretto::{CompressedRistretto, RistrettoPoint},
    scalar::Scalar,
    traits::IsIdentity as _,
};
use sha2::{Digest as _, Sha512};

use super::{TokenError, WirePoint};

/// `"OPRFV1-" ‖ I2OSP(1, 1) ‖ "-ristretto255-SHA512"`: mode 0x01.
const CONTEXT: &[u8] = b"OPRFV1-\x01-ristretto255-SHA512";

/// A domain separation tag: a prefix, then the context.
fn domain(prefix: &[u8]) -> Vec<u8> {
    [prefix, CONTEXT].concat()
}

/// `expand_message_xmd` with SHA-512 to 64 bytes: one block.
fn expand(message: &[&[u8]], domain: &[u8]) -> [u8; 64] {
    // Every tag of this suite is shorter than 256 bytes.
    let domain_length = [u8::try_from(domain.len()).unwrap_or(u8::MAX)];
    let mut b0 = Sha512::new_with_prefix([0; 128]);
    for part in message {
        b0.update(part);
    }
    b0.update([0, 64, 0]);
    b0.update(domain);
    b0.update(domain_length);
    let mut b1 = Sha512::new_with_prefix(b0.finalize());
    b1.update([1]);
    b1.update(domain);
    b1.update(domain_length);
    b1.finalize().into()
}

pub(super) fn hash_to_group(input: &[u8]) -> Result<RistrettoPoint, TokenError> {
    let point = RistrettoPoint::from_uniform_bytes(&expand(&[input], &domain(b"HashToGroup-")));
    if point.is_identity() { Err(TokenError::Input) } else { Ok(point) }
}

/// Hashes to scalars under one tag, which it holds ready.
pub struct HashToScalar(Vec<u8>);

impl Default for HashToScalar {
    fn default() -> Self {
        Self::under(b"HashToScalar-")
    }
}

impl HashToScalar {
    /// Under the tag of this prefix.
    pub fn under(prefix: &[u8]) -> Self {
        Self(domain(prefix))
    }

    /// The scalar of a message, given in parts.
    pub fn hash(&self, message: &[&[u8]]) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&expand(message, &self.0))
    }
}

/// The seed of a batch's weights (RFC 9497 §2.2.1), over the wire bytes of the public key.
pub(super) fn weights_seed(public: &WirePoint) -> [u8; 64] {
    let domain = domain(b"Seed-");
    let length = u16::try_from(domain.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut hash = Sha512::new_with_prefix([0, 32]);
    hash.update(public);
    hash.update(length);
    hash.update(domain);
    hash.finalize().into()
}

/// `Finalize` of RFC 9497 §3.3.2.
pub(super) fn finalise_hash(input: &[u8], unblinded: &WirePoint) -> Result<[u8; 64], TokenError> {
    let length = u16::try_from(input.len()).map_err(|_| TokenError::Input)?.to_be_bytes();
    let mut hash = Sha512::new_with_prefix(length);
    hash.update(input);
    hash.update([0, 32]);
    hash.update(unblinded);
    hash.update(b"Finalize");
    Ok(hash.finalize().into())
}

/// The points of wire bytes; a point that isn't canonical, or is the identity, is refused.
pub fn read_points(wire: &[WirePoint]) -> Result<Vec<RistrettoPoint>, TokenError> {
    let read = |(at, bytes): (usize, &WirePoint)| {
        // The identity's canonical encoding is all zeros.
        let point = CompressedRistretto(*bytes).decompress().filter(|_| *bytes != [0; 32]);
        point.ok_or(TokenError::Point { at })
    };
    wire.iter().enumerate().map(read).collect()
}
