use callboard_client::public_file::{PublicFile, PublicSeat, PublicTokenKey};
use callboard_federation::{
    encoding::PublicKey,
    replay::Replay,
    roster::{Role, RuleKey},
    statement::{Act, Kind, Statement},
    tlog::vkey::{SignatureType, VerifierKey},
    token_key::TokenPublicKey,
};
use callboard_keys::SeatKey;
use ed25519_dalek::SigningKey;

use super::*;
use crate::{
    error::roster::{RosterError, Rule},
    member::{Amendment, MemberChange, tests::begun},
    setup::tests::{ISSUER, log, now, os_rng, seats, setup},
};

fn log_key(seed: u8) -> VerifierKey {
    let key = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
    VerifierKey::new(ISSUER.parse().unwrap(), SignatureType::Note, key)
}

fn with(log: LogKeyChanges, expires: Option<Time>) -> NextRoster {
    NextRoster { log, expires, ..NextRoster::default() }
}

#[test]
fn the_next_roster_names_another_log_key_and_counts() {
    let seats = seats(4, 2, 2);
    let all: Vec<&SeatKey> = seats.iter().collect();
    let drafts = setup(&seats).draft(&mut os_rng()).unwrap();
    let mut replay = Replay::new(None);
    log(&mut replay, &drafts.genesis, &all).unwrap();
    let in_force = InForce { roster: drafts.roster, members: None, cosigning: Vec::new() };
    let drafter = seats[6].public_key().id();
    let draft = |add: Vec<VerifierKey>, drop_others, expires, at: Time| {
        let change = with(LogKeyChanges { add, drop_others }, expires);
        MemberChange::Roster(Box::new(change)).draft(&in_force, &drafter, at, &mut os_rng())
    };
    let next = |amendment: Amendment| -> Roster {
        assert!(amendment.members.is_none());
        let bundle = amendment.roster.unwrap();
        let statement = Statement::from_json(&bundle.items()[0].statement.0).unwrap();
        let Act::Roster(roster) = statement.act else { unreachable!() };
        roster.value
    };
    let both = next(draft(vec![log_key(1)], false, None, now()).unwrap());
    assert_eq!((both.log.len(), both.version, both.expires), (2, 2, in_force.roster.expires));
    // A roster that is over is no hindrance: the next gets an end of its own.
    let late = in_force.roster.expires.plus_days(1);
    assert_eq!(next(draft(vec![log_key(1)], true, None, late).unwrap()).expires, late.plus_days(ROSTER_DAYS));
    assert!(matches!(draft(vec![], false, None, now()), Err(Error::NothingChanges)));
    assert!(matches!(draft(vec![], false, Some(now()), now()), Err(Error::BornExpired)));
    let stranger = crate::setup::tests::seats(2, 2, 1)[0].public_key().id();
    let foreign = with(LogKeyChanges { add: vec![log_key(1)], drop_others: true }, None);
    assert!(matches!(
        MemberChange::Roster(Box::new(foreign)).draft(&in_force, &stranger, now(), &mut os_rng()),
        Err(Error::NoSeat)
    ));

    let alone = draft(vec![log_key(1)], true, None, now()).unwrap().roster.unwrap();
    log(&mut replay, &alone, &all).unwrap();
    assert_eq!(replay.roster().unwrap().log, [log_key(1)]);
}

/// A registry that has begun with two members and quorum 0.
struct Begun {
    replay: Replay,
    in_force: InForce,
    seats: Vec<SeatKey>,
}

impl Begun {
    fn new() -> Self {
        let (replay, mut in_force, seats) = begun(2);
        in_force.cosigning.clone_from(&in_force.roster.witnesses.keys);
        Self { replay, in_force, seats }
    }

    fn draft(&self, next: NextRoster) -> Result<Amendment, Error> {
        let drafter = self.seats[6].public_key().id();
        MemberChange::Roster(Box::new(next)).draft(&self.in_force, &drafter, now(), &mut os_rng())
    }

    fn refused(&self, next: NextRoster) -> (String, RosterError) {
        match self.draft(next).err().unwrap() {
            Error::Roster(why) => (Error::Roster(why.clone()).code(), why),
            other => panic!("{other:?}"),
        }
    }

    /// Drafts, signs with all seats that there are and these, and logs: everyone who replays it agrees.
    fn log(&mut self, next: NextRoster, with: &[&SeatKey]) -> Roster {
        let amended = self.draft(next).unwrap();
        let bundle = amended.roster.unwrap();
        let is_seated = |key: &&SeatKey| {
            let id = key.public_key().id();
            self.in_force.roster.seat(&id).or_else(|| amended.next.seat(&id)).is_some()
        };
        let signers: Vec<&SeatKey> = self.seats.iter().chain(with.iter().copied()).filter(is_seated).collect();
        log(&mut self.replay, &bundle, &signers).unwrap();
        self.in_force.roster = self.replay.roster().unwrap().clone();
        self.in_force.roster.clone()
    }
}

