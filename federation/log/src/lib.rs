//! The transparency log: tree, notes, checkpoints, cosignatures, tiles, proofs, and when a view of it is witnessed.
//!
//! Pure formats and checks after the C2SP texts signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof
//! and tlog-witness, as `docs/formats.md` §8 uses them. Nothing here does I/O or reads a clock, and nothing knows what
//! a leaf says: who appends, publishes and cosigns is for whoever stands on this.
//!
//! In reading order: [`encoding`] and [`merkle`]; [`vkey`] and [`note`], then [`checkpoint`] and [`cosignature`];
//! [`view`]; what is published and carried: [`tile`], [`proof`], [`witness`].

#![warn(missing_docs)]

use callboard_language::zh_en;

pub mod checkpoint;
pub mod cosignature;
pub mod encoding;
pub mod merkle;
pub mod note;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod proof;
pub mod tile;
pub mod view;
pub mod vkey;
pub mod witness;

/// Why something of the log isn't as its text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TlogError {
    /// The leaf isn't shown to be in the tree.
    #[error("{}", zh_en!("包含证明推不出该根值", "the inclusion proof does not lead to the root"))]
    Inclusion,
    /// The larger tree isn't shown to begin with the smaller.
    #[error("{}", zh_en!("一致性证明推不出这些根值", "the consistency proof does not lead to the roots"))]
    Consistency,
    /// A key name is empty, or has a space, a plus or a control character.
    #[error("{}", zh_en!("不是密钥名称：为空，或含空格、加号、控制字符",
        "not a key name: empty, or with a space, a plus or a control character"))]
    KeyName,
    /// Not `name+hash+base64(type ‖ key)` with the hash of this name and key, or a weak key.
    #[error("{}", zh_en!("不是验证密钥，或者与名称和密钥的摘要不符，或者是弱密钥",
        "not a verifier key, or not the hash of its name and key, or a weak key"))]
    VerifierKey,
    /// A verifier key of a signature type that isn't taken here.
    #[error("{}", zh_en!("不认签名类型 {_0:#04x}", "signature type {_0:#04x} is not taken"))]
    SignatureType(u8),
    /// Not text, an empty line, and signature lines.
    #[error("{}", zh_en!("不是签名的检查点文本", "not a signed note"))]
    Note,
    /// More bytes or signature lines than are read.
    #[error("{}", zh_en!("检查点文本超过{}字节或{}行签名",
        "a note of more than {} bytes or {} signature lines", note::MAX_BYTES, note::MAX_SIGNATURES))]
    NoteTooLarge,
    /// The note's text isn't origin, size and root.
    #[error("{}", zh_en!("不是检查点", "the note is not a checkpoint"))]
    Checkpoint,
    /// No line of the note is by a key of the log.
    #[error("{}", zh_en!("检查点没有登记册的签名", "the checkpoint is not signed by the log"))]
    Unsigned,
    /// A line is by a known key, and doesn't verify: the whole note is refused.
    #[error("{}", zh_en!("已知密钥的一行签名不成立", "a signature line by a known key does not verify"))]
    Signature,
    /// Not a path of a tile or of a bundle of entries, in its one spelling.
    #[error("{}", zh_en!("不是分块路径", "not a tile path"))]
    TilePath,
    /// Not a sequence of up to 256 length-prefixed entries, or an entry of more than 65,535 bytes.
    #[error("{}", zh_en!("不是条目分块", "not a bundle of entries"))]
    Bundle,
    /// Not the lines of a tlog-proof.
    #[error("{}", zh_en!("不是登记证明", "not a tlog-proof"))]
    Proof,
    /// Not an `add-checkpoint` request.
    #[error("{}", zh_en!("不是会签请求", "not an add-checkpoint request"))]
    Request,
}

/// Lets a type that has one text form stand in JSON as that text.
macro_rules! stands_as_text {
    ($($name:ty),*) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

stands_as_text!(vkey::VerifierKey, checkpoint::SignedCheckpoint, proof::Inclusion, proof::Proof);

/// A number in decimal as the texts write it: no sign, no leading zero, below 2⁵³.
fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = if plain { text.parse().ok()? } else { return None };
    (number < crate::encoding::INTEGER_LIMIT).then_some(number)
}

/// A hash in the base64 of the texts.
fn hash_of_base64(text: &str) -> Option<crate::encoding::Hash> {
    let octets: crate::encoding::Octets<32> = text.parse().ok()?;
    Some(crate::encoding::Hash::from_bytes(octets.0))
}

/// The base64 of a hash.
fn base64_of_hash(hash: &crate::encoding::Hash) -> crate::encoding::Octets<32> {
    crate::encoding::Octets(*hash.as_bytes())
}

#[cfg(test)]
mod vectors;
