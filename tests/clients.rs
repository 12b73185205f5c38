//! The example clients in Python and TypeScript: they agree with us on every vector and on every person of a sandbox, and
//! `docs/clients.md` shows what they are made of.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use axum::{Router, routing::post};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_federation::identity::{
    IdentityKind,
    reader::{self, TypedIdentity},
};
use callboard_keys::MemberKey;
use serde_json::{Value, json};
use tokio::net::TcpListener;

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;

use sandbox::{PASSPHRASE, Sandbox, number};

#[path = "clients/described.rs"]
mod described;

/// How each client is run: program and first arguments, by its name.
struct Client {
    name: &'static str,
    command: Vec<String>,
    /// Where what was made of it lies.
    _made: Option<tempfile::TempDir>,
}

/// Words and look-alikes, which the clients have of the verifier.
const TABLE: &str = "federation/src/identity/reader/table.json";

fn repository(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

/// What `cargo xtask test` prepared; without it the tests say that they are left out.
fn clients() -> Vec<Client> {
    let (python, modules) =
        (std::env::var("CALLBOARD_CONFORMANCE_PYTHON"), std::env::var("CALLBOARD_CONFORMANCE_NODE_MODULES"));
    let (Ok(python), Ok(modules)) = (python, modules) else {
        eprintln!("left out: `cargo xtask test` prepares Python and Node.js");
        return Vec::new();
    };
    let script = repository("tests/conformance/client.py").display().to_string();
    let python = Client { name: "client.py", command: vec![python, script], _made: None };
    // Below the modules, so that they are found; the compiler checks the types, too.
    let made = tempfile::tempdir_in(Path::new(&modules).parent().unwrap()).unwrap();
    for file in ["tests/conformance/client.ts", "tests/conformance/identities.ts", TABLE] {
        let copy = made.path().join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(repository(file), copy).unwrap();
    }
    let source = made.path().join("tests/conformance/client.ts");
    let mut compile = Command::new("node");
    compile.arg(Path::new(&modules).join("typescript/bin/tsc")).arg(&source).current_dir(made.path());
    compile.args(["--module", "nodenext", "--target", "es2024", "--strict", "--noUncheckedIndexedAccess"]);
    let compiled = compile.args(["--types", "node"]).output().unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stdout));
    let script = source.with_extension("js").display().to_string();
    vec![python, Client { name: "client.ts", command: vec!["node".to_owned(), script], _made: Some(made) }]
}

