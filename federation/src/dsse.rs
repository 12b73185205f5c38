//! DSSE v1 envelopes: the bytes that people and members sign, with who signed them.
//!
//! What a payload says is read elsewhere (`docket`, `event`, `receipt`, `anchor`, `declaration`,
//! `report`); here it stays bytes,
//! and so does its type: an envelope of any type reads, so that it can be held against its leaf. Implements
//! `docs/formats.md` §5 and the DSSE protocol's PAE.

use ed25519_dalek::{Signer as _, SigningKey};
use serde::{Deserialize, Serialize};

use crate::{
    encoding::{Base64, Hash, KeyId, PublicKey, Signature, put_prefixed},
    zh_en,
};

/// What an envelope's payload is: its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PayloadType {
    /// A docket.
    #[serde(rename = "application/vnd.callboard.docket+json")]
    Docket,
    /// An event of a case.
    #[serde(rename = "application/vnd.callboard.event+json")]
    Event,
    /// A member's receipt.
    #[serde(rename = "application/vnd.callboard.receipt+json")]
    Receipt,
    /// The log's word that it has an event.
    #[serde(rename = "application/vnd.callboard.acknowledgement+json")]
    Acknowledgement,
    /// The root of a member's log of checks.
    #[serde(rename = "application/vnd.callboard.anchor+json")]
    Anchor,
    /// The keys that a member asks for.
    #[serde(rename = "application/vnd.callboard.rotation+json")]
    Rotation,
    /// That a member left, and erased what it had.
    #[serde(rename = "application/vnd.callboard.departure+json")]
    Departure,
    /// To which recipient a member's agent is written.
    #[serde(rename = "application/vnd.callboard.recipient+json")]
    Recipient,
    /// How many permanent bans a member imposed itself.
    #[serde(rename = "application/vnd.callboard.bans+json")]
    Bans,
    /// What is reported.
    #[serde(rename = "application/vnd.callboard.report+json")]
    Report,
    /// What is said of a report.
    #[serde(rename = "application/vnd.callboard.report-words+json")]
    ReportWords,
    /// Whose account a member is asked for.
    #[serde(rename = "application/vnd.callboard.identity-question+json")]
    IdentityQuestion,
    /// The identities of an account.
    #[serde(rename = "application/vnd.callboard.identity-answer+json")]
    IdentityAnswer,
    /// That a report key is a seat's own.
    #[serde(rename = "application/vnd.callboard.report-key+json")]
    ReportKey,
}

impl PayloadType {
    /// The media type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docket => "application/vnd.callboard.docket+json",
            Self::Event => "application/vnd.callboard.event+json",
            Self::Acknowledgement => "application/vnd.callboard.acknowledgement+json",
            Self::Receipt => "application/vnd.callboard.receipt+json",
            Self::Anchor => "application/vnd.callboard.anchor+json",
            Self::Rotation => "application/vnd.callboard.rotation+json",
            Self::Departure => "application/vnd.callboard.departure+json",
            Self::Recipient => "application/vnd.callboard.recipient+json",
            Self::Bans => "application/vnd.callboard.bans+json",
            Self::Report => "application/vnd.callboard.report+json",
            Self::ReportWords => "application/vnd.callboard.report-words+json",
            Self::IdentityQuestion => "application/vnd.callboard.identity-question+json",
            Self::IdentityAnswer => "application/vnd.callboard.identity-answer+json",
            Self::ReportKey => "application/vnd.callboard.report-key+json",
        }
    }
}

/// A payload and its signatures, as received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Envelope {
    /// The bytes that are signed, kept as received.
    pub payload: Base64,
    /// What the payload is, as received; [`Envelope::verify`] asks which.
    #[cfg_attr(feature = "openapi", schema(value_type = PayloadType))]
    pub payload_type: String,
    /// Who signed, in the order of the envelope.
    pub signatures: Vec<SignatureLine>,
}

/// One signature of an envelope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EnvelopeSignature))]
#[serde(deny_unknown_fields)]
pub struct SignatureLine {
    /// Hexadecimal SHA-256 of the signer's 32 raw key bytes.
    pub keyid: KeyId,
    /// Ed25519 over the PAE of type and payload.
    pub sig: Signature,
}

