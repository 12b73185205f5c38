//! Cosignatures: a witness's word that, at a time, this was the newest root it knew, consistent with all before.
//!
//! How many are enough is in [`super::view`]; when a witness gives one is the agent's. Implements the Ed25519 type
//! (0x04) of C2SP tlog-cosignature.

use ed25519_dalek::{Signer as _, SigningKey};

use crate::encoding::{Octets, PublicKey, Signature, Time};

use super::{
    TlogError,
    note::{Note, NoteSignature},
    vkey::{KeyName, SignatureType, VerifierKey},
};

/// How far the log's times and cosignatures may be from a clock: 5 min, in milliseconds.
pub const CLOCK_LEEWAY_MILLIS: i64 = 5 * 60 * 1000;

/// Whether a cosignature's timestamp (seconds since 1970) is over 5 min after the clock: whoever reads it leaves it
/// out.
pub fn is_ahead(timestamp: u64, now: Time) -> bool {
    Time::from_seconds(i64::try_from(timestamp).unwrap_or(i64::MAX)) > now.plus_millis(CLOCK_LEEWAY_MILLIS)
}

/// The line by which `name`, holding `key`, cosigns a checkpoint's `text` at `timestamp` (seconds since 1970).
pub fn cosign(text: &str, name: KeyName, key: &SigningKey, timestamp: u64) -> NoteSignature {
    let cosigner = VerifierKey::new(name, SignatureType::Cosignature, PublicKey::of(key));
    let signature = key.sign(&message(text, timestamp)).to_bytes();
    NoteSignature::by(&cosigner, [&timestamp.to_be_bytes()[..], &signature].concat())
}

/// The newest timestamp (seconds since 1970) at which `key` cosigned the note's text, as a reader whose clock says
/// `now` takes it; `None` if it didn't, or only [ahead](is_ahead) of that.
///
/// # Errors
/// [`TlogError::Signature`] if any line by `key` doesn't verify, or its timestamp exceeds 2⁶³ − 1.
pub fn newest_by(note: &Note, key: &VerifierKey, now: Time) -> Result<Option<u64>, TlogError> {
    let mut newest = None;
    if key.signs() == SignatureType::Cosignature {
        for line in note.signatures_naming(key) {
            let timestamp = timestamp_of(note.text(), line, key).ok_or(TlogError::Signature)?;
            newest = newest.max(Some(timestamp).filter(|at| !is_ahead(*at, now)));
        }
    }
    Ok(newest)
}

/// The timestamp of a line that verifies.
fn timestamp_of(text: &str, line: &NoteSignature, key: &VerifierKey) -> Option<u64> {
    let (timestamp, signature) = line.signature.split_first_chunk()?;
    let timestamp = u64::from_be_bytes(*timestamp);
    let signature: Signature = Octets(signature.try_into().ok()?);
    let holds = i64::try_from(timestamp).is_ok() && key.key().verifies(&message(text, timestamp), &signature);
    holds.then_some(timestamp)
}

/// What is signed: two lines, then the checkpoint's text.
fn message(text: &str, timestamp: u64) -> Vec<u8> {
    format!("cosignature/v1\ntime {timestamp}\n{text}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checkpoint::SignedCheckpoint,
        vectors::{entries, log_key},
    };

    /// A minute after the sample was cosigned.
    const NOW: Time = Time::from_seconds(1_780_000_060);

    #[test]
    fn the_sample_checkpoint_is_cosigned_by_log_and_witnesses() {
        let log = entries();
        let signed: SignedCheckpoint = log["checkpoint"].as_str().unwrap().parse().unwrap();
        let key: VerifierKey = log["logVkey"].as_str().unwrap().parse().unwrap();
        assert_eq!(newest_by(signed.note(), &key, NOW), Ok(None), "it signs, it doesn't cosign");
        assert_eq!(newest_by(signed.note(), &key.as_cosigner(), NOW), Ok(Some(1_780_000_000)));
        let at = |at: usize| newest_by(signed.note(), &log["witnesses"][at].as_str().unwrap().parse().unwrap(), NOW);
        assert_eq!([at(0), at(1), at(2)], [Ok(Some(1_780_000_000)), Ok(Some(1_780_000_000)), Ok(None)]);
    }

    #[test]
    fn the_log_cosigns_the_sample_checkpoint_alike() {
        let signed: SignedCheckpoint = entries()["checkpoint"].as_str().unwrap().parse().unwrap();
        let origin = signed.checkpoint().origin.clone();
        let line = cosign(signed.note().text(), origin, &log_key(), 1_780_000_000);
        assert_eq!(line, signed.note().signatures()[1]);
    }

    #[test]
    fn a_line_of_the_future_is_left_out_whatever_its_time() {
        let mut signed: SignedCheckpoint = entries()["checkpoint"].as_str().unwrap().parse().unwrap();
        let (text, origin) = (signed.note().text().to_owned(), signed.checkpoint().origin.clone());
        let key = VerifierKey::new(origin.clone(), SignatureType::Cosignature, PublicKey::of(&log_key()));
        for at in [1_780_000_361, 1 << 40, (1 << 63) - 1] {
            signed.add(cosign(&text, origin.clone(), &log_key(), at));
            assert_eq!(newest_by(signed.note(), &key, NOW), Ok(Some(1_780_000_000)), "{at}");
        }
        signed.add(cosign(&text, origin, &log_key(), 1_780_000_360));
        assert_eq!(newest_by(signed.note(), &key, NOW), Ok(Some(1_780_000_360)), "five minutes ahead");
    }

    #[test]
    fn the_newest_counts_and_none_may_be_wrong() {
        let mut signed: SignedCheckpoint = entries()["checkpoint"].as_str().unwrap().parse().unwrap();
        let (text, origin) = (signed.note().text().to_owned(), signed.checkpoint().origin.clone());
        let key = VerifierKey::new(origin.clone(), SignatureType::Cosignature, PublicKey::of(&log_key()));
        for at in [1_780_000_200, 1_780_000_100] {
            signed.add(cosign(&text, origin.clone(), &log_key(), at));
        }
        assert_eq!(newest_by(signed.note(), &key, NOW), Ok(Some(1_780_000_200)));
        let mut line = cosign(&text, origin.clone(), &log_key(), 1_780_000_000);
        line.signature[7] ^= 1;
        for wrong in [line, cosign(&text, origin, &log_key(), 1 << 63), NoteSignature::by(&key, vec![0; 71])] {
            let mut refused = signed.clone();
            refused.add(wrong);
            assert_eq!(newest_by(refused.note(), &key, NOW), Err(TlogError::Signature));
        }
    }
}
