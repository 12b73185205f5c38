use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    encoding::to_json,
    vectors::{entries, hash, list, text},
};

fn first_file(log: &Value) -> Value {
    serde_json::from_str(text(&log["proofFiles"][0]["file"])).unwrap()
}

/// A minute after the sample was cosigned.
const fn now() -> Time {
    Time::from_seconds(1_780_000_060)
}

fn verify(file: &Value, genesis: &Hash) -> Result<ProvenRecord, ProofFileError> {
    ProofFile::from_json(file.to_string().as_bytes())?.verify(genesis, now())
}

/// The code that the vectors give a fault.
fn code(fault: &ProofFileError) -> &'static str {
    match fault {
        // The one JSON fault besides an unknown member is the checkpoint that a root repeats.
        ProofFileError::Json(JsonError::Shape(fault)) if fault.to_string().contains("tlog-proof") => {
            "proof-checkpoint-repeated"
        }
        ProofFileError::Json(_) => "member-unknown",
        ProofFileError::Version => "version",
        ProofFileError::NoRoster => "roster-missing",
        ProofFileError::Genesis => "genesis-not-pinned",
        ProofFileError::Roots => "roster-order",
        ProofFileError::PolicyMissing => "policy-unknown",
        ProofFileError::Checkpoint(_) => "checkpoint",
        ProofFileError::Stranger => "checkpoint-unknown-signature",
        ProofFileError::Quorum => "checkpoint-quorum",
        ProofFileError::Part { fault, .. } => match fault {
            PartError::Entry => "entry-form",
            PartError::Docket => "entry-docket",
            PartError::Signatures => "entry-signatures",
            PartError::Index => "proof-index",
            PartError::Inclusion => "proof-inclusion",
            PartError::Position => "proof-position",
            PartError::Commitment => "commitment",
            PartError::Publication => "publication",
            PartError::Time => "entry-time-decreases",
            PartError::NotCounted(_) => "docket",
        },
    }
}

#[test]
fn a_record_is_proven_by_its_file_and_the_genesis_hash_alone() {
    let log = entries();
    let genesis = hash(&log["genesis"]);
    let cases = list(&log["proofFiles"]);
    assert_eq!(cases.len(), 6);
    for case in cases {
        let file = ProofFile::from_json(text(&case["file"]).as_bytes()).unwrap();
        let proven = file.verify(&genesis, now()).unwrap_or_else(|fault| panic!("{}: {fault}", case["name"]));
        assert_eq!(Some(proven.place.index), case["index"].as_u64());
        assert_eq!(Some(u64::from(proven.place.position)), case["position"].as_u64());
        assert_eq!(proven.statement.id, proven.docket.items[proven.place.position as usize].record);
        assert_eq!((proven.roster.version, proven.checkpoint.size), (2, 7));
        assert_eq!(proven.witnessed_since, Some(1_780_000_000));
        let other = Hash::of(b"another registry");
        assert!(matches!(file.verify(&other, now()), Err(ProofFileError::Genesis)), "{}", case["name"]);
    }
}

#[test]
fn a_file_whose_witnesses_are_ahead_of_the_clock_shows_nothing_yet() {
    let log = entries();
    let file = ProofFile::from_json(text(&log["proofFiles"][0]["file"]).as_bytes()).unwrap();
    let at = |seconds| file.verify(&hash(&log["genesis"]), Time::from_seconds(seconds));
    assert!(at(1_780_000_000 - 300).is_ok());
    assert!(matches!(at(1_780_000_000 - 301), Err(ProofFileError::Quorum)));
}

#[test]
fn a_file_with_another_part_shows_nothing() {
    let log = entries();
    let genesis = hash(&log["genesis"]);
    let cases = list(&log["refusedProofFiles"]);
    assert_eq!(cases.len(), 20);
    for case in cases {
        let mut file = first_file(&log);
        for (member, value) in case["replace"].as_object().unwrap() {
            file[member] = value.clone();
        }
        let fault = verify(&file, &genesis).expect_err(text(&case["name"]));
        assert_eq!(code(&fault), text(&case["reason"]), "{}: {fault}", case["name"]);
    }
}

