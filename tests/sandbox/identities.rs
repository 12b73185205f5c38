//! Identities as people type them, through every program: the same doubts, in the words of the one table.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use callboard_federation::{
    identity::{Character, IdentityError},
    policy::Words,
};
use serde_json::{Value, json};

use crate::{
    lists::Program,
    support::{PASSPHRASE, PATIENCE, Sandbox},
};

const WHOLE: &str = "100000200305120012";
const CUT: &str = "100000200305120";

/// What the desk says of a sheet that it can't take.
async fn refusal(sandbox: &Sandbox, sheet: String) -> String {
    let url = sandbox.url(3, "/decisions");
    let answer = sandbox.http.post(url).body(sheet).timeout(PATIENCE).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["detail"].as_str().unwrap_or_else(|| panic!("decided: {answer}")).to_owned()
}

/// What `callboard ask` says of a line.
fn asked(sandbox: &Sandbox, line: &str, lang: &str) -> String {
    let kept = sandbox.member().parent().unwrap().parent().unwrap().to_owned();
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["ask", "--identity-file", "-", "--key", "alpha/alpha.key", "--pin", "genesis.json", "--lang", lang]);
    command.current_dir(kept).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// Whether what is said repeats a number that is one.
fn told(said: &str, value: &str) -> bool {
    value.chars().count() >= 12 && said.contains(value.trim_start_matches('\u{200b}'))
}

fn sheet(kind: &str, value: &str) -> String {
    format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\n\
         {kind},{value},某甲,suspension,live;recorded,5年,NB-11,沙盒示例。\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_agent_ask_enrol_and_lists_say_the_same_of_what_was_typed() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let program = Program { sandbox: &sandbox, dir: temporary.path() };
    let unseen = IdentityError::Unseen(Character { found: '\u{200b}', at: 1 });
    let typed = [
        ("cn-id", CUT.to_owned(), IdentityError::Fifteen),
        ("cn-id", format!("\u{200b}{WHOLE}"), unseen),
        ("cn-id", "100000199001011000".to_owned(), IdentityError::LastDigitsLost),
        ("cn-id", "1.00000E+17".to_owned(), IdentityError::Scientific),
        ("cn-id", "100000203001010010".to_owned(), IdentityError::BirthAhead),
        ("cn-id", "100000185001010014".to_owned(), IdentityError::BornLongAgo),
        ("cn-id", "身份证".to_owned() + WHOLE, IdentityError::Label),
        ("passport", "E1234567".to_owned(), IdentityError::NoIssuer),
        ("passport", "FRA:12AB34567".to_owned(), IdentityError::Somebodys),
    ];
    for (kind, value, fault) in typed {
        let Words { zh, en } = fault.words();
        let question = json!({"ref": "a", "identities": [{"kind": kind, "value": value}]});
        let answer = sandbox.check(&question).await;
        assert_eq!(
            (&answer["blocked"], &answer["findings"][0]["code"]),
            (&json!("identity-invalid"), &json!(fault.code()))
        );
        assert_eq!((&answer["findings"][0]["zh"], &answer["findings"][0]["en"]), (&json!(zh), &json!(en)));
        let list = format!("ref,kind,identity\na,{kind},{value}\n");
        let line = format!("{kind}:{value}");
        // A list's answers are read by people of either language; a person at a terminal reads one.
        let enrolled = program.says(&["enrol", "-"], list.as_bytes()).1;
        let listed = program.says(&["check", "-", "--format", "csv"], list.as_bytes()).1;
        for (name, said) in [("enrol", &enrolled), ("list", &listed)] {
            assert!(said.contains(&zh) && said.contains(&en), "{name}: {said}");
        }
        for (lang, words) in [("zh-CN", &zh), ("en", &en)] {
            let one = program.says(&["check", "--ref", "b", "--identity-file", "-", "--lang", lang], line.as_bytes()).1;
            let asked = asked(&sandbox, &line, lang);
            for (name, said) in [("check", one), ("ask", asked)] {
                assert!(said.contains(words) && !told(&said, &value), "{name}: {said}");
            }
        }
        let refused = refusal(&sandbox, sheet(kind, &value)).await;
        assert!(refused.contains(&en), "desk: {refused}");
        for said in [answer.to_string(), enrolled, listed, refused] {
            assert!(!told(&said, &value), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_listed_is_not_let_in_under_a_cut_number_and_no_child_under_anything() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let program = Program { sandbox: &sandbox, dir: temporary.path() };
    sandbox.decide(sheet("cn-id", WHOLE)).await;

    let list = include_str!("../identities/cut-list.csv");
    fs::write(temporary.path().join("list.csv"), list).unwrap();
    assert_eq!(program.says(&["check", "list.csv", "--out", "answers.ndjson"], b"").0, 0);
    let answers = fs::read_to_string(temporary.path().join("answers.ndjson")).unwrap();
    for (answer, row) in answers.lines().zip(list.lines().skip(1)) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        let (blocked, decision) = match row.rsplit(',').next().unwrap() {
            "" => (Value::Null, "refuse"),
            blocked => (json!(blocked), "blocked"),
        };
        assert_eq!((&answer["blocked"], &answer["decision"]), (&blocked, &json!(decision)), "{row}");
    }

    let list = include_bytes!("../identities/child-and-company.ndjson");
    let (code, said) = program.says(&["check", "-"], list);
    assert_eq!(code, 0, "{said}");
    let answers: Vec<Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let two = json!("two-subjects");
    let blocked: Vec<&Value> = answers.iter().map(|answer| &answer["blocked"]).collect();
    assert_eq!(blocked, ["under-age", "identity-invalid", "identity-invalid"]);
    assert_eq!((&answers[1]["findings"][0]["code"], &answers[2]["findings"][0]["code"]), (&two, &two));
}
