//! Sealed details: names, conduct and reasons, readable to whoever knows the identity and was given the share.
//!
//! The plaintext is encrypted once under a random content key, and that key is wrapped for each tag of the record under
//! a key of two halves: the seal key, which only the identity gives, and the share, which the registry keeps and can
//! erase. A commitment to each key is checked before it decrypts, so that no ciphertext opens two ways. Implements
//! `docs/formats.md` §7.
//!
//! Not here: what details look like in a statement ([`crate::statement`]) and which tags they are wrapped for
//! ([`crate::replay`]); where seal keys come from ([`crate::token`]); who is given a share (the registry).

pub(crate) mod cipher;
mod plain;

use rand_core::CryptoRng;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    encoding::{Base64, Hash, Octets, RecordId, from_json, to_json},
    statement::{Details, Wrap, share_hash},
    tag::{Epoch, Tag},
    token::SealKey,
    zh_en,
};
pub use plain::{Conduct, Plain};

/// The first step of padding, in bytes: an ordinary decision fits it, so that most details are of one length.
const FIRST_STEP: usize = 1_024;

/// 32 random bytes of one record, without which no seal key opens its details.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Share([u8; 32]);

impl Share {
    /// The share of 32 raw bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the details say that their share hashes to.
    pub fn hash(&self) -> Hash {
        share_hash(&self.0)
    }
}

/// Who can open details: one identity's tag and seal key, under one epoch.
#[derive(Clone, Copy)]
pub struct Holder<'a> {
    /// The epoch.
    pub epoch: Epoch,
    /// The identity's tag.
    pub tag: Tag,
    /// Its seal key.
    pub seal_key: &'a SealKey,
}

/// Why details can't be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another share than the one that the details name.
    #[error("{}", zh_en!("密钥份额不是密封内容所指的份额", "the share isn't the one that the details name"))]
    Share,
    /// The details aren't wrapped for this tag.
    #[error("{}", zh_en!("密封内容没有为第{epoch}期的 {tag} 封装",
        "the details are not wrapped for {tag} of epoch {epoch}"))]
    NoWrap {
        /// The epoch.
        epoch: Epoch,
        /// The tag.
        tag: Tag,
    },
    /// The seal key or the record isn't the one of this wrap, or the wrap was changed.
    #[error("{}", zh_en!("封装与此封印密钥和记录不符", "the wrap is not of this seal key and record"))]
    WrapCommit,
    /// The wrapped key was changed.
    #[error("{}", zh_en!("封装的密钥无法解密", "the wrapped key does not decrypt"))]
    WrapCiphertext,
    /// The wrap holds another key than the one that the details are committed to, or the nonce was changed.
    #[error("{}", zh_en!("密封内容所指的是另一密钥", "the details are committed to another key"))]
    ContentCommit,
    /// The ciphertext was changed.
    #[error("{}", zh_en!("密封内容无法解密", "the details do not decrypt"))]
    ContentCiphertext,
    /// What is sealed isn't details as the formats take them; the parser's own words could quote a name, so they are
    /// dropped.
    #[error("{}", zh_en!("密封的不是规定格式的内容", "what is sealed isn't details as the formats take them"))]
    Plain,
    /// Longer than the cipher takes.
    #[error("{}", zh_en!("超出 AES-GCM 的长度", "longer than AES-GCM takes"))]
    Length,
}

/// Seals `plain` as the details of `record`, for each of `holders` in their order; gives the share with them.
///
/// What would not be read back is not sealed: [`SealError::Plain`].
pub fn seal(
    plain: &Plain,
    record: RecordId,
    holders: &[Holder<'_>],
    rng: &mut impl CryptoRng,
) -> Result<(Details, Share), SealError> {
    let mut padded = Zeroizing::new(to_json(plain));
    read(&padded)?;
    let length = padded_length(padded.len());
    padded.resize(length, b' ');

    let content_key = Zeroizing::new(random(rng));
    let share = Share(random(rng));
    let nonce = random(rng);
    let aad = cipher::content_aad(record);
    let ciphertext = cipher::encrypt(&content_key, &nonce, &aad, &padded)?;

    let wraps = holders.iter().map(|holder| {
        let nonce = random(rng);
        let key = cipher::wrap_key(holder, &share, record)?;
        let aad = cipher::wrap_aad(holder, record);
        let wrapped = cipher::encrypt(&key, &nonce, &aad, &*content_key)?;
        Ok(Wrap {
            epoch: holder.epoch,
            tag: holder.tag,
            nonce: Octets(nonce),
            key: Octets(wrapped.try_into().map_err(|_| SealError::Length)?),
            commit: cipher::commit(&key, &nonce, &aad)?,
        })
    });
    let wraps = wraps.collect::<Result<_, SealError>>()?;
    let commit = cipher::commit(&content_key, &nonce, &aad)?;
    let ciphertext = Base64(ciphertext);
    Ok((Details { nonce: Octets(nonce), ciphertext, commit, share: share.hash(), wraps }, share))
}

/// Opens the details of `record` with what one holder has, and the share.
pub fn open(details: &Details, record: RecordId, holder: &Holder<'_>, share: &Share) -> Result<Plain, SealError> {
    if share.hash() != details.share {
        return Err(SealError::Share);
    }
    let &Holder { epoch, tag, .. } = holder;
    let wrap = details.wraps.iter().find(|wrap| wrap.epoch == epoch && wrap.tag == tag);
    let wrap = wrap.ok_or(SealError::NoWrap { epoch, tag })?;

    let key = cipher::wrap_key(holder, share, record)?;
    let aad = cipher::wrap_aad(holder, record);
    if cipher::commit(&key, &wrap.nonce.0, &aad)? != wrap.commit {
        return Err(SealError::WrapCommit);
    }
    let content_key = cipher::decrypt(&key, &wrap.nonce.0, &aad, &wrap.key.0).ok_or(SealError::WrapCiphertext)?;
    let content_key = content_key.as_slice().try_into().map(Zeroizing::new).map_err(|_| SealError::WrapCiphertext)?;

    let aad = cipher::content_aad(record);
    if cipher::commit(&content_key, &details.nonce.0, &aad)? != details.commit {
        return Err(SealError::ContentCommit);
    }
    let padded = cipher::decrypt(&content_key, &details.nonce.0, &aad, &details.ciphertext.0)
        .ok_or(SealError::ContentCiphertext)?;
    read(&padded)
}

fn read(padded: &[u8]) -> Result<Plain, SealError> {
    from_json(padded).map_err(|_| SealError::Plain)
}

/// The length that a plaintext of `length` bytes is padded to: 1,024, or the next step, each ⌈last × 5 ÷ 4⌉.
pub(crate) fn padded_length(length: usize) -> usize {
    let mut step = FIRST_STEP;
    while step < length {
        step += step.div_ceil(4);
    }
    step
}

pub(crate) fn random<const N: usize>(rng: &mut impl CryptoRng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

#[cfg(test)]
mod tests;
