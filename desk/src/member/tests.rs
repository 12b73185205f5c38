use callboard_federation::replay::Replay;
use callboard_keys::SeatKey;
use serde_json::Value;

use super::*;
use crate::setup::tests::{ISSUER, log, member, now, os_rng, seats, setup};

fn joining(members: Vec<PublicMember>) -> Joining {
    let grant = Some(Grant { count: 1_000_000, until: now().plus_days(30) });
    Joining { members, as_witnesses: true, quorum: None, per_day: 2_000, grant }
}

/// A registry that has begun with `founded` members, and its seats.
pub(crate) fn begun(founded: usize) -> (Replay, InForce, Vec<SeatKey>) {
    let seats = seats(4, 2, 2);
    let mut setup = setup(&seats);
    setup.members.truncate(founded);
    setup.quorum = setup.quorum.min(founded as u64);
    let founded = setup.draft(&mut os_rng()).unwrap();
    let all: Vec<&SeatKey> = seats.iter().collect();
    let mut replay = Replay::new(None);
    log(&mut replay, &founded.genesis, &all).unwrap();
    if let Some(members) = &founded.members {
        log(&mut replay, members, &all).unwrap();
    }
    let members = replay.members().map(|members| members.document.value.clone());
    let in_force = InForce { roster: founded.roster, members, cosigning: Vec::new() };
    (replay, in_force, seats)
}

#[test]
fn members_join_their_agents_become_witnesses_and_the_quorum_stays() {
    for founded in [0, 2] {
        let (mut replay, in_force, seats) = begun(founded);
        let all: Vec<&SeatKey> = seats.iter().collect();
        let drafter = seats[6].public_key().id();
        let gamma = member("gamma", ISSUER);
        let joined =
            MemberChange::Join(joining(vec![gamma.clone()])).draft(&in_force, &drafter, now(), &mut os_rng()).unwrap();

        let (version, list) = joined.members.unwrap();
        log(&mut replay, &list, &all).unwrap();
        log(&mut replay, &joined.roster.unwrap(), &all).unwrap();
        let (members, roster) = (&replay.members().unwrap().document.value, replay.roster().unwrap());
        assert_eq!(members.version, version);
        assert_eq!(members.members.len(), founded + 1);
        assert_eq!(members.of_key(&gamma.public_key.id()).unwrap().0.quota.grants.len(), 1);
        assert!(roster.witnesses.keys.contains(&gamma.witness));
        assert_eq!((roster.version, roster.witnesses.quorum), (2, founded as u64));
    }
}

