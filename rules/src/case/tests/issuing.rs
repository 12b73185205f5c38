//! Resolutions, their confirmation, interims, and the docket that follows.

use callboard_federation::{
    encoding::Hash,
    roster::Role,
    statement::{Kind, draft_hash},
};

use super::scene::{PANEL, Scene, all, follows, key_id, refused, reversal};
use crate::case::{
    Case, Stage,
    act::{Act, Proposal},
    error::Why,
    item::ItemState,
    vote::Choice,
};

#[test]
fn a_docket_is_exactly_what_was_resolved() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1, 2, 3]);
    scene.docket_of(&[1, 2, 3], procedure).unwrap();
    assert!(matches!(scene.docket_of(&[1, 2], procedure), Err(Why::DraftMissing(3))));
    assert!(matches!(scene.docket_of(&[1, 2, 3, 4], procedure), Err(Why::DraftUnknown(_))));
    assert!(matches!(scene.docket_of(&[1, 2, 3, 3], procedure), Err(Why::DraftUnknown(_))));
    assert!(matches!(scene.docket_of(&[1, 2, 3], Hash::of(b"another")), Err(Why::ProcedureUnknown)));
    // One character other than resolved.
    let mut statements: Vec<_> = [1, 2, 3].map(|item| scene.statement(item, procedure)).into();
    let at = statements[2].windows(4).position(|part| part == b"live").unwrap();
    statements[2].splice(at..at + 4, *b"award");
    assert!(matches!(scene.docket(&statements), Err(Why::DraftUnknown(_))));
    // The number of an event that isn't the last before it.
    let earlier = scene.events[scene.events.len() - 2].payload_hash();
    assert!(matches!(scene.docket_of(&[1, 2, 3], earlier), Err(Why::ProcedureUnknown)));
}

#[test]
fn what_the_chairs_havent_confirmed_isnt_issued_and_a_recused_chair_confirms_nothing() {
    let mut scene = Scene::under("chairs = 1 -> chairs = 2");
    let procedure = scene.decided(&[1]);
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::ProcedureUnknown)));
    let resolution = *scene.case().resolutions.keys().next().unwrap();
    refused!(scene.takes("chair-1", Act::Confirmed { resolution }), Why::SeatTwice);
    refused!(scene.takes("chair-2", Act::Confirmed { resolution: 0 }), Why::ResolutionUnknown);
    let mut other = scene.sign("chair-2", &Act::Confirmed { resolution });
    scene.take(other).unwrap();
    let procedure = scene.head();
    scene.docket_of(&[1], procedure).unwrap();
    refused!(scene.takes("chair-2", Act::Confirmed { resolution }), Why::ConfirmedAlready);

    // With none to confirm, the resolution itself is the procedure.
    let mut scene = Scene::under("chairs = 1 -> chairs = 0");
    scene.opened();
    scene.does("secretary", reversal(1, Kind::Stay, Kind::Ruling));
    scene.panel(&PANEL[..3]);
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.resolved(session, &[1]);
    assert_eq!(scene.case().resolutions[&resolution].procedure, Some(scene.head()));
    other = scene.sign("chair-1", &Act::Confirmed { resolution });
    refused!(scene.take(other), Why::ConfirmedAlready);

    let mut scene = Scene::new();
    scene.decided(&[1, 2]);
    scene.does("chair-2", Act::Recused { items: vec![] });
    scene.does("secretary", Act::ItemDropped { item: 2 });
    let session = *scene.case().sessions.keys().next().unwrap();
    let resolution = scene.resolved(session, &[1]);
    refused!(scene.takes("chair-2", Act::Confirmed { resolution }), Why::SeatRecused);
}

