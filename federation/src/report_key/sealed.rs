//! A message to several report keys: encrypted once under a content key, which is wrapped for each of them by HPKE.
//!
//! `DHKEM(P-256, HKDF-SHA256)`, `HKDF-SHA256`, `AES-256-GCM`, base mode. What the message belongs to, its id, is bound in
//! twice: in HPKE's `info` and in the content's AAD. A commitment to the content key is checked before anything is
//! decrypted, so that no two seats read different things. Implements `docs/formats.md` §17.

use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::AesGcm256, kdf::HkdfSha256, single_shot_open,
    single_shot_seal_with_rng,
};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Kem, ReportPublicKey, ReportSecretKey};
use crate::{
    encoding::{Base64, Hash, Octets, put_prefixed},
    sealed::{cipher, padded_length, random},
    zh_en,
};

/// What HPKE's `info` begins with.
const INFO: &[u8] = b"callboard/report-key/v1\0";
/// The most keys of a message: more seats than a secretariat has.
pub const MAX_KEYS: usize = 64;

/// A message that seats open, each with its own report key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedForKeys {
    /// The format's version, 1.
    pub v: u64,
    /// The content key, for each report key.
    pub keys: Vec<WrappedForKey>,
    /// 12 random bytes, base64.
    pub nonce: Octets<12>,
    /// AES-256-GCM of the padded content under the content key.
    pub ciphertext: Base64,
    /// The commitment to the content key (§7).
    pub commit: Hash,
}

/// The content key, for one report key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedForKey {
    /// SHA-256 of the report key's 65 bytes.
    pub key: Hash,
    /// HPKE's encapsulated key, 65 bytes, base64.
    pub enc: Octets<65>,
    /// HPKE's ciphertext of the content key, 48 bytes, base64.
    pub wrapped: Octets<48>,
}

/// Why a message can't be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealedForKeysError {
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    /// There is no key to seal to, or there are too many, or one stands twice.
    #[error("{}", zh_en!("收件密钥应有1至{MAX_KEYS}个，且不重复", "1 to {MAX_KEYS} keys, each once"))]
    Keys,
    /// It isn't sealed to any of these keys.
    #[error("{}", zh_en!("并非密封给您的举报密钥", "it isn't sealed to a report key of this seat"))]
    NotForUs,
    /// The wrapped key was changed, or belongs to something else.
    #[error("{}", zh_en!("封装的密钥无法解开", "the wrapped key does not open"))]
    Wrapped,
    /// The wrapped key is another than the one that the message is committed to.
    #[error("{}", zh_en!("密文所指的是另一密钥", "the message is committed to another key"))]
    Commit,
    /// The ciphertext was changed.
    #[error("{}", zh_en!("密文无法解密", "the message does not decrypt"))]
    Ciphertext,
}

/// Seals JSON to each of `keys`. `id` is what the message belongs to.
pub fn seal(
    content: &[u8],
    id: &str,
    keys: &[ReportPublicKey],
    rng: &mut impl CryptoRng,
) -> Result<SealedForKeys, SealedForKeysError> {
    let content_key = Zeroizing::new(random::<32>(rng));
    let info = info(id);
    let mut wrapped = Vec::with_capacity(keys.len());
    for key in keys {
        let to = key.to_hpke().map_err(|_| SealedForKeysError::Keys)?;
        let sealed = single_shot_seal_with_rng::<AesGcm256, HkdfSha256, Kem>(
            &OpModeS::Base,
            &to,
            &info,
            &*content_key,
            b"",
            rng,
        );
        let (enc, of_key) = sealed.map_err(|_| SealedForKeysError::Keys)?;
        wrapped.push(WrappedForKey {
            key: key.id(),
            enc: Octets(enc.to_bytes().into()),
            wrapped: Octets(of_key.try_into().map_err(|_| SealedForKeysError::Keys)?),
        });
    }
    let mut padded = Zeroizing::new(content.to_vec());
    let length = padded_length(padded.len());
    padded.resize(length, b' ');
    let (nonce, aad) = (random(rng), aad(id));
    let ciphertext =
        cipher::encrypt(&content_key, &nonce, &aad, &padded).map_err(|_| SealedForKeysError::Ciphertext)?;
    let commit = cipher::commit(&content_key, &nonce, &aad).map_err(|_| SealedForKeysError::Ciphertext)?;
    let sealed = SealedForKeys { v: 1, keys: wrapped, nonce: Octets(nonce), ciphertext: Base64(ciphertext), commit };
    sealed.check()?;
    Ok(sealed)
}

impl SealedForKeys {
    /// Whether it is formed as it must be; nothing is decrypted.
    pub fn check(&self) -> Result<(), SealedForKeysError> {
        if self.v != 1 {
            return Err(SealedForKeysError::Version);
        }
        let is_repeated = |at: usize| self.keys[..at].iter().any(|earlier| earlier.key == self.keys[at].key);
        if !(1..=MAX_KEYS).contains(&self.keys.len()) || (0..self.keys.len()).any(is_repeated) {
            return Err(SealedForKeysError::Keys);
        }
        // AES-GCM's tag, and a padded length before it.
        let length = self.ciphertext.0.len().checked_sub(16).ok_or(SealedForKeysError::Ciphertext)?;
        if padded_length(length) == length { Ok(()) } else { Err(SealedForKeysError::Ciphertext) }
    }

    /// Opens it with whichever of a seat's keys it was sealed to; the padding is still there.
    pub fn open(&self, id: &str, keys: &[ReportSecretKey]) -> Result<Zeroizing<Vec<u8>>, SealedForKeysError> {
        self.check()?;
        let ours = keys.iter().find_map(|key| {
            let id = key.public().id();
            self.keys.iter().find(|wrapped| wrapped.key == id).map(|wrapped| (key, wrapped))
        });
        let (key, wrapped) = ours.ok_or(SealedForKeysError::NotForUs)?;
        let enc = <Kem as hpke::Kem>::EncappedKey::from_bytes(&wrapped.enc.0);
        let enc = enc.map_err(|_| SealedForKeysError::Wrapped)?;
        let opened = single_shot_open::<AesGcm256, HkdfSha256, Kem>(
            &OpModeR::Base,
            &key.0,
            &enc,
            &info(id),
            &wrapped.wrapped.0,
            b"",
        );
        let content_key = Zeroizing::new(opened.map_err(|_| SealedForKeysError::Wrapped)?);
        let content_key = content_key.as_slice().try_into().map(Zeroizing::new);
        let content_key = content_key.map_err(|_| SealedForKeysError::Wrapped)?;
        let aad = aad(id);
        if cipher::commit(&content_key, &self.nonce.0, &aad) != Ok(self.commit) {
            return Err(SealedForKeysError::Commit);
        }
        cipher::decrypt(&content_key, &self.nonce.0, &aad, &self.ciphertext.0).ok_or(SealedForKeysError::Ciphertext)
    }
}

fn info(id: &str) -> Vec<u8> {
    [INFO, id.as_bytes()].concat()
}

fn aad(id: &str) -> Vec<u8> {
    let mut aad = Vec::new();
    put_prefixed(&mut aad, b"callboard/sealed-report/v1");
    put_prefixed(&mut aad, id.as_bytes());
    aad
}
