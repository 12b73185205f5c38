use callboard_federation::{
    document::Document,
    members::Grant,
    policy::OnTermEnd,
    statement::{Act, MeasureKind},
};
use callboard_keys::SeatKey;
use callboard_rules::policies::{self, PolicyError};

use super::*;
use crate::{
    key_card::CheckWords,
    setup::{
        Documents, document,
        tests::{ISSUER, now, os_rng, seats, setup},
    },
};

/// A committee, what it has in force, and what it is about to sign.
struct World {
    seats: Vec<SeatKey>,
    in_force: InForce,
}

impl World {
    fn new() -> Self {
        let seats = seats(4, 2, 2);
        let setup = setup(&seats);
        let quota = callboard_federation::members::Quota { per_day: 10_000, grants: Vec::new() };
        let members = setup.members.iter().map(|member| member.clone().into_member(quota.clone())).collect();
        let drafts = setup.draft(&mut os_rng()).unwrap();
        let in_force = InForce {
            roster: Some(drafts.roster),
            members: Some(Members { v: 1, version: 1, members }),
            policies: policies::ALL.iter().map(|source| source.document().unwrap().value).collect(),
            is_asked: true,
        };
        Self { seats, in_force }
    }

    fn members(&self) -> Members {
        let members = self.in_force.members.clone().unwrap();
        Members { version: members.version + 1, ..members }
    }

    fn told(&self, act: Act, language: Language) -> Result<String, SigningError> {
        let mut drafter = Documents { issuer: ISSUER.to_owned(), roster: 1, issued_at: now(), rng: &mut os_rng() };
        let bundle = drafter.docket([act]).unwrap();
        let against = Baseline { pin: None, in_force: &self.in_force };
        let told = check_public(&bundle, &against, self.seats[0].public_key().id(), now(), language)?;
        Ok(told.into_iter().next().unwrap())
    }

    fn told_members(&self, members: &Members) -> Result<String, SigningError> {
        self.told(Act::Members(Box::new(document(Kind::Members, members).unwrap())), Language::En)
    }
}

fn words<const N: usize>(keys: [&str; N], language: Language) -> String {
    CheckWords::of_keys(keys).line(language)
}

fn policy(change: impl FnOnce(&mut Policy)) -> Act {
    let mut policy = policies::ALL[3].document().unwrap().value;
    policy.version = "2026".to_owned();
    change(&mut policy);
    Act::Policy(Box::new(document(Kind::Policy, &policy).unwrap()))
}

#[test]
fn a_grant_and_a_member_left_out_show() {
    let world = World::new();
    let mut members = world.members();
    let until = "2027-01-01T00:00:00.000Z".parse().unwrap();
    members.members[0].quota.grants.push(Grant { count: 9_000_000_000_000_000, until });
    let left_out = members.members.pop().unwrap();
    let told = world.told_members(&members).unwrap();
    assert!(
        told.contains(
            "+ member alpha · quota · grant: count 9,000,000,000,000,000; until 2027-01-01 08:00 Beijing time"
        ),
        "{told}"
    );
    assert!(
        told.contains(&format!(
            "- member beta: works for beta; name beta; key {}",
            words([left_out.keys[0].to_string().as_str()], Language::En)
        )),
        "{told}"
    );
    assert!(told.contains("list 1 of 2, which is in force"), "{told}");
    let zh = world.told(Act::Members(Box::new(document(Kind::Members, &members).unwrap())), Language::Zh).unwrap();
    assert!(zh.contains("- 会员单位 beta") && zh.contains("与现行第1版（2家）相比，有3处变化"), "{zh}");
}

