//! The receipt of a filing: the log's word that the registry has it, since when. The person keeps it.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use super::{FilingKind, SessionId};
use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{FilingId, Hash, JsonError, KeyId, RecordId, Time, from_json, to_json},
    tlog::vkey::VerifierKey,
    zh_en,
};

/// What the log says of a filing that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilingReceipt {
    /// The format's version, 1.
    pub v: u64,
    /// The filing.
    pub filing: FilingId,
    /// In which session.
    pub session: SessionId,
    /// What it is.
    pub kind: FilingKind,
    /// Which record it is about.
    pub about: RecordId,
    /// SHA-256 of the ciphertext.
    pub sealed: Hash,
    /// When it was taken, by the log's clock.
    pub at: Time,
    /// Whether the person has yet to be confirmed: a member made the link. It stops deadlines, and never counts as the one
    /// appeal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// Why an envelope is no receipt of a filing.
#[derive(Debug, thiserror::Error)]
pub enum FilingReceiptError {
    /// Not signed by the log's key alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("提交回执只认版本1", "only version 1 of receipts of filings is known"))]
    Version,
}

impl FilingReceipt {
    /// The receipt in its envelope, signed with the log's key.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::FilingReceipt, to_json(self));
        envelope.sign(key);
        envelope
    }

    /// Reads what one of the log's keys signed.
    ///
    /// # Errors
    /// [`FilingReceiptError`].
    pub fn check(envelope: &Envelope, log: &[VerifierKey]) -> Result<Self, FilingReceiptError> {
        let key_of = |id: &KeyId| log.iter().find(|key| key.key().id() == *id).map(|key| (*key.key(), ()));
        envelope.verify_alone(PayloadType::FilingReceipt, key_of)?;
        let said: Self = from_json(&envelope.payload.0)?;
        if said.v == 1 { Ok(said) } else { Err(FilingReceiptError::Version) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{encoding::PublicKey, subject_session::SessionKey, tlog::vkey::SignatureType};

    #[test]
    fn only_the_logs_own_word_is_a_receipt() {
        let (log, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let keys = [VerifierKey::new("registry.test".parse().unwrap(), SignatureType::Note, PublicKey::of(&log))];
        let at = Time::from_seconds(1);
        let said = FilingReceipt {
            v: 1,
            filing: FilingId::new(at, [1; 10]),
            session: SessionKey::from_bytes([1; 32]).id(),
            kind: FilingKind::Appeal,
            about: RecordId::new(at, [2; 10]),
            sealed: Hash::of(b"sealed"),
            at,
            provisional: true,
        };
        assert_eq!(FilingReceipt::check(&said.sign(&log), &keys).unwrap(), said);
        assert!(matches!(FilingReceipt::check(&said.sign(&other), &keys), Err(FilingReceiptError::Envelope(_))));
        let second = FilingReceipt { v: 2, ..said };
        assert!(matches!(FilingReceipt::check(&second.sign(&log), &keys), Err(FilingReceiptError::Version)));
    }
}
