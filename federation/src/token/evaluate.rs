//! Evaluating a batch: the token service's half.

use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{
    POINT_BYTES, PROOF_BYTES, TokenError, WirePoint, proof,
    suite::{derive_key, read_points},
};
use crate::{encoding::put_prefixed, tag::Epoch, token_key::TokenPublicKey};

/// «Evaluate a batch»: one holder of the key today; several who hold it together could give the same bytes.
pub trait Evaluate {
    /// The wire answer to a batch of 1 to 1,000 points: `proof (c ‖ s, 64) ‖ n × 32`. The rng gives the proof's nonce.
    fn evaluate(&self, batch: &[WirePoint], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, TokenError>;

    /// The key that the proof is checked with.
    fn public(&self) -> TokenPublicKey;
}

/// The token key of one epoch.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct TokenSecret {
    key: Scalar,
    half: Scalar,
    #[zeroize(skip)]
    public: TokenPublicKey,
}

impl TokenSecret {
    /// The key of an epoch: RFC 9497 `DeriveKeyPair` of 32 secret bytes, with
    /// info = `"callboard/token/v1" ‖ LP(issuer) ‖ LP(epoch)`.
    pub fn derive(seed: &[u8; 32], issuer: &str, epoch: Epoch) -> Result<Self, TokenError> {
        let key = Zeroizing::new(derive_key(seed, &key_info(issuer, epoch)).ok_or(TokenError::Scalar)?);
        Self::of_scalar(&key)
    }

    #[cfg(test)]
    pub(crate) fn of_bytes(bytes: [u8; 32]) -> Result<Self, TokenError> {
        Self::of_scalar(&Option::from(Scalar::from_canonical_bytes(bytes)).ok_or(TokenError::Scalar)?)
    }

    pub(super) fn of_scalar(key: &Scalar) -> Result<Self, TokenError> {
        let public = RistrettoPoint::mul_base(key).compress().to_bytes();
        let public = TokenPublicKey::from_bytes(public).map_err(|_| TokenError::Scalar)?;
        Ok(Self { key: *key, half: key.div_by_2(), public })
    }
}

/// What an epoch's key is derived for.
pub(super) fn key_info(issuer: &str, epoch: Epoch) -> Vec<u8> {
    let mut info = b"callboard/token/v1".to_vec();
    put_prefixed(&mut info, issuer.as_bytes());
    put_prefixed(&mut info, epoch.to_string().as_bytes());
    info
}

impl Evaluate for TokenSecret {
    fn evaluate(&self, batch: &[WirePoint], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, TokenError> {
        if batch.is_empty() || batch.len() > super::MAX_BATCH {
            return Err(TokenError::BatchSize);
        }
        let points = read_points(batch)?;
        // Half the key and doubled while encoding: a batch shares one inversion so.
        let halves: Vec<RistrettoPoint> = points.iter().map(|point| point * self.half).collect();
        let evaluated = RistrettoPoint::double_and_compress_batch(&halves);
        let evaluated: Vec<WirePoint> = evaluated.iter().map(CompressedRistretto::to_bytes).collect();
        let proof = proof::prove(&self.key, &self.public, batch, &points, &evaluated, rng);
        let mut answer = Vec::with_capacity(PROOF_BYTES + POINT_BYTES * batch.len());
        answer.extend_from_slice(&proof);
        answer.extend_from_slice(evaluated.as_flattened());
        Ok(answer)
    }

    fn public(&self) -> TokenPublicKey {
        self.public
    }
}
