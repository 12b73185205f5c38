//! A seat's word that a report key is its own, signed with its seat key.

use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use super::ReportPublicKey;
use crate::{
    dsse::{AloneError, Envelope, PayloadType},
    encoding::{JsonError, KeyId, Time, from_json, to_json},
    roster::{Role, Roster},
    zh_en,
};

/// What a seat signs of its report key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct DeclaredReportKey {
    /// The format's version, 1.
    pub v: u64,
    /// The registry that it is for.
    pub issuer: String,
    /// The key.
    pub public_key: ReportPublicKey,
    /// When, by the seat's clock: the latest of a seat is sealed to.
    pub at: Time,
}

/// Why an envelope doesn't make a report key one to seal to.
#[derive(Debug, thiserror::Error)]
pub enum DeclaredReportKeyError {
    /// It isn't signed by one seat of the secretariat that is in force.
    #[error(transparent)]
    Signature(#[from] AloneError),
    /// It doesn't read.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A version that this program doesn't know.
    #[error("{}", zh_en!("只认版本1", "only version 1 is known"))]
    Version,
    /// It is for another registry.
    #[error("{}", zh_en!("属于另一登记系统：{_0}", "it is for another registry: {_0}"))]
    Issuer(String),
}

/// A report key, with the seat whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatReportKey {
    /// The seat's key.
    pub seat: KeyId,
    /// What it signed.
    pub declared: DeclaredReportKey,
}

/// Signs `declared` with a seat's key.
pub fn sign(declared: &DeclaredReportKey, key: &SigningKey) -> Envelope {
    let mut envelope = Envelope::new(PayloadType::ReportKey, to_json(declared));
    envelope.sign(key);
    envelope
}

/// Reads it as the word of one seat of the secretariat in `roster`.
pub fn check(envelope: &Envelope, roster: &Roster) -> Result<SeatReportKey, DeclaredReportKeyError> {
    let seat = envelope.verify_alone(PayloadType::ReportKey, |id| {
        let seat = roster.seats.iter().find(|seat| seat.public_key.id() == *id && seat.role == Role::Secretariat);
        seat.map(|seat| (seat.public_key, *id))
    })?;
    let declared: DeclaredReportKey = from_json(&envelope.payload.0)?;
    if declared.v != 1 {
        return Err(DeclaredReportKeyError::Version);
    }
    if declared.issuer != roster.issuer {
        return Err(DeclaredReportKeyError::Issuer(declared.issuer));
    }
    Ok(SeatReportKey { seat, declared })
}
