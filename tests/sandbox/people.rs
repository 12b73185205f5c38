//! Its published people, and what it refuses.

use serde_json::{Value, json};

use crate::support::Sandbox;

const TABLE: &str = include_str!("../../docs/sandbox.md");

/// The rows of the manual's table of people: name, number (or another identity), state, decision.
fn rows() -> Vec<[&'static str; 4]> {
    let rows = TABLE.lines().filter(|line| line.starts_with("| 沙盒"));
    let fields = |line: &'static str| {
        let fields: Vec<_> = line.split('|').map(|field| field.trim().trim_matches('`')).collect();
        [fields[1], fields[2], fields[3], fields[4]]
    };
    rows.map(fields).collect()
}

fn person(reference: &str, number: &str) -> Value {
    json!({"ref": reference, "identities": [{"kind": "cn-id", "value": number}]})
}

/// The body of a check about a person whom the control publishes.
fn question(person: &Value) -> Value {
    let mut question = person["question"].clone();
    question["ref"] = person["name"].clone();
    question
}

#[tokio::test]
async fn every_published_person_is_answered_as_the_table_says_and_nobody_real_is() {
    let sandbox = Sandbox::start(&[]).await;
    let rows = rows();
    assert_eq!(rows.len(), 34);
    let published: Value = sandbox.http.get(sandbox.url(3, "/people")).send().await.unwrap().json().await.unwrap();
    assert_eq!(published.as_array().unwrap().len(), rows.len());
    let (mut kinds, mut marks, mut opened) = (Vec::new(), Vec::new(), 0);
    for ([name, identities, state, decision], published) in rows.iter().zip(published.as_array().unwrap()) {
        let told = [&published["name"], &published["state"], &published["decision"]].map(|of| of.as_str().unwrap());
        assert_eq!(told, [*name, *state, *decision]);
        for identity in published["question"]["identities"].as_array().unwrap() {
            assert!(identities.contains(identity["value"].as_str().unwrap()), "{name}");
            kinds.push(identity["kind"].as_str().unwrap().to_owned());
        }
        let answer = sandbox.check(&question(published)).await;
        assert_eq!(answer["decision"], *decision, "{name}: {answer}");
        if *decision != "blocked" {
            assert_eq!(answer["standing"]["state"], *state, "{name}: {answer}");
        }
        // Another document of the person's, and what is shared or reused, opens nothing.
        for names in
            answer["reasons"].as_array().into_iter().flatten().filter_map(|reason| reason["details"].get("names"))
        {
            assert_eq!(names[0], *name, "the details open with the identities alone");
            opened += 1;
        }
        for reason in answer["standing"]["reasons"].as_array().into_iter().flatten() {
            let marked = ["imported", "disputed", "soft"].iter().filter(|mark| reason[**mark] == true);
            marks.extend(marked.map(|mark| (*mark).to_owned()));
            marks.push(reason["phase"].as_str().unwrap().to_owned());
        }
        if answer["toCome"].is_array() {
            marks.push("to come".to_owned());
        }
    }
    assert!(opened >= 15, "{opened}");
    for kind in ["cn-id", "passport", "cn-uscc", "platform-account", "net-identity-code"] {
        assert!(kinds.iter().any(|of| of == kind), "{kind}: {kinds:?}");
    }
    for mark in ["imported", "disputed", "soft", "to come", "in-force", "awaiting-reinstatement", "stayed", "probation"]
    {
        assert!(marks.iter().any(|of| of == mark), "{mark}: {marks:?}");
    }
    let blocked = async |number: &str, extra: Value| {
        let mut question = person("x", number);
        question.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        sandbox.check(&question).await["blocked"].as_str().unwrap_or("none").to_owned()
    };
    let of = |name: &str| rows.iter().find(|row| row[0] == name).unwrap()[1];
    assert_eq!(blocked(of("沙盒未成年"), json!({"guardianConsent": true})).await, "under-age");
    assert_eq!(blocked(of("沙盒十六"), json!({})).await, "guardian-consent-missing");
    assert_eq!(blocked(of("沙盒十六"), json!({"guardianConsent": true})).await, "none");
    assert_eq!(blocked(of("沙盒清白"), json!({"dateOfBirth": "1990-01-02"})).await, "identity-invalid");
    // A number of a region that there is: it could be somebody's; so could a card of Beijing, and a code of the state's own.
    assert_eq!(blocked("11010519491231002X", json!({})).await, "identity-invalid");
    let enterprise = json!({"identities": [{"kind": "cn-uscc", "value": "91350100M000100Y43"}]});
    assert_eq!(blocked("", enterprise).await, "identity-invalid");
}

#[tokio::test]
async fn a_clock_that_is_set_ahead_ends_what_ends_by_itself_and_nothing_else() {
    let sandbox = Sandbox::start(&[]).await;
    let of = |name: &str| rows().into_iter().find(|row| row[0] == name).unwrap()[1];
    let action = async |name: &str| {
        sandbox.check(&person(name, of(name))).await["standing"]["action"].as_str().unwrap_or("none").to_owned()
    };
    assert_eq!(action("沙盒临时").await, "refuse");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "8d"})).await;
    crate::support::until(async || action("沙盒临时").await == "allow").await;
    assert_eq!(action("沙盒警示").await, "refuse");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "2190d"})).await;
    crate::support::until(async || action("沙盒警示").await == "refuse").await;
}
