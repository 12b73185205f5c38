//! How a case is told: its timeline, its minutes, and at a glance.

use callboard_client::output;
use callboard_federation::language::Language;
use callboard_rules::case::{act::Act, law::Law, vote::Choice};

use super::scene::{PANEL, Scene, all, but};
use crate::cases::{
    minutes::{self, Ballot},
    overview::Overview,
    proposal::proposals,
    sealed::{Said, SealedContent, seal},
    timeline::{Part, timeline},
    words,
};

#[test]
fn each_event_is_told_with_who_when_and_what_in_both_languages() {
    let mut scene = Scene::heard(&[1, 2]);
    scene.does("panel-3", &Act::Recused { items: vec![2] });
    let file = scene.file().unwrap();
    let law = Law::of(scene.committee.replay());
    let told = |language: Language| language.saying(|| timeline(&file, &[], &law));
    let texts = |language| told(language).iter().map(|told| format!("{} {}", told.who, told.what)).collect::<Vec<_>>();
    let en = texts(Language::En);
    assert_eq!(en[0], "secretariat-1 opens the case under Rules on warning and return of online presenters (1)");
    assert_eq!(en[1], "secretariat-1 adds item 1: decision, hosted by unknown");
    assert_eq!(en[3], "chair-1 names the panel: panel-1, panel-2, panel-3");
    assert!(en[4].starts_with("secretariat-1 of item 1–2: the subject was told, delivered "), "{}", en[4]);
    assert_eq!(en[5], "panel-3 is recused from item 2");
    let zh = texts(Language::Zh);
    assert_eq!(zh[3], "chair-1 指定评议组：panel-1、panel-2、panel-3");
    assert_eq!(zh[5], "panel-3 就第2人回避");
    assert!(zh.iter().zip(&en).all(|(zh, en)| zh != en));
}

#[test]
fn what_is_sealed_is_told_to_whoever_opens_it_and_to_nobody_else() {
    let mut scene = Scene::opened(&[1]);
    let (case, act) = (scene.case(), Act::ItemDropped { item: 1 });
    let sealed = seal(Said::text("证据不足"), scene.id, &act, Some(&case), &scene.committee.roster).unwrap();
    let (sealed, part) = sealed.unwrap();
    scene.says("secretariat-1", &act, Some(sealed));
    let file = scene.file().unwrap();
    let law = Law::of(scene.committee.replay());
    let opened = SealedContent::open(&part, &sealed, scene.id, "item-dropped", scene.key("panel-1")).unwrap();
    let said = |part| timeline(&file, &[Part::None, Part::None, part], &law).pop().unwrap().said;
    assert_eq!(said(Part::Read(opened)).as_deref(), Some("证据不足"));
    assert!(said(Part::Unread).unwrap().contains("not for you"));
    assert_eq!(said(Part::None), None);
}

#[test]
fn the_minutes_say_how_each_seat_voted_and_who_didnt_open_a_vote() {
    let mut scene = Scene::opened(&[1, 2]);
    scene.names_panel(&["panel-1", "panel-2", "panel-3", "panel-4"]);
    scene.is_told(&[1, 2]);
    scene.does("panel-4", &Act::Recused { items: vec![2] });
    scene.now = scene.now.plus_days(7);
    let session = scene.session(proposals(&scene.proposal(), scene.id, &[]).unwrap());
    let votes = [("panel-1", all(Choice::For)), ("panel-2", but(&[2])), ("panel-4", all(Choice::For))];
    let secrets = scene.seals(session, &votes);
    scene.now = scene.now.plus_hours(25);
    scene.opens(session, "panel-1", &secrets[0]);
    scene.opens(session, "panel-2", &secrets[1]);
    scene.now = scene.now.plus_hours(25);
    scene.does("chair-1", &Act::SessionClosed { session });
    let minutes = minutes::of_case(&scene.case());
    let [minutes] = &minutes[..] else { panic!("{minutes:?}") };
    assert_eq!(minutes.absent, ["panel-3"]);
    assert_eq!(minutes.unopened, ["panel-4"]);
    let of = |item: usize| minutes.items[item].votes.iter().map(|(_, ballot)| *ballot).collect::<Vec<_>>();
    let (yes, no) = (Ballot::Voted(Choice::For), Ballot::Voted(Choice::Against));
    assert_eq!(of(0), [yes, yes, Ballot::Absent, Ballot::Unopened]);
    assert_eq!(of(1), [yes, no, Ballot::Absent, Ballot::Recused]);
    assert_eq!(minutes.items.iter().map(|item| item.is_carried).collect::<Vec<_>>(), [true, false]);
    let text: Vec<String> = minutes.lines().iter().map(|line| output::text(line)).collect();
    assert!(text.iter().any(|line| line.contains("didn't open a vote: panel-4")), "{text:?}");
}

#[test]
fn a_case_at_a_glance_says_what_waits_for_whom() {
    let mut scene = Scene::opened(&[1]);
    scene.names_panel(&PANEL);
    scene.does("panel-1", &Act::Recused { items: vec![1] });
    let law = Law::of(scene.committee.replay());
    let shown = Overview::of(&scene.case(), scene.now, &law);
    assert_eq!(shown.items[0].window.as_deref(), Some("not told yet"));
    assert_eq!(shown.panel[0].recused, [1]);
    let waits: Vec<&str> = shown.waits.iter().map(|waits| waits.seat.as_str()).collect();
    assert_eq!(waits, ["chair-1", "chair-2", "secretariat-1", "secretariat-2"], "the panel is short by one");
    let zh = Language::Zh.saying(|| {
        let shown = Overview::of(&scene.case(), scene.now, &law);
        shown.lines().iter().map(|line| output::text(line)).collect::<Vec<_>>().join("\n")
    });
    assert!(zh.contains("准备中") && zh.contains("chair-1待办：指定评议组"), "{zh}");
}

#[test]
fn every_act_and_state_has_words() {
    let acts = [
        "opened",
        "item-added",
        "item-dropped",
        "evidence-added",
        "panel-named",
        "draw-announced",
        "draw-committed",
        "draw-fixed",
        "draw-opened",
        "drawn",
        "recused",
        "challenged",
        "challenge-decided",
        "replaced",
        "represented",
        "notified",
        "notice-failed",
        "served-by-publication",
        "answered",
        "interim-proposed",
        "session-opened",
        "present",
        "vote-sealed",
        "vote-opened",
        "session-closed",
        "resolved",
        "confirmed",
        "issued",
        "withdrawn",
        "access-approved",
        "closed",
    ];
    let unknown = words::act("");
    assert!(acts.iter().all(|act| words::act(act) != unknown));
}
