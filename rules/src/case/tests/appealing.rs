//! A decision is told, objected to once and in time, and heard by those who had no part in it.

use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    statement::Kind,
};
use jiff::civil::date;

use super::scene::{PANEL, Scene, all, appeals, key_id, member, refused, ruling, second, time};
use crate::case::{
    Case,
    act::{Act, Addressee, AppealOf, Filer},
    appeal::Outcome,
    error::Why,
    item::ItemState,
    vote::Choice,
};

const ANNULS: &[(Kind, Option<Kind>)] = &[(Kind::Annulment, Some(Kind::Ruling))];
const VARIES: &[(Kind, Option<Kind>)] = &[(Kind::Annulment, Some(Kind::Ruling)), (Kind::Ruling, None)];
const STAYS: &[(Kind, Option<Kind>)] = &[(Kind::Stay, Some(Kind::Ruling))];
const ENDS_STAY: &[(Kind, Option<Kind>)] = &[(Kind::End, Some(Kind::Stay))];

/// Items that panel-1 to panel-3 decided and chair-1 confirmed, in the log since the summer of 2024.
fn decided(items: &[u32]) -> Scene {
    decided_under(Scene::new(), items)
}

fn decided_under(mut scene: Scene, items: &[u32]) -> Scene {
    scene.at("2024-08-01T02:00:00.000Z");
    scene.opened();
    for item in items {
        scene.item(*item, &["gamma"], &[]);
    }
    scene.panel(&PANEL[..3]);
    scene.at("2024-08-05T02:00:00.000Z");
    scene.notified(items);
    scene.at("2024-08-20T02:00:00.000Z");
    let session = scene.session(items);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.resolved(session, items);
    let procedure = scene.confirmed(resolution);
    scene.issued(procedure);
    scene
}

/// An appeal of them, filed on time.
fn filed(items: &[u32]) -> Scene {
    let mut scene = decided(items);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.told(items);
    let objection = scene.objection(items);
    scene.does("secretary", objection);
    scene
}

/// The case that hears it, opened.
fn heard(items: &[u32]) -> Scene {
    let mut scene = filed(items).second();
    let opening = scene.opening_appeal();
    scene.does("secretary", opening);
    scene
}

#[test]
fn a_decision_told_on_27_september_is_objected_to_in_time_on_16_october_and_late_on_the_17th() {
    let mut scene = decided(&[1]);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.told(&[1]);
    assert_eq!(scene.case().items[&1].object_by, Some(Ok(date(2024, 10, 16))));
    // The last instant of 16 October in Shanghai, and the first of the 17th.
    scene.at("2024-10-16T16:00:00.000Z");
    refused!(scene.takes("secretary", scene.objection(&[1])), Why::AppealLate(1, _));
    // It is entered when somebody gets to it: what counts is when it came.
    let filed_at = time("2024-10-16T15:59:59.999Z");
    let came = Act::Appealed { items: vec![1], heard_by: second(), filed_at, by: Filer::Heir, paper: true };
    scene.does("secretary", came);
}

#[test]
fn who_was_never_told_of_a_decision_may_object_to_it_years_later_and_a_notice_that_comes_then_changes_nothing() {
    let mut scene = decided(&[1]);
    scene.at("2026-02-02T02:00:00.000Z");
    let objection = scene.objection(&[1]);
    scene.does("log", objection);
    let mut appeal = scene.second();
    let delivered_at = scene.now;
    scene.at("2026-03-02T02:00:00.000Z");
    let proof = Hash::of(b"letter");
    scene.does("gamma", Act::DecisionNotified { items: vec![1], to: Addressee::Subject, delivered_at, proof });
    appeal.now = scene.now;
    let opening = appeal.opening_appeal();
    appeal.does("secretary", opening);
}