#[test]
fn nothing_later_than_the_first_is_signed_without_the_one_in_force() {
    let mut world = World::new();
    let members = world.members();
    let skipped = Members { version: 3, ..members.clone() };
    assert!(matches!(world.told_members(&skipped), Err(SigningError::NotNext { in_force: 1, got: 3, .. })));
    let roster = world.in_force.roster.take().unwrap();
    let next = Roster { version: 2, ..roster };
    let roster = Act::Roster(Box::new(document(Kind::Roster, &next).unwrap()));
    assert!(
        matches!(world.told(roster, Language::En), Err(SigningError::NotAtHand { what, .. }) if what.en == "roster")
    );
    world.in_force.members = None;
    assert!(
        matches!(world.told_members(&members), Err(SigningError::NotAtHand { what, .. }) if what.en == "list of members")
    );
    assert!(world.told_members(&Members { version: 1, ..members }).is_ok());
}

#[test]
fn swapped_recipients_show() {
    let world = World::new();
    let current = world.in_force.roster.clone().unwrap();
    let mut next = Roster { version: 2, ..current.clone() };
    let [first, second] = [0, 1].map(|at| current.seats[at].recipient.clone());
    next.seats[0].recipient = second.clone();
    next.seats[1].recipient = first.clone();
    let told = world.told(Act::Roster(Box::new(document(Kind::Roster, &next).unwrap())), Language::En).unwrap();
    // Both keys of a seat are in its words.
    for (at, before, after) in [(0, &first, &second), (1, &second, &first)] {
        let (holder, key) = (&current.seats[at].holder, current.seats[at].public_key.to_string());
        let [before, after] = [before, after].map(|recipient| words([key.as_str(), recipient.as_str()], Language::En));
        assert!(told.contains(&format!("~ seat {holder} · key card: {before} → {after}")), "{told}");
    }
    assert!(told.contains("3 changes from roster 1"), "the version is the third: {told}");
}

#[test]
fn a_policy_is_checked_and_shown_against_the_version_before() {
    let world = World::new();
    let hidden = world.told(policy(|policy| policy.zone = "\u{1b}[8m".to_owned()), Language::Zh);
    let Err(SigningError::Policy { source: PolicyError::Hidden { place, text }, .. }) = hidden else {
        panic!("a zone that hides what follows it")
    };
    assert_eq!((place.as_str(), text.as_str()), ("zone", "\\u{1b}[8m"));
    let nowhere = world.told(policy(|policy| policy.zone = "Asia/Nowhere".to_owned()), Language::Zh);
    assert!(matches!(nowhere, Err(SigningError::Policy { source: PolicyError::Zone, .. })));
    let unmarked = world.told(policy(|policy| policy.violations[0].mark.clear()), Language::Zh);
    assert!(matches!(unmarked, Err(SigningError::Policy { .. })));

    let changed = policy(|policy| {
        policy.measures.get_mut(&MeasureKind::Suspension).unwrap().on_term_end = OnTermEnd::Expires;
        policy.words.get_mut(&MeasureKind::Bar).unwrap().zh = "提醒".to_owned();
        policy.violations.remove(3);
    });
    let told = world.told(changed, Language::Zh).unwrap();
    assert!(told.contains("~ 措施 · 警示 · 期满：不自动解除，须经申请复出 → 自动解除"), "{told}");
    assert!(told.contains("~ 措施用语 · 永久抵制 · 中文：永久抵制 → 提醒"), "{told}");
    assert!(told.contains("- 违规情形 NB-04") && told.contains("现行2022版"), "{told}");
}

#[test]
fn the_first_of_each_is_told_in_full() {
    let world = World::new();
    let (roster, bytes) = (world.in_force.roster.clone().unwrap(), Hash::of(b"genesis"));
    let told = roster_text(&roster, None, bytes, Language::Zh);
    for seat in &roster.seats {
        let keys = [seat.public_key.to_string(), seat.recipient.as_str().to_owned()];
        assert!(told.contains(&words(keys.each_ref().map(String::as_str), Language::Zh)), "{told}");
    }
    assert!(told.contains("签署要求 · 作出决定：2名评议委员、1名主任委员"), "{told}");
    let first: Document<Policy> = policies::ALL[3].document().unwrap();
    let told = policy_text(&first.value, first.hash, &InForce::default(), Language::En);
    assert!(first.value.violations.iter().all(|violation| told.contains(&violation.en)), "{told}");
}
