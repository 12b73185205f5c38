//! Receipts: a member's signed word that a docket is in effect with it, partly, or not and why. One a docket.
//!
//! Whether the docket is logged and names the records of the exceptions is for who has the log; how far a docket has
//! come with each member is the registry's `delivery`. Implements `docs/formats.md` §11.

use std::collections::BTreeSet;

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{Hash, JsonError, KeyId, PublicKey, RecordId, Time, from_json, to_json},
    members::MemberId,
    zh_en,
};

/// What a member says of one docket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The format's version, 1.
    pub v: u64,
    /// Who says so.
    pub member: MemberId,
    /// SHA-256 of the docket's payload.
    pub docket: Hash,
    /// Whether it is in effect.
    pub outcome: Outcome,
    /// What isn't in effect, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
    /// When the member says so, by its clock.
    pub at: Time,
}

/// Whether a docket is in effect with a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ReceiptOutcome))]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// «We give no such service to these people»: it doesn't say who works where.
    InEffect,
    /// But for the exceptions.
    Partly,
    /// Not, for the reasons that the exceptions give.
    Declined,
}

/// A record that isn't in effect with the member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = ReceiptException))]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The record.
    pub record: RecordId,
    /// Why, in the member's words.
    pub reason: String,
}

/// The most bytes of a reason.
const MAX_REASON: usize = 2_000;

/// Why exceptions don't fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionsError {
    /// One names a record of another docket.
    #[error("{}", zh_en!("文书中没有记录 {_0}", "the docket has no record {_0}"))]
    Record(RecordId),
    /// `in-effect` has some, another outcome none, a record stands twice, or a reason is empty or too long.
    #[error("{}", zh_en!("`in-effect`（已执行）不附例外；`partly`（部分执行）和 `declined`（未执行）须逐一列明记录，每条一次，并以1至{MAX_REASON}字节说明理由",
        "`in-effect` stands without exceptions; `partly` and `declined` name records, each once, and say why in 1 to {MAX_REASON} bytes"))]
    Shape,
}

/// Checks that exceptions fit their outcome and are of the docket (formats §11).
pub fn check_exceptions(
    outcome: Outcome,
    exceptions: &[Exception],
    is_of_docket: impl Fn(RecordId) -> bool,
) -> Result<(), ExceptionsError> {
    let mut named = BTreeSet::new();
    for Exception { record, reason } in exceptions {
        if !is_of_docket(*record) {
            return Err(ExceptionsError::Record(*record));
        }
        if !named.insert(*record) || !(1..=MAX_REASON).contains(&reason.len()) {
            return Err(ExceptionsError::Shape);
        }
    }
    if (outcome == Outcome::InEffect) == exceptions.is_empty() { Ok(()) } else { Err(ExceptionsError::Shape) }
}

impl Outcome {
    /// The word that stands in JSON and SQL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InEffect => "in-effect",
            Self::Partly => "partly",
            Self::Declined => "declined",
        }
    }
}

/// Why an envelope is no member's receipt.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// Not signed by one member, alone.
    #[error(transparent)]
    Envelope(#[from] AloneError),
    /// Not JSON as the formats take it, or a member malformed or unknown.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("回执只认版本1", "only version 1 of receipts is known"))]
    Version,
    /// One member signed in another's name.
    #[error("{}", zh_en!("{signer} 签署了 {named} 的回执", "{signer} signed a receipt of {named}"))]
    Member {
        /// Whose key signed.
        signer: MemberId,
        /// Whom the receipt names.
        named: MemberId,
    },
}

impl Receipt {
    /// The receipt in its envelope, signed with a key of its member.
    pub fn sign(&self, key: &SigningKey) -> Envelope {
        let mut envelope = Envelope::new(PayloadType::Receipt, to_json(self));
        envelope.sign(key);
        envelope
    }
}

/// Reads the receipt that the member signed whom it names; `key_of` knows the members' keys.
pub fn check<'m>(
    envelope: &Envelope,
    key_of: impl FnMut(&KeyId) -> Option<(PublicKey, &'m MemberId)>,
) -> Result<Receipt, ReceiptError> {
    let signer = envelope.verify_alone(PayloadType::Receipt, key_of)?;
    let receipt: Receipt = from_json(&envelope.payload.0)?;
    if receipt.v != 1 {
        return Err(ReceiptError::Version);
    }
    if receipt.member != *signer {
        return Err(ReceiptError::Member { signer: signer.clone(), named: receipt.member });
    }
    Ok(receipt)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dsse::EnvelopeError;

    #[derive(Deserialize)]
    struct Vectors {
        keys: BTreeMap<MemberId, Vec<PublicKey>>,
        seed: String,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        envelope: Envelope,
        accepted: bool,
        reason: Option<String>,
    }

    #[test]
    fn a_receipt_is_the_word_of_the_member_that_it_names() {
        let Vectors { keys, seed, cases } = serde_json::from_str(include_str!("../vectors/receipts.json")).unwrap();
        let mut secret = [0; 32];
        hex::decode_to_slice(seed, &mut secret).unwrap();
        assert_eq!(cases.len(), 5);
        for Case { name, envelope, accepted, reason } in cases {
            let checked = check(&envelope, |id| {
                keys.iter().find_map(|(member, keys)| Some((*keys.iter().find(|key| key.id() == *id)?, member)))
            });
            assert_eq!(checked.is_ok(), accepted, "{name}");
            match checked {
                Ok(receipt) => assert_eq!(receipt.sign(&SigningKey::from_bytes(&secret)), envelope, "{name}"),
                Err(error) => {
                    let reasons: &[_] = match error {
                        ReceiptError::Member { .. } => &["receipt-member"],
                        ReceiptError::Json(JsonError::Shape(_)) => &["member-value", "member-unknown"],
                        ReceiptError::Envelope(AloneError::Envelope(EnvelopeError::SignatureInvalid(_))) => {
                            &["signature-invalid"]
                        }
                        other => panic!("{name}: {other}"),
                    };
                    assert!(reasons.contains(&reason.as_deref().unwrap()), "{name}");
                }
            }
        }
    }
}