#[test]
fn a_closed_case_takes_what_tells_of_its_decisions_and_an_objection_and_nothing_else() {
    let mut scene = decided(&[1, 2]);
    scene.does("secretary", Act::Closed {});
    let at = scene.now;
    let told = |by: &str, items: &[u32], delivered_at: Time, scene: &mut Scene| {
        let act =
            Act::DecisionNotified { items: items.to_vec(), to: Addressee::Subject, delivered_at, proof: Hash::of(b"") };
        scene.takes(by, act)
    };
    scene.now = at.plus_hours(1);
    let now = scene.now;
    refused!(told("alpha", &[1], now, &mut scene), Why::NoticeHost(1));
    refused!(told("panel-1", &[1], now, &mut scene), Why::Signer);
    refused!(told("secretary", &[3], now, &mut scene), Why::ItemUnknown(3));
    refused!(told("secretary", &[1], at.plus_hours(-3), &mut scene), Why::DecisionTime(1));
    told("gamma", &[1], now, &mut scene).unwrap();
    refused!(scene.takes("secretary", Act::Answered { items: vec![1] }), Why::Closed);
    refused!(scene.takes("secretary", ruling(3, &[], &[], false)), Why::Closed);

    // Who can't be reached is told by a masked notice, behind two attempts since it was decided.
    let published =
        |scene: &Scene| Act::DecisionPublished { items: vec![2], published_at: scene.now, notice: Hash::of(b"masked") };
    for hours in [1, 2] {
        refused!(scene.takes("secretary", published(&scene)), Why::NoticeAttempts(2));
        scene.now = now.plus_hours(hours);
        let attempted_at = scene.now;
        scene.does("secretary", Act::NoticeFailed { items: vec![2], attempted_at, proof: Hash::of(b"returned") });
    }
    scene.does("secretary", published(&scene));
    // Thirty days from 20 August, then ten working days.
    assert_eq!(scene.case().items[&2].object_by, Some(Ok(date(2024, 10, 9))));
    let objection = scene.objection(&[1, 2]);
    scene.does("secretary", objection);
    assert_eq!(Case::replay(&scene.events, &scene.law()).unwrap(), *scene.case());
}

#[test]
fn attempts_before_the_decision_dont_publish_it() {
    let mut scene = Scene::new();
    scene.at("2024-08-01T02:00:00.000Z");
    scene.opened();
    scene.item(1, &["gamma"], &[]);
    for hours in [1, 2] {
        scene.now = scene.now.plus_hours(hours);
        let attempted_at = scene.now;
        scene.does("gamma", Act::NoticeFailed { items: vec![1], attempted_at, proof: Hash::of(b"returned") });
    }
    scene.panel(&PANEL[..3]);
    scene.notified(&[1]);
    scene.at("2024-08-20T02:00:00.000Z");
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.resolved(session, &[1]);
    let procedure = scene.confirmed(resolution);
    let told =
        |scene: &Scene| Act::DecisionPublished { items: vec![1], published_at: scene.now, notice: Hash::of(b"masked") };
    refused!(scene.takes("secretary", told(&scene)), Why::NotDecided(1));
    refused!(scene.takes("secretary", scene.objection(&[1])), Why::NotDecided(1));
    scene.issued(procedure);
    refused!(scene.takes("secretary", told(&scene)), Why::NoticeAttempts(1));
}