fn key(holder: &str, role: Role) -> SeatKey {
    SeatKey::generate(holder.to_owned(), role, &mut os_rng()).unwrap()
}

fn public(key: &SeatKey) -> PublicSeat {
    let PublicFile::Seat(seat) = key.public() else { unreachable!() };
    seat
}

fn seated(seats: SeatChanges) -> NextRoster {
    NextRoster { seats, ..NextRoster::default() }
}

fn ruled(rules: &[&str]) -> NextRoster {
    let set = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    NextRoster { rules: RuleChanges { set, drop: Vec::new() }, ..NextRoster::default() }
}

fn holders(roster: &Roster) -> Vec<&str> {
    roster.seats.iter().map(|seat| seat.holder.as_str()).collect()
}

#[test]
fn seats_join_and_leave_and_every_replay_counts_it() {
    let mut begun = Begun::new();
    let (panel, chair) = (key("panel-5", Role::Panel), key("chair-3", Role::Chair));
    let add = vec![public(&panel), public(&chair)];
    let roster =
        begun.log(seated(SeatChanges { add, drop: vec!["panel-2".to_owned()], ..SeatChanges::default() }), &[]);
    assert_eq!(roster.seats.len(), 9);
    assert_eq!(roster.seat(&panel.public_key().id()).unwrap().role, Role::Panel);
    assert!(!holders(&roster).contains(&"panel-2"));
}

#[test]
fn a_lost_key_is_replaced_in_the_same_role_and_the_old_one_signs_no_more() {
    let mut begun = Begun::new();
    let new = key("panel-1", Role::Panel);
    let replace = |seat: PublicSeat| seated(SeatChanges { replace: vec![seat], ..SeatChanges::default() });
    let stranger = public(&key("panel-9", Role::Panel));
    assert_eq!(begun.refused(replace(stranger)).0, "seat-unknown");
    let other_role = PublicSeat { role: Role::Chair, ..public(&new) };
    assert_eq!(begun.refused(replace(other_role)).0, "another-role");
    let roster = begun.log(replace(public(&new)), &[]);
    assert_eq!(roster.seats[0].public_key, new.public_key());
    assert_eq!(holders(&roster), holders(&begun.in_force.roster));
    // Under the roster that follows the old key is nobody's, and the new one signs.
    let draft = begun.draft(ruled(&["members=panel:2,chair:1"])).unwrap().roster.unwrap();
    let [lost, others @ ..] = &begun.seats[..] else { unreachable!() };
    assert!(log(&mut begun.replay, &draft, &[lost, &others[0], &others[3]]).is_err());
    log(&mut begun.replay, &draft, &[&new, &others[0], &others[3]]).unwrap();
}

#[test]
fn a_deputy_stands_in_until_whoever_is_on_leave_is_back() {
    let mut begun = Begun::new();
    let (deputy, other) = (key("panel-6", Role::Panel), key("panel-7", Role::Panel));
    let stand_in = |of: &str, seat: &SeatKey| {
        let deputies = vec![Deputy { of: of.to_owned(), seat: public(seat) }];
        seated(SeatChanges { deputies, ..SeatChanges::default() })
    };
    let chair = key("chair-9", Role::Chair);
    assert_eq!(begun.refused(stand_in("panel-2", &chair)).0, "another-role");
    assert_eq!(begun.refused(stand_in("panel-8", &deputy)).0, "seat-unknown");
    let before = begun.in_force.roster.clone();
    let first = begun.draft(stand_in("panel-2", &deputy)).unwrap();
    let said = format!("{:?}", lines(&before, &first.next, first.roster.unwrap().docket()));
    assert!(said.contains("panel-6（代panel-2） stands in for panel-2, who signs nothing on leave"), "{said}");
    let roster = begun.log(stand_in("panel-2", &deputy), &[]);
    assert_eq!((roster.seats.len(), roster.seats[1].holder.as_str()), (8, "panel-6（代panel-2）"));
    // The deputy is replaced by another, for the same seat.
    let roster = begun.log(stand_in("panel-6", &other), &[]);
    assert_eq!(roster.seats[1].holder, "panel-7（代panel-2）");

    let back = |seat: &SeatKey| seated(SeatChanges { back: vec![public(seat)], ..SeatChanges::default() });
    assert_eq!(begun.refused(back(&begun.seats[0])).0, "no-deputy");
    let drafted = begun.draft(back(&begun.seats[1])).unwrap();
    let said = format!("{:?}", lines(&roster, &drafted.next, drafted.roster.unwrap().docket()));
    assert!(said.contains("panel-2 is back, and panel-7（代panel-2） stands in no longer"), "{said}");
    let holder = public(&begun.seats[1]);
    let roster = begun.log(seated(SeatChanges { back: vec![holder], ..SeatChanges::default() }), &[]);
    assert_eq!(holders(&roster), holders(&before));
    assert_eq!(roster.seats[1].public_key, begun.seats[1].public_key());
}

