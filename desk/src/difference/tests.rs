use std::collections::HashMap;

use callboard_rules::policies;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{changes, text::DifferenceText};
use crate::{
    language::Language,
    setup::tests::{member, os_rng, seats, setup},
};
use callboard_federation::members::{Grant, Members, Quota};

/// A document of each kind, with something in every member.
fn documents() -> Vec<Value> {
    let drafts = setup(&seats(4, 2, 2)).draft(&mut os_rng()).unwrap();
    let mut roster = drafts.roster;
    roster.seats[0].member = Some("alpha".to_owned().try_into().unwrap());
    let grant = Grant { count: 5, until: "2027-01-01T00:00:00.000Z".parse().unwrap() };
    let quota = Quota { per_day: 10, grants: vec![grant] };
    let of = |id: &str| member(id, "callboard.test").into_member(quota.clone());
    let members = Members { v: 1, version: 1, members: vec![of("alpha"), of("beta"), of("gamma")] };
    let mut policy = policies::ALL[3].document().unwrap().value;
    policy
        .actions
        .insert(callboard_federation::statement::MeasureKind::Bar, callboard_federation::standing::Action::Review);
    policy.import = Some(callboard_federation::policy::ImportRule { until: grant.until });
    let values = [serde_json::to_value(roster), serde_json::to_value(members), serde_json::to_value(policy)];
    values.map(Result::unwrap).to_vec()
}

/// The document with one thing other than it was, for each that there is.
fn mutants(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => vec![json!(format!("{text}x")), json!(format!("{text}\u{1b}[8m")), json!("")],
        Value::Number(number) => vec![json!(number.as_u64().unwrap() + 1), json!(9_000_000_000_000_000_u64)],
        Value::Bool(said) => vec![json!(!said)],
        Value::Null => Vec::new(),
        Value::Array(values) => {
            let mut all = Vec::new();
            for (at, inner) in values.iter().enumerate() {
                let with = |inner: Option<Value>| {
                    let mut values = values.clone();
                    match inner {
                        Some(inner) => values[at] = inner,
                        None => drop(values.remove(at)),
                    }
                    Value::Array(values)
                };
                all.extend(mutants(inner).into_iter().map(|inner| with(Some(inner))));
                all.push(with(None));
            }
            if values.len() > 1 {
                all.push(Value::Array(values.iter().rev().cloned().collect()));
            }
            all.push(Value::Array(values.iter().chain(values.first()).cloned().collect()));
            all
        }
        Value::Object(members) => {
            let mut all = Vec::new();
            for (name, inner) in members {
                for inner in mutants(inner) {
                    let mut members = members.clone();
                    members.insert(name.clone(), inner);
                    all.push(Value::Object(members));
                }
                let mut without = members.clone();
                without.remove(name);
                all.push(Value::Object(without));
            }
            let mut more = members.clone();
            more.insert("unknown".to_owned(), json!("new"));
            all.push(Value::Object(more));
            all
        }
    }
}

/// A list without elements, or an object without members, says what one that isn't there says.
fn without_empty(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let all = members.into_iter().map(|(name, value)| (name, without_empty(value)));
            Value::Object(all.filter(|(_, value)| *value != json!([]) && *value != json!({})).collect())
        }
        Value::Array(values) => values.into_iter().map(without_empty).collect(),
        other => other,
    }
}

#[test]
fn any_change_of_any_field_shows_and_no_two_read_alike() {
    for before in documents() {
        for language in [Language::Zh, Language::En] {
            let telling = DifferenceText::new(language, None);
            assert!(telling.lines(Some(&before), &before).is_empty());
            let mut read: HashMap<String, Value> = HashMap::new();
            for after in mutants(&before).into_iter().filter(|after| *after != before) {
                let lines = telling.lines(Some(&before), &after);
                assert!(!lines.is_empty(), "{after}");
                let text = lines.join("\n");
                assert!(!text.contains('\u{1b}'), "{text}");
                if let Some(other) = read.insert(text.clone(), after.clone()) {
                    assert_eq!(without_empty(other), without_empty(after), "{text}");
                }
            }
            assert!(read.len() > 20);
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (0_u32..4).prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop_oneof!["[a-c]", "seats", "members", "holder", "member", "thresholds", "scopes"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn only_what_is_the_same_has_no_difference(before in any_json(), after in any_json()) {
        prop_assert_eq!(changes(Some(&before), &after).is_empty(), before == after);
        prop_assert!(changes(Some(&before), &before).is_empty());
        for change in changes(Some(&before), &after) {
            prop_assert_ne!(change.before, change.after);
        }
    }
}