#[test]
fn a_quorum_is_raised_only_when_asked_and_only_to_what_cosigns_now() {
    let (_, mut in_force, seats) = begun(2);
    let drafter = seats[0].public_key().id();
    let [gamma, delta] = ["gamma", "delta"].map(|id| member(id, ISSUER));
    let [alpha_key, beta_key] = [0, 1].map(|at: usize| in_force.roster.witnesses.keys[at].clone());
    let add = |in_force: &InForce, of: &PublicMember, quorum: Option<u64>, as_witnesses| {
        let joining = Joining { as_witnesses, quorum, ..joining(vec![of.clone()]) };
        MemberChange::Join(joining).draft(in_force, &drafter, now(), &mut os_rng())
    };
    let raise = |in_force: &InForce, quorum, members: &[&PublicMember]| {
        let members = members.iter().map(|of| (*of).clone()).collect();
        MemberChange::Requorum(Requorum { quorum, members }).draft(in_force, &drafter, now(), &mut os_rng())
    };
    let quorum = |amended: Result<Amendment, Error>| amended.unwrap().witnesses.quorum;

    // A registry of quorum 0 stays one, however many join.
    in_force.roster.witnesses.quorum = 0;
    assert_eq!(quorum(add(&in_force, &gamma, None, true)), 0);
    for asked in [2, 3] {
        let refused = add(&in_force, &gamma, Some(asked), true).err();
        assert!(matches!(refused, Some(Error::NotCosigning { cosigning: 0, .. })), "nobody cosigns yet");
        assert!(matches!(raise(&in_force, asked, &[]).err(), Some(Error::NotCosigning { .. })));
    }
    in_force.cosigning = vec![alpha_key];
    assert!(matches!(raise(&in_force, 2, &[]).err(), Some(Error::NotCosigning { cosigning: 1, .. })));
    in_force.cosigning.push(beta_key);
    let raised = raise(&in_force, 2, &[]).unwrap();
    assert!(raised.members.is_none() && raised.roster.is_some() && raised.witnesses.quorum == 2);
    assert!(matches!(raise(&in_force, 1, &[]).err(), Some(Error::Document { .. })), "not more than half");

    // One of quorum 2 that would need 3 is told so, and what else can be done.
    in_force.roster.witnesses.quorum = 2;
    assert_eq!(quorum(add(&in_force, &gamma, None, true)), 2);
    in_force.roster.witnesses.keys.push(gamma.witness.clone());
    let refused = add(&in_force, &delta, None, true).err();
    let Some(Error::QuorumTooSmall { keys: 4, quorum: 2, least: 3, cosigning: 2 }) = refused else {
        panic!("{refused:?}")
    };
    assert!(matches!(add(&in_force, &delta, Some(3), true).err(), Some(Error::NotCosigning { .. })));
    let without = add(&in_force, &delta, None, false).unwrap();
    assert!(without.roster.is_none() && without.members.is_some());
    assert!(matches!(raise(&in_force, 3, &[&delta]).err(), Some(Error::NotThere(_))), "not a member yet");
    in_force.cosigning.push(gamma.witness.clone());
    assert_eq!(quorum(add(&in_force, &delta, Some(3), true)), 3);
}

#[test]
fn who_cosigns_now_is_asked_of_the_newest_checkpoint() {
    let log: Value = serde_json::from_str(include_str!("../../../federation/vectors/entries.json")).unwrap();
    let (_, in_force, _) = begun(0);
    let mut roster = in_force.roster;
    roster.log = vec![log["logVkey"].as_str().unwrap().parse().unwrap()];
    roster.witnesses.keys =
        log["witnesses"].as_array().unwrap().iter().map(|k| k.as_str().unwrap().parse().unwrap()).collect();
    let note = log["checkpoint"].as_str().unwrap().as_bytes();
    let at = |seconds| cosigning(&roster, note, Time::from_seconds(seconds)).unwrap().len();
    assert_eq!([at(1_780_000_000), at(1_780_000_180), at(1_780_000_181)], [2, 2, 0], "two of three, and not for ever");
    roster.log = Vec::new();
    assert!(matches!(cosigning(&roster, note, now()), Err(Error::Checkpoint(_))));
}

#[test]
fn who_is_there_already_or_of_another_registry_cant_join() {
    let (_, in_force, seats) = begun(2);
    let drafter = seats[0].public_key().id();
    let draft = |members, in_force: &InForce, drafter| {
        MemberChange::Join(joining(members)).draft(in_force, drafter, now(), &mut os_rng()).map(|_| ()).unwrap_err()
    };
    let gamma = member("gamma", ISSUER);
    let again = draft(vec![member("alpha", ISSUER)], &in_force, &drafter);
    assert!(matches!(again, Error::Already(_)));
    assert!(matches!(draft(vec![gamma.clone(), gamma.clone()], &in_force, &drafter), Error::Already(_)));
    let other = draft(vec![member("gamma", "other.test")], &in_force, &drafter);
    assert!(matches!(other, Error::MemberOfAnotherRegistry { .. }));
    let one_key = PublicMember { public_key: *gamma.witness.key(), ..gamma.clone() };
    assert!(matches!(draft(vec![one_key], &in_force, &drafter), Error::RequestKeyRepeated(_)));
    let stranger = gamma.public_key.id();
    assert!(matches!(draft(vec![gamma.clone()], &in_force, &stranger), Error::NoSeat));
    let mut over = in_force;
    over.roster.expires = now();
    assert!(matches!(draft(vec![gamma], &over, &drafter), Error::RosterExpired { version: 1, .. }));
}
