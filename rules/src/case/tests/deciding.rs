//! Recusal, challenge, votes, quorum and majority.

use callboard_federation::encoding::{CaseId, Hash, Octets, Time};

use super::scene::{PANEL, Scene, all, but, key_id, opening, refused, ruling, secret, text};
use crate::case::{
    act::Act,
    error::Why,
    item::ItemState,
    session::Session,
    vote::{Choice, Vote, sealed},
};

/// Items 1 to `count`, of which gamma reported the last; heard; and a panel of these.
fn heard(count: u32, panel: &[&str]) -> Scene {
    let mut scene = Scene::new();
    scene.opened();
    for item in 1..=count {
        scene.item(item, &[], if item == count { &["alpha"] } else { &[] });
    }
    scene.panel(panel);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&(1..=count).collect::<Vec<_>>());
    scene.at("2024-10-17T02:00:00.000Z");
    scene
}

fn closed(scene: &Scene, session: u64) -> &Session {
    &scene.case().sessions[&session]
}

#[test]
fn a_seat_of_who_reported_or_hosts_the_subject_never_tips_a_result() {
    let mut scene = heard(2, &PANEL[..4]);
    let session = scene.session(&[1, 2]);
    // Panel-1 works for alpha, which reported item 2.
    let votes = [("panel-1", all(Choice::For)), ("panel-3", all(Choice::For)), ("panel-4", all(Choice::Against))];
    scene.vote(session, &votes);
    assert!(closed(&scene, session).is_carried(scene.case(), 1), "two of three");
    assert!(!closed(&scene, session).is_carried(scene.case(), 2), "one of two");
    assert_eq!(scene.case().items[&2].state, ItemState::VotedDown(session));
    refused!(scene.takes("panel-3", scene_resolution(&scene, session, &[1, 2])), Why::NotAsVoted);
    scene.resolved(session, &[1]);
}

fn scene_resolution(scene: &Scene, of: u64, items: &[u32]) -> Act {
    scene.resolution(of, items)
}

#[test]
fn who_declares_itself_recused_after_the_vote_is_counted_no_more() {
    let mut scene = heard(1, &["panel-2", "panel-3", "panel-4", "panel-5"]);
    let session = scene.session(&[1]);
    let votes = [("panel-3", all(Choice::For)), ("panel-4", all(Choice::For)), ("panel-5", all(Choice::Against))];
    scene.vote(session, &votes);
    let resolution = scene.resolved(session, &[1]);
    let procedure = scene.confirmed(resolution);
    scene.docket_of(&[1], procedure).unwrap();
    scene.does("panel-4", Act::Recused { items: vec![1] });
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::Overtaken(_))));
    // One of two is no two thirds.
    refused!(scene.takes("panel-3", scene_resolution(&scene, session, &[1])), Why::NothingCarried);

    // Both of two would be, but a panel has three.
    let mut scene = heard(1, &PANEL[1..4]);
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[1..4]);
    scene.does("panel-4", Act::Recused { items: vec![1] });
    refused!(scene.takes("panel-3", scene_resolution(&scene, session, &[1])), Why::NothingCarried);
}

#[test]
fn a_panel_that_loses_its_last_seats_says_so_and_another_is_named() {
    let mut scene = heard(1, &PANEL[1..4]);
    assert!(scene.case().short_items(&scene.law(), scene.now).is_empty());
    scene.does("panel-3", Act::Recused { items: vec![] });
    assert_eq!(scene.case().short_items(&scene.law(), scene.now), [1]);
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::PanelShort(1));
    let replaced = |out: &str, seat: &str| Act::Replaced { out: key_id(out), seat: key_id(seat) };
    refused!(scene.takes("chair-1", replaced("panel-2", "panel-5")), Why::NotReplaceable);
    refused!(scene.takes("chair-1", replaced("panel-3", "panel-3")), Why::SeatRecused);
    refused!(scene.takes("chair-1", replaced("panel-3", "panel-4")), Why::SeatTwice);
    refused!(scene.takes("chair-1", replaced("panel-3", "secretary")), Why::SeatRole);
    refused!(scene.takes("chair-1", replaced("panel-5", "panel-3")), Why::NotOnPanel);
    scene.does("chair-1", replaced("panel-3", "panel-5"));
    let last = jiff::civil::date(2024, 10, 21);
    let told = super::scene::why(scene.takes("chair-1", scene.session_on(&[1])));
    assert!(matches!(told, Why::PanelNew(1, of) if of == last), "{told:?}");
    scene.at("2024-10-22T02:00:00.000Z");
    scene.session(&[1]);
}