#[test]
fn what_happens_behind_a_resolution_overtakes_it_until_the_panel_takes_note() {
    let overtaking = [
        ("secretary", Act::ItemDropped { item: 2 }),
        ("panel-2", Act::Recused { items: vec![1] }),
        ("panel-2", Act::Recused { items: vec![] }),
    ];
    for (by, act) in overtaking {
        let mut scene = Scene::new();
        let procedure = scene.decided(&[1, 2]);
        scene.does(by, act);
        assert!(matches!(scene.docket_of(&[1, 2], procedure), Err(Why::Overtaken(_))));
        let first = *scene.case().resolutions.keys().next().unwrap();
        refused!(scene.takes("chair-2", Act::Confirmed { resolution: first }), Why::Overtaken(_));
    }
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1, 2]);
    scene.does("secretary", Act::ItemDropped { item: 2 });
    let session = *scene.case().sessions.keys().next().unwrap();
    refused!(scene.takes("panel-3", scene.resolution(session, &[1, 2])), Why::NotAsVoted);
    let resolution = scene.resolved(session, &[1]);
    let again = scene.confirmed(resolution);
    scene.docket_of(&[1], again).unwrap();
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::Overtaken(_))));
    refused!(scene.takes("panel-3", scene.resolution(session, &[1])), Why::ConfirmedAlready);
}

#[test]
fn a_resolution_is_said_by_the_panel_or_a_chair_of_a_session_that_was_closed() {
    let mut scene = Scene::new();
    scene.decided(&[1, 2]);
    scene.does("secretary", Act::ItemDropped { item: 2 });
    let session = *scene.case().sessions.keys().next().unwrap();
    for by in ["panel-4", "secretary", "auditor"] {
        refused!(scene.takes(by, scene.resolution(session, &[1])), Why::Signer);
    }
    refused!(scene.takes("panel-3", scene.resolution(session + 1, &[1])), Why::NotDecidable);
    let mut proposal = scene.proposal(1);
    proposal.drafts = vec![Hash::of(b"something else")];
    refused!(scene.takes("panel-3", Act::Resolved { of: session, items: vec![proposal] }), Why::NotAsVoted);
}

#[test]
fn what_was_carried_is_voted_on_again_only_once_the_chairs_take_it_back() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1, 2]);
    let first = *scene.case().sessions.keys().next().unwrap();
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::ItemDecided(1));
    scene.does("secretary", Act::ItemDropped { item: 2 });
    refused!(scene.takes("chair-1", scene.session_on(&[1])), Why::ItemDecided(1));
    refused!(scene.takes("secretary", Act::Withdrawn { session: first }), Why::Signer);
    refused!(scene.takes("chair-1", Act::Withdrawn { session: first + 1 }), Why::NotDecidable);
    scene.does("chair-1", Act::Withdrawn { session: first });
    refused!(scene.takes("chair-1", Act::Withdrawn { session: first }), Why::NothingCarried);
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::Overtaken(_))));
    refused!(scene.takes("panel-3", scene.resolution(first, &[1])), Why::NothingCarried);
    let second = scene.session(&[1]);
    scene.vote(second, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    refused!(scene.takes("panel-3", scene.resolution(first, &[1])), Why::NothingCarried);
    scene.resolved(second, &[1]);
}

#[test]
fn what_is_said_after_a_docket_was_logged_doesnt_overtake_it() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1]);
    let docket = Hash::of(b"a docket");
    scene.logs_docket(docket, &[procedure]);
    scene.now = scene.now.plus_millis(1);
    scene.does("panel-2", Act::Recused { items: vec![1] });
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::Overtaken(_))), "another docket");
    scene.does("log", Act::Issued { procedure, docket });
    scene.does("secretary", Act::Closed {});
    // Before it was logged it does.
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1]);
    scene.does("panel-2", Act::Recused { items: vec![1] });
    scene.logs_docket(docket, &[procedure]);
    refused!(scene.takes("log", Act::Issued { procedure, docket }), Why::ProcedureUnknown);
}

