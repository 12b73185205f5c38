//! What is sealed is signed first: an envelope (§5) by one seat or one member, so that the registry, which has every
//! recipient, can write nothing in anybody's name. Implements §14.

use ed25519_dalek::SigningKey;
use serde::{Serialize, de::DeserializeOwned};

use super::ContentError;
use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{JsonError, KeyId, PublicKey, from_json, to_json},
    members::{MemberId, Members},
    roster::{Role, Roster},
    zh_en,
};

/// Something that is signed, then sealed.
pub trait SignedContent: Serialize + DeserializeOwned {
    /// What its payload is.
    const TYPE: PayloadType;

    /// Whether it is as it must be, whoever signed it.
    fn check(&self) -> Result<(), ContentError>;
}

/// Whose key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// A seat of the secretariat, by the id of its key.
    Secretariat(KeyId),
    /// A member.
    Member(MemberId),
}

/// Why what was sealed isn't what one of those wrote.
#[derive(Debug, thiserror::Error)]
pub enum SignedError {
    /// Not signed by one seat or member in force, alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Not as it must be.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// By somebody else than the one in whose name it comes, or of something else.
    #[error("{}", zh_en!("内容不是以其名义提交者所写，或者属于另一报告",
        "it was written by another than the one in whose name it comes, or of another report"))]
    Another,
}

/// The bytes to be sealed: the envelope as JSON.
pub fn sign<C: SignedContent>(content: &C, key: &SigningKey) -> Vec<u8> {
    let mut envelope = Envelope::new(C::TYPE, to_json(content));
    envelope.sign(key);
    to_json(&envelope)
}

/// Reads what was sealed, with who signed it: a seat of the secretariat in this roster, or one of these members.
pub fn open<C: SignedContent>(
    bytes: &[u8],
    roster: Option<&Roster>,
    members: Option<&Members>,
) -> Result<(C, Signer), SignedError> {
    let envelope: Envelope = from_json(bytes)?;
    let key_of = |id: &KeyId| -> Option<(PublicKey, Signer)> {
        let seat = roster.and_then(|roster| roster.seat(id)).filter(|seat| seat.role == Role::Secretariat);
        if let Some(seat) = seat {
            return Some((seat.public_key, Signer::Secretariat(*id)));
        }
        let (member, key) = members?.of_key(id)?;
        Some((*key, Signer::Member(member.member.clone())))
    };
    let signer = envelope.verify_alone(C::TYPE, key_of)?;
    let content: C = from_json(&envelope.payload.0)?;
    content.check()?;
    Ok((content, signer))
}

/// The same of what must come from one of them.
pub fn open_of<C: SignedContent>(
    bytes: &[u8],
    roster: Option<&Roster>,
    members: Option<&Members>,
    by: &Signer,
) -> Result<C, SignedError> {
    let (content, signer) = open(bytes, roster, members)?;
    if signer == *by { Ok(content) } else { Err(SignedError::Another) }
}

/// Reads what was sealed without asking who signed: for whoever tells that the signature's key isn't in force.
pub fn read<C: SignedContent>(bytes: &[u8]) -> Result<C, SignedError> {
    let envelope: Envelope = from_json(bytes)?;
    if envelope.payload_type != C::TYPE.as_str() {
        return Err(SignedError::Another);
    }
    let content: C = from_json(&envelope.payload.0)?;
    content.check()?;
    Ok(content)
}