#[test]
fn a_subject_knows_for_two_working_days_who_will_sit_and_a_seat_that_stays_is_not_new() {
    let mut scene = heard(1, &PANEL[1..4]);
    scene.panel(&["panel-2", "panel-3", "panel-4"]);
    scene.session(&[1]);

    let mut scene = heard(1, &PANEL[1..4]);
    scene.panel(&PANEL[1..]);
    // Thursday, and then Friday and Monday.
    scene.at("2024-10-21T15:59:59.999Z");
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::PanelNew(1, _));
    scene.at("2024-10-21T16:00:00.000Z");
    scene.session(&[1]);
}

#[test]
fn who_was_recused_from_somebody_is_not_back_by_their_being_dropped_and_added_anew() {
    let mut scene = heard(1, &PANEL[1..4]);
    scene.does("panel-3", Act::Recused { items: vec![1] });
    scene.does("secretary", Act::ItemDropped { item: 1 });
    scene.item(2, &[], &[]);
    let case = scene.case();
    let recused = |holder: &str, number| case.is_recused(scene.law().holder(holder, scene.now).unwrap(), number);
    assert!(recused("panel-3", 2) && !recused("panel-2", 2));
    scene.does("panel-2", Act::Recused { items: vec![2] });
    scene.item(3, &[], &[]);
    let case = scene.case();
    assert!(!case.is_recused(scene.law().holder("panel-2", scene.now).unwrap(), 3), "nobody was dropped for it");

    // Nor does a challenge that waits end so.
    let mut scene = heard(1, &PANEL[1..4]);
    let challenge = scene.does("secretary", Act::Challenged { seat: key_id("panel-4"), items: vec![1] });
    scene.does("secretary", Act::ItemDropped { item: 1 });
    scene.item(2, &[], &[]);
    scene.does("chair-1", Act::ChallengeDecided { challenge, upheld: true });
    let case = scene.case();
    assert!(case.is_recused(scene.law().holder("panel-4", scene.now).unwrap(), 2));
}

#[test]
fn a_seat_that_saw_the_votes_tips_nothing_by_being_recused() {
    // Two of five are no quorum, and would be one of four.
    let mut scene = heard(2, &PANEL);
    let session = scene.session(&[1]);
    for holder in ["panel-2", "panel-3"] {
        scene.does(holder, Act::Present { session });
        let commitment = scene.commitment(session, holder, &all(Choice::For));
        scene.does(holder, Act::VoteSealed { session, commitment });
    }
    scene.now = scene.now.plus_millis(3_600_001);
    scene.does("panel-2", opening(session, "panel-2", &all(Choice::For)));
    scene.does("panel-5", Act::Recused { items: vec![1] });
    scene.does("panel-3", opening(session, "panel-3", &all(Choice::For)));
    scene.does("chair-1", Act::SessionClosed { session });
    assert!(!closed(&scene, session).is_carried(scene.case(), 1));

    // Two for and two against carry nothing, whoever of these goes afterwards.
    let mut scene = heard(1, &PANEL[1..]);
    let session = scene.session(&[1]);
    let (yes, no) = (all(Choice::For), all(Choice::Against));
    let votes = [("panel-2", yes.clone()), ("panel-3", yes), ("panel-4", no.clone()), ("panel-5", no)];
    scene.vote(session, &votes);
    scene.does("panel-5", Act::Recused { items: vec![1] });
    assert!(!closed(&scene, session).is_carried(scene.case(), 1));
}

#[test]
fn a_panel_that_sat_keeps_its_seats_that_still_may_decide() {
    let mut scene = heard(1, &PANEL[1..4]);
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::Against)))[1..4]);
    // Another item, which the seats of the panel can't decide, brings no other panel.
    scene.does("secretary", ruling(2, &["beta"], &[], false));
    let named = |holders: &[&str]| Act::PanelNamed { seats: holders.iter().map(|holder| key_id(holder)).collect() };
    refused!(scene.takes("chair-1", named(&["panel-1", "panel-5", "chair-2"])), Why::PanelKept);
    scene.does("chair-1", named(&["panel-2", "panel-3", "panel-4", "panel-5"]));
}

#[test]
fn whoever_had_no_part_in_a_resolution_overtakes_nothing() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1]);
    scene.does("auditor", Act::Recused { items: vec![] });
    refused!(scene.takes("auditor", Act::Recused { items: vec![] }), Why::SeatTwice);
    refused!(scene.takes("auditor", Act::Recused { items: vec![1] }), Why::SeatTwice);
    scene.docket_of(&[1], procedure).unwrap();
    refused!(scene.takes("log", Act::Challenged { seat: key_id("auditor"), items: vec![1] }), Why::SeatRole);
}

