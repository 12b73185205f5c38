//! Generated papers: `openapi/*.json` and `docs/errors.md`; drift fails. `cargo xtask openapi` writes the first, and with `CALLBOARD_WRITE_PAPERS` set these tests write both.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use callboard_federation::problems::{AGENT, PROCEDURES, Problem, REGISTRY, RULES, TOKENS};
use callboard_registry::api::router::openapi;
use callboard_tokens as tokens;
use serde_json::Value;

use crate::caller::example;

/// Compares a committed file with what it is made of; or writes it, if asked.
#[track_caller]
fn is_committed(path: &str, made: &str, how: &str) {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path);
    if std::env::var_os("CALLBOARD_WRITE_PAPERS").is_some() {
        std::fs::write(&file, made).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(committed == made, "{path} has drifted, from line {differs:?} (counted from 0): {how}");
}

#[test]
fn the_committed_descriptions_are_those_of_the_program() {
    let documents =
        [("callboard", openapi()), ("tokens", tokens::openapi()), ("agent", callboard_agent::api::openapi())];
    for (name, document) in documents {
        let made = document.to_pretty_json().unwrap() + "\n";
        is_committed(&format!("openapi/{name}.json"), &made, "run `cargo xtask openapi`, and commit it");
    }
}

#[test]
fn the_committed_table_of_errors_is_that_of_the_program() {
    is_committed("docs/errors.md", &errors(), "run this test with CALLBOARD_WRITE_PAPERS=1, and commit it");
}

fn errors() -> String {
    let mut text = String::from(
        "# Errors\n\n\
        Generated from the program; a test fails when it drifts.\n\n\
        Every refusal is a problem document (RFC 9457, `application/problem+json`) with `type`, `title`, `status` and \
        `detail`. `type` is `urn:callboard:problem:` and one of these words, which never change their meaning; `detail` is \
        for people. No problem repeats an identity, a tag or a secret.\n\n\
        ## Of requests\n\n| word | status | what it is, what to do | 是什么，如何处理 |\n|---|---|---|---|\n",
    );
    list(&mut text, REGISTRY);
    text.push_str(
        "\n## Of dockets\n\n\
        A docket that doesn't count is refused with 422 and the rule that it breaks ([formats](formats.md) §5), and leaves \
        nothing behind. An audit tells the same words of a docket that someone logged nevertheless.\n\n\
        | word | what to do | 如何处理 |\n|---|---|---|\n",
    );
    for Problem { word, todo, .. } in RULES {
        writeln!(text, "| `{word}` | {} | {} |", todo.en, todo.zh).unwrap();
    }
    text.push_str(
        "\n### Of dockets and their cases\n\n\
        A docket that names the procedure of a case and doesn't follow from it ([formats](formats.md) §15) is refused with \
        422 likewise.\n\n\
        | word | what to do | 如何处理 |\n|---|---|---|\n",
    );
    for Problem { word, todo, .. } in PROCEDURES {
        writeln!(text, "| `{word}` | {} | {} |", todo.en, todo.zh).unwrap();
    }
    text.push_str(
        "\n## Of the token service\n\n\
        Words that stand above too mean the same.\n\n\
        | word | status | what it is, what to do | 是什么，如何处理 |\n|---|---|---|---|\n",
    );
    list(&mut text, TOKENS);
    text.push_str(
        "\n## Of a member's agent\n\n\
        Words that stand above too mean the same. What is `blocked` about a person is an answer, not a problem.\n\n\
        | word | status | what it is, what to do | 是什么，如何处理 |\n|---|---|---|---|\n",
    );
    list(&mut text, AGENT);
    text
}

fn list(text: &mut String, service: &[Problem]) {
    for Problem { word, status, title, todo } in service {
        writeln!(text, "| `{word}` | {status} | {}. {} | {}：{} |", title.en, todo.en, title.zh, todo.zh).unwrap();
    }
}

#[test]
fn no_word_means_two_things() {
    let words: Vec<&str> = REGISTRY.iter().chain(RULES).chain(PROCEDURES).map(|problem| problem.word).collect();
    let different: BTreeSet<&&str> = words.iter().collect();
    assert_eq!(different.len(), words.len());
    // The token service and the agent say some of them too, with the same status.
    for problem in TOKENS.iter().chain(AGENT) {
        let ours = REGISTRY.iter().find(|listed| listed.word == problem.word);
        assert!(ours.is_none_or(|ours| ours.status == problem.status), "{}", problem.word);
    }
}

