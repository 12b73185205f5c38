//! Evidence that convicts a log: two checkpoints that it signed and that can't be of one history, or two acknowledgements
//! of one place in a case.
//!
//! Anything else that is wrong with a log is a report, not a proof. Implements *Evidence file* of `docs/formats.md` §8.

use serde::{Deserialize, Serialize};

use crate::{
    acknowledgement::Acknowledgement,
    dsse::Envelope,
    encoding::{CaseId, Hash},
    tlog::{
        TlogError,
        checkpoint::SignedCheckpoint,
        merkle::{Tree, verify_consistency},
        vkey::VerifierKey,
    },
    zh_en,
};

/// An evidence file. [`crate::encoding::from_json`] reads it, [`crate::encoding::to_json`] prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Evidence {
    /// Of two histories of the log.
    OfLog(LogEvidence),
    /// Of two histories of a case.
    OfCase(CaseEvidence),
}

/// Two checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEvidence {
    v: Version,
    fault: Fault,
    notes: [SignedCheckpoint; 2],
    #[serde(skip_serializing_if = "Option::is_none")]
    root: Option<Hash>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consistency: Option<Vec<Hash>>,
}

/// Two acknowledgements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseEvidence {
    v: Version,
    fault: Fault,
    acknowledgements: [Envelope; 2],
}

/// The one version of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Version;

impl TryFrom<u8> for Version {
    type Error = &'static str;

    fn try_from(v: u8) -> Result<Self, Self::Error> {
        if v == 1 { Ok(Self) } else { Err("not version 1") }
    }
}

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}

/// The one fault that a file proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Fault {
    Fork,
}

/// A proven fork: what the log signed, and what it signed besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fork {
    /// Two roots.
    OfLog {
        /// The size that has them.
        size: u64,
        /// Both, the one of the first note first.
        roots: [Hash; 2],
    },
    /// Two events.
    OfCase {
        /// The case.
        case: CaseId,
        /// The place that they have.
        seq: u64,
        /// Both, by the hashes of their payloads.
        events: [Hash; 2],
    },
}

/// Why a file proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceError {
    /// A note isn't signed by the log, or by one of its keys wrongly.
    #[error("{}", zh_en!("该检查点不是登记册的：{_0}", "a note isn't the log's: {_0}"))]
    Checkpoint(TlogError),
    /// The first note has more leaves than the second.
    #[error("{}", zh_en!("第一个检查点反而更大", "the first note is the larger one"))]
    Order,
    /// The second note isn't shown to have that root at the first one's size.
    #[error("{}", zh_en!("未能证明第二个检查点在第一个的大小处有该根值",
        "the second note is not shown to have that root at the size of the first"))]
    Proof,
    /// What is shown is no fault: one root, or no other.
    #[error("{}", zh_en!("没有同一大小的两个根值", "no two roots of one size"))]
    NoFork,
    /// An acknowledgement isn't the log's.
    #[error("{}", zh_en!("该收件确认不是登记册的", "an acknowledgement isn't the log's"))]
    Acknowledgement,
    /// Both acknowledge one event, or they are of two places.
    #[error("{}", zh_en!("没有同一位置的两项程序记载", "no two events of one place"))]
    OneEvent,
}

impl Evidence {
    /// The file of two acknowledgements.
    pub const fn of_case(acknowledgements: [Envelope; 2]) -> Self {
        Self::OfCase(CaseEvidence { v: Version, fault: Fault::Fork, acknowledgements })
    }

    /// The file of two notes of one size.
    pub const fn of_one_size(notes: [SignedCheckpoint; 2]) -> Self {
        Self::OfLog(LogEvidence { v: Version, fault: Fault::Fork, notes, root: None, consistency: None })
    }

    /// The file of a note of a size, and one of a larger, which by `consistency` begins with a tree of another `root`.
    pub const fn of_two_sizes(notes: [SignedCheckpoint; 2], root: Hash, consistency: Vec<Hash>) -> Self {
        Self::OfLog(LogEvidence {
            v: Version,
            fault: Fault::Fork,
            notes,
            root: Some(root),
            consistency: Some(consistency),
        })
    }

    /// The file that convicts the log with the keys `log` by two notes, where `tree` is that of the larger; `None` if
    /// they don't.
    pub fn between(a: &SignedCheckpoint, b: &SignedCheckpoint, tree: &Tree, log: &[VerifierKey]) -> Option<Self> {
        let (small, large) = if a.checkpoint().size <= b.checkpoint().size { (a, b) } else { (b, a) };
        let (n, m) = (small.checkpoint().size, large.checkpoint().size);
        let notes = [small.clone(), large.clone()];
        let evidence = if n == m {
            Self::of_one_size(notes)
        } else {
            Self::of_two_sizes(notes, tree.root(n)?, tree.consistency_proof(n, m)?)
        };
        convicts(&evidence, log).is_ok().then_some(evidence)
    }

    /// What its file is called: sizes and root, or the payloads' hashes, tell one from another.
    pub fn file_name(&self) -> String {
        let short = |hash: Hash| hash.to_string().chars().take(16).collect::<String>();
        match self {
            Self::OfLog(LogEvidence { notes, .. }) => {
                let [first, second] = notes.each_ref().map(SignedCheckpoint::checkpoint);
                format!("evidence-{}-{}-{}.json", first.size, second.size, short(second.root))
            }
            Self::OfCase(CaseEvidence { acknowledgements, .. }) => {
                let [first, second] = acknowledgements.each_ref().map(|envelope| short(envelope.payload_hash()));
                format!("evidence-case-{first}-{second}.json")
            }
        }
    }
}