#[test]
fn who_sat_in_the_same_matter_before_doesnt_sit_again() {
    let mut scene = Scene::new();
    let earlier = CaseId::new(Time::from_seconds(0), [1; 10]);
    scene.sat.insert(earlier, vec!["panel-3"]);
    scene.opened();
    let named = Act::PanelNamed { seats: vec![key_id("panel-3")] };
    refused!(scene.takes("chair-1", named.clone()), Why::SeatRecused);
    scene.item(1, &[], &[]);
    refused!(scene.takes("chair-1", named), Why::SeatRecused);
    let seat = scene.law().holder("panel-3", scene.now).cloned().unwrap();
    assert!(scene.case().is_recused(&seat, 1));

    // Without the chain of the earlier case nobody can tell.
    let mut scene = Scene::new();
    let opened =
        Act::Opened { policy: scene.reference.clone(), earlier: vec![earlier], appeal: None, application: None };
    refused!(scene.takes("secretary", opened), Why::EarlierUnknown(_));
}

#[test]
fn a_challenge_waits_for_another_seat_and_comes_before_the_vote() {
    let mut scene = heard(1, &PANEL[1..4]);
    let challenged = |seat: &str| Act::Challenged { seat: key_id(seat), items: vec![1] };
    let number = scene.does("log", challenged("panel-3"));
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::ChallengeOpen(1));
    let decided = |upheld| Act::ChallengeDecided { challenge: number, upheld };
    refused!(scene.takes("panel-3", decided(false)), Why::SeatRecused);
    refused!(scene.takes("secretary", decided(false)), Why::Signer);
    scene.does("panel-2", decided(false));
    refused!(scene.takes("panel-2", decided(true)), Why::ChallengeUnknown);
    let session = scene.session(&[1]);
    scene.does("panel-2", Act::Present { session });
    let second = scene.does("log", challenged("panel-4"));
    let commitment = scene.commitment(session, "panel-2", &all(Choice::For));
    refused!(scene.takes("panel-2", Act::VoteSealed { session, commitment }), Why::ChallengeOpen(1));
    scene.does("chair-1", Act::ChallengeDecided { challenge: second, upheld: true });
    scene.does("panel-2", Act::VoteSealed { session, commitment });
    refused!(scene.takes("log", challenged("panel-2")), Why::ChallengeLate);
    refused!(scene.takes("panel-4", Act::Present { session }), Why::SeatRecused);
}

#[test]
fn votes_are_sealed_until_all_have_voted_or_the_time_is_up() {
    let mut scene = heard(1, &PANEL[1..4]);
    let session = scene.session(&[1]);
    let vote = all(Choice::For);
    refused!(scene.takes("panel-5", Act::Present { session }), Why::NotOnPanel);
    refused!(scene.takes("panel-2", Act::Present { session: session + 1 }), Why::SessionUnknown);
    let sealing =
        |scene: &Scene, holder: &str| Act::VoteSealed { session, commitment: scene.commitment(session, holder, &vote) };
    refused!(scene.takes("panel-2", sealing(&scene, "panel-2")), Why::VoteAbsent);
    for holder in ["panel-2", "panel-3"] {
        scene.does(holder, Act::Present { session });
        scene.does(holder, sealing(&scene, holder));
    }
    refused!(scene.takes("panel-2", sealing(&scene, "panel-2")), Why::SeatTwice);
    refused!(scene.takes("panel-2", opening(session, "panel-2", &vote)), Why::VoteNotYet);
    refused!(scene.takes("chair-1", Act::SessionClosed { session }), Why::VoteUnopened);
    scene.does("panel-4", Act::Present { session });
    // Who takes another's commitment for its own can't open it.
    let copied = Act::VoteSealed { session, commitment: scene.commitment(session, "panel-2", &vote) };
    scene.does("panel-4", copied);
    scene.does("panel-2", opening(session, "panel-2", &vote));
    let copied = Act::VoteOpened { session, secret: secret("panel-2"), vote: text(&vote) };
    refused!(scene.takes("panel-4", copied), Why::VoteCommitment);
    refused!(scene.takes("panel-3", opening(session, "panel-3", &all(Choice::Against))), Why::VoteCommitment);
    scene.does("panel-3", opening(session, "panel-3", &vote));
    refused!(scene.takes("panel-3", opening(session, "panel-3", &vote)), Why::SeatTwice);

    // What isn't opened by then is present and not in favour; its seat is out.
    scene.now = scene.now.plus_millis(7_200_001);
    refused!(scene.takes("panel-4", opening(session, "panel-4", &vote)), Why::VoteLate);
    scene.does("chair-1", Act::SessionClosed { session });
    assert_eq!(closed(&scene, session).unopened().collect::<Vec<_>>(), ["panel-4"]);
    assert!(closed(&scene, session).is_carried(scene.case(), 1), "two of three");
    assert!(scene.case().panel.out.contains("panel-4"));
}

