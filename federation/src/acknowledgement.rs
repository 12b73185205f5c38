//! Acknowledgements: the log's word that it has an event of a case. Whoever acted keeps it: no event can be left out of a
//! chain that is shown later, and two for one place convict the log.
//!
//! Implements `docs/formats.md` §11.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{CaseId, Hash, JsonError, KeyId, Time, from_json, to_json},
    tlog::vkey::VerifierKey,
    zh_en,
};

/// What the log says of an event that it took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    /// The format's version, 1.
    pub v: u64,
    /// The case.
    pub case: CaseId,
    /// The event's number.
    pub seq: u64,
    /// SHA-256 of the event's payload.
    pub event: Hash,
    /// How many entries the log had.
    pub size: u64,
    /// The RFC 6962 root over them.
    pub root: Hash,
    /// When it was taken, by the log's clock.
    pub at: Time,
}

/// Why an envelope is no acknowledgement.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgementError {
    /// Not signed by the log's key alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("收件确认只认版本1", "only version 1 of acknowledgements is known"))]
    Version,
}

impl Acknowledgement {
    /// The acknowledgement in its envelope, signed with the log's key.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::Acknowledgement, to_json(self));
        envelope.sign(key);
        envelope
    }

    /// Reads what one of the log's keys signed.
    ///
    /// # Errors
    /// [`AcknowledgementError`].
    pub fn check(envelope: &Envelope, log: &[VerifierKey]) -> Result<Self, AcknowledgementError> {
        let key_of = |id: &KeyId| log.iter().find(|key| key.key().id() == *id).map(|key| (*key.key(), ()));
        envelope.verify_alone(PayloadType::Acknowledgement, key_of)?;
        let said: Self = from_json(&envelope.payload.0)?;
        if said.v == 1 { Ok(said) } else { Err(AcknowledgementError::Version) }
    }

    /// Whether both are of one place and name two events: the log signed two histories of one case.
    pub fn contradicts(&self, other: &Self) -> bool {
        (self.case, self.seq) == (other.case, other.seq) && self.event != other.event
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tlog::vkey::SignatureType;

    fn said(event: &[u8], seq: u64) -> Acknowledgement {
        let case = CaseId::new(Time::from_seconds(1), [7; 10]);
        let root = Hash::of(b"root");
        Acknowledgement { v: 1, case, seq, event: Hash::of(event), size: 9, root, at: Time::from_seconds(2) }
    }

    #[test]
    fn two_words_for_one_place_contradict_each_other() {
        assert!(said(b"one", 3).contradicts(&said(b"another", 3)));
        assert!(!said(b"one", 3).contradicts(&said(b"one", 3)));
        assert!(!said(b"one", 3).contradicts(&said(b"another", 4)));
    }

    #[test]
    fn only_the_logs_own_word_counts() {
        let (log, other) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let name = "registry.test".parse().unwrap();
        let keys = [VerifierKey::new(name, SignatureType::Note, crate::encoding::PublicKey::of(&log))];
        let one = said(b"one", 0);
        assert_eq!(Acknowledgement::check(&one.sign(&log), &keys).unwrap(), one);
        let foreign = Acknowledgement::check(&one.sign(&other), &keys);
        assert!(matches!(foreign, Err(AcknowledgementError::Envelope(_))));
        let second = Acknowledgement { v: 2, ..one };
        assert!(matches!(Acknowledgement::check(&second.sign(&log), &keys), Err(AcknowledgementError::Version)));
    }
}
