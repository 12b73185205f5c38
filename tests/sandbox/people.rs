//! Its published people, and what it refuses.

use serde_json::{Value, json};

use crate::support::{Sandbox, until};

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

#[tokio::test(flavor = "multi_thread")]
async fn the_boycott_of_an_enterprise_shows_at_every_agent_and_ends_with_its_measure() {
    let sandbox = Sandbox::start(&[]).await;
    let at = async |of: &str| {
        let answer = sandbox.http.get(sandbox.url(2, &format!("/enterprises{of}"))).send().await.unwrap();
        assert!(answer.status().is_success());
        answer.json::<Value>().await.unwrap()
    };
    let count = async || at("").await["enterprises"].as_array().unwrap().len();
    let before = count().await;
    let columns = "subject type,kind,identity,names,measure,scopes,term,violations,reasons";
    let codes = ["91109999MA0000002Y", "91109999MA00000032"];
    let rows = codes.map(|code| format!("enterprise,cn-uscc,{code},沙盒文化,suspension,live,1年,NB-11,示例"));
    let records = sandbox.decide(format!("{columns}\n{}\n{}\n", rows[0], rows[1])).await;
    until(async || count().await == before + 2).await;
    let all = at("").await;
    let held =
        all["enterprises"].as_array().unwrap().iter().find(|one| one["reason"]["record"] == *records[0]).unwrap();
    assert_eq!((&held["action"], &held["reason"]["phase"]), (&json!("refuse"), &json!("in-force")));
    assert_eq!(held["words"]["zh"], "警示（停止直播服务）");
    // A page never parts a docket, and the next one begins where it ends.
    let page = at("?limit=1").await;
    assert_eq!(page["enterprises"].as_array().unwrap().len(), 2);
    let next = page["next"].as_u64();
    assert_eq!(next.is_some(), before > 0);
    if let Some(next) = next {
        assert_eq!(at(&format!("?before={next}")).await["enterprises"].as_array().unwrap().len(), before);
    }
    let annulled = sandbox.url(3, &format!("/records/{}/annul", records[0]));
    assert!(sandbox.http.post(annulled).send().await.unwrap().status().is_success());
    until(async || count().await == before + 1).await;
}