#[test]
fn a_quorum_short_by_one_carries_nothing() {
    for (present, is_carried) in [(1, false), (2, true), (3, true)] {
        let mut scene = heard(1, &PANEL[1..]);
        let session = scene.session(&[1]);
        let votes: Vec<_> = PANEL[1..=present].iter().map(|holder| (*holder, all(Choice::For))).collect();
        scene.vote(session, &votes);
        assert_eq!(closed(&scene, session).is_carried(scene.case(), 1), is_carried, "{present} of four");
    }
}

#[test]
fn a_vote_is_en_bloc_with_exceptions() {
    let mut scene = heard(88, &PANEL[1..4]);
    let items: Vec<u32> = (1..=88).collect();
    let session = scene.session(&items);
    let votes = [("panel-2", but(&[17, 40])), ("panel-3", but(&[17])), ("panel-4", all(Choice::For))];
    scene.vote(session, &votes);
    assert!(!closed(&scene, session).is_carried(scene.case(), 17));
    assert!(closed(&scene, session).is_carried(scene.case(), 40));
    let carried: Vec<u32> = items.iter().copied().filter(|item| *item != 17).collect();
    scene.resolved(session, &carried);
}

#[test]
fn a_vote_that_names_an_item_twice_or_of_another_session_is_none() {
    let mut scene = heard(2, &PANEL[1..4]);
    let session = scene.session(&[1]);
    let texts = [
        r#"{"all":"for","except":[{"items":[2],"vote":"against"}]}"#,
        r#"{"all":"for","except":[{"items":[1],"vote":"against"},{"items":[1],"vote":"for"}]}"#,
        r#"{"all":"perhaps"}"#,
        r#"{"all":"for","why":"so"}"#,
        "",
    ];
    for holder in &PANEL[1..4] {
        scene.does(holder, Act::Present { session });
        let vote = texts[0].as_bytes();
        let commitment = sealed(scene.id, session, &key_id(holder), &Octets([1; 32]), vote);
        scene.does(holder, Act::VoteSealed { session, commitment });
    }
    for text in texts {
        let act = Act::VoteOpened { session, secret: Octets([1; 32]), vote: text.to_owned() };
        refused!(scene.takes("panel-2", act), Why::VoteMalformed);
    }
}

#[test]
fn a_session_is_one_at_a_time_in_order_of_its_times_on_a_panel() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2024-10-17T02:00:00.000Z");
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::NoPanel);
    scene.panel(&PANEL[1..4]);
    scene.at("2024-10-22T02:00:00.000Z");
    let Act::SessionOpened { items, seal_by, open_by } = scene.session_on(&[1]) else { panic!("a session") };
    for (seal_by, open_by) in [(open_by, seal_by), (scene.now, open_by), (seal_by, seal_by)] {
        let act = Act::SessionOpened { items: items.clone(), seal_by, open_by };
        refused!(scene.takes("chair-1", act), Why::SessionTimes);
    }
    refused!(scene.takes("auditor", scene.session_on(&[1])), Why::Signer);
    let session = scene.session(&[1]);
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::SessionSitting);
    let named = Act::PanelNamed { seats: vec![key_id("panel-5")] };
    refused!(scene.takes("chair-1", named.clone()), Why::SessionSitting);
    refused!(scene.takes("secretary", Act::Closed {}), Why::SessionSitting);
    let mut late = scene.sign(
        "alpha",
        &Act::EvidenceAdded {
            items: vec![1],
            evidence: vec![crate::case::act::Evidence {
                sha256: Hash::of(b""),
                kind: crate::case::act::EvidenceKind::Recording,
            }],
        },
    );
    refused!(scene.take(late), Why::ItemSitting(1));
    scene.vote(session, &[("panel-2", all(Choice::For)), ("panel-3", all(Choice::For))]);
    refused!(scene.takes("chair-1", named), Why::PanelSat);
    // A member whose evidence comes in time is a reporter.
    scene.does("secretary", ruling(2, &[], &[], false));
    late = scene.sign(
        "beta",
        &Act::EvidenceAdded {
            items: vec![2],
            evidence: vec![crate::case::act::Evidence {
                sha256: Hash::of(b""),
                kind: crate::case::act::EvidenceKind::ChatLog,
            }],
        },
    );
    scene.take(late).unwrap();
    let seat = scene.law().holder("panel-2", scene.now).cloned().unwrap();
    assert!(scene.case().is_recused(&seat, 2) && !scene.case().is_recused(&seat, 1));
}

#[test]
fn an_item_that_was_voted_down_may_be_put_to_the_vote_again() {
    let mut scene = heard(1, &PANEL[1..4]);
    let votes = |choice| PANEL.map(|holder| (holder, all(choice)));
    let session = scene.session(&[1]);
    scene.vote(session, &votes(Choice::Abstain)[1..4]);
    let session = scene.session(&[1]);
    scene.vote(session, &votes(Choice::For)[1..4]);
    scene.resolved(session, &[1]);
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::ItemDecided(1));
    let _: Vote = all(Choice::For);
}
