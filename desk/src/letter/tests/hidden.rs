//! What acts on a terminal or hides is planted in every string that a letter may have, one at a time, and none comes out raw.

use callboard_federation::{
    identity::{
        IdentityKind,
        reader::{TypedIdentity, day_in_china, read},
    },
    policy::Policy,
    roster::Role,
    sealed::{Plain, seal},
    statement::{Act, Imposition, Scope, Subject, SubjectType},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    draft::ruling::tags,
    letter::Logged,
    signing::{Original, summary::summary},
};

/// A cursor, a line turned around, nothing to see, a tag, an end of line, a private character, a mark on nothing.
const PLANTED: &str = "\u{1b}[8m\u{9b}2J\u{202e}\u{2066}\u{200b}\u{e0041}\u{2028}\r\u{7}\u{e000}\u{3164} \u{301}";

/// The value with one string, or name of a member, planted, for each of them.
fn planted(value: &Value, place: &str) -> Vec<(String, Value)> {
    match value {
        Value::String(text) => vec![(place.to_owned(), json!(format!("{text}{PLANTED}")))],
        Value::Array(values) => (0..values.len())
            .flat_map(|at| planted(&values[at], &format!("{place}[{at}]")).into_iter().map(move |one| (at, one)))
            .map(|(at, (place, inner))| {
                let mut values = values.clone();
                values[at] = inner;
                (place, Value::Array(values))
            })
            .collect(),
        Value::Object(members) => {
            let with = |place: String, name: String, of: &str, inner: Value| {
                let mut members = members.clone();
                members.remove(of);
                members.insert(name, inner);
                (place, Value::Object(members))
            };
            let each = members.iter().flat_map(|(name, inner)| {
                let place = format!("{place}.{name}");
                let renamed = with(format!("{place} (name)"), format!("{name}{PLANTED}"), name, inner.clone());
                let inner = planted(inner, &place).into_iter();
                inner.map(|(place, inner)| with(place, name.clone(), name, inner)).chain([renamed]).collect::<Vec<_>>()
            });
            each.collect()
        }
        _ => Vec::new(),
    }
}

#[track_caller]
fn shows_nothing_raw(text: &str, place: &str) {
    let raw = PLANTED.chars().filter(|c| !c.is_ascii() || c.is_control()).find(|c| text.contains(*c));
    assert_eq!(raw, None, "{place}: {text}");
}

#[test]
fn nothing_of_a_letter_comes_out_raw() {
    let committee = Committee::found();
    let rulings = committee.rule(SHEET);
    let known = committee.find(&rulings, LogRecords::default()).known;
    let plain = json!({
        "names": ["某甲", "某乙"], "accounts": ["alpha:a"], "violations": ["NB-11", "XX-1"], "reasons": "理由",
        "conditions": ["培训"], "guardian": "某父", "words": "陈述", "number": "第1号", "born": "2010-01-01",
        "conduct": {"from": noon(), "to": noon()}, "evidence": [callboard_federation::encoding::Hash::of(b"a")],
        "other": {"deep": ["x", {"deeper": "y"}]},
    });
    let policy: Value = serde_json::from_str(&committee.policy.text).unwrap();
    let all = json!({
        "plain": plain, "policy": policy, "issuer": "callboard.test", "number": "第2号", "why": "closed",
        "scope": "topic:话题", "identity": "KOR:M12345678", "holder": "panel-1",
    });
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (mut seen, mut refused) = (0, 0);
    for (place, all) in std::iter::once(("nothing".to_owned(), all.clone())).chain(planted(&all, "")) {
        // What its type refuses doesn't come so far; why, says nothing raw.
        let plain = serde_json::from_value::<Plain>(all["plain"].clone());
        let policy = serde_json::from_value::<Policy>(all["policy"].clone());
        let scope = serde_json::from_value::<Scope>(all["scope"].clone());
        let typed = TypedIdentity {
            kind: IdentityKind::Passport,
            value: all["identity"].as_str().unwrap_or_default(),
            confirmed: false,
        };
        let reading = read(typed, day_in_china(noon()));
        let (Ok(plain), Ok(policy), Ok(scope), Ok(reading)) = (plain, policy, scope, reading) else {
            if let Err(faults) = read(typed, day_in_china(noon())) {
                for fault in &faults {
                    shows_nothing_raw(&fault.words().zh, &place);
                }
            }
            refused += 1;
            continue;
        };
        let id = RecordId::new(noon(), [1; 10]);
        let holder = known[0][0].derived[0].holder();
        let (details, _) = seal(&plain, id, &[holder], &mut os_rng()).unwrap();
        let imposed = Imposition {
            effective_at: noon(),
            subject: Subject { r#type: SubjectType::Person, tags: tags(&known[0]) },
            measure: Measure { kind: MeasureKind::Restriction, scopes: vec![scope], until: None },
            basis: committee.basis(callboard_federation::encoding::Hash::of(b"case")),
            details,
        };
        let ruling = Act::Ruling { imposed, about: vec![id] };
        let annulment = Act::Annulment {
            about: vec![id],
            basis: committee.basis(callboard_federation::encoding::Hash::of(b"case")),
            details: None,
        };
        for act in [ruling, annulment] {
            let statement = Statement { id, salt: callboard_federation::encoding::Octets([0; 32]), act };
            let mut docket = rulings.docket().clone();
            docket.issuer = text(&all["issuer"]);
            let head = Head::of(&docket, &docket.items[0], &committee.roster, Some(text(&all["number"])));
            let about = |original| EarlierRecord {
                record: id,
                kind: Some(Kind::Ruling),
                place: Some(Place { index: 1, position: 0 }),
                measure: None,
                policy: Some(policy.clone()),
                original: Some(original),
                readings: vec![reading.clone()],
                links: vec![id],
                behind: Vec::new(),
            };
            let sources = Sources {
                plain: Some(plain.clone()),
                readings: vec![reading.clone()],
                policy: Some(policy.clone()),
                is_minor: true,
                about: vec![
                    about(Original::Opened(Box::new(plain.clone()))),
                    about(Original::Closed(text(&all["why"]))),
                ],
                ..Sources::default()
            };
            let letter = Letter::new(&statement, head, sources, &DocketReversals::default(), &Policies::new());
            for language in [Language::Zh, Language::En] {
                shows_nothing_raw(&letter.text(language), &place);
                shows_nothing_raw(&summary(&[letter.outline(language)], language), &place);
            }
            let logged = Logged {
                signers: vec![(Role::Panel, text(&all["holder"]))],
                at: noon(),
                place: Place { index: 1, position: 0 },
                size: 2,
                quorum: 1,
            };
            let letter = letter.logged(logged);
            for language in [Language::Zh, Language::En] {
                shows_nothing_raw(&letter.text(language), &place);
            }
        }
        seen += 1;
    }
    assert!(seen > 40 && refused > 0, "{seen} were shown, {refused} refused");
}
