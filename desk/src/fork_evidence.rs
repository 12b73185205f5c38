//! Convicting a log: files that were found apart are held together against the keys of its pinned rosters.
//!
//! Two checkpoints that the log signed and that can't be of one history, or two acknowledgements of one place in a case,
//! are what proves itself; whatever else
//! an auditor or an agent finds (a docket that isn't logged, a line that isn't borne out) is a report that the next reader
//! must look at again. Implements *Evidence file* of `docs/formats.md` §8.

use callboard_federation::{
    dsse::Envelope,
    encoding::{Hash, Time, from_json},
    evidence::{Evidence, EvidenceError, Fork, convicts},
    proof_file::{ProofFile, ProofFileError},
    statement::{Act, Statement},
    tlog::{TlogError, checkpoint::SignedCheckpoint, vkey::VerifierKey},
};

use super::error::Error;

#[derive(Debug)]
pub enum ForkClaim {
    /// An evidence file, as an agent writes it.
    Evidence(Box<Evidence>),
    /// A checkpoint's note, to be held against others.
    Note(Box<SignedCheckpoint>),
    /// An acknowledgement's envelope, likewise.
    Acknowledgement(Box<Envelope>),
}

/// What one charge, or two notes together, came to.
#[derive(Debug)]
pub struct ForkVerdict {
    /// Which of the charges, from 0.
    pub of: Vec<usize>,
    /// The fork, or why none is proven; this acquits nobody.
    pub proven: Result<Fork, EvidenceError>,
}

impl ForkClaim {
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            if let Ok(envelope) = from_json::<Envelope>(bytes) {
                return Ok(Self::Acknowledgement(Box::new(envelope)));
            }
            return from_json(bytes).map(|evidence| Self::Evidence(Box::new(evidence))).map_err(Error::Evidence);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| TlogError::Checkpoint).and_then(str::parse);
        note.map(|note| Self::Note(Box::new(note))).map_err(Error::Note)
    }
}

/// The keys that the log ever had, by the rosters of a proof file that holds against the pinned genesis hash.
pub fn log_keys(proof_file: &[u8], genesis: &Hash, now: Time) -> Result<Vec<VerifierKey>, ProofFileError> {
    let file = ProofFile::from_json(proof_file)?;
    file.verify(genesis, now)?;
    let mut keys = Vec::new();
    for root in file.roots() {
        if let Ok(Statement { act: Act::Roster(roster), .. }) = Statement::from_json(&root.statement.0) {
            keys.extend(roster.value.log.iter().cloned());
        }
    }
    Ok(keys)
}

/// Judges each evidence file alone, and each two notes or acknowledgements together.
pub fn verify_fork(charges: &[ForkClaim], log: &[VerifierKey]) -> Vec<ForkVerdict> {
    let mut judged = Vec::new();
    let mut notes: Vec<(usize, &SignedCheckpoint)> = Vec::new();
    let mut acknowledgements: Vec<(usize, &Envelope)> = Vec::new();
    for (at, charge) in charges.iter().enumerate() {
        match charge {
            ForkClaim::Evidence(evidence) => judged.push(ForkVerdict { of: vec![at], proven: convicts(evidence, log) }),
            ForkClaim::Note(note) => {
                for (other, earlier) in &notes {
                    let evidence = Evidence::of_one_size(in_order(earlier, note));
                    judged.push(ForkVerdict { of: vec![*other, at], proven: convicts(&evidence, log) });
                }
                notes.push((at, note));
            }
            ForkClaim::Acknowledgement(said) => {
                for (other, earlier) in &acknowledgements {
                    let evidence = Evidence::of_case([(*earlier).clone(), (**said).clone()]);
                    judged.push(ForkVerdict { of: vec![*other, at], proven: convicts(&evidence, log) });
                }
                acknowledgements.push((at, said));
            }
        }
    }
    if let [(at, said)] = acknowledgements[..] {
        let proven = convicts(&Evidence::of_case([said.clone(), said.clone()]), log);
        judged.push(ForkVerdict { of: vec![at], proven });
    }
    if let [(at, note)] = notes[..] {
        let proven = note.verify(log).map_err(EvidenceError::Checkpoint).and(Err(EvidenceError::NoFork));
        judged.push(ForkVerdict { of: vec![at], proven });
    }
    judged
}