#[test]
fn an_appeal_is_once_and_of_what_was_decided_there() {
    let mut scene = filed(&[1, 2]);
    refused!(scene.takes("secretary", scene.objection(&[2])), Why::AppealOther(_));
    let another = CaseId::new(Time::from_seconds(3), [9; 10]);
    let again = |items: &[u32], case, scene: &Scene| Act::Appealed {
        items: items.to_vec(),
        heard_by: case,
        filed_at: scene.now,
        by: Filer::Subject,
        paper: false,
    };
    refused!(scene.takes("secretary", again(&[2], another, &scene)), Why::AppealTwice(2));
    refused!(scene.takes("secretary", again(&[3], another, &scene)), Why::ItemUnknown(3));
    refused!(scene.takes("secretary", again(&[1], scene.id, &scene)), Why::AppealOther(_));
    refused!(scene.takes("chair-1", again(&[1], another, &scene)), Why::Signer);

    // The case that hears it is the one that was named, under the same policy.
    let mut appeal = scene.second();
    let opening = appeal.opening_appeal();
    let Act::Opened { appeal: Some(of), policy, .. } = opening.clone() else { panic!("an appeal") };
    appeal.id = another;
    refused!(appeal.takes("secretary", opening.clone()), Why::AppealOther(_));
    appeal.id = second();
    let opened = |policy, of| Act::Opened { policy, earlier: Vec::new(), appeal: Some(of), application: None };
    let nothing = AppealOf { event: 1, ..of };
    refused!(appeal.takes("secretary", opened(policy.clone(), nothing)), Why::EarlierUnknown(_));
    let (case, events) = appeal.appealed.remove(&(of.case, of.event)).unwrap();
    refused!(appeal.takes("secretary", opening.clone()), Why::EarlierUnknown(_));
    appeal.appealed.insert((of.case, 1), (case.clone(), events.clone()));
    refused!(appeal.takes("secretary", opened(policy.clone(), nothing)), Why::AppealUnknown);
    appeal.appealed.insert((of.case, of.event), (case, events));
    appeal.logs_calendar("streamer-warning-rules", "2024-09-27T03:00:00.000Z", "2027-01-01");
    let (sha256, other) = appeal.policies.iter().find(|(sha256, _)| **sha256 != policy.sha256).unwrap();
    let other = callboard_federation::statement::PolicyRef {
        instrument: other.instrument.clone(),
        version: other.version.clone(),
        sha256: *sha256,
    };
    refused!(appeal.takes("secretary", opened(other, of)), Why::AppealPolicy);
    appeal.does("secretary", opening);
    refused!(appeal.takes("secretary", again(&[1], another, &appeal)), Why::AppealFinal);

    // Each item is about one that was appealed, and decides what an appeal may decide.
    refused!(appeal.takes("secretary", ruling(1, &[], &[], false)), Why::AppealItem(1));
    refused!(appeal.takes("secretary", appeals(1, 3, ANNULS)), Why::AppealItem(1));
    for wrong in [
        &[(Kind::Ruling, None)][..],
        &[(Kind::Annulment, Some(Kind::Ruling)), (Kind::Stay, Some(Kind::Ruling))],
        &[(Kind::Reinstatement, Some(Kind::Ruling))],
        &[(Kind::End, Some(Kind::Dispute))],
    ] {
        refused!(appeal.takes("secretary", appeals(1, 1, wrong)), Why::AppealDecides(1));
    }
    for (number, decides) in (1..).zip([ANNULS, VARIES, STAYS, ENDS_STAY]) {
        let added = appeals(number, 1, decides);
        appeal.does("secretary", added);
    }
    let to_be_heard: Vec<_> = appeal.case().items.iter().filter(|(_, item)| item.is_to_be_heard()).collect();
    assert_eq!(to_be_heard.iter().map(|(number, _)| **number).collect::<Vec<_>>(), [2, 4], "a stay needs no notice");
    let of_first = appeal.case().items[&1].clone();
    assert!(of_first.is_hosted_by(&member("gamma")), "whom the first concerned, this concerns");
}

#[test]
fn an_item_says_what_it_appeals_only_in_an_appeal() {
    let mut scene = Scene::new();
    scene.opened();
    refused!(scene.takes("secretary", appeals(1, 1, ANNULS)), Why::AppealItem(1));
}

#[test]
fn nobody_who_had_a_part_in_the_first_decision_has_one_in_the_appeal() {
    // panel-4 decided a challenge, chair-1 confirmed; of the panel, panel-3 wasn't even there.
    let mut first = Scene::new();
    first.at("2024-08-01T02:00:00.000Z");
    first.opened();
    first.item(1, &["gamma"], &[]);
    first.panel(&["panel-1", "panel-2", "panel-3"]);
    first.notified(&[1]);
    let challenge = first.does("secretary", Act::Challenged { seat: key_id("panel-1"), items: vec![1] });
    first.does("panel-4", Act::ChallengeDecided { challenge, upheld: false });
    first.at("2024-08-20T02:00:00.000Z");
    let session = first.session(&[1]);
    first.vote(session, &[("panel-1", all(Choice::For)), ("panel-2", all(Choice::For))]);
    let resolution = first.resolved(session, &[1]);
    let procedure = first.confirmed(resolution);
    first.issued(procedure);
    let objection = first.objection(&[1]);
    first.does("secretary", objection);
    let deciders: Vec<_> = first.case().deciders().into_iter().collect();
    assert_eq!(deciders, ["chair-1", "panel-1", "panel-2", "panel-3", "panel-4"], "panel-3 resolved");

    let mut appeal = first.second();
    let opening = appeal.opening_appeal();
    appeal.does("secretary", opening);
    let added = appeals(1, 1, ANNULS);
    appeal.does("secretary", added);
    let named = |seats: &[&str]| Act::PanelNamed { seats: seats.iter().map(|seat| key_id(seat)).collect() };
    refused!(appeal.takes("chair-1", named(&["panel-5"])), Why::SeatRecused);
    for decider in &deciders {
        refused!(appeal.takes("chair-2", named(&[decider, "panel-5"])), Why::SeatRecused);
        let seat = appeal.law().holder(decider, appeal.now).cloned().unwrap();
        assert!(appeal.case().is_recused(&seat, 1));
    }
    refused!(appeal.takes("panel-1", Act::Recused { items: vec![1] }), Why::SeatRecused);
    appeal.does("chair-2", named(&["panel-5", "chair-2"]));
}

