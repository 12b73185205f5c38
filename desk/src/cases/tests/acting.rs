//! What a seat does: what waits for it, what is sealed, what it keeps, and when an act is still meant.

use callboard_federation::encoding::Hash;
use callboard_rules::case::{
    act::{Act, Proposal},
    error::Why,
    vote::Choice,
};

use super::scene::{PANEL, Scene, all};
use crate::cases::{
    naming::{is_placeless, is_still_meant},
    proposal::proposals,
    sealed::{Said, SealedContent, Subject, seal},
    secrets::{CaseSecret, Secrets},
    waiting::Task,
};
use crate::tests::os_rng;

fn proposal(item: u32) -> Proposal {
    Proposal { item, drafts: vec![Hash::of(&item.to_be_bytes())] }
}

#[test]
fn what_waits_for_a_seat_is_what_the_rules_take_of_it_from_the_panel_to_the_end() {
    let mut scene = Scene::opened(&[1, 2]);
    assert_eq!(scene.tasks("chair-1"), [Task::NamePanel]);
    assert_eq!(scene.tasks("secretariat-1"), [Task::Notify(vec![1, 2])]);
    assert_eq!(scene.tasks("panel-1"), []);
    scene.names_panel(&PANEL);
    scene.is_told(&[1, 2]);
    let early = scene.waits("chair-1");
    assert!(matches!(&early[..], [waits] if matches!(waits.hindered, Some(Why::WindowOpen(..)))), "{early:?}");
    scene.now = scene.now.plus_days(7);
    assert_eq!(scene.tasks("chair-1"), [Task::OpenSession(vec![1, 2])]);

    let draft = scene.proposal();
    let session = scene.session(proposals(&draft, scene.id, &[]).unwrap());
    assert_eq!(scene.tasks("panel-1"), [Task::BePresent(session)]);
    assert_eq!(scene.tasks("panel-4"), [], "whoever isn't on the panel");
    let secrets = scene.seals(session, &PANEL.map(|holder| (holder, all(Choice::For))));
    assert_eq!(scene.tasks("panel-1"), [Task::OpenVote(session)]);
    for (holder, secret) in PANEL.iter().zip(&secrets) {
        scene.opens(session, holder, secret);
    }
    assert_eq!(scene.tasks("panel-1"), []);
    scene.does("chair-1", &Act::SessionClosed { session });
    assert_eq!(scene.tasks("panel-2"), [Task::Resolve(session)]);
    assert_eq!(scene.tasks("secretariat-1"), []);
    let procedure = scene.resolves(session);
    assert_eq!(scene.tasks("secretariat-2"), [Task::DraftDocket(procedure)]);
    assert_eq!(scene.tasks("chair-1"), []);

    let docket = scene.docket(&draft, procedure).unwrap();
    let now = scene.now;
    scene.committee.log(&docket, now).unwrap();
    scene.now = now.plus_millis(1);
    scene.does("secretariat-1", &Act::Issued { procedure, docket: docket.hash() });
    assert_eq!(scene.tasks("secretariat-1"), [Task::Close, Task::TellDecision(vec![1, 2])]);
    scene.does("secretariat-1", &Act::Closed {});
    assert_eq!(scene.tasks("secretariat-1"), [Task::TellDecision(vec![1, 2])], "closed or not");
}

#[test]
fn a_seat_is_told_why_it_cant_do_what_waits() {
    let mut scene = Scene::heard(&[1]);
    let session = scene.session(vec![proposal(1)]);
    scene.does("panel-1", &Act::Recused { items: vec![1] });
    let waits = scene.waits("panel-1");
    assert!(matches!(&waits[..], [waits] if matches!(waits.hindered, Some(Why::SeatRecused))), "{waits:?}");
    scene.does("panel-2", &Act::Present { session });
    let secret = CaseSecret::vote(scene.id, session, &all(Choice::For), None, &mut os_rng());
    let commitment = secret.commitment(&scene.key("panel-2").public_key().id());
    scene.does("panel-2", &Act::VoteSealed { session, commitment });
    let waits = scene.waits("panel-2");
    assert!(matches!(&waits[..], [waits] if matches!(waits.hindered, Some(Why::VoteNotYet))), "{waits:?}");
    assert!(waits[0].text().contains("not yet, not all have voted"), "{}", waits[0].text());
}

