//! An audit, beside the SHA-256 of its statements and the verification of its signatures.

use callboard_federation::{disclosure::Disclosure, dsse::Envelope, encoding::PublicKey};
use callboard_registry::ledger::audit::{Audit, AuditStep};
use sha2::{Digest as _, Sha256};

use crate::{
    fixture::{Fixture, USUAL},
    row::{Row, inform, time},
};

pub(crate) const ROW: Row = Row { name: "audit", floor: 0.5, goal: 0.8 };
const RECORDS: usize = 100_000;
/// Fewer in dockets of one: their three signatures each are nearly all the work.
const RECORDS_ALONE: usize = 5_000;

pub(crate) fn measure() {
    let mut fixture = Fixture::new();
    let log = fixture.log(RECORDS, USUAL);
    ROW.measure(|_| bare(&fixture, &log), |_| ours(&log));
    let log = fixture.log(RECORDS_ALONE, 1);
    inform("audit, dockets of one", |_| bare(&fixture, &log), |_| ours(&log));
}

fn ours(log: &[Disclosure]) -> std::time::Duration {
    time(|| {
        let mut audit = Audit::new(None);
        assert_eq!(audit.take_all(log).unwrap(), AuditStep::Continue);
        let report = audit.finish(None, None);
        assert!(report.is_clean() && report.dockets.iter().all(|docket| docket.breaks.is_none()));
        report
    })
}

fn bare(fixture: &Fixture, log: &[Disclosure]) -> std::time::Duration {
    let keys: Vec<_> = fixture.seats.iter().map(|seat| (PublicKey::of(seat).id(), seat.verifying_key())).collect();
    let dockets: Vec<_> = log.iter().filter_map(|line| line.docket.as_ref()).collect();
    let mut signed = Vec::new();
    for docket in &dockets {
        let message = signed_bytes(&docket.envelope);
        for line in &docket.envelope.signatures {
            if let Some((_, key)) = keys.iter().find(|(id, _)| *id == line.keyid) {
                signed.push((key, message.clone(), ed25519_dalek::Signature::from_bytes(&line.sig.0)));
            }
        }
    }
    time(|| {
        for statement in dockets.iter().flat_map(|docket| &docket.items).flatten() {
            std::hint::black_box(Sha256::digest(statement));
        }
        signed.iter().all(|(key, message, signature)| key.verify_strict(message, signature).is_ok())
    })
}

/// What an envelope's signatures are over.
pub(crate) fn signed_bytes(envelope: &Envelope) -> Vec<u8> {
    let (name, payload) = (envelope.payload_type.as_str(), &envelope.payload.0);
    [format!("DSSEv1 {} {name} {} ", name.len(), payload.len()).as_bytes(), payload].concat()
}