/// An appeal that panel-4, panel-5 and chair-2 hear.
fn sat(decides: &[(Kind, Option<Kind>)], vote: Choice) -> (Scene, Result<Hash, u64>) {
    let mut appeal = heard(&[1]);
    let added = appeals(1, 1, decides);
    appeal.does("secretary", added);
    let seats = ["chair-2", "panel-4", "panel-5"];
    appeal.does("chair-2", Act::PanelNamed { seats: seats.map(key_id).to_vec() });
    if appeal.case().items[&1].is_to_be_heard() {
        appeal.notified(&[1]);
        appeal.at("2024-10-17T02:00:00.000Z");
    }
    assert_eq!(outcome(&appeal), Outcome::Waiting);
    let act = appeal.session_on(&[1]);
    let session = appeal.does("panel-4", act);
    for seat in seats {
        appeal.does(seat, Act::Present { session });
        let commitment = appeal.commitment(session, seat, &all(vote));
        appeal.does(seat, Act::VoteSealed { session, commitment });
    }
    for seat in seats {
        appeal.does(seat, super::scene::opening(session, seat, &all(vote)));
    }
    appeal.does("secretary", Act::SessionClosed { session });
    if vote != Choice::For {
        return (appeal, Err(session));
    }
    let resolution = appeal.resolution(session, &[1]);
    let resolution = appeal.does("panel-4", resolution);
    refused!(appeal.takes("chair-1", Act::Confirmed { resolution }), Why::SeatRecused);
    appeal.does("chair-2", Act::Confirmed { resolution });
    let procedure = appeal.head();
    (appeal, Ok(procedure))
}

fn outcome(appeal: &Scene) -> Outcome {
    appeal.case().outcomes(&appeal.law(), appeal.now)[&1]
}

#[test]
fn an_appeal_upholds_varies_or_annuls() {
    let (upheld, _) = sat(ANNULS, Choice::Against);
    assert_eq!(outcome(&upheld), Outcome::Upheld);
    for (decides, of) in [(ANNULS, Outcome::Annulled), (VARIES, Outcome::Varied)] {
        let (mut appeal, procedure) = sat(decides, Choice::For);
        assert_eq!(outcome(&appeal), Outcome::Waiting, "it isn't logged yet");
        appeal.issued(procedure.unwrap());
        assert_eq!(outcome(&appeal), of);
    }
    let mut dropped = heard(&[1]);
    dropped.does("secretary", Act::Closed {});
    assert_eq!(outcome(&dropped), Outcome::Dropped);
}

#[test]
fn a_stay_is_decided_at_once_and_to_be_ended_when_the_appeal_is_upheld() {
    let (mut appeal, procedure) = sat(STAYS, Choice::For);
    appeal.issued(procedure.unwrap());
    assert_eq!(outcome(&appeal), Outcome::Waiting, "a stay decides nothing of the appeal");
    let added = appeals(2, 1, ANNULS);
    appeal.does("secretary", added);
    let seats = ["chair-2", "panel-4", "panel-5"];
    let act = appeal.session_on(&[2]);
    let session = appeal.does("chair-2", act);
    for seat in seats {
        appeal.does(seat, Act::Present { session });
        let commitment = appeal.commitment(session, seat, &all(Choice::Against));
        appeal.does(seat, Act::VoteSealed { session, commitment });
    }
    for seat in seats {
        appeal.does(seat, super::scene::opening(session, seat, &all(Choice::Against)));
    }
    assert!(appeal.case().stays_to_end(&appeal.law(), appeal.now).is_empty());
    appeal.does("chair-2", Act::SessionClosed { session });
    assert_eq!(outcome(&appeal), Outcome::Upheld);
    assert_eq!(appeal.case().stays_to_end(&appeal.law(), appeal.now), [1]);
    let added = appeals(3, 1, ENDS_STAY);
    appeal.does("secretary", added);
    refused!(appeal.takes("chair-2", appeal.session_on(&[3])), Why::NoticeMissing(3));
}

/// An appeal of which every chair had a part in the first decision, or a panel of two is left.
fn without_panel(policy: &str) -> Scene {
    let mut first = decided_under(Scene::under(policy), &[1]);
    let objection = first.objection(&[1]);
    first.does("secretary", objection);
    let mut appeal = first.second();
    let (_, roster) = appeal.history.rosters.last().unwrap();
    let mut left = roster.clone();
    // panel-4 left meanwhile: panel-5 and chair-2 are no panel of three.
    left.seats.retain(|seat| seat.holder != "panel-4");
    appeal.history.rosters.push((appeal.now, left));
    let opening = appeal.opening_appeal();
    appeal.does("secretary", opening);
    appeal
}