#[test]
fn every_operation_is_described_with_examples_and_errors() {
    assert_eq!(described(&serde_json::to_value(openapi()).unwrap(), &["429", "503"]), 82);
}

#[test]
fn every_operation_of_the_agent_is_described_with_examples_and_errors() {
    assert_eq!(described(&serde_json::to_value(callboard_agent::api::openapi()).unwrap(), &[]), 43);
}

#[test]
fn what_generators_make_of_a_description_has_a_name_and_a_type() {
    for (name, document) in
        [("callboard", openapi()), ("tokens", tokens::openapi()), ("agent", callboard_agent::api::openapi())]
    {
        let document = serde_json::to_value(document).unwrap();
        let mut ids = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let is_name = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                assert!(is_name && ids.insert(id.to_owned()), "{name}: {method} {path}: {id}");
                assert!(operation["security"].is_array(), "{name}: {id}: who may ask");
                let faults =
                    operation["responses"].as_object().unwrap().keys().filter(|status| status.as_str() >= "500");
                assert!(faults.into_iter().all(|status| status == "503"), "{name}: {id}: a fault of ours is no answer");
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let is_of_path = path.contains(&format!("{{{}}}", parameter["name"].as_str().unwrap()));
                    assert_eq!(parameter["in"] == "path", is_of_path, "{name}: {id}: {parameter}");
                }
            }
        }
        assert!(!is_bare(&document["components"]["schemas"]), "{name}: an object of which nothing is said");
        assert!(document["webhooks"].is_object() != (name == "tokens"), "{name}");
    }
}

/// Whether an object says neither what it has nor that it may have anything.
fn is_bare(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => {
            let says = |member: &str| members.contains_key(member);
            let is_object = schema["type"] == "object" || schema["type"] == serde_json::json!(["object", "null"]);
            (is_object && !says("properties") && !says("additionalProperties"))
                || members.iter().any(|(name, member)| name != "example" && is_bare(member))
        }
        Value::Array(list) => list.iter().any(is_bare),
        _ => false,
    }
}

/// Holds a description against what is asked of ours; how many operations it has.
fn described(document: &Value, always: &[&'static str]) -> usize {
    let tags: BTreeSet<&str> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut operations = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let what = format!("{method} {path}");
            operations += 1;
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!(!summary.is_empty() && !summary.ends_with('.'), "{what}: a summary");
            let named = operation["tags"].as_array().unwrap();
            assert!(named.len() == 1 && tags.contains(named[0].as_str().unwrap()), "{what}: one known tag");
            let responses = operation["responses"].as_object().unwrap();
            for (status, response) in responses {
                assert!(!response["description"].as_str().unwrap_or_default().is_empty(), "{what} {status}");
                let contents = response["content"].as_object();
                for (kind, content) in contents.into_iter().flatten().filter(|(kind, _)| kind.contains("json")) {
                    assert!(!example(document, content).is_null(), "{what} {status} {kind}: an example");
                }
                let is_error = status.as_str() >= "400";
                let is_problem = contents.is_some_and(|kinds| kinds.keys().eq(["application/problem+json"]));
                assert_eq!(is_error, is_problem, "{what} {status}");
            }
            for status in expected(path, operation, always) {
                assert!(responses.contains_key(status), "{what} lists no {status}");
            }
        }
    }
    operations
}

/// The errors that an operation must list, by what it takes.
fn expected(path: &str, operation: &Value, always: &[&'static str]) -> BTreeSet<&'static str> {
    let mut statuses: BTreeSet<_> = always.iter().copied().collect();
    if path == "/healthz" {
        // It says that the process lives, whatever else does.
        statuses.remove("503");
    }
    if path.contains('{') && operation["responses"].get("200").is_some() && !path.ends_with("/blinds") {
        statuses.insert("404");
    }
    if operation.get("requestBody").is_some() {
        statuses.extend(["400", "413"]);
    }
    let is_signed = operation["responses"].get("401").is_some();
    if is_signed {
        statuses.insert("403");
    }
    statuses
}
