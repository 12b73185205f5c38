//! The primitives of sealed details: HKDF-SHA256 for keys and their commitments, AES-256-GCM, and what each is bound
//! to.
//!
//! In these byte strings a record's id, an epoch and a tag stand as their text (`docs/formats.md` §1, §7).

use aes_gcm::{
    Aes256Gcm, KeyInit as _,
    aead::{Aead as _, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Holder, SealError, Share};
use crate::encoding::{Hash, RecordId, put_prefixed};

/// What the details' ciphertext is bound to: `LP("callboard/details/v1") ‖ LP(record id)`.
pub(super) fn content_aad(record: RecordId) -> Vec<u8> {
    let mut aad = Vec::new();
    put_prefixed(&mut aad, b"callboard/details/v1");
    put_prefixed(&mut aad, record.to_string().as_bytes());
    aad
}

/// What a wrap is bound to: `LP("callboard/wrap/v1") ‖ LP(record id) ‖ LP(epoch) ‖ LP(tag)`.
pub(super) fn wrap_aad(holder: &Holder<'_>, record: RecordId) -> Vec<u8> {
    let mut aad = Vec::new();
    put_prefixed(&mut aad, b"callboard/wrap/v1");
    for text in [record.to_string(), holder.epoch.to_string(), holder.tag.to_string()] {
        put_prefixed(&mut aad, text.as_bytes());
    }
    aad
}

/// The key of one holder's wrap: of the seal key and the share together.
pub(super) fn wrap_key(holder: &Holder<'_>, share: &Share, record: RecordId) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let mut halves = Zeroizing::new([0; 64]);
    halves[..32].copy_from_slice(holder.seal_key.as_bytes());
    halves[32..].copy_from_slice(share.as_bytes());
    let tag = holder.tag.to_string();
    derive(&*halves, record.to_string().as_bytes(), &[b"callboard/wrap/v1\0", tag.as_bytes()])
}

/// The commitment to a key, with the nonce and the AAD that it is used with.
pub(crate) fn commit(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8]) -> Result<Hash, SealError> {
    let mut used_with = Vec::new();
    put_prefixed(&mut used_with, nonce);
    put_prefixed(&mut used_with, aad);
    derive(key, b"", &[b"callboard/commit/v1\0", &used_with]).map(|commit| Hash::from_bytes(*commit))
}

/// HKDF-SHA256, 32 bytes, which is one block: the library's refusal of longer output can't happen.
fn derive(ikm: &[u8], salt: &[u8], info: &[&[u8]]) -> Result<Zeroizing<[u8; 32]>, SealError> {
    let mut key = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), ikm).expand_multi_info(info, &mut *key).map_err(|_| SealError::Length)?;
    Ok(key)
}

/// AES-256-GCM; the 16-byte tag is appended.
pub(crate) fn encrypt(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>, SealError> {
    Aes256Gcm::new(key.into()).encrypt(nonce.into(), Payload { msg, aad }).map_err(|_| SealError::Length)
}

/// AES-256-GCM; `None` if key, nonce, AAD or a byte of `msg` isn't that of the encryption.
pub(crate) fn decrypt(key: &[u8; 32], nonce: &[u8; 12], aad: &[u8], msg: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    Aes256Gcm::new(key.into()).decrypt(nonce.into(), Payload { msg, aad }).ok().map(Zeroizing::new)
}