#[test]
fn where_no_panel_can_be_formed_the_chairs_stay_what_was_decided_and_who_hasnt_signed_is_named() {
    let mut appeal =
        without_panel("staySeats = [{ role = \"chair\", count = 1 }] -> staySeats = [{ role = \"chair\", count = 2 }]");
    assert_eq!(outcome(&appeal), Outcome::NoPanel);
    for (number, decides) in [(1, ANNULS), (2, STAYS)] {
        let added = appeals(number, 1, decides);
        appeal.does("secretary", added);
    }
    assert!(appeal.case().lacks_panel(1, &appeal.law(), appeal.now));
    assert_eq!(appeal.case().stay_due_at(), Some(appeal.now.plus_days(5)));
    let drafted = [1, 2].map(|item| appeal.stay_drafted(item));
    let proposed = |item: u32| Act::InterimProposed { item, drafts: drafted[item as usize - 1].drafts.clone() };
    refused!(appeal.takes("secretary", proposed(1)), Why::AppealInterim(1));
    refused!(appeal.takes("panel-5", proposed(2)), Why::Signer);
    let of = appeal.does("secretary", proposed(2));
    let unsigned = |appeal: &Scene| appeal.case().stay_unsigned(of, &appeal.law(), appeal.now);
    assert_eq!(unsigned(&appeal), ["chair-1", "chair-2"]);
    let order = || Act::Resolved { of, items: vec![drafted[1].clone()] };
    refused!(appeal.takes("panel-5", order()), Why::InterimSeat);
    // Whoever decided first may stay it, if nobody else can.
    appeal.does("chair-1", order());
    refused!(appeal.takes("chair-1", order()), Why::SeatTwice);
    assert_eq!(unsigned(&appeal), ["chair-2"]);
    assert!(appeal.case().resolutions.is_empty());
    // Later than the policy asks is late, and still holds.
    appeal.now = appeal.now.plus_days(9);
    appeal.does("chair-2", order());
    assert_eq!(unsigned(&appeal), <[String; 0]>::default());
    let procedure = appeal.head();
    appeal.docket(&[appeal.stay(2, procedure)]).unwrap();
    appeal.issued(procedure);
    assert_eq!(appeal.case().items[&2].state, ItemState::Issued);
    assert_eq!(outcome(&appeal), Outcome::NoPanel);
}

#[test]
fn chairs_stay_nothing_while_a_panel_can_be_formed_and_what_they_began_ends_when_one_can() {
    let mut scene = heard(&[1]);
    let added = appeals(1, 1, STAYS);
    scene.does("secretary", added);
    let drafted = scene.stay_drafted(1);
    let proposed = Act::InterimProposed { item: 1, drafts: drafted.drafts.clone() };
    refused!(scene.takes("secretary", proposed.clone()), Why::PanelPossible(1));

    let mut appeal = without_panel("");
    let added = appeals(1, 1, STAYS);
    appeal.does("secretary", added);
    let of = appeal.does("chair-1", proposed);
    let (_, all) = appeal.history.rosters.first().unwrap().clone();
    appeal.now = appeal.now.plus_hours(1);
    appeal.history.rosters.push((appeal.now, all));
    refused!(appeal.takes("chair-1", Act::Resolved { of, items: vec![drafted] }), Why::PanelPossible(1));
    assert_eq!(outcome(&appeal), Outcome::Waiting);
}

#[test]
fn a_policy_may_let_those_hear_an_appeal_who_decided_first() {
    let mut first = decided_under(Scene::under("sharesNobody = true -> sharesNobody = false"), &[1]);
    let objection = first.objection(&[1]);
    first.does("secretary", objection);
    let mut appeal = first.second();
    let opening = appeal.opening_appeal();
    appeal.does("secretary", opening);
    appeal.does("chair-1", Act::PanelNamed { seats: PANEL[..3].iter().map(|seat| key_id(seat)).collect() });
}

#[test]
fn a_docket_of_a_stay_that_was_ordered_is_of_a_stay_and_of_nothing_else() {
    let mut appeal = without_panel("");
    let added = appeals(1, 1, STAYS);
    appeal.does("secretary", added);
    let drafts = appeal.proposal(1).drafts;
    let of = appeal.does("secretary", Act::InterimProposed { item: 1, drafts });
    let order = appeal.resolution(of, &[1]);
    appeal.does("chair-2", order);
    let procedure = appeal.head();
    // What was drafted is a ruling.
    assert!(matches!(appeal.docket_of(&[1], procedure), Err(Why::DraftKind(_))));
}
