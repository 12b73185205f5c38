//! The token key of an epoch, and what it does: evaluating a batch, and proving that this key did. The token service's
//! half of RFC 9497; the other is `callboard_federation::token`. Nobody but the token service links this.

use callboard_federation::{
    encoding::put_prefixed,
    tag::Epoch,
    token::{
        MAX_BATCH, POINT_BYTES, PROOF_BYTES, TokenError, WirePoint, challenge,
        suite::{HashToScalar, read_points},
        weights,
    },
    token_key::TokenPublicKey,
};
use curve25519_dalek::{RistrettoPoint, Scalar, ristretto::CompressedRistretto, traits::VartimeMultiscalarMul as _};
use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// «Evaluate a batch»: one holder of the key today; several who hold it together could give the same bytes.
pub trait Evaluate {
    /// The wire answer to a batch of 1 to 1,000 points: `proof (c ‖ s, 64) ‖ n × 32`. The rng gives the proof's nonce.
    fn evaluate(&self, batch: &[WirePoint], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, TokenError>;

    /// The key that the proof is checked with.
    fn public(&self) -> TokenPublicKey;
}

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
    fn of_bytes(bytes: [u8; 32]) -> Result<Self, TokenError> {
        Self::of_scalar(&Option::from(Scalar::from_canonical_bytes(bytes)).ok_or(TokenError::Scalar)?)
    }

    fn of_scalar(key: &Scalar) -> Result<Self, TokenError> {
        let public = RistrettoPoint::mul_base(key).compress().to_bytes();
        let public = TokenPublicKey::from_bytes(public).map_err(|_| TokenError::Scalar)?;
        Ok(Self { key: *key, half: key.div_by_2(), public })
    }
}

fn key_info(issuer: &str, epoch: Epoch) -> Vec<u8> {
    let mut info = b"callboard/token/v1".to_vec();
    put_prefixed(&mut info, issuer.as_bytes());
    put_prefixed(&mut info, epoch.to_string().as_bytes());
    info
}

impl Evaluate for TokenSecret {
    fn evaluate(&self, batch: &[WirePoint], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, TokenError> {
        if batch.is_empty() || batch.len() > MAX_BATCH {
            return Err(TokenError::BatchSize);
        }
        let points = read_points(batch)?;
        // Half the key and doubled while encoding: a batch shares one inversion so.
        let halves: Vec<RistrettoPoint> = points.iter().map(|point| point * self.half).collect();
        let evaluated = RistrettoPoint::double_and_compress_batch(&halves);
        let evaluated: Vec<WirePoint> = evaluated.iter().map(CompressedRistretto::to_bytes).collect();
        let proof = prove(&self.key, &self.public, batch, &points, &evaluated, rng);
        let mut answer = Vec::with_capacity(PROOF_BYTES + POINT_BYTES * batch.len());
        answer.extend_from_slice(&proof);
        answer.extend_from_slice(evaluated.as_flattened());
        Ok(answer)
    }

    fn public(&self) -> TokenPublicKey {
        self.public
    }
}

/// `DeriveKeyPair` of RFC 9497 §3.2.1: the first of 256 tries that isn't zero.
fn derive_key(seed: &[u8; 32], info: &[u8]) -> Option<Scalar> {
    let hash = HashToScalar::under(b"DeriveKeyPair");
    let length = u16::try_from(info.len()).ok()?.to_be_bytes();
    (0..=u8::MAX).map(|counter| hash.hash(&[seed, &length, info, &[counter]])).find(|key| *key != Scalar::ZERO)
}

fn prove(
    key: &Scalar,
    public: &TokenPublicKey,
    asked_wire: &[WirePoint],
    asked: &[RistrettoPoint],
    given_wire: &[WirePoint],
    rng: &mut dyn CryptoRng,
) -> [u8; PROOF_BYTES] {
    let mut wide = Zeroizing::new([0; 64]);
    rng.fill_bytes(wide.as_mut());
    let nonce = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
    prove_with(&nonce, key, public, asked_wire, asked, given_wire)
}

fn prove_with(
    nonce: &Scalar,
    key: &Scalar,
    public: &TokenPublicKey,
    asked_wire: &[WirePoint],
    asked: &[RistrettoPoint],
    given_wire: &[WirePoint],
) -> [u8; PROOF_BYTES] {
    let hash = HashToScalar::default();
    // Weights and points are public: here, and only here, time may depend on them.
    let m = RistrettoPoint::vartime_multiscalar_mul(weights(&hash, public, asked_wire, given_wire), asked);
    let z = m * key;
    let (t2, t3) = (RistrettoPoint::mul_base(nonce), m * nonce);
    let c = challenge(&hash, public, [&m, &z, &t2, &t3]);
    let s = nonce - c * key;
    let mut proof = [0; PROOF_BYTES];
    proof[..32].copy_from_slice(c.as_bytes());
    proof[32..].copy_from_slice(s.as_bytes());
    proof
}

#[cfg(test)]
mod tests;
