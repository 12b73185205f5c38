//! Sealed details as a statement carries them. Sealing and opening is `sealed`.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{Base64, Hash, Octets},
    statement::EpochTag,
    tag::{Epoch, Tag},
};

/// Details that only who knows the identity, and was given the share, can open (formats §7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// AES-GCM's nonce, 12 random bytes.
    pub nonce: Octets<12>,
    /// The padded plaintext encrypted, with its 16-byte tag.
    pub ciphertext: Base64,
    /// The content key's commitment.
    pub commit: Hash,
    /// SHA-256 of the share, with its domain.
    pub share: Hash,
    /// The content key, wrapped for each tag.
    pub wraps: Vec<Wrap>,
}

/// The content key, wrapped for whoever has the seal key of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrap {
    /// The tag's epoch.
    pub epoch: Epoch,
    /// The tag.
    pub tag: Tag,
    /// AES-GCM's nonce, 12 random bytes.
    pub nonce: Octets<12>,
    /// The 32-byte content key encrypted, with its 16-byte tag.
    pub key: Octets<48>,
    /// The wrap key's commitment.
    pub commit: Hash,
}

/// What a record's share hashes to: SHA-256(`"callboard/share/v1"` ‖ 0x00 ‖ share).
pub fn share_hash(share: &[u8; 32]) -> Hash {
    Hash::of_parts([b"callboard/share/v1\0".as_slice(), share])
}

impl Details {
    /// Whether the share is the one that the details name.
    pub fn share_fits(&self, share: &Octets<32>) -> bool {
        share_hash(&share.0) == self.share
    }

    /// Whether the wraps are of `tags`, in their order.
    pub fn are_wrapped_for(&self, tags: &[EpochTag]) -> bool {
        self.wraps.len() == tags.len()
            && self.wraps.iter().zip(tags).all(|(wrap, tag)| wrap.epoch == tag.epoch && wrap.tag == tag.tag)
    }
}
