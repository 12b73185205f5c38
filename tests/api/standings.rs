//! `POST /v1/standings`: the exact lookup.

use callboard_federation::{encoding::Time, statement::EpochTag};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Registry, key},
    support::{committee::tag, engines},
};

const PATH: &str = "/v1/standings";

async fn ask(registry: &Registry, question: &Value) -> crate::caller::Answer {
    registry.signed(&key("beta"), Method::POST, PATH, question.to_string().as_bytes()).await
}

#[tokio::test]
async fn an_answer_is_the_standing_that_everyone_derives() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let tags: Vec<EpochTag> = registry.world.ledger.replay().records().tags().collect();
        assert!(tags.len() > 5);
        let persons: Vec<[EpochTag; 1]> = tags.iter().map(|tag| [*tag]).collect();
        for at in [registry.now(), "2026-02-03T00:00:00.000Z".parse().unwrap(), Time::from_seconds(0)] {
            let answer = ask(&registry, &json!({"persons": persons, "at": at})).await;
            assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
            let derived: Vec<_> = tags.iter().map(|tag| registry.world.ledger.standing(&[*tag], at).unwrap()).collect();
            assert_eq!(answer.json()["standings"], serde_json::to_value(derived).unwrap());
            assert!(answer.json()["checkpoint"].as_str().unwrap().starts_with("callboard.example\n21\n"));
        }
        let now = ask(&registry, &json!({"persons": [[tags[0]]]})).await.json();
        assert_eq!(now["standings"][0]["at"], registry.now().to_string());
        let unknown = ask(&registry, &json!({"persons": [[{"epoch": 1, "tag": tag(1)}]]})).await.json();
        assert_eq!(unknown["standings"][0]["action"], "allow");
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_link_that_holds_joins_what_is_asked() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let one = json!({"persons": [[{"epoch": 1, "tag": tag(1)}]]});
        let ruling = registry.committee.suspend(at, &tag(2));
        let link = registry.committee.link(at, &[tag(1), tag(2)]);
        let id = json!([[link.item.record]]);
        for (drafted, action, links) in [(ruling, "allow", json!([[]])), (link, "refuse", id)] {
            let docket = registry.committee.docket(at, &[&drafted], None);
            registry.logs(&docket).await;
            let answer = ask(&registry, &one).await.json();
            assert_eq!((&answer["standings"][0]["action"], &answer["links"]), (&json!(action), &links));
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_thousand_tags_are_answered_and_one_more_is_not() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let persons = |count: u32| -> Vec<[Value; 1]> {
            (0..count).map(|number| [json!({"epoch": 1, "tag": tag(number)})]).collect()
        };
        let answer = ask(&registry, &json!({"persons": persons(1_000)})).await;
        assert_eq!((answer.status, answer.json()["standings"].as_array().unwrap().len()), (200, 1_000));
        ask(&registry, &json!({"persons": persons(1_001)})).await.is_problem(400, "malformed");
        let all_of_one: Vec<Value> = persons(1_001).into_iter().flatten().collect();
        ask(&registry, &json!({"persons": [all_of_one]})).await.is_problem(400, "malformed");
        registry.ends().await;
    }
}

#[tokio::test]
async fn what_is_no_question_is_refused_and_never_allowed() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let known = json!({"epoch": 1, "tag": tag(1)});
        for question in [
            json!({}),
            json!([]),
            json!({"persons": []}),
            json!({"persons": [[]]}),
            json!({"persons": [[known], []]}),
            json!({"persons": [[known]], "at": null}),
            json!({"persons": [[known]], "at": "2026-02-03"}),
            json!({"persons": [[known]], "stray": 1}),
            json!({"persons": [known]}),
            json!({"persons": [[{"epoch": 0, "tag": tag(1)}]]}),
            json!({"persons": [[{"epoch": 1, "tag": tag(1).to_uppercase()}]]}),
            json!({"persons": [[{"epoch": 1, "tag": tag(1), "soft": true}]]}),
            json!({"persons": [[{"epoch": 1}]]}),
        ] {
            ask(&registry, &question).await.is_problem(400, "malformed");
        }
        let twice = format!("{{\"persons\":[[{known}]],\"persons\":[[{known}]]}}");
        for body in [twice.as_bytes(), b"", b"\xff", b"{\"persons\":[["] {
            registry.signed(&key("beta"), Method::POST, PATH, body).await.is_problem(400, "malformed");
        }
        let too_large = vec![b' '; 1_000_001];
        registry.signed(&key("beta"), Method::POST, PATH, &too_large).await.is_problem(413, "body-too-large");
        registry.get(PATH).await.is_problem(405, "method-not-allowed");
        registry.ends().await;
    }
}