/// Whether `evidence` proves that the log with the keys `log` forked.
///
/// # Errors
/// [`EvidenceError`], if it doesn't; this acquits nobody.
pub fn convicts(evidence: &Evidence, log: &[VerifierKey]) -> Result<Fork, EvidenceError> {
    match evidence {
        Evidence::OfLog(evidence) => of_log(evidence, log),
        Evidence::OfCase(evidence) => of_case(evidence, log),
    }
}

fn of_case(evidence: &CaseEvidence, log: &[VerifierKey]) -> Result<Fork, EvidenceError> {
    let said = |envelope| Acknowledgement::check(envelope, log).map_err(|_| EvidenceError::Acknowledgement);
    let [first, second] = evidence.acknowledgements.each_ref();
    let (first, second) = (said(first)?, said(second)?);
    if first.contradicts(&second) {
        Ok(Fork::OfCase { case: first.case, seq: first.seq, events: [first.event, second.event] })
    } else {
        Err(EvidenceError::OneEvent)
    }
}

fn of_log(evidence: &LogEvidence, log: &[VerifierKey]) -> Result<Fork, EvidenceError> {
    let [first, second] = &evidence.notes;
    let first = first.verify(log).map_err(EvidenceError::Checkpoint)?;
    let second = second.verify(log).map_err(EvidenceError::Checkpoint)?;
    if first.size > second.size {
        return Err(EvidenceError::Order);
    }
    let other = if first.size == second.size {
        second.root
    } else {
        let (Some(root), Some(proof)) = (evidence.root, &evidence.consistency) else {
            return Err(EvidenceError::NoFork);
        };
        verify_consistency(first.size, second.size, proof, &root, &second.root).map_err(|_| EvidenceError::Proof)?;
        root
    };
    if other == first.root || first.origin != second.origin {
        return Err(EvidenceError::NoFork);
    }
    Ok(Fork::OfLog { size: first.size, roots: [first.root, other] })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::encoding::{from_json, to_json};

    #[test]
    fn a_fork_is_proven_by_what_the_log_signed_or_not_at_all() {
        let vectors: Value = serde_json::from_str(include_str!("../vectors/evidence.json")).unwrap();
        let key = vectors["logVkey"].as_str().unwrap().parse().unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 13);
        for case in cases {
            let evidence: Evidence = from_json(case["file"].to_string().as_bytes()).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&to_json(&evidence)).unwrap(), case["file"]);
            let proven = convicts(&evidence, std::slice::from_ref(&key));
            let reason = proven.err().map(|fault| match fault {
                EvidenceError::Checkpoint(_) => "checkpoint",
                EvidenceError::Order => "evidence-order",
                EvidenceError::Proof => "evidence-proof",
                EvidenceError::NoFork => "evidence-nothing",
                EvidenceError::Acknowledgement | EvidenceError::OneEvent => "of a case",
            });
            assert_eq!(reason.is_none(), case["convicts"].as_bool().unwrap(), "{}", case["name"]);
            assert_eq!(reason, case["reason"].as_str(), "{}", case["name"]);
        }
    }

    #[test]
    fn two_acknowledgements_of_one_place_convict_the_log_that_signed_them_alone() {
        use ed25519_dalek::SigningKey;

        use crate::{
            encoding::{PublicKey, Time},
            tlog::vkey::SignatureType,
        };
        let (log, stranger) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
        let keys = [VerifierKey::new("registry.test".parse().unwrap(), SignatureType::Note, PublicKey::of(&log))];
        let case = CaseId::new(Time::from_seconds(1), [7; 10]);
        let said = |event: &[u8], seq, size| {
            let (event, root, at) = (Hash::of(event), Hash::of(b"root"), Time::from_seconds(2));
            Acknowledgement { v: 1, case, seq, event, size, root, at }
        };
        let (one, other) = (said(b"one", 3, 9), said(b"another", 3, 9));
        let file = |one: Envelope, other| Evidence::of_case([one, other]);
        let evidence = file(one.sign(&log), other.sign(&log));
        let events = [one.event, other.event];
        assert_eq!(convicts(&evidence, &keys), Ok(Fork::OfCase { case, seq: 3, events }));
        assert_eq!(from_json::<Evidence>(&to_json(&evidence)).unwrap(), evidence);
        for (other, error) in [
            (said(b"one", 3, 10).sign(&log), EvidenceError::OneEvent),
            (said(b"another", 4, 9).sign(&log), EvidenceError::OneEvent),
            (other.sign(&stranger), EvidenceError::Acknowledgement),
        ] {
            assert_eq!(convicts(&file(one.sign(&log), other), &keys), Err(error));
        }
    }

    #[test]
    fn a_file_of_another_shape_is_refused() {
        let vectors: Value = serde_json::from_str(include_str!("../vectors/evidence.json")).unwrap();
        for (member, value) in
            [("v", 2.into()), ("fault", "rollback".into()), ("notes", Value::Array(vec![])), ("by", 1.into())]
        {
            let mut file = vectors["cases"][0]["file"].clone();
            file[member] = value;
            assert!(from_json::<Evidence>(file.to_string().as_bytes()).is_err(), "{member}");
        }
    }
}