/// Why an envelope isn't signed as it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The payload is of another type than the one asked for.
    #[error("{}", zh_en!("签名封装的类型不符", "the envelope is of another payload type"))]
    PayloadType,
    /// An envelope has at least one signature.
    #[error("{}", zh_en!("签名封装中没有签名", "the envelope has no signature"))]
    Unsigned,
    /// A key signed twice.
    #[error("{}", zh_en!("密钥 {_0} 重复签名", "key {_0} signed more than once"))]
    KeyRepeated(KeyId),
    /// The key isn't one of those that may sign.
    #[error("{}", zh_en!("密钥 {_0} 无权签署", "key {_0} isn't one that may sign"))]
    KeyUnknown(KeyId),
    /// The signature doesn't verify.
    #[error("{}", zh_en!("密钥 {_0} 的签名不成立", "the signature of key {_0} does not verify"))]
    SignatureInvalid(KeyId),
}

/// Why an envelope isn't what one key signs alone: an event, a receipt, an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AloneError {
    /// It isn't signed as it says.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// Several keys signed.
    #[error("{}", zh_en!("签名封装中有{_0}个签名，此处只能有一个",
        "the envelope has {_0} signatures, where one signs alone"))]
    Signatures(usize),
}

impl Envelope {
    /// An envelope without signatures, to be signed.
    pub fn new(payload_type: PayloadType, payload: Vec<u8>) -> Self {
        Self { payload: Base64(payload), payload_type: payload_type.as_str().to_owned(), signatures: Vec::new() }
    }

    /// Adds the signature of `key`.
    pub fn sign(&mut self, key: &SigningKey) {
        self.signatures.push(SignatureLine::under(key, &self.payload_type, &self.payload.0));
    }

    /// SHA-256 of the payload: what names a docket everywhere but inside it.
    pub fn payload_hash(&self) -> Hash {
        Hash::of(&self.payload.0)
    }

    /// What a leaf says of all but the payload: SHA-256(LP(payloadType) ‖ for each signature in the envelope's order its
    /// 32-byte key id ‖ its 64 bytes) (formats §8).
    pub fn signatures_hash(&self) -> Hash {
        let mut name = Vec::new();
        put_prefixed(&mut name, self.payload_type.as_bytes());
        let lines = self.signatures.iter().flat_map(|line| [line.keyid.as_bytes().as_slice(), line.sig.0.as_slice()]);
        Hash::of_parts(std::iter::once(name.as_slice()).chain(lines))
    }

    /// Checks that each signature is by another key that `key_of` knows, and verifies; gives what `key_of` said of each.
    pub fn verify<T>(
        &self,
        payload_type: PayloadType,
        mut key_of: impl FnMut(&KeyId) -> Option<(PublicKey, T)>,
    ) -> Result<Vec<T>, EnvelopeError> {
        if self.payload_type != payload_type.as_str() {
            return Err(EnvelopeError::PayloadType);
        }
        if self.signatures.is_empty() {
            return Err(EnvelopeError::Unsigned);
        }
        let message = pae(&self.payload_type, &self.payload.0);
        let mut signers = Vec::with_capacity(self.signatures.len());
        for (at, line) in self.signatures.iter().enumerate() {
            if self.signatures[..at].iter().any(|earlier| earlier.keyid == line.keyid) {
                return Err(EnvelopeError::KeyRepeated(line.keyid));
            }
            let (key, who) = key_of(&line.keyid).ok_or(EnvelopeError::KeyUnknown(line.keyid))?;
            if !key.verifies(&message, &line.sig) {
                return Err(EnvelopeError::SignatureInvalid(line.keyid));
            }
            signers.push(who);
        }
        Ok(signers)
    }

    /// As [`Envelope::verify`], of what one key signs alone.
    pub fn verify_alone<T>(
        &self,
        payload_type: PayloadType,
        key_of: impl FnMut(&KeyId) -> Option<(PublicKey, T)>,
    ) -> Result<T, AloneError> {
        let signers = self.verify(payload_type, key_of)?;
        let [signer] = <[T; 1]>::try_from(signers).map_err(|signers| AloneError::Signatures(signers.len()))?;
        Ok(signer)
    }
}

impl SignatureLine {
    /// The signature of `key` over a payload.
    pub fn of(key: &SigningKey, payload_type: PayloadType, payload: &[u8]) -> Self {
        Self::under(key, payload_type.as_str(), payload)
    }

    fn under(key: &SigningKey, payload_type: &str, payload: &[u8]) -> Self {
        let sig = crate::encoding::Octets(key.sign(&pae(payload_type, payload)).to_bytes());
        Self { keyid: PublicKey::of(key).id(), sig }
    }
}

/// DSSE's pre-authentication encoding: `"DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`.
fn pae(name: &str, payload: &[u8]) -> Vec<u8> {
    let mut message = format!("DSSEv1 {} {name} {} ", name.len(), payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}
