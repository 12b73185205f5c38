//! Anchors: the root of a member's own log of checks, signed: proof of diligence that shows nobody.
//!
//! The log of checks is the agent's; that the registry logs the anchors of a day under one root is [`crate::entry`].
//! Implements `docs/formats.md` §11.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{Base64, Hash, JsonError, KeyId, PublicKey, Time, from_json, to_json},
    members::MemberId,
    tlog::{
        TlogError,
        merkle::{leaf_hash, verify_inclusion},
    },
};

/// The state of a member's log of checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The format's version, 1.
    pub v: u64,
    /// Whose log it is.
    pub member: MemberId,
    /// How many checks it holds.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// When, by the member's clock.
    pub at: Time,
}

/// One check of a member's log, and the proof that the log holds it: what an auditor is shown, and nothing of the others.
///
/// [`crate::encoding::from_json`] reads it. That the root is the member's own word, its [`Anchor`] of that size shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckProof {
    /// The format's version, 1.
    pub v: u64,
    /// The check's line, as it was logged.
    pub line: Base64,
    /// Its place in the log, from 0.
    pub index: u64,
    /// How many checks the log holds at the root.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// The inclusion proof.
    pub proof: Vec<Hash>,
}

/// The file in which a check is shown to an auditor: its proof, and the member's word for the root.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CheckFile {
    /// The line and its inclusion proof.
    pub check: CheckProof,
    /// The member's signed word that this was its root, once it is anchored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Envelope>,
    /// The index of the registry's entry that holds the anchor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_index: Option<u64>,
}

impl CheckProof {
    /// Whether the line is in the tree of that root.
    ///
    /// # Errors
    /// [`TlogError`] if it isn't shown to be.
    pub fn verify(&self) -> Result<(), TlogError> {
        verify_inclusion(self.index, self.size, &leaf_hash(&self.line.0), &self.proof, &self.root)
    }
}

/// Why bytes are no anchor, or an envelope is no member's anchor.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// Not signed by one member, alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("only version 1 of anchors is known")]
    Version,
    /// One member signed in another's name.
    #[error("{signer} signed an anchor of {named}")]
    Member {
        /// Whose key signed.
        signer: MemberId,
        /// Whom the anchor names.
        named: MemberId,
    },
}

impl Anchor {
    /// Reads an anchor from the payload of its envelope, whoever signed it.
    pub fn from_json(payload: &[u8]) -> Result<Self, AnchorError> {
        let anchor: Self = from_json(payload)?;
        if anchor.v == 1 { Ok(anchor) } else { Err(AnchorError::Version) }
    }

    /// The anchor in its envelope, signed with a key of its member.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::Anchor, to_json(self));
        envelope.sign(key);
        envelope
    }
}

/// Reads the anchor that the member signed whom it names; `key_of` knows the members' keys.
pub fn check<'m>(
    envelope: &Envelope,
    key_of: impl FnMut(&KeyId) -> Option<(PublicKey, &'m MemberId)>,
) -> Result<Anchor, AnchorError> {
    let signer = envelope.verify_alone(PayloadType::Anchor, key_of)?;
    let anchor = Anchor::from_json(&envelope.payload.0)?;
    if anchor.member != *signer {
        return Err(AnchorError::Member { signer: signer.clone(), named: anchor.member });
    }
    Ok(anchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first of the anchors in the vectors of log entries.
    const PAYLOAD: &str = concat!(
        r#"{"v":1,"member":"alpha","size":10,"#,
        r#""root":"a38409f8694c08abb32c5d5c8ce63eccfa70afb8745dc74c90f4e7b6e3baaaaf","at":"2026-05-01T01:00:00.000Z"}"#,
    );

    #[test]
    fn an_anchor_is_the_word_of_the_member_that_it_names() {
        let key = SigningKey::from_bytes(&[1; 32]);
        let [alpha, beta] = ["alpha", "beta"].map(|id| MemberId::try_from(id.to_owned()).unwrap());
        let of = |member| move |_: &KeyId| Some((PublicKey::of(&SigningKey::from_bytes(&[1; 32])), member));
        let anchor = Anchor::from_json(PAYLOAD.as_bytes()).unwrap();
        let envelope = anchor.sign(&key);
        assert_eq!(envelope.payload.0, PAYLOAD.as_bytes());
        assert_eq!(check(&envelope, of(&alpha)).unwrap(), anchor);
        assert!(matches!(check(&envelope, of(&beta)), Err(AnchorError::Member { .. })));
    }

    #[test]
    fn an_anchor_says_nothing_else() {
        let more = PAYLOAD.replace("\"size\":10", "\"size\":10,\"person\":\"x\"");
        assert!(matches!(Anchor::from_json(more.as_bytes()), Err(AnchorError::Json(JsonError::Shape(_)))));
        let other = PAYLOAD.replace("\"v\":1", "\"v\":2");
        assert!(matches!(Anchor::from_json(other.as_bytes()), Err(AnchorError::Version)));
    }
}
