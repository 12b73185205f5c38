//! Its published people, and what it refuses.

use serde_json::{Value, json};

use crate::support::Sandbox;

const TABLE: &str = include_str!("../../docs/sandbox.md");

/// The rows of the table: name, number, state, decision.
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

#[tokio::test]
async fn every_published_person_is_answered_as_the_table_says_and_nobody_real_is() {
    let sandbox = Sandbox::start(&[]).await;
    let rows = rows();
    assert_eq!(rows.len(), 15);
    let published: Value = sandbox.http.get(sandbox.url(3, "/people")).send().await.unwrap().json().await.unwrap();
    for ([name, number, state, decision], published) in rows.iter().zip(published.as_array().unwrap()) {
        let expected = json!({"name": name, "number": number, "state": state, "decision": decision});
        assert_eq!(*published, expected);
        let answer = sandbox.check(&person(name, number)).await;
        assert_eq!(answer["decision"], *decision, "{name}: {answer}");
        if *decision != "blocked" {
            assert_eq!(answer["standing"]["state"], *state, "{name}: {answer}");
        }
        for reason in answer["reasons"].as_array().into_iter().flatten() {
            assert_eq!(reason["details"]["names"][0], *name, "the details open with the number alone");
        }
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
    // A number of a region that there is: it could be somebody's.
    assert_eq!(blocked("11010519491231002X", json!({})).await, "identity-invalid");
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