impl Client {
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It may end before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn says(&self, arguments: &[&str], input: &str) -> Vec<Value> {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

#[test]
fn both_clients_agree_with_us_on_every_vector() {
    let directory = repository("federation/vectors");
    let vectors = |name: &str| -> Value { serde_json::from_slice(&fs::read(directory.join(name)).unwrap()).unwrap() };
    let (identities, requests, sealed) = (vectors("identities.json"), vectors("requests.json"), vectors("sealed.json"));
    let list = |value: &Value, of: fn(&Value) -> Value| value.as_array().unwrap().iter().map(of).collect::<Value>();
    let expected = json!({
        "valid": list(&identities["valid"], |case| json!([case["value"], case["input"]])),
        "invalid": list(&identities["invalid"], |_| Value::Null),
        "questions": list(&identities["questions"], |case| case["accepted"].clone()),
        "opened": list(&sealed["cases"], |case| match case["plain"].as_str() {
            Some(plain) => serde_json::from_str(plain).unwrap(),
            None => case["plain"].clone(),
        }),
    });
    for client in clients() {
        let mut told = client.says(&["vectors", directory.to_str().unwrap()], "").remove(0);
        let signatures = told.as_object_mut().unwrap().remove("signatures").unwrap();
        assert_eq!(told, expected, "{}", client.name);
        // Two cases show what a checker takes besides: another order, another label.
        let ours = requests["valid"].as_array().unwrap().iter().map(|case| &case["headers"]["Signature"]);
        let same = ours.zip(signatures.as_array().unwrap()).filter(|(ours, theirs)| ours == theirs).count();
        assert_eq!(same, requests["valid"].as_array().unwrap().len() - 2, "{}", client.name);
    }
}

#[test]
fn both_clients_read_what_people_type_as_we_do_and_say_so_in_our_words() {
    let file = repository("federation/src/identity/reader/readings.json");
    let readings: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let today = readings["today"].as_str().unwrap().parse().unwrap();
    let typed = |case: &'_ Value| {
        let kind = IdentityKind::from_word(case["kind"].as_str().unwrap()).unwrap();
        (kind, case["typed"].as_str().unwrap().to_owned(), case["confirmed"] == true)
    };
    let cases = readings["cases"].as_array().unwrap().iter().map(|case| {
        let (kind, value, confirmed) = typed(case);
        match reader::read(TypedIdentity { kind, value: &value, confirmed }, today) {
            Ok(read) => json!({
                "value": read.identity.value(),
                "excused": read.excused.iter().map(|fault| fault.code()).collect::<Vec<_>>(),
                "notes": read.notes.iter().map(|note| note.code()).collect::<Vec<_>>(),
            }),
            Err(faults) => {
                // What stands in the words is the readings'; the words are ours.
                let said = faults.iter().zip(case["faults"].as_array().unwrap()).map(|(fault, details)| {
                    let mut said = details.clone();
                    said["words"] = serde_json::to_value(fault.words()).unwrap();
                    said
                });
                said.collect()
            }
        }
    });
    let cases: Value = cases.collect();
    for client in clients() {
        let told = client.says(&["readings", file.to_str().unwrap()], "").remove(0);
        assert_eq!(told["cases"], cases, "{}", client.name);
        let subjects = readings["subjects"].as_array().unwrap();
        for (case, told) in subjects.iter().zip(told["subjects"].as_array().unwrap()) {
            // A client is told neither what the subject is nor that it asks a sandbox.
            if case.get("type").is_none() && case.get("sandbox").is_none() {
                assert_eq!(*told, case.get("faults").cloned().unwrap_or_else(|| json!([])), "{}", case["note"]);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_clients_and_the_agent_answer_the_same_about_every_person_and_believe_no_wrong_proof() {
    let clients = clients();
    if clients.is_empty() {
        return;
    }
    let sandbox = Sandbox::start(&[]).await;
    let kept = sandbox.member().parent().unwrap().parent().unwrap().to_owned();
    let key = MemberKey::open(&kept.join("alpha/alpha.key"), PASSPHRASE.into()).unwrap();
    let opened = json!({"requestKey": STANDARD.encode(key.request_key().as_bytes())});
    fs::write(kept.join("alpha.json"), opened.to_string()).unwrap();
    let (pin, key) = (kept.join("genesis.json"), kept.join("alpha.json"));
    let files = |pin: &Path| ["ask".to_owned(), pin.display().to_string(), key.display().to_string()];

    let people: Value = sandbox.http.get(sandbox.url(3, "/people")).send().await.unwrap().json().await.unwrap();
    let mut numbers: Vec<String> = Vec::new();
    // Whoever is asked about by one number that tells the age; what else the sandbox has is asked of the agent alone.
    numbers.extend(people.as_array().unwrap().iter().map(|person| &person["question"]).filter_map(|question| {
        match question["identities"].as_array().unwrap().as_slice() {
            [only] if only["kind"] == "cn-id" && question["dateOfBirth"].is_null() => {
                Some(only["value"].as_str().unwrap().to_owned())
            }
            _ => None,
        }
    }));
    numbers.extend([number(1), "100000199001050023".to_owned()]);
    let child_and_company =
        json!([{"kind": "cn-id", "value": "100000202006010015"}, {"kind": "cn-uscc", "value": "91350200MA2YJ1XR9G"}]);
    let two_subjects = json!({"identities": child_and_company});
    let lines = numbers.iter().map(|number| json!({"kind": "cn-id", "value": number}).to_string() + "\n");
    let input: String = lines.chain([two_subjects.to_string() + "\n"]).collect();
    let mut expected = Vec::new();
    for (at, number) in numbers.iter().enumerate() {
        // A guardian's consent, and nobody's age, is asked of an agent alone.
        let asked = json!({"ref": format!("host-{at}"), "guardianConsent": true, "identities": [{"kind": "cn-id", "value": number}]});
        let answer = sandbox.check(&asked).await;
        let reasons = answer["reasons"].as_array().cloned().unwrap_or_default();
        let names = reasons.iter().flat_map(|reason| reason["details"]["names"].as_array().unwrap().clone());
        expected.push(match answer["blocked"].as_str() {
            Some("identity-invalid") => json!({"blocked": "identity-invalid"}),
            Some(_) => json!({"state": "clear", "action": "allow", "names": []}),
            None => json!({
                "state": answer["standing"]["state"],
                "action": answer["standing"]["action"],
                "names": names.collect::<Value>(),
            }),
        });
    }
    let asked = json!({"ref": "two", "identities": child_and_company});
    assert_eq!(sandbox.check(&asked).await["blocked"], "identity-invalid");
    expected.push(json!({"blocked": "identity-invalid"}));
    let mut tags = Vec::new();
    for client in &clients {
        let [verb, pin, key] = &files(&pin);
        let mut told = client.says(&[verb, pin, key], &input);
        let own = told.iter_mut().map(|answer| answer.as_object_mut().unwrap().remove("tags"));
        tags.push(own.collect::<Vec<_>>());
        let faults = told.iter_mut().filter_map(|answer| answer.as_object_mut().unwrap().remove("faults"));
        let codes: Vec<Value> = faults.map(|faults| faults[0]["fault"].clone()).collect();
        assert_eq!(codes, ["check-digit", "two-subjects"], "{}", client.name);
        assert_eq!(told, expected, "{}", client.name);
    }
    assert_eq!(tags[0], tags[1]);

    // A token service that answers with what it pleases is believed by neither.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut wrong: Value = serde_json::from_slice(&fs::read(&pin).unwrap()).unwrap();
    wrong["tokensUrl"] = format!("http://{}", listener.local_addr().unwrap()).into();
    let answer = || async { [[1_u8; 32], [2; 32], [0; 32]].concat() };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/tokens", post(answer))).await });
    fs::write(kept.join("wrong.json"), wrong.to_string()).unwrap();
    for client in &clients {
        let [verb, pin, key] = &files(&kept.join("wrong.json"));
        let output = client.run(&[verb, pin, key], &input);
        assert!(!output.status.success() && output.stdout.is_empty(), "{}", client.name);
    }
}

#[test]
fn what_the_walk_through_the_clients_shows_stands_in_them() {
    let walk = fs::read_to_string(repository("docs/clients.md")).unwrap();
    let mut shown = 0;
    for (language, files) in [
        ("python", ["client.py", "identities.py", "generated.py"]),
        ("ts", ["client.ts", "identities.ts", "descriptions.ts"]),
    ] {
        let read = |file: &str| fs::read_to_string(repository("tests/conformance").join(file)).unwrap();
        let source = files.map(read).concat();
        for excerpt in walk.split(&format!("```{language}\n")).skip(1) {
            let excerpt = excerpt.split_once("```").unwrap().0;
            assert!(source.contains(excerpt), "{files:?} have no longer:\n{excerpt}");
            shown += 1;
        }
    }
    assert!(shown >= 6, "{shown} excerpts");
}
