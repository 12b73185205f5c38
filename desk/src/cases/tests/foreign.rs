//! Dockets of another association: the one that the vectors' log is of.

use callboard_federation::{encoding::Hash, policy::Policy};
use serde_json::{Value, json};

use super::super::foreign::ForeignDocket;
use crate::tests::{noon, policy};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../../federation/vectors/entries.json")).unwrap()
}

/// A policy that names these registries.
fn naming(genesis: &[Hash]) -> Policy {
    let mut policy = policy().value;
    policy.decide.insert("associations".to_owned(), json!({"genesis": genesis, "mark": "U"}));
    policy
}

fn read(bytes: &[u8], policy: &Policy) -> Result<Hash, String> {
    let read = ForeignDocket::read(bytes, policy, &Hash::of(b"our own"), noon());
    read.map(|docket| docket.evidence.sha256).map_err(|error| error.code())
}

#[test]
fn a_docket_of_another_association_is_taken_up_with_its_proof_where_the_policy_names_its_registry() {
    let vectors = vectors();
    let genesis: Hash = vectors["genesis"].as_str().unwrap().parse().unwrap();
    let file = vectors["proofFiles"][0]["file"].as_str().unwrap();
    assert_eq!(read(file.as_bytes(), &naming(&[Hash::of(b"a third"), genesis])), Ok(Hash::of(file.as_bytes())));
    for policy in [policy().value, naming(&[]), naming(&[Hash::of(b"a third")])] {
        assert_eq!(read(file.as_bytes(), &policy), Err("foreign-docket-unnamed".to_owned()));
    }
    let own = ForeignDocket::read(file.as_bytes(), &naming(&[genesis]), &genesis, noon());
    assert_eq!(own.err().unwrap().code(), "foreign-docket-own");
    for refused in vectors["refusedProofFiles"].as_array().unwrap() {
        let mut altered: Value = serde_json::from_str(file).unwrap();
        for (member, value) in refused["replace"].as_object().unwrap() {
            altered[member] = value.clone();
        }
        let told = read(altered.to_string().as_bytes(), &naming(&[genesis]));
        let told = told.err().unwrap_or_else(|| panic!("{}", refused["name"]));
        assert!(["foreign-docket-proof", "foreign-docket-unnamed"].contains(&&*told), "{}: {told}", refused["name"]);
    }
    assert_eq!(read(b"garbage", &naming(&[genesis])), Err("foreign-docket-proof".to_owned()));
}