#[test]
fn an_interim_that_isnt_logged_doesnt_come_after_the_panel_sat() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    scene.panel(&PANEL[..3]);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2024-10-17T02:00:00.000Z");
    let drafts = vec![Hash::of(b"an interim")];
    let of = scene.does("secretary", Act::InterimProposed { item: 1, drafts: drafts.clone() });
    let ordered = || Act::Resolved { of, items: vec![Proposal { item: 1, drafts: drafts.clone() }] };
    // Whoever is challenged orders nothing until that is decided.
    let challenge = scene.does("log", Act::Challenged { seat: key_id("chair-1"), items: vec![1] });
    refused!(scene.takes("chair-1", ordered()), Why::ChallengeOpen(1));
    scene.does("panel-4", Act::ChallengeDecided { challenge, upheld: false });
    scene.does("chair-1", ordered());
    scene.does("panel-3", ordered());
    let procedure = scene.head();
    assert!(scene.case().resolution_of(&procedure).is_ok());
    scene.session(&[1]);
    assert!(matches!(scene.case().resolution_of(&procedure), Err(Why::Overtaken(_))));
}

#[test]
fn a_case_ends_once_each_item_is_decided_dropped_or_voted_down() {
    let mut scene = Scene::new();
    let procedure = scene.decided(&[1]);
    refused!(scene.takes("secretary", Act::Closed {}), Why::Pending(1));
    let docket = Hash::of(b"a docket");
    refused!(scene.takes("chair-1", Act::Issued { procedure, docket }), Why::Signer);
    refused!(scene.takes("secretary", Act::Issued { procedure, docket }), Why::NotLogged);
    let other = Hash::of(b"another docket");
    scene.logs_docket(other, &[Hash::of(b"another procedure")]);
    refused!(scene.takes("log", Act::Issued { procedure, docket: other }), Why::NotLogged);
    scene.logs_docket(docket, &[procedure]);
    scene.does("log", Act::Issued { procedure, docket });
    scene.docket_of(&[1], procedure).unwrap();
    assert_eq!(scene.case().items[&1].state, ItemState::Issued);
    refused!(scene.takes("log", Act::Issued { procedure, docket }), Why::ProcedureUnknown);
    refused!(scene.takes("secretary", Act::ItemDropped { item: 1 }), Why::ItemDecided(1));
    scene.does("secretary", Act::Closed {});
    assert!(matches!(scene.case().stage, Stage::Closed));
    assert_eq!(scene.case().sat().into_iter().collect::<Vec<_>>(), PANEL[..3]);
}

#[test]
fn an_interim_is_ordered_by_the_seats_that_the_policy_names_before_the_panel_sits() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &["alpha"], &[]);
    let statement = |scene: &Scene, procedure: Hash| {
        let text = String::from_utf8(scene.statement(1, procedure)).unwrap();
        let measure = r#""measure":{"kind":"suspension","scopes":["live"]"#;
        let text = text.replace(r#""kind":"ruling""#, r#""kind":"interim""#);
        text.replace(measure, &format!("{measure},\"until\":\"2024-11-18T00:00:00.000Z\"")).into_bytes()
    };
    let drafts = vec![draft_hash(&statement(&scene, Hash::from_bytes([0; 32]))).unwrap()];
    let proposed = Act::InterimProposed { item: 1, drafts: drafts.clone() };
    refused!(scene.takes("panel-3", proposed.clone()), Why::Signer);
    let of = scene.does("secretary", proposed.clone());
    let ordered = || Act::Resolved { of, items: vec![Proposal { item: 1, drafts: drafts.clone() }] };
    refused!(scene.takes("panel-1", ordered()), Why::SeatRecused);
    refused!(scene.takes("secretary", ordered()), Why::InterimSeat);
    let other = Act::Resolved { of, items: vec![Proposal { item: 1, drafts: vec![Hash::of(b"")] }] };
    refused!(scene.takes("panel-3", other), Why::NotAsVoted);
    scene.does("panel-3", ordered());
    assert!(matches!(scene.docket(&[statement(&scene, scene.head())]), Err(Why::ProcedureUnknown)));
    refused!(scene.takes("panel-3", ordered()), Why::SeatTwice);
    scene.does("chair-1", ordered());
    let procedure = scene.head();
    scene.docket(&[statement(&scene, procedure)]).unwrap();
    // What was resolved as an interim is nothing else.
    let ruling = scene.statement(1, procedure);
    assert!(matches!(scene.docket(&[ruling]), Err(Why::DraftUnknown(_))));
    // An answer overtakes it: they order it anew.
    scene.does("log", Act::Answered { items: vec![1] });
    assert!(matches!(scene.docket(&[statement(&scene, procedure)]), Err(Why::Overtaken(_))));
    scene.does("chair-1", ordered());
    scene.does("panel-4", ordered());
    let procedure = scene.head();
    scene.logs_docket(Hash::of(b"interim"), &[procedure]);
    scene.does("log", Act::Issued { procedure, docket: Hash::of(b"interim") });
    assert!(matches!(scene.docket(&[statement(&scene, procedure)]), Err(Why::IssuedOtherwise)));
    // The case must go on.
    refused!(scene.takes("secretary", Act::Closed {}), Why::Pending(1));
    scene.panel(&PANEL[2..]);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2024-10-17T02:00:00.000Z");
    scene.session(&[1]);
    refused!(scene.takes("secretary", proposed), Why::InterimLate(1));
}

