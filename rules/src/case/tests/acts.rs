//! The chain, who signs, and what an event may say.

use callboard_federation::{
    encoding::{CaseId, Hash, Time},
    event::{ChainError, Head},
    statement::Kind,
};
use serde_json::{Map, Value, json};

use super::scene::{PANEL, Scene, key, key_id, refused, reversal, ruling, time};
use crate::case::{
    Case,
    act::{Act, Addressee, Sealed},
    error::{CaseError, Why},
};

#[test]
fn a_case_begins_by_being_opened_by_the_secretariat_under_a_policy_that_was_logged() {
    let mut scene = Scene::new();
    let (policy, earlier) = (scene.reference.clone(), Vec::new());
    refused!(scene.takes("secretary", ruling(1, &[], &[], false)), Why::NotOpened);
    refused!(
        scene.takes(
            "chair-1",
            Act::Opened { policy: policy.clone(), earlier: earlier.clone(), appeal: None, application: None }
        ),
        Why::Signer
    );
    let mut unknown = policy.clone();
    unknown.sha256 = Hash::of(b"another");
    refused!(
        scene.takes(
            "secretary",
            Act::Opened { policy: unknown, earlier: earlier.clone(), appeal: None, application: None }
        ),
        Why::PolicyUnknown(_)
    );
    let mut other = policy.clone();
    other.version = "2018".to_owned();
    refused!(
        scene.takes(
            "secretary",
            Act::Opened { policy: other, earlier: earlier.clone(), appeal: None, application: None }
        ),
        Why::PolicyUnknown(_)
    );
    scene.opened();
    refused!(scene.takes("secretary", Act::Opened { policy, earlier, appeal: None, application: None }), Why::Opened);
}

#[test]
fn a_chain_with_a_hole_a_fork_anothers_signature_or_a_clock_set_back_is_no_case() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    scene.item(2, &[], &[]);
    let law = scene.law();
    assert!(Case::replay(&scene.events, &law).is_ok());
    let without = |at: usize| {
        let mut events = scene.events.clone();
        events.remove(at);
        Case::replay(&events, &law)
    };
    assert!(matches!(without(0), Err(CaseError::Chain(ChainError::Seq { .. }))));
    assert!(matches!(without(1), Err(CaseError::Chain(ChainError::Seq { .. }))));
    let mut another = scene.events.clone();
    another[1].signatures[0].keyid = key_id("chair-1");
    assert!(matches!(Case::replay(&another, &law), Err(CaseError::Chain(ChainError::Envelope { .. }))));
    let mut stranger = scene.sign("nobody", &ruling(3, &[], &[], false));
    assert!(matches!(scene.take(stranger), Err(CaseError::Chain(ChainError::Envelope { .. }))));
    scene.now = scene.now.plus_millis(-1);
    refused!(scene.takes("secretary", ruling(3, &[], &[], false)), Why::Clock);
    // Two that follow the same event: one of them is taken.
    scene.now = scene.now.plus_millis(1);
    let (one, other) = (scene.sign("secretary", &ruling(3, &[], &[], false)), ruling(4, &[], &[], false));
    stranger = scene.sign("secretary", &other);
    scene.take(one).unwrap();
    assert!(matches!(scene.take(stranger), Err(CaseError::Chain(ChainError::Seq { .. }))));
    assert!(matches!(Case::replay(&[], &scene.law()), Err(CaseError::Chain(ChainError::Empty))));
}

#[test]
fn an_event_says_what_its_act_says_and_nothing_else() {
    let mut scene = Scene::new();
    scene.opened();
    let head = scene.case().head;
    let mut says = |word: &str, members: Value| {
        let Value::Object(members) = members else { panic!("an object") };
        let envelope = head.next(scene.now, word, members, &key("secretary")).unwrap();
        scene.take(envelope)
    };
    let hash = Hash::of(b"").to_string();
    let item = |more: Value| {
        let mut item = json!({"item": 1, "decides": ["ruling"], "hosts": "unknown"});
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        item
    };
    refused!(says("unheard-of", json!({})), Why::Malformed(_));
    refused!(says("item-added", json!({"item": 1})), Why::Malformed(_));
    refused!(says("item-added", item(json!({"name": "张三"}))), Why::Malformed(_));
    refused!(says("item-added", item(json!({"hosts": "known"}))), Why::Malformed(_));
    refused!(says("item-added", item(json!({"hosts": []}))), Why::List);
    refused!(says("item-added", item(json!({"reporters": ["alpha", "alpha"]}))), Why::List);
    refused!(says("item-added", item(json!({"decides": []}))), Why::List);
    for key in ["interim", "annulment", "dispute", "roster", "ruling/bar"] {
        refused!(says("item-added", item(json!({"decides": [key]}))), Why::Decides);
    }
    refused!(says("item-added", item(json!({"sealed": {"sha256": hash, "bytes": 0}}))), Why::SealedLength);
    refused!(says("item-added", item(json!({"sealed": {"sha256": hash}}))), Why::Malformed(_));
    refused!(says("closed", json!({"why": "so"})), Why::Malformed(_));
    says("item-added", item(json!({"sealed": {"sha256": hash, "bytes": 9}}))).unwrap();
}

#[test]
fn what_is_written_is_read_back_with_its_sealed_part() {
    let sealed = Some(Sealed { sha256: Hash::of(b"sealed"), bytes: 6 });
    let act = Act::Replaced { out: key_id("panel-1"), seat: key_id("panel-4") };
    let (word, members) = act.write(sealed);
    assert_eq!(word, "replaced");
    assert!(members.contains_key("in"));
    let id = CaseId::new(Time::from_seconds(0), [0; 10]);
    let envelope = Head::of_new(id).next(Time::from_seconds(0), &word, members, &key("chair-1")).unwrap();
    let event = callboard_federation::encoding::from_json(&envelope.payload.0).unwrap();
    assert_eq!(Act::read(&event).unwrap(), (act, sealed));
    assert_eq!(Act::Closed {}.write(None), ("closed".to_owned(), Map::new()));
}

