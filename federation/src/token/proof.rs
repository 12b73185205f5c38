//! The proof that one key evaluated a whole batch (RFC 9497 §2.2), and what an answer gives once it holds.

use curve25519_dalek::{
    RistrettoPoint, Scalar,
    constants::RISTRETTO_BASEPOINT_POINT,
    traits::{MultiscalarMul as _, VartimeMultiscalarMul as _},
};

use super::{
    PROOF_BYTES, TokenError, WirePoint, read_batch,
    suite::{HashToScalar, read_points, weights_seed},
};
use crate::token_key::TokenPublicKey;

/// The points of an answer whose proof holds, in the order of the batch.
pub struct Evaluation {
    pub(super) points: Vec<RistrettoPoint>,
}

impl Evaluation {
    /// Checks a wire answer to the batch `blinded` against the epoch's public key.
    pub fn read(public: &TokenPublicKey, blinded: &[WirePoint], answer: &[u8]) -> Result<Self, TokenError> {
        let (proof, wire) = answer.split_first_chunk::<PROOF_BYTES>().ok_or(TokenError::AnswerSize)?;
        let wire = read_batch(wire).map_err(|_| TokenError::AnswerSize)?;
        if wire.len() != blinded.len() {
            return Err(TokenError::AnswerSize);
        }
        let (asked, points) = (read_points(blinded)?, read_points(wire).map_err(|_| TokenError::Proof)?);
        verify(public, blinded, &asked, wire, &points, proof)?;
        Ok(Self { points })
    }

    /// The same in parts of `len` points, the last one of what is left, in order: so that several cores finalise.
    pub fn parts(&self, len: usize) -> impl Iterator<Item = Self> {
        self.points.chunks(len.max(1)).map(|points| Self { points: points.to_vec() })
    }

    /// How many points.
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether there is none; a batch has one at least.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }
}

/// The public weights of a batch, from its wire bytes.
pub fn weights(hash: &HashToScalar, public: &TokenPublicKey, asked: &[WirePoint], given: &[WirePoint]) -> Vec<Scalar> {
    let seed = weights_seed(public.as_bytes());
    let weight = |(at, (asked, given)): (u16, (&WirePoint, &WirePoint))| {
        hash.hash(&[&[0, 64], &seed, &at.to_be_bytes(), &[0, 32], asked, &[0, 32], given, b"Composite"])
    };
    (0..).zip(asked.iter().zip(given)).map(weight).collect()
}

/// The challenge of a proof, over the key and the points that it speaks of.
pub fn challenge(hash: &HashToScalar, public: &TokenPublicKey, points: [&RistrettoPoint; 4]) -> Scalar {
    let [a0, a1, a2, a3] = points.map(|point| point.compress().to_bytes());
    let length: &[u8] = &[0, 32];
    hash.hash(&[length, public.as_bytes(), length, &a0, length, &a1, length, &a2, length, &a3, b"Challenge"])
}

#[expect(clippy::many_single_char_names, reason = "the letters of RFC 9497 §2.2")]
fn verify(
    public: &TokenPublicKey,
    asked_wire: &[WirePoint],
    asked: &[RistrettoPoint],
    given_wire: &[WirePoint],
    given: &[RistrettoPoint],
    proof: &[u8; PROOF_BYTES],
) -> Result<(), TokenError> {
    let scalar = |half: &[u8]| {
        let bytes: [u8; 32] = half.try_into().map_err(|_| TokenError::Proof)?;
        Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes)).ok_or(TokenError::Proof)
    };
    let (c, s) = (scalar(&proof[..32])?, scalar(&proof[32..])?);
    let hash = HashToScalar::default();
    let weights = weights(&hash, public, asked_wire, given_wire);
    let m = RistrettoPoint::vartime_multiscalar_mul(&weights, asked);
    let z = RistrettoPoint::vartime_multiscalar_mul(&weights, given);
    let b = read_points(&[*public.as_bytes()])?;
    let t2 = RistrettoPoint::multiscalar_mul([s, c], [RISTRETTO_BASEPOINT_POINT, b[0]]);
    let t3 = RistrettoPoint::multiscalar_mul([s, c], [m, z]);
    if challenge(&hash, public, [&m, &z, &t2, &t3]) == c { Ok(()) } else { Err(TokenError::Proof) }
}
