use std::collections::BTreeSet;

use callboard_client::key_file::SeatKey;
use callboard_federation::{encoding::Hash, replay::Replay};
use serde_json::Value;

use super::*;
use crate::desk::genesis::tests::{ISSUER, chance, founding, log, member, now, seats};

fn joining(members: Vec<PublicMember>) -> Joining {
    Joining { members, per_day: 2_000, grant: Some(Grant { count: 1_000_000, until: now().plus_days(30) }) }
}

/// A registry that has begun with `founded` members, and its seats.
fn begun(founded: usize) -> (Replay, InForce, Vec<SeatKey>) {
    let seats = seats(4, 2, 2);
    let mut founding = founding(&seats);
    founding.members.truncate(founded);
    let founded = founding.draft(&mut chance()).unwrap();
    let all: Vec<&SeatKey> = seats.iter().collect();
    let mut replay = Replay::new(None, BTreeSet::new());
    log(&mut replay, &founded.genesis, &all).unwrap();
    if let Some(members) = &founded.members {
        log(&mut replay, members, &all).unwrap();
    }
    let members = replay.members().map(|members| members.document.value.clone());
    let in_force = InForce { roster: founded.roster, members };
    (replay, in_force, seats)
}

#[test]
fn members_join_and_their_agents_become_witnesses() {
    for (founded, quorum) in [(0, 1), (2, 2)] {
        let (mut replay, in_force, seats) = begun(founded);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let drafter = seats[6].public_key().id();
        let gamma = member("gamma", ISSUER);
        let joined = joining(vec![gamma.clone()]).draft(&in_force, &drafter, now(), &mut chance()).unwrap();

        log(&mut replay, &joined.members, &all).unwrap();
        log(&mut replay, &joined.roster.unwrap(), &all).unwrap();
        let (members, roster) = (&replay.members().unwrap().document.value, replay.roster().unwrap());
        assert_eq!(members.version, joined.members_version);
        assert_eq!(members.members.len(), founded + 1);
        assert_eq!(members.of_key(&gamma.public_key.id()).unwrap().0.quota.grants.len(), 1);
        assert!(roster.witnesses.keys.contains(&gamma.witness));
        assert_eq!((roster.version, roster.witnesses.quorum), (2, quorum));
    }
}

#[test]
fn a_quorum_never_shrinks() {
    let (_, mut in_force, seats) = begun(2);
    in_force.roster.witnesses.quorum = 2;
    let drafter = seats[0].public_key().id();
    let quorums = ["gamma", "delta"].map(|id| {
        let joined = joining(vec![member(id, ISSUER)]).draft(&in_force, &drafter, now(), &mut chance()).unwrap();
        let roster = joined.roster.unwrap();
        let statement = callboard_federation::statement::Statement::from_json(&roster.items()[0].statement.0).unwrap();
        let Act::Roster(document) = statement.act else { unreachable!() };
        in_force.roster = document.value;
        in_force.roster.witnesses.quorum
    });
    assert_eq!(quorums, [2, 3]);
}

#[test]
fn who_leaves_takes_its_keys_with_it_and_makes_no_view_easier() {
    let (mut replay, mut in_force, seats) = begun(2);
    let all: Vec<&SeatKey> = seats.iter().collect();
    let drafter = seats[0].public_key().id();
    let leave = |in_force: &InForce, ids: &[&str]| {
        let members = ids.iter().map(|id| (*id).to_owned().try_into().unwrap()).collect();
        Leaving { members }.draft(in_force, &drafter, now(), &mut chance())
    };
    assert!(matches!(leave(&in_force, &["gamma"]), Err(JoiningError::NotThere(_))));
    assert!(matches!(leave(&in_force, &["alpha", "alpha"]), Err(JoiningError::NotThere(_))));
    let [alpha, beta] = [0, 1].map(|at| in_force.members.as_ref().unwrap().members[at].clone());
    for (leaves, quorum, left) in [(&alpha, 1, 1), (&beta, 0, 0)] {
        let amended = leave(&in_force, &[leaves.member.as_str()]).unwrap();
        log(&mut replay, &amended.members, &all).unwrap();
        log(&mut replay, &amended.roster.unwrap(), &all).unwrap();
        let (members, roster) = (&replay.members().unwrap().document.value, replay.roster().unwrap());
        assert!(members.of_key(&leaves.keys[0].id()).is_none());
        assert_eq!((members.members.len(), roster.witnesses.keys.len()), (left, left));
        assert_eq!(roster.witnesses.quorum, quorum);
        in_force = InForce { roster: roster.clone(), members: Some(members.clone()) };
    }
}