#[test]
fn a_file_prints_as_it_is_built_and_its_layout_does_not_matter() {
    let log = entries();
    let genesis = hash(&log["genesis"]);
    for case in list(&log["proofFiles"]) {
        let file = ProofFile::from_json(text(&case["file"]).as_bytes()).unwrap();
        let built = ProofFile::new(file.record(), file.checkpoint().clone(), file.roots().to_vec());
        assert_eq!(built, file);
        assert_eq!(String::from_utf8(to_json(&built)).unwrap(), text(&case["file"]));
    }
    let file = first_file(&log);
    let mut backwards = serde_json::Map::new();
    for (member, value) in file.as_object().unwrap().iter().rev() {
        backwards.insert(member.clone(), value.clone());
    }
    let spaced = serde_json::to_string_pretty(&backwards).unwrap();
    assert!(ProofFile::from_json(spaced.as_bytes()).unwrap().verify(&genesis, now()).is_ok());
}

#[test]
fn the_roots_are_those_of_the_record_and_no_others() {
    let log = entries();
    let genesis = hash(&log["genesis"]);
    let file = |at: usize| -> Value { serde_json::from_str(text(&log["proofFiles"][at]["file"])).unwrap() };
    let roots = |file: &Value| list(&file["roots"]).to_vec();
    let with = |mut file: Value, roots: Vec<Value>| {
        file["roots"] = Value::Array(roots);
        code(&verify(&file, &genesis).unwrap_err())
    };
    let (ruling, members, second) = (file(0), file(2), file(5));
    let [genesis_root, second_root, policy] = &roots(&ruling)[..] else { panic!("three roots") };
    assert_eq!(with(members, roots(&ruling)), "roster-order", "a policy that the record doesn't name");
    assert_eq!(with(second, vec![genesis_root.clone()]), "roster-order", "a roster that isn't among its own roots");
    let repeated = vec![genesis_root.clone(), genesis_root.clone(), second_root.clone(), policy.clone()];
    assert_eq!(with(ruling.clone(), repeated), "roster-order", "one roster twice");
    let two = vec![genesis_root.clone(), second_root.clone(), policy.clone(), policy.clone()];
    assert_eq!(with(ruling.clone(), two), "roster-order", "the policy twice");
    assert_eq!(with(ruling, vec![]), "roster-missing");
    let mut later = file(0);
    later["v"] = json!(2);
    assert_eq!(code(&verify(&later, &genesis).unwrap_err()), "version");
}

#[test]
fn a_record_is_not_moved_behind_a_later_roster() {
    let log = entries();
    let file = ProofFile::from_json(text(&log["proofFiles"][0]["file"]).as_bytes()).unwrap();
    // Beyond the checkpoint's size there is no proof to compute; the times already don't fit.
    let mut shown = file.record();
    (shown.index, shown.proof.index) = (7, 7);
    let moved = ProofFile::new(shown, file.checkpoint().clone(), file.roots().to_vec());
    let fault = moved.verify(&hash(&log["genesis"]), now()).unwrap_err();
    let ProofFileError::Part { part: Part::Record, fault: PartError::Time } = fault else { panic!("{fault}") };
}

/// The signed or hashed bytes of one part: each in base64, but for the proof's text.
const SIGNED: [&str; 5] = ["/entry", "/statement", "/docket/payload", "/docket/signatures/0/sig", "/proof"];

proptest! {
    #[test]
    fn any_changed_bit_of_any_part_fails(
        which in 0_usize..4,
        member in 0..SIGNED.len(),
        at in any::<prop::sample::Index>(),
        bit in 0_u32..7,
    ) {
        let log = entries();
        let mut file = first_file(&log);
        let part = if which == 3 { &mut file } else { &mut file["roots"][which] };
        let value = part.pointer_mut(SIGNED[member]).unwrap();
        let changed = if SIGNED[member] == "/proof" {
            let mut text: Vec<char> = text(value).chars().collect();
            let at = at.index(text.len());
            text[at] = char::from_u32(u32::from(text[at]) ^ (1 << bit)).unwrap();
            text.into_iter().collect()
        } else {
            let mut bytes = crate::vectors::base64(value);
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            Base64(bytes).to_string()
        };
        *value = Value::String(changed);
        prop_assert!(verify(&file, &hash(&log["genesis"])).is_err());
    }
}
