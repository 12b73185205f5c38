//! The chains of `vectors/events.json`, and chains of our own.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::dsse::EnvelopeError;

#[derive(Deserialize)]
struct Vectors {
    keys: BTreeMap<KeyId, PublicKey>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    events: Vec<Envelope>,
    accepted: bool,
    procedure: Option<Hash>,
    reason: Option<String>,
}

#[test]
fn a_chain_is_taken_whole_or_not_at_all() {
    let Vectors { keys, cases } = serde_json::from_str(include_str!("../../vectors/events.json")).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let chain = check_chain(&case.events, |id| Some((*keys.get(id)?, *id)));
        assert_eq!(chain.is_ok(), case.accepted, "{}", case.name);
        match chain {
            Ok(chain) => {
                assert_eq!(Some(chain.procedure), case.procedure, "{}", case.name);
                assert_eq!(chain.head.seq(), 5);
                assert!(
                    chain.steps.iter().zip(&case.events).all(|(step, event)| step.who == event.signatures[0].keyid)
                );
            }
            Err(fault) => {
                let reason = match fault {
                    ChainError::Seq { .. } => "event-seq",
                    ChainError::Previous { .. } => "event-previous",
                    ChainError::Envelope { source: AloneError::Envelope(EnvelopeError::KeyUnknown(_)), .. } => {
                        "signature-key-unknown"
                    }
                    other => panic!("{}: {other}", case.name),
                };
                assert_eq!(Some(reason), case.reason.as_deref(), "{}", case.name);
            }
        }
    }
}

fn key(of: u8) -> SigningKey {
    SigningKey::from_bytes(&[of; 32])
}

/// Keys 1 and 2 may act.
fn anyone(id: &KeyId) -> Option<(PublicKey, u8)> {
    [1, 2].into_iter().map(|of| (PublicKey::of(&key(of)), of)).find(|(key, _)| key.id() == *id)
}

fn case(of: u8) -> CaseId {
    CaseId::new(Time::from_millis(0), [of; 10])
}

fn at(second: i64) -> Time {
    Time::from_seconds(1_780_000_000 + second)
}

fn members(of: Value) -> Map<String, Value> {
    let Value::Object(members) = of else { panic!("an object") };
    members
}

#[test]
fn what_is_built_is_taken_and_keeps_what_the_act_says() {
    let opened = Head::of_new(case(1)).next(at(0), "open", Map::new(), &key(1)).unwrap();
    let (_, head) = Head::of_new(case(1)).follow(&opened, |_, key| anyone(key)).unwrap();
    let said = members(json!({"vote": "yes", "on": {"measure": "warning"}, "count": 3}));
    let voted = head.next(at(1), "vote", said.clone(), &key(2)).unwrap();
    let chain = check_chain(&[opened, voted.clone()], anyone).unwrap();
    assert_eq!(chain.procedure, voted.payload_hash());
    assert_eq!(chain.head, Head::after(case(1), 1, voted.payload_hash()));
    let [first, second] = &chain.steps[..] else { panic!("two steps") };
    assert_eq!((first.who, second.who), (1, 2));
    assert_eq!((second.event.act.as_str(), &second.event.members), ("vote", &said));
}

#[test]
fn an_event_that_would_not_be_read_back_is_not_signed() {
    for wrong in [json!({"seq": 7}), json!({"act": "other"}), json!({"why": null}), json!({"share": 0.5})] {
        let built = Head::of_new(case(1)).next(at(0), "open", members(wrong.clone()), &key(1));
        assert!(matches!(built, Err(ChainError::Payload { .. })), "{wrong}");
    }
}

#[test]
fn two_signers_and_another_case_and_no_events_are_refused() {
    let head = Head::of_new(case(1));
    let mut opened = head.next(at(0), "open", Map::new(), &key(1)).unwrap();
    let other = Head::of_new(case(2)).next(at(0), "open", Map::new(), &key(1)).unwrap();
    assert!(matches!(head.follow(&other, |_, key| anyone(key)), Err(ChainError::Case { .. })));
    opened.sign(&key(2));
    let fault = head.follow(&opened, |_, key| anyone(key));
    assert!(matches!(fault, Err(ChainError::Envelope { source: AloneError::Signatures(2), .. })));
    assert!(matches!(check_chain(&[], anyone), Err(ChainError::Empty)));
}