#[test]
fn a_challenge_waits_for_whoever_may_decide_it() {
    let mut scene = Scene::heard(&[1]);
    let seat = scene.key("panel-1").public_key().id();
    let challenge = scene.does("secretariat-1", &Act::Challenged { seat, items: vec![1] });
    assert!(scene.tasks("chair-1").contains(&Task::DecideChallenge(challenge)));
    let own = scene.waits("panel-1");
    let own = own.iter().find(|waits| waits.task == Task::DecideChallenge(challenge)).unwrap();
    assert!(matches!(own.hindered, Some(Why::SeatRecused)), "nobody decides about itself: {own:?}");
}

#[test]
fn what_is_sealed_opens_for_the_seats_of_the_case_but_for_whoever_is_recused() {
    let mut scene = Scene::opened(&[1]);
    scene.does("panel-2", &Act::Recused { items: vec![1] });
    let (case, act) = (scene.case(), Act::ItemDropped { item: 1 });
    let subjects = vec![Subject { item: 1, names: vec!["赵试一".to_owned()], accounts: Vec::new() }];
    let said = Said { text: Some("证据不足".to_owned()), subjects, report: None };
    let (sealed, part) = seal(said, scene.id, &act, Some(&case), &scene.committee.roster).unwrap().unwrap();
    assert!(!part.windows(9).any(|window| window == "赵试一".as_bytes()));
    let opens = |holder: &str, word: &str| SealedContent::open(&part, &sealed, scene.id, word, scene.key(holder));
    assert_eq!(opens("panel-4", "item-dropped").unwrap().text.as_deref(), Some("证据不足"));
    assert_eq!(opens("secretariat-2", "item-dropped").unwrap().subjects[0].item, 1);
    assert!(opens("panel-2", "item-dropped").is_err(), "recused");
    assert!(opens("panel-4", "item-added").is_err(), "beside another act");
    let other = callboard_rules::case::act::Sealed { sha256: Hash::of(b"other"), ..sealed };
    assert!(SealedContent::open(&part, &other, scene.id, "item-dropped", scene.key("panel-4")).is_err());
    assert_eq!(seal(Said::default(), scene.id, &act, Some(&case), &scene.committee.roster).unwrap(), None);
}

#[test]
fn a_vote_is_kept_for_its_own_seat_before_it_is_sealed_and_a_lost_one_is_told() {
    let (scene, home) = (Scene::opened(&[1]), tempfile::tempdir().unwrap());
    let own = Secrets::in_home(home.path(), scene.key("panel-1"));
    let reasons = Some("证据确凿".to_owned());
    let secret = CaseSecret::vote(scene.id, 9, &all(Choice::Against), reasons.clone(), &mut os_rng());
    let commitment = own.keep(&secret).unwrap();
    let opened = own.open(scene.id, &commitment).unwrap();
    assert_eq!((opened.vote, opened.reasons), (Some(r#"{"all":"against"}"#.to_owned()), reasons));
    assert!(Secrets::in_home(home.path(), scene.key("panel-2")).open(scene.id, &commitment).is_err());
    // A second one doesn't take the first one's place: either may have arrived.
    let draw = CaseSecret::draw(scene.id, 9, &mut os_rng());
    let other = own.keep(&draw).unwrap();
    assert!(own.open(scene.id, &commitment).is_ok() && own.open(scene.id, &other).is_ok());
    let elsewhere = tempfile::tempdir().unwrap();
    let lost = Secrets::in_home(elsewhere.path(), scene.key("panel-1")).open(scene.id, &commitment);
    assert_eq!(lost.err().unwrap().code(), "secret-lost");
}

#[test]
fn an_act_is_tried_again_only_while_what_it_names_is_as_it_was() {
    let mut scene = Scene::heard(&[1, 2]);
    let session = scene.session(vec![proposal(1)]);
    let before = scene.case();
    let present = Act::Present { session };
    scene.does("panel-1", &present);
    assert!(is_placeless(&present) && is_still_meant(&present, &before, &scene.case()), "another came");
    scene.does("secretariat-1", &Act::ItemDropped { item: 2 });
    assert!(is_still_meant(&present, &before, &scene.case()), "of another item");
    let recused = Act::Recused { items: Vec::new() };
    scene.does("secretariat-1", &Act::ItemDropped { item: 1 });
    assert!(!is_still_meant(&present, &before, &scene.case()));
    assert!(is_still_meant(&recused, &before, &scene.case()), "from all, whatever they are");
    for act in [Act::Closed {}, Act::SessionClosed { session }, Act::ItemDropped { item: 1 }] {
        assert!(!is_placeless(&act), "{act:?}");
    }
}