#[test]
fn who_is_there_already_or_of_another_registry_cant_join() {
    let (_, in_force, seats) = begun(2);
    let drafter = seats[0].public_key().id();
    let draft = |members, in_force: &InForce, drafter| {
        joining(members).draft(in_force, drafter, now(), &mut chance()).map(|_| ()).unwrap_err()
    };
    let gamma = member("gamma", ISSUER);
    let again = draft(vec![member("alpha", ISSUER)], &in_force, &drafter);
    assert!(matches!(again, JoiningError::Already(_)));
    assert!(matches!(draft(vec![gamma.clone(), gamma.clone()], &in_force, &drafter), JoiningError::Already(_)));
    let other = draft(vec![member("gamma", "other.test")], &in_force, &drafter);
    assert!(matches!(other, JoiningError::OfAnotherRegistry { .. }));
    let one_key = PublicMember { public_key: *gamma.witness.key(), ..gamma.clone() };
    assert!(matches!(draft(vec![one_key], &in_force, &drafter), JoiningError::KeyRepeated(_)));
    let stranger = gamma.public_key.id();
    assert!(matches!(draft(vec![gamma.clone()], &in_force, &stranger), JoiningError::NoSeat));
    let mut over = in_force;
    over.roster.expires = now();
    assert!(matches!(draft(vec![gamma], &over, &drafter), JoiningError::RosterExpired { version: 1, .. }));
}

#[test]
fn what_is_in_force_is_believed_by_its_proof_alone() {
    let log: Value = serde_json::from_str(include_str!("../../../federation/vectors/entries.json")).unwrap();
    let file = |name: &str| {
        let mut files = log["proofFiles"].as_array().unwrap().iter();
        files.find(|file| file["name"] == name).unwrap()["file"].as_str().unwrap().as_bytes()
    };
    let later = Time::from_seconds(1_780_000_060);
    let pin = |genesis: &str| Pin {
        v: 1,
        issuer: "callboard.example".to_owned(),
        genesis: genesis.parse().unwrap(),
        url: "http://127.0.0.1:8440".parse().unwrap(),
        tokens_url: "http://127.0.0.1:8441".parse().unwrap(),
    };
    let pinned = pin(log["genesis"].as_str().unwrap());
    let in_force = InForce::verify(&pinned, file("the second roster"), Some(file("the members")), later).unwrap();
    assert_eq!((in_force.roster.version, in_force.members.unwrap().version), (2, 1));
    // An old roster's file shows the one after it.
    assert_eq!(InForce::verify(&pinned, file("the genesis"), None, later).unwrap().roster.version, 2);

    let other = pin(&Hash::of(b"another").to_string());
    let fault = InForce::verify(&other, file("the second roster"), None, later).unwrap_err();
    assert!(matches!(fault, JoiningError::Proof { kind: Kind::Roster, .. }));
    let swapped = InForce::verify(&pinned, file("the second roster"), Some(file("the policy")), later).unwrap_err();
    assert!(matches!(swapped, JoiningError::OfAnother(Kind::Members)));
}

#[test]
fn the_agents_configuration_is_toml_and_holds_the_pin() {
    let pin = Pin {
        v: 1,
        issuer: ISSUER.to_owned(),
        genesis: Hash::of(b"genesis"),
        url: "http://127.0.0.1:8440".parse().unwrap(),
        tokens_url: "http://127.0.0.1:8441".parse().unwrap(),
    };
    let read: toml::Table = agent_configuration(&pin, &member("alpha", ISSUER).member).parse().unwrap();
    assert_eq!(read["genesis"].as_str(), Some(pin.genesis.to_string().as_str()));
    assert_eq!(read["key"].as_str(), Some("alpha.key"));
}