#[test]
fn who_has_no_right_to_an_act_takes_none() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &["gamma"], &[]);
    let (proof, now) = (Hash::of(b""), scene.now);
    let notified = |by: &str| Act::Notified {
        items: vec![1],
        to: if by.is_empty() { Addressee::Guardian } else { Addressee::Subject },
        delivered_at: now,
        proof,
    };
    for by in ["panel-1", "auditor", "alpha", "log"] {
        refused!(scene.takes(by, ruling(2, &[], &[], false)), Why::Signer);
        refused!(scene.takes(by, Act::ItemDropped { item: 1 }), Why::Signer);
        refused!(scene.takes(by, Act::Closed {}), Why::Signer);
    }
    for by in ["secretary", "panel-1", "alpha", "log"] {
        refused!(scene.takes(by, Act::PanelNamed { seats: vec![key_id("panel-1")] }), Why::Signer);
        refused!(scene.takes(by, Act::Confirmed { resolution: 1 }), Why::Signer);
    }
    for by in ["panel-1", "chair-1", "log"] {
        refused!(scene.takes(by, notified("a seat")), Why::Signer);
    }
    refused!(scene.takes("alpha", notified("a member")), Why::NoticeHost(1));
    scene.does("gamma", notified("its host"));
    refused!(scene.takes("alpha", Act::Answered { items: vec![1] }), Why::Signer);
    refused!(scene.takes("alpha", Act::Recused { items: vec![1] }), Why::Signer);
    scene.does("log", Act::Answered { items: vec![1] });
}

#[test]
fn a_key_that_a_roster_replaced_signs_no_more_and_its_seat_goes_on() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    scene.panel(&PANEL[..3]);
    let mut next = scene.history.rosters[0].1.clone();
    next.version = 2;
    next.seats[0].public_key = callboard_federation::encoding::PublicKey::of(&key("panel-1, anew"));
    scene.at("2024-09-21T02:00:00.000Z");
    scene.history.rosters.push((time("2024-09-21T02:00:00.000Z"), next));
    let lost = scene.sign("panel-1", &Act::Recused { items: vec![1] });
    assert!(matches!(scene.take(lost), Err(CaseError::Chain(ChainError::Envelope { .. }))));
    scene.does("panel-1, anew", Act::Recused { items: vec![1] });
    let seat = scene.law().holder("panel-1", scene.now).cloned().unwrap();
    assert!(scene.case().is_recused(&seat, 1));
    // Another that replays it later finds the same.
    assert!(Case::replay(&scene.events, &scene.law()).is_ok());
}

#[test]
fn what_lifts_needs_no_hearing_and_what_burdens_does() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    for (item, kind, of) in [
        (2, Kind::Reinstatement, Kind::Ruling),
        (3, Kind::Stay, Kind::Ruling),
        (4, Kind::Annulment, Kind::Ruling),
        (5, Kind::End, Kind::Stay),
        (6, Kind::Annulment, Kind::Reinstatement),
        (7, Kind::End, Kind::Dispute),
    ] {
        scene.does("secretary", reversal(item, kind, of));
    }
    let heard: Vec<_> =
        scene.case().items.iter().filter(|(_, item)| item.is_to_be_heard()).map(|(item, _)| *item).collect();
    assert_eq!(heard, [1, 5, 6]);
}

#[test]
fn a_case_of_its_size_takes_no_item_more_and_none_twice() {
    let mut scene = Scene::new();
    scene.opened();
    scene.item(1, &[], &[]);
    refused!(scene.takes("secretary", ruling(1, &[], &[], false)), Why::ItemRepeated(1));
    refused!(scene.takes("secretary", Act::ItemDropped { item: 9 }), Why::ItemUnknown(9));
    scene.does("secretary", Act::ItemDropped { item: 1 });
    refused!(scene.takes("secretary", Act::ItemDropped { item: 1 }), Why::ItemDropped(1));
    scene.does("secretary", Act::Closed {});
    refused!(scene.takes("secretary", ruling(2, &[], &[], false)), Why::Closed);
}

#[test]
fn a_word_is_the_one_that_stands_in_json() {
    use crate::case::act::{EvidenceKind, Representative};
    macro_rules! check {
        ($($name:ident),+) => {$(
            for of in $name::ALL {
                assert_eq!(serde_json::to_value(of).unwrap(), of.as_str());
                assert_eq!($name::from_word(of.as_str()), Some(of));
            }
        )+};
    }
    check!(EvidenceKind, Representative, Addressee);
}

#[test]
fn evidence_is_of_the_kinds_that_the_formats_name_decisions_of_authorities_and_courts_among_them() {
    use crate::case::act::EvidenceKind;
    let formats = include_str!("../../../../docs/formats.md");
    let (_, row) = formats.split_once("| `evidence-added` |").unwrap();
    let (_, row) = row.split_once("`kind` is ").unwrap();
    let (kinds, _) = row.split_once(". ").unwrap();
    let kinds: Vec<&str> = kinds.split('`').skip(1).step_by(2).collect();
    assert_eq!(kinds, EvidenceKind::ALL.map(EvidenceKind::as_str));
    for kind in ["authority-decision", "court-order", "foreign-docket"] {
        assert!(kinds.contains(&kind), "{kind}");
    }
}
