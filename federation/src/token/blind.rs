//! Blinding and finalising: the half of whoever knows the identity.

use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto};
use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    TokenError, WirePoint,
    proof::Evaluation,
    suite::{finalise_hash, hash_to_group},
};
use crate::{encoding::Hash, tag::Tag, tlog::merkle};

/// The secret scalar that hides an identity's point; kept by a member, so that an auditor can have a point opened
/// (formats §3).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Blind(Scalar);

impl Blind {
    /// A blind drawn from `rng`.
    pub fn draw(rng: &mut dyn CryptoRng) -> Self {
        let mut wide = Zeroizing::new([0; 64]);
        loop {
            rng.fill_bytes(wide.as_mut());
            let scalar = Scalar::from_bytes_mod_order_wide(&wide);
            if scalar != Scalar::ZERO {
                return Self(scalar);
            }
        }
    }

    /// The blind of 32 little-endian bytes: canonical, not zero.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, TokenError> {
        let scalar = Option::<Scalar>::from(Scalar::from_canonical_bytes(bytes)).ok_or(TokenError::Scalar)?;
        if scalar == Scalar::ZERO { Err(TokenError::Scalar) } else { Ok(Self(scalar)) }
    }

    /// The 32 little-endian bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The blinded point of a PRF input, as it is sent.
    pub fn blind(&self, input: &[u8]) -> Result<WirePoint, TokenError> {
        Ok((hash_to_group(input)? * self.0).compress().to_bytes())
    }
}

/// The last 32 bytes of a PRF output: with a share it opens details. Never shown, never stored in clear.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// The key of 32 raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl ConstantTimeEq for SealKey {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Tags and seal keys of a batch: of each input, with the blind that hid it and the point that came back.
///
/// `inputs` and `evaluated` are as many, in one order; else the answer is not to this batch.
pub fn finalise(inputs: &[(&[u8], &Blind)], evaluated: &Evaluation) -> Result<Vec<(Tag, SealKey)>, TokenError> {
    if inputs.len() != evaluated.points.len() {
        return Err(TokenError::AnswerSize);
    }
    let mut unblinds = Zeroizing::new(inputs.iter().map(|(_, blind)| blind.0).collect::<Vec<_>>());
    Scalar::invert_batch_alloc(&mut unblinds);
    // An unblinded point and its input give the seal key: both are wiped with the blinds.
    let half = |(point, unblind): (&RistrettoPoint, &Scalar)| point * unblind.div_by_2();
    let halves: Zeroizing<Vec<_>> = Zeroizing::new(evaluated.points.iter().zip(unblinds.iter()).map(half).collect());
    let unblinded = Zeroizing::new(RistrettoPoint::double_and_compress_batch(halves.iter()));
    let output = |((input, _), point): (&(&[u8], &Blind), &CompressedRistretto)| {
        let output = Zeroizing::new(finalise_hash(input, point.as_bytes())?);
        let (mut tag, mut seal) = ([0; 32], [0; 32]);
        tag.copy_from_slice(&output[..32]);
        seal.copy_from_slice(&output[32..]);
        Ok((Tag::from_bytes(tag), SealKey(seal)))
    };
    inputs.iter().zip(unblinded.iter()).map(output).collect()
}

/// The RFC 6962 root over a batch's blinded points, in order: what the token service keeps, so that an auditor can ask
/// for one of them (formats §3, openable blinds).
pub fn blinded_root(batch: &[WirePoint]) -> Hash {
    merkle::root(batch)
}