#[test]
fn rules_change_closer_ones_come_and_go_and_the_next_roster_meets_both() {
    let mut begun = Begun::new();
    let rules = ruled(&["ruling/bar=panel:3,chair:1", "roster=panel:3,chair:1", "policy=panel:3,chair:1"]);
    assert_eq!(begun.refused(rules).1.to_string(), {
        let rule = Rule(RuleKey { kind: Kind::Link, of: None });
        RosterError::TooWeak { rule, role: Role::Panel, asked: 2, least: 3 }.to_string()
    });
    let all = ["ruling/bar", "roster", "policy", "link", "end/reinstatement", "annulment/reinstatement"];
    let all = all.map(|of| format!("{of}=panel:3,chair:1"));
    let rules = ruled(&all.each_ref().map(String::as_str));
    let drafted = begun.draft(rules.clone()).unwrap();
    let bundle = drafted.roster.unwrap();
    // Two of the panel are enough for the roster in force, and not for the next.
    let few: Vec<&SeatKey> = [0, 1, 4].iter().map(|at: &usize| &begun.seats[*at]).collect();
    assert!(log(&mut begun.replay, &bundle, &few).is_err());
    let said = format!("{:?}", lines(&begun.in_force.roster, &drafted.next, bundle.docket()));
    assert!(said.contains("by roster 2's own rule too (to be signed by 3 panel, 1 chair)"), "{said}");
    let roster = begun.log(rules, &[]);
    let bar = RuleKey::try_from("ruling/bar".to_owned()).unwrap();
    assert_eq!(roster.rule(Kind::Ruling, bar.of)[0].count, 3);
    let drop = |key: &str| {
        let drop = vec![RuleKey::try_from(key.to_owned()).unwrap()];
        NextRoster { rules: RuleChanges { set: Vec::new(), drop }, ..NextRoster::default() }
    };
    assert_eq!(begun.refused(drop("ruling")).0, "kind-needs-rule");
    assert_eq!(begun.refused(drop("ruling/notice")).0, "rule-unknown");
    assert!(!begun.log(drop("ruling/bar"), &[]).thresholds.contains_key(&bar));
}

#[test]
fn a_rule_is_read_as_it_is_written_or_refused_in_words() {
    let rule: NewRule = "ruling/bar = panel:3, chair:1".parse().unwrap();
    assert_eq!((String::from(rule.of), rule.asks.len(), rule.asks[0].count), ("ruling/bar".to_owned(), 2, 3));
    for wrong in [
        "",
        "ruling",
        "ruling=",
        "ruling=panel",
        "ruling=panel:x",
        "ruling=king:1",
        "link/bar=panel:1",
        "ruling=panel:1,panel:2",
        "feast=panel:1",
        "ruling=panel:-1",
    ] {
        assert!(matches!(wrong.parse::<NewRule>(), Err(RosterError::RuleWritten(_))), "{wrong}");
    }
    for wrong in ["panel-2", "=a.pub.json", "panel-2="] {
        assert!(matches!(wrong.parse::<DeputyFile>(), Err(RosterError::DeputyWritten(_))), "{wrong}");
    }
}