#[test]
fn a_statement_is_of_a_kind_that_its_item_decides_under_the_policy_of_its_case() {
    let mut scene = Scene::new();
    scene.opened();
    scene.does("secretary", reversal(1, Kind::Stay, Kind::Ruling));
    scene.panel(&PANEL[..3]);
    let session = scene.session(&[1]);
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.resolved(session, &[1]);
    let procedure = scene.confirmed(resolution);
    // A ruling, of which the item never spoke: so nobody was heard.
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::DraftKind(_))));

    let mut scene = Scene::new();
    let case_policy = scene.reference.clone();
    scene.reference.version = "2020".to_owned();
    let drafted = scene.proposal(1);
    scene.reference = case_policy;
    scene.opened();
    scene.item(1, &[], &[]);
    scene.panel(&PANEL[..3]);
    scene.at("2024-09-27T02:00:00.000Z");
    scene.notified(&[1]);
    scene.at("2024-10-17T02:00:00.000Z");
    let Act::SessionOpened { seal_by, open_by, .. } = scene.session_on(&[1]) else { panic!("a session") };
    let session = scene.does("chair-1", Act::SessionOpened { items: vec![drafted.clone()], seal_by, open_by });
    scene.vote(session, &PANEL.map(|holder| (holder, all(Choice::For)))[..3]);
    let resolution = scene.does("panel-3", Act::Resolved { of: session, items: vec![drafted] });
    let procedure = scene.confirmed(resolution);
    scene.reference.version = "2020".to_owned();
    assert!(matches!(scene.docket_of(&[1], procedure), Err(Why::DraftPolicy(_))));
}

#[test]
fn what_is_taken_over_without_a_case_is_signed_by_as_many_as_a_roster() {
    let scene = Scene::new();
    let imported = [scene.statement(1, Hash::from_bytes([0; 32]))];
    let signers = [Role::Panel, Role::Panel, Role::Chair];
    follows(&imported, &[], &signers).unwrap();
    for few in [&signers[..2], &signers[1..], &[]] {
        assert!(matches!(follows(&imported, &[], few), Err(Why::ImportSigners)));
    }
    let named = [scene.statement(1, Hash::of(b"a case that isn't there"))];
    assert!(matches!(follows(&named, &[], &signers), Err(Why::ProcedureUnknown)));
}

#[test]
fn a_docket_may_follow_from_several_cases_and_from_each_wholly() {
    let mut one = Scene::new();
    let first = one.decided(&[1, 2]);
    let mut two = Scene::new();
    two.id = callboard_federation::encoding::CaseId::new(one.now, [8; 10]);
    let second = two.decided(&[3]);
    let cases: Vec<Case> = [&one, &two].map(|scene| scene.case().clone()).into();
    let statements = |items: &[(u32, Hash)]| {
        items.iter().map(|(item, procedure)| one.statement(*item, *procedure)).collect::<Vec<_>>()
    };
    follows(&statements(&[(1, first), (2, first), (3, second)]), &cases, &[]).unwrap();
    let short = follows(&statements(&[(1, first), (3, second)]), &cases, &[]);
    assert!(matches!(short, Err(Why::DraftMissing(2))));
    let swapped = follows(&statements(&[(1, first), (2, second), (3, second)]), &cases, &[]);
    assert!(swapped.is_err());
}
