//! What a member declares of itself, signed with a request key: that it is to have new keys, that it left and erased
//! what it had, to which recipient its agent is written.
//!
//! None changes who is bound: a list of members does, signed by seats. Implements `docs/formats.md` §11; receipts and
//! anchors are [`crate::receipt`] and [`crate::anchor`].

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{JsonError, KeyId, PublicKey, Time, from_json, to_json},
    members::MemberId,
    recipient::Recipient,
    tlog::vkey::VerifierKey,
    zh_en,
};

/// The keys that a member is to have, asked for under one that it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Rotation {
    /// The format's version, 1.
    pub v: u64,
    /// Whose keys.
    pub member: MemberId,
    /// The registry that they are for.
    pub issuer: String,
    /// What signs its requests.
    pub public_key: PublicKey,
    /// What its agent cosigns with, `ISSUER/witness/MEMBER`, type 0x04.
    pub witness: VerifierKey,
    /// When it was asked, by the member's clock.
    pub at: Time,
}

/// That a member has left, and what it did with what it had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Departure {
    /// The format's version, 1.
    pub v: u64,
    /// Who left.
    pub member: MemberId,
    /// The registry that it left.
    pub issuer: String,
    /// What it erased, in words that stay.
    pub erased: Vec<String>,
    /// What it keeps, since it must: its log of checks.
    pub kept: Vec<String>,
    /// When, by the member's clock.
    pub at: Time,
}

/// The `age` recipient that seats write to a member with (§14). The latest by `at` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRecipient {
    /// The format's version, 1.
    pub v: u64,
    /// Whose it is.
    pub member: MemberId,
    /// The registry that it is for.
    pub issuer: String,
    /// The recipient, whose identity the member's agent alone has.
    pub recipient: Recipient,
    /// When it was published, by the member's clock.
    pub at: Time,
}

/// Something that a member declares of itself.
pub trait Declaration: Serialize + DeserializeOwned {
    /// What its payload is.
    const TYPE: PayloadType;
    /// The format's version.
    fn v(&self) -> u64;
    /// Who declares it.
    fn member(&self) -> &MemberId;
}

impl Declaration for Rotation {
    const TYPE: PayloadType = PayloadType::Rotation;

    fn v(&self) -> u64 {
        self.v
    }

    fn member(&self) -> &MemberId {
        &self.member
    }
}

impl Declaration for Departure {
    const TYPE: PayloadType = PayloadType::Departure;

    fn v(&self) -> u64 {
        self.v
    }

    fn member(&self) -> &MemberId {
        &self.member
    }
}

impl Declaration for MemberRecipient {
    const TYPE: PayloadType = PayloadType::Recipient;

    fn v(&self) -> u64 {
        self.v
    }

    fn member(&self) -> &MemberId {
        &self.member
    }
}

/// Why an envelope is no member's declaration.
#[derive(Debug, thiserror::Error)]
pub enum DeclarationError {
    /// Not signed by one member, alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("声明只认版本1", "only version 1 of declarations is known"))]
    Version,
    /// One member signed in another's name.
    #[error("{}", zh_en!("{signer} 就 {named} 作出声明", "{signer} declares something of {named}"))]
    Member {
        /// Whose key signed.
        signer: MemberId,
        /// Whom the declaration names.
        named: MemberId,
    },
}

/// Reads a declaration from the payload of its envelope, whoever signed it.
pub fn read<D: Declaration>(envelope: &Envelope) -> Result<D, DeclarationError> {
    let declaration: D = from_json(&envelope.payload.0)?;
    if declaration.v() == 1 { Ok(declaration) } else { Err(DeclarationError::Version) }
}

/// The declaration in its envelope, signed with a request key of its member.
pub fn sign<D: Declaration>(declaration: &D, key: &SigningKey) -> Envelope {
    let mut envelope = Envelope::new(D::TYPE, to_json(declaration));
    envelope.sign(key);
    envelope
}

/// Reads the declaration that the member signed whom it names; `key_of` knows the members' keys.
pub fn check<'m, D: Declaration>(
    envelope: &Envelope,
    key_of: impl FnMut(&KeyId) -> Option<(PublicKey, &'m MemberId)>,
) -> Result<D, DeclarationError> {
    let signer = envelope.verify_alone(D::TYPE, key_of)?;
    let declaration: D = read(envelope)?;
    if declaration.member() != signer {
        return Err(DeclarationError::Member { signer: signer.clone(), named: declaration.member().clone() });
    }
    Ok(declaration)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::vkey::SignatureType;

    #[test]
    fn a_declaration_is_the_word_of_the_member_that_it_names() {
        let [old, new, witness] = [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]));
        let [alpha, beta] = ["alpha", "beta"].map(|id| MemberId::try_from(id.to_owned()).unwrap());
        let name = "callboard.test/witness/alpha".parse().unwrap();
        let rotation = Rotation {
            v: 1,
            member: alpha.clone(),
            issuer: "callboard.test".to_owned(),
            public_key: PublicKey::of(&new),
            witness: VerifierKey::new(name, SignatureType::Cosignature, PublicKey::of(&witness)),
            at: Time::from_seconds(0),
        };
        let key = PublicKey::of(&old);
        let of = |member| move |id: &KeyId| (*id == key.id()).then_some((key, member));
        let envelope = sign(&rotation, &old);
        assert_eq!(check::<Rotation>(&envelope, of(&alpha)).unwrap(), rotation);
        assert!(matches!(check::<Rotation>(&envelope, of(&beta)), Err(DeclarationError::Member { .. })));
        let by_new = sign(&rotation, &new);
        assert!(matches!(check::<Rotation>(&by_new, of(&alpha)), Err(DeclarationError::Envelope(_))));
        assert!(
            matches!(check::<Departure>(&envelope, of(&alpha)), Err(DeclarationError::Envelope(_))),
            "of another type"
        );
        let other = sign(&Rotation { v: 2, ..rotation }, &old);
        assert!(matches!(check::<Rotation>(&other, of(&alpha)), Err(DeclarationError::Version)));
    }
}
