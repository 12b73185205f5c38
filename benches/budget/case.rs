//! A case of a thousand people replayed, beside the SHA-256 and the verification of its events.

use std::collections::BTreeMap;

use callboard_federation::{
    dsse::Envelope,
    encoding::{CaseId, Hash, PublicKey},
    event::Head,
    replay::History,
    roster::RuleKey,
    statement::{self, Kind, PolicyRef, Statement},
    tlog::merkle::Tree,
};
use callboard_rules::{
    case::{
        Case,
        act::{Act, Addressee, Hosts, MAX_ITEMS, Unknown},
        law::Law,
    },
    policies,
};
use ed25519_dalek::SigningKey;
use sha2::{Digest as _, Sha256};

use crate::{
    audit::signed_bytes,
    fixture::Fixture,
    row::{Row, time},
};

pub(crate) const ROW: Row = Row { name: "case", floor: 0.5, goal: 0.8 };

pub(crate) fn measure() {
    let fixture = Fixture::new();
    let Some((logged_at, genesis)) = fixture.beginning().into_iter().next() else { return };
    let statement = Statement::from_json(&genesis.items[0].statement.0).unwrap();
    let statement::Act::Roster(roster) = statement.act else { panic!("the log begins with a roster") };
    let policy = policies::ALL[3].document().unwrap();
    let reference = PolicyRef {
        instrument: policy.value.instrument.clone(),
        version: policy.value.version.clone(),
        sha256: policy.hash,
    };
    let policies = BTreeMap::from([(policy.hash, policy.value)]);
    let history = History { rosters: vec![(logged_at, roster.value.clone())], ..History::default() };
    let tree = Tree::default();
    let events = events(&fixture, &fixture.secretary, reference);
    let law = || Law::new(&history, &policies, &tree);
    assert_eq!(Case::replay(&events, &law()).unwrap().items.len(), MAX_ITEMS);
    let key = fixture.secretary.verifying_key();
    ROW.measure(
        |_| {
            let signed: Vec<_> = events.iter().map(signed_bytes).collect();
            time(|| {
                events.iter().zip(&signed).all(|(event, message)| {
                    std::hint::black_box(Sha256::digest(&event.payload.0));
                    let signature = ed25519_dalek::Signature::from_bytes(&event.signatures[0].sig.0);
                    key.verify_strict(message, &signature).is_ok()
                })
            })
        },
        |_| time(|| Case::replay(&events, &law()).unwrap()),
    );
}

/// The case is opened, each person is added, and each was told.
fn events(fixture: &Fixture, secretary: &SigningKey, policy: PolicyRef) -> Vec<Envelope> {
    let at = fixture.now;
    let added = |item| Act::ItemAdded {
        item,
        decides: vec![RuleKey { kind: Kind::Ruling, of: None }],
        hosts: Hosts::Unknown(Unknown::Unknown),
        reporters: Vec::new(),
        minor: false,
        appeals: None,
    };
    let told = |item| Act::Notified {
        items: vec![item],
        to: Addressee::Subject,
        delivered_at: at,
        proof: Hash::of(b"a proof of delivery"),
    };
    let items = 1..=u32::try_from(MAX_ITEMS).unwrap();
    let acts = std::iter::once(Act::Opened { policy, earlier: Vec::new(), appeal: None, application: None });
    let acts = acts.chain(items.clone().map(added)).chain(items.map(told));
    let mut head = Head::of_new(CaseId::new(at, [1; 10]));
    let mut events = Vec::new();
    for act in acts {
        let (word, members) = act.write(None);
        let event = head.next(at, &word, members, secretary).unwrap();
        head = head.follow(&event, |_, _| Some((PublicKey::of(secretary), ()))).unwrap().1;
        events.push(event);
    }
    events
}