#[test]
fn what_everyone_would_refuse_is_refused_with_its_numbers() {
    let begun = Begun::new();
    let drop = |holders: &[&str]| {
        let drop = holders.iter().map(|holder| (*holder).to_owned()).collect();
        seated(SeatChanges { drop, ..SeatChanges::default() })
    };
    let seat = |seat: PublicSeat| seated(SeatChanges { add: vec![seat], ..SeatChanges::default() });
    let (code, why) = begun.refused(drop(&["chair-1"]));
    assert_eq!((code.as_str(), &why), ("too-tight", &RosterError::TooTight { role: Role::Chair, asked: 1, seats: 1 }));
    assert!(why.to_string().contains("asks 1 of the chair, and there would be just 1"), "{why}");
    assert_eq!(begun.refused(drop(&["panel-1", "panel-2"])).0, "too-tight");
    assert_eq!(begun.refused(drop(&["panel-1", "panel-2", "panel-3"])).0, "out-of-reach");
    let last = begun.refused(drop(&["secretary-1", "secretariat-1"])).1;
    assert!(matches!(&last, RosterError::SeatUnknown { known, .. } if known.contains("panel-1 panel-2")), "{last}");
    let (code, why) = begun.refused(drop(&["secretariat-1", "secretariat-2"]));
    assert_eq!(code, "out-of-reach", "the last of a role: {why}");
    assert_eq!(begun.refused(drop(&["panel-1", "panel-1"])).0, "seat-unknown");
    assert_eq!(begun.refused(seat(public(&key("panel-1", Role::Panel)))).0, "seat-there");
    let again = PublicSeat { holder: "panel-5".to_owned(), ..public(&begun.seats[0]) };
    let (code, why) = begun.refused(seat(again));
    assert_eq!(code, "key-used");
    assert_eq!(why.to_string(), "seat panel-5 has the key of seat panel-1: each has its own");
    let members = begun.in_force.members.as_ref().unwrap();
    let of_member = PublicSeat { public_key: members.members[0].keys[0], ..public(&key("panel-5", Role::Panel)) };
    assert!(begun.refused(seat(of_member)).1.to_string().contains("the key of member alpha"));
    for (rules, code) in [
        (&["dispute=secretariat:0"][..], "asks-nobody"),
        (&["ruling=panel:5,chair:1"], "out-of-reach"),
        (&["erasure=auditor:1"], "out-of-reach"),
        (&["ruling=panel:3,chair:1"], "too-weak"),
        (&["interim=secretariat:1"], "too-weak"),
    ] {
        assert_eq!(begun.refused(ruled(rules)).0, code, "{rules:?}");
    }
    for language in [Language::Zh, Language::En] {
        let said = language.saying(|| begun.refused(ruled(&["ruling=panel:3,chair:1"])).1.to_string());
        assert!(
            said.contains(language.pick("只须2名评议委员签署", "asks 2 of the panel, and a ruling or interim 3")),
            "{said}"
        );
    }
}

#[test]
fn witnesses_that_are_no_members_come_and_go_and_never_more_are_asked_than_cosign() {
    let mut begun = Begun::new();
    let witness = |name: &str, seed: u8| {
        let key = PublicKey::of(&SigningKey::from_bytes(&[seed; 32]));
        VerifierKey::new(name.parse().unwrap(), SignatureType::Cosignature, key)
    };
    let of = |witnesses: WitnessChanges| NextRoster { witnesses, ..NextRoster::default() };
    let add = |key: VerifierKey| of(WitnessChanges { add: vec![key], ..WitnessChanges::default() });
    let drop = |name: &str| of(WitnessChanges { drop: vec![name.to_owned()], ..WitnessChanges::default() });
    let university = witness("university.example", 9);
    let roster = begun.log(add(university.clone()), &[]);
    assert_eq!((roster.witnesses.keys.len(), roster.witnesses.quorum), (3, 2));
    assert!(roster.witnesses.keys.contains(&university));
    assert_eq!(begun.refused(drop("callboard.test/witness/alpha")).0, "witness-of-member");
    assert_eq!(begun.refused(add(witness("callboard.test/witness/alpha", 8))).0, "witness-of-member");
    assert_eq!(begun.refused(drop("nobody.example")).0, "witness-unknown");
    let raised = of(WitnessChanges { quorum: Some(3), ..WitnessChanges::default() });
    assert!(matches!(begun.draft(raised), Err(Error::NotCosigning { quorum: 3, cosigning: 2 })));
    let fourth = add(witness("archive.example", 7));
    assert!(matches!(begun.draft(fourth), Err(Error::QuorumTooSmall { keys: 4, quorum: 2, least: 3, .. })));
    assert_eq!(begun.log(drop("university.example"), &[]).witnesses.keys.len(), 2);
    // One that is needed can't go.
    let mut needed = Begun::new();
    let archive = witness("archive.example", 7);
    needed.log(add(archive.clone()), &[]);
    needed.in_force.cosigning = vec![needed.in_force.roster.witnesses.keys[0].clone(), archive];
    let refused = needed.draft(drop("archive.example"));
    assert!(matches!(refused, Err(Error::QuorumUnreachable { quorum: 2, keys: 2, cosigning: 1 })));
}