/// Two notes, the smaller first.
fn in_order(one: &SignedCheckpoint, other: &SignedCheckpoint) -> [SignedCheckpoint; 2] {
    let mut notes = [one.clone(), other.clone()];
    notes.sort_by_key(|note| note.checkpoint().size);
    notes
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn vectors(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_keys_of_a_log_are_those_of_its_pinned_rosters() {
        let log = vectors(include_str!("../../federation/vectors/entries.json"));
        let file = log["proofFiles"][0]["file"].as_str().unwrap().as_bytes();
        let genesis = log["genesis"].as_str().unwrap().parse().unwrap();
        let now = Time::from_seconds(1_780_000_060);
        let keys = log_keys(file, &genesis, now).unwrap();
        assert!(keys.contains(&log["logVkey"].as_str().unwrap().parse().unwrap()));
        assert!(matches!(log_keys(file, &Hash::of(b"another"), now), Err(ProofFileError::Genesis)));
    }

    #[test]
    fn files_convict_a_log_by_two_roots_of_one_size_alone() {
        let evidence = vectors(include_str!("../../federation/vectors/evidence.json"));
        let log: [VerifierKey; 1] = [evidence["logVkey"].as_str().unwrap().parse().unwrap()];
        let another: [VerifierKey; 0] = [];
        for case in evidence["cases"].as_array().unwrap() {
            let charge = ForkClaim::read(case["file"].to_string().as_bytes()).unwrap();
            let [judged] = &verify_fork(std::slice::from_ref(&charge), &log)[..] else { panic!("one verdict a file") };
            assert_eq!((judged.proven.is_ok(), &judged.of[..]), (case["convicts"].as_bool().unwrap(), &[0][..]));
            assert!(matches!(verify_fork(&[charge], &another)[0].proven, Err(EvidenceError::Checkpoint(_))));

            // The same notes, found apart: enough where they are of one size.
            let notes =
                [0, 1].map(|at| ForkClaim::read(case["file"]["notes"][at].as_str().unwrap().as_bytes()).unwrap());
            let proven = verify_fork(&notes, &log).pop().unwrap().proven;
            let is_of_one_size = case["file"].get("consistency").is_none();
            let convicts = case["convicts"].as_bool().unwrap() && is_of_one_size;
            assert_eq!(proven.is_ok(), convicts, "{}", case["name"]);
            let alone = verify_fork(&notes[..1], &log).pop().unwrap();
            assert!(alone.proven.is_err(), "one note convicts nobody");
        }
    }

    #[test]
    fn acknowledgements_that_were_found_apart_convict_a_log_by_two_events_of_one_place() {
        use callboard_federation::{
            acknowledgement::Acknowledgement,
            encoding::{CaseId, PublicKey, to_json},
            tlog::vkey::SignatureType,
        };
        use ed25519_dalek::SigningKey;

        let key = SigningKey::from_bytes(&[1; 32]);
        let log = [VerifierKey::new("registry.test".parse().unwrap(), SignatureType::Note, PublicKey::of(&key))];
        let claim = |event: &[u8]| {
            let (case, at) = (CaseId::new(Time::from_seconds(1), [7; 10]), Time::from_seconds(2));
            let said = Acknowledgement { v: 1, case, seq: 0, event: Hash::of(event), size: 1, root: Hash::of(b""), at };
            ForkClaim::read(&to_json(&said.sign(&key))).unwrap()
        };
        let verdicts = verify_fork(&[claim(b"one"), claim(b"another"), claim(b"one")], &log);
        let convicting: Vec<_> =
            verdicts.iter().filter(|verdict| verdict.is_convicted()).map(|one| &one.of[..]).collect();
        assert_eq!(convicting, [&[0, 1][..], &[1, 2]]);
        assert!(!verify_fork(&[claim(b"one")], &log)[0].is_convicted(), "one convicts nobody");
    }

    #[test]
    fn a_file_that_is_neither_evidence_nor_a_checkpoint_brings_nothing() {
        for report in ["{}", r#"{"docket": {}, "items": []}"#, r#"{"v":1,"fault":"rollback","notes":[]}"#] {
            assert!(matches!(ForkClaim::read(report.as_bytes()), Err(Error::Evidence(_))), "{report}");
        }
        for other in [&b""[..], b"callboard.example\n7\n", b"\xff"] {
            assert!(matches!(ForkClaim::read(other), Err(Error::Note(_))));
        }
    }
}