#[test]
fn token_epochs_are_added_and_closed_and_never_the_last() {
    let mut begun = Begun::new();
    let epoch = |number: &str, issuer: &str| {
        // Twice the generator of ristretto255 (RFC 9496): another point than the first epoch's.
        let point = hex::decode("6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919").unwrap();
        let public_key = TokenPublicKey::from_bytes(point.try_into().unwrap()).unwrap();
        PublicTokenKey { v: 1, issuer: issuer.to_owned(), epoch: number.parse().unwrap(), public_key }
    };
    let add = |key: PublicTokenKey| NextRoster {
        epochs: EpochChanges { add: vec![key], close: Vec::new() },
        ..NextRoster::default()
    };
    let close = |number: &str| {
        let close = vec![number.parse().unwrap()];
        NextRoster { epochs: EpochChanges { add: Vec::new(), close }, ..NextRoster::default() }
    };
    assert_eq!(begun.refused(close("1")).0, "last-epoch");
    assert_eq!(begun.refused(close("2")).0, "epoch-unknown");
    assert_eq!(begun.refused(add(epoch("1", ISSUER))).0, "epoch-there");
    assert!(matches!(begun.draft(add(epoch("2", "other.test"))), Err(Error::OfAnotherRegistry { .. })));
    begun.log(add(epoch("2", ISSUER)), &[]);
    let drafted = begun.draft(close("1")).unwrap();
    let said = format!("{:?}", lines(&begun.in_force.roster, &drafted.next, drafted.roster.unwrap().docket()));
    assert!(said.contains("epoch 1: each measure that stands must have a tag of another live epoch"), "{said}");
    let roster = begun.log(close("1"), &[]);
    assert!(!roster.is_live("1".parse().unwrap()) && roster.is_live("2".parse().unwrap()));
    assert_eq!(begun.refused(close("1")).0, "epoch-closed");
}

#[test]
fn changes_that_are_named_one_by_one_make_one_roster_and_are_told_in_words() {
    let (joins, new) = (key("panel-5", Role::Panel), key("panel-1", Role::Panel));
    let end = "2028-12-31T16:00:00.000Z".parse().unwrap();
    let changes = [
        RosterChange::Join(public(&joins)),
        RosterChange::NewKey(public(&new)),
        RosterChange::Leave("chair-2".to_owned()),
        RosterChange::Rule("ruling/bar=panel:3,chair:1".parse().unwrap()),
        RosterChange::Quorum(1),
        RosterChange::Expires(end),
    ];
    let gathered: NextRoster = changes.iter().cloned().collect();
    let seats = SeatChanges {
        add: vec![public(&joins)],
        replace: vec![public(&new)],
        drop: vec!["chair-2".to_owned()],
        ..SeatChanges::default()
    };
    let rules = RuleChanges { set: vec!["ruling/bar=panel:3,chair:1".parse().unwrap()], drop: Vec::new() };
    let witnesses = WitnessChanges { quorum: Some(1), ..WitnessChanges::default() };
    assert_eq!(gathered, NextRoster { seats, rules, witnesses, expires: Some(end), ..NextRoster::default() });
    let told = |language: Language| language.saying(|| changes.iter().map(RosterChange::text).collect::<Vec<_>>());
    assert_eq!(
        told(Language::Zh),
        [
            "panel-5 加入，担任评议委员",
            "更换 panel-1 的密钥",
            "chair-2 退出",
            "作出决定（永久抵制）：须3名评议委员、1名主任委员签署",
            "须有1家见证",
            "自2029年1月1日零时起失效",
        ]
    );
    assert_eq!(told(Language::En)[3], "ruling/bar: signed by 3 of the panel and 1 of the chair");
    let words = changes.iter().map(|change| change.words().is_some()).collect::<Vec<_>>();
    assert_eq!(words, [true, true, false, false, false, false], "of each key that comes in");
}

#[test]
fn what_only_seats_to_come_could_sign_is_told_before_it_is_sent() {
    let begun = Begun::new();
    let add = ["panel-5", "panel-6"].map(|holder| public(&key(holder, Role::Panel))).into();
    let next = seated(SeatChanges { add, ..SeatChanges::default() });
    begun.draft(next.clone()).unwrap().check_sendable(&begun.in_force).unwrap();
    // Five of the panel would have to sign, of whom four can be asked.
    let rules = ruled(&["roster=panel:5,chair:1"]).rules;
    let refused = begun.draft(NextRoster { rules, ..next }).unwrap().check_sendable(&begun.in_force).unwrap_err();
    assert_eq!(refused.code(), "out-of-reach-of-drafts");
    assert!(refused.to_string().contains("roster 2 asks 1 more of the panel"), "{refused}");
}
