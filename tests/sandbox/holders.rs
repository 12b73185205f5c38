//! Who holds an account: one person a `ref` and `person`, names that differ, passports that are renewed, soft identities.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use callboard_federation::identity::{Identity, IdentityKind};
use serde_json::{Value, json};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::{
    faults::Platform,
    pushed::hook,
    support::{Sandbox, number, programs::programs, until},
};

/// Two of the published people.
const BARRED: &str = "100000199001060019";
const SUSPENDED: &str = "100000199001050013";

/// A number of region 10 with the check character that fits.
fn card(born: &str, sequence: &str) -> String {
    let number = |check: char| format!("100000{born}{sequence}{check}");
    let fits = |check: &char| Identity::normalise(IdentityKind::CnId, &number(*check), true).is_ok();
    number("0123456789X".chars().find(fits).unwrap())
}

fn question(reference: &str, person: Option<&str>, identities: &[(&str, &str)]) -> Value {
    let identities: Vec<Value> = identities.iter().map(|(kind, value)| json!({"kind": kind, "value": value})).collect();
    let mut question = json!({"ref": reference, "identities": identities});
    if let Some(person) = person {
        question["person"] = json!(person);
    }
    question
}

fn with(mut question: Value, more: &Value) -> Value {
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    question
}

async fn check(platform: &Platform, question: &Value) -> Value {
    let (status, answer) = platform.post("/check", question.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    serde_json::from_str(&answer).unwrap()
}

/// What the book holds, but for the log of checks.
async fn book(platform: &Platform) -> Vec<Vec<Vec<u8>>> {
    let path = format!("sqlite:{}", platform.config.directory.join("book.sqlite").display());
    let mut file = SqliteConnection::connect(&path).await.unwrap();
    let mut tables = Vec::new();
    for text in [
        "SELECT lookup || reference || sealed FROM account ORDER BY lookup",
        "SELECT identity || account FROM held ORDER BY identity, account",
        "SELECT lookup || sealed FROM identity ORDER BY lookup, epoch",
        "SELECT lookup || identity FROM tag ORDER BY lookup",
        "SELECT record || identity || sealed FROM details ORDER BY record, identity",
        "SELECT account FROM blinded ORDER BY account, place",
    ] {
        let rows = sqlx::query(text).fetch_all(&mut file).await.unwrap();
        tables.push(rows.iter().map(|row| row.get::<Vec<u8>, _>(0)).collect());
    }
    tables
}

fn sheet(columns: &str, row: &str) -> String {
    format!("{columns},measure,scopes,term,violations,reasons\n{row},suspension,live,1年,NB-11,示例\n")
}

fn codes(answer: &Value) -> Vec<&str> {
    answer["notes"].as_array().into_iter().flatten().map(|note| note["code"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_room_with_two_hosts_the_one_who_is_barred_is_refused_and_the_other_goes_on_air() {
    let (url, calls) = hook().await;
    let platform = Platform::start(|config| config.hook = Some(url.parse().unwrap())).await;
    let [jia, yi] = [("jia", number(1)), ("yi", number(2))]
        .map(|(person, number)| question("room-7", Some(person), &[("cn-id", &number)]));
    for host in [&jia, &yi] {
        let answer = check(&platform, host).await;
        assert_eq!((&answer["decision"], &answer["person"]), (&json!("allow"), &host["person"]), "{answer}");
        assert!(codes(&answer).is_empty(), "{answer}");
    }
    platform.sandbox.decide(sheet("kind,identity,names", &format!("cn-id,{},沙盒", number(1)))).await;
    until(async || check(&platform, &jia).await["decision"] == "refuse").await;
    assert_eq!(check(&platform, &yi).await["decision"], "allow");
    until(async || !calls.lock().unwrap().is_empty()).await;
    let told = calls.lock().unwrap().clone();
    let of = |call: &Value| (call["ref"].clone(), call["person"].clone());
    assert!(told.iter().all(|call| of(call) == (json!("room-7"), json!("jia"))), "{told:?}");

    // Another name than the details bear: a call says so too, in the same words.
    let answer = check(&platform, &with(jia.clone(), &json!({"names": ["另外一人"]}))).await;
    assert_eq!((&answer["decision"], &answer["nameDiffers"]), (&json!("refuse"), &json!(true)), "{answer}");
    let is_told = |call: &Value| call["nameDiffers"] == true && call["notes"] == answer["notes"];
    until(async || calls.lock().unwrap().iter().any(is_told)).await;

    // The other host under the name of the first, and both under none.
    let swapped = with(yi.clone(), &json!({"person": "jia"}));
    let answer = check(&platform, &swapped).await;
    assert_eq!((&answer["blocked"], &answer["reason"]), (&json!("identity-invalid"), &json!("ref-is-another-person")));
    let unnamed = question("room-7", None, &[("cn-id", &number(2))]);
    let answer = check(&platform, &unnamed).await;
    assert_eq!((&answer["decision"], codes(&answer)), (&json!("allow"), vec!["with-and-without-person"]), "{answer}");
    assert_eq!(codes(&check(&platform, &yi).await), ["with-and-without-person"]);

    // Everyone, one, or the one without a name can be forgotten.
    let delete =
        async |path: &str| platform.sandbox.http.delete(platform.url(path)).send().await.unwrap().status().as_u16();
    for (path, status) in [
        ("/refs/room-7?person=bing", 404),
        ("/refs/room-7?preson=yi", 400),
        ("/refs/room-7?person=", 204),
        ("/refs/room-7?person=", 404),
        ("/refs/room-7?person=jia", 204),
    ] {
        assert_eq!(delete(path).await, status, "{path}");
    }
    assert_eq!(platform.get("/status").await.1["accounts"], 1);
    assert!(codes(&check(&platform, &yi).await).is_empty());
    assert_eq!((delete("/refs/room-7").await, delete("/refs/room-7").await), (204, 404));
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_handed_over_is_asked_anew_and_a_contradiction_changes_nothing() {
    let platform = Platform::start(|_| {}).await;
    let barred = question("host-1", None, &[("cn-id", BARRED)]);
    assert_eq!(check(&platform, &barred).await["decision"], "refuse");
    let before = book(&platform).await;
    let checks = platform.get("/status").await.1["checks"].as_u64().unwrap();
    let other = |identities: &[(&str, &str)]| question("host-1", None, identities);
    let (born, sex, sequence) = (number(3), card("19900106", "002"), card("19900106", "003"));
    let contradictions = [
        other(&[("cn-id", &born)]),
        other(&[("cn-id", &sex)]),
        other(&[("cn-id", &sequence)]),
        other(&[("cn-id", &born), ("passport", "UTO:E1234567")]),
        other(&[("cn-uscc", "91350200MA2YJ1XR9G")]),
        with(other(&[("passport", "UTO:E1234567")]), &json!({"dateOfBirth": "1990-01-07"})),
        with(other(&[("platform-account", "alpha:1")]), &json!({"dateOfBirth": "1990-01-07"})),
        other(&[("passport-holder", "UTO:LI SI:19900107")]),
    ];
    for question in &contradictions {
        let answer = check(&platform, question).await;
        let sandboxed = question["identities"][0]["kind"] == "cn-uscc";
        let reason = if sandboxed { "somebodys" } else { "ref-is-another-person" };
        assert_eq!((&answer["blocked"], &answer["reason"]), (&json!("identity-invalid"), &json!(reason)), "{answer}");
        assert!(sandboxed || answer["todo"]["zh"].as_str().unwrap().contains("/refs/{ref}/replace"), "{answer}");
        let enrolled = platform.post("/enrol", question.to_string()).await;
        assert!(enrolled.1.contains("\"enrolled\":0"), "{enrolled:?}");
    }
    assert_eq!(book(&platform).await, before, "nothing is learnt");
    let now = platform.get("/status").await.1["checks"].as_u64().unwrap();
    assert_eq!(now - checks, contradictions.len() as u64, "each is logged");

    // Of two people in one list the first is the holder.
    let both =
        json!([question("host-2", None, &[("cn-id", &number(4))]), question("host-2", None, &[("cn-id", &sex)])]);
    let answers = check(&platform, &both).await;
    assert_eq!(answers[0]["decision"], "allow", "{answers}");
    assert_eq!(answers[1]["reason"], "ref-is-another-person", "{answers}");

    let replace = async |path: &str, body: &str| platform.post(path, body.to_owned()).await.0;
    assert_eq!(replace("/refs/host-9/replace", "{}").await, 404);
    assert_eq!(replace("/refs/host-1/replace", r#"{"person":"jia"}"#).await, 404);
    assert_eq!(replace("/refs/host-1/replace", r#"{"smae":true}"#).await, 400);
    assert_eq!(replace("/refs/host-1/replace", "").await, 204);
    assert_eq!(replace("/refs/host-1/replace", "{}").await, 404, "nobody holds it");
    assert_eq!(check(&platform, &contradictions[0]).await["decision"], "allow", "another person");
    assert_eq!(check(&platform, &barred).await["reason"], "ref-is-another-person", "it is theirs now");

    // A number that was corrected: both stay, and the strictest holds of both.
    assert_eq!(replace("/refs/host-1/replace", r#"{"same":true}"#).await, 204);
    assert_eq!(check(&platform, &barred).await["decision"], "refuse");
    assert_eq!(check(&platform, &contradictions[0]).await["decision"], "refuse");
    assert_eq!(check(&platform, &contradictions[1]).await["reason"], "ref-is-another-person", "once");
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_details_bear_is_said_beside_the_decision_and_stands_nowhere() {
    let sandbox = Sandbox::start(&[]).await;
    let suspended = question("host-1", None, &[("cn-id", SUSPENDED)]);
    let ask = async |more: Value| sandbox.check(&with(suspended.clone(), &more)).await;
    let plain = ask(json!({})).await;
    assert!(plain.get("nameDiffers").is_none() && codes(&plain) == ["return-later"], "{plain}");
    for (names, differs) in [
        (json!(["沙盒 警示"]), false),
        (json!(["另外一人"]), true),
        (json!(["另外一人", "沙盒警示"]), false),
        (json!(["Sha He Jing Shi"]), true),
    ] {
        let answer = ask(json!({"names": names, "purpose": "watch", "consentRef": "consent-1"})).await;
        assert_eq!(answer["decision"], "refuse", "names change no decision");
        assert_eq!(answer["nameDiffers"] == true, differs, "{names}: {answer}");
        assert_eq!(answer["reasons"][0]["nameDiffers"] == true, differs, "{answer}");
        assert_eq!(codes(&answer).contains(&"name-differs"), differs, "{answer}");
        // Without names the last comparison holds.
        assert_eq!(ask(json!({})).await["nameDiffers"] == true, differs);
        let proof = sandbox.url(2, &format!("/checks/{}/proof", answer["id"].as_str().unwrap()));
        let proof: Value = sandbox.http.get(proof).send().await.unwrap().json().await.unwrap();
        let proof: callboard_federation::anchor::CheckProof = serde_json::from_value(proof["check"].clone()).unwrap();
        let line: Value = serde_json::from_slice(&proof.line.0).unwrap();
        assert_eq!((&line["purpose"], &line["consentRef"]), (&json!("watch"), &json!("consent-1")));
        assert!(line.get("guardianRef").is_none());
        let text = line.to_string();
        assert!(!text.contains("另外一人") && !text.contains("沙盒") && !text.contains("Sha He"), "{text}");
    }
    let proof = sandbox.url(2, &format!("/checks/{}/proof", plain["id"].as_str().unwrap()));
    let proof: Value = sandbox.http.get(proof).send().await.unwrap().json().await.unwrap();
    let proof: callboard_federation::anchor::CheckProof = serde_json::from_value(proof["check"].clone()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&proof.line.0).unwrap()["purpose"], "onboard", "as documented");
    for wrong in
        [json!({"names": [""]}), json!({"names": "沙盒"}), json!({"purpose": "other"}), json!({"consentRef": ""})]
    {
        let body = with(suspended.clone(), &wrong);
        let answer = sandbox.http.post(sandbox.url(2, "/check")).json(&body).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passport_that_was_renewed_is_asked_about_and_its_holder_is_reviewed() {
    let sandbox = Sandbox::start(&[]).await;
    let columns = "kind,identity,kind 2,identity 2,names";
    sandbox.decide(sheet(columns, "passport,UTO:E1111111,passport-holder,UTO:LI SI:19850101,Li Si")).await;
    let ask = async |reference: &str, passport: &str, more: Value| {
        let question = question(reference, None, &[("passport", passport)]);
        sandbox.check(&with(question, &with(json!({"dateOfBirth": "1985-01-01"}), &more))).await
    };
    let barred = ask("host-1", "UTO:E1111111", json!({})).await;
    assert_eq!(barred["decision"], "refuse", "{barred}");
    // Another number: found by name and birth, and said to be worth a look.
    let renewed = ask("host-2", "UTO:E2222222", json!({"names": ["李四", "Li Si"]})).await;
    assert_eq!((&renewed["decision"], &renewed["standing"]["reasons"][0]["soft"]), (&json!("review"), &json!(true)));
    assert!(codes(&renewed).contains(&"number-changes"), "{renewed}");
    // Nothing of it is known without a name, but that earlier numbers are to be asked for.
    let unnamed = ask("host-3", "UTO:E2222222", json!({})).await;
    assert_eq!(unnamed["decision"], "allow", "{unnamed}");
    assert!(codes(&unnamed).contains(&"number-changes") && codes(&unnamed).contains(&"no-check-digit"));
    // Both numbers, as asked for.
    let both = question("host-3", None, &[("passport", "UTO:E2222222"), ("passport", "UTO:E1111111")]);
    assert_eq!(sandbox.check(&with(both, &json!({"dateOfBirth": "1985-01-01"}))).await["decision"], "refuse");
    assert_eq!(ask("host-3", "UTO:E2222222", json!({})).await["decision"], "refuse", "all that the account holds");
    // Beside a number that stays none is asked for.
    let beside = question("host-4", None, &[("passport", "UTO:E3333333"), ("cn-id", &number(5))]);
    assert!(!codes(&sandbox.check(&beside).await).contains(&"number-changes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn soft_identities_alone_are_reviewed_or_blocked_and_let_nobody_pass() {
    let sandbox = Sandbox::start(&[]).await;
    let columns = "kind,identity,kind 2,identity 2,names";
    sandbox.decide(sheet(columns, &format!("cn-id,{},net-identity-code,alpha:code-6,沙盒", number(6)))).await;
    let ask = async |reference: &str, value: &str, more: Value| {
        let question = question(reference, None, &[("net-identity-code", value)]);
        let answer = sandbox.check(&with(question, &with(json!({"dateOfBirth": "1960-01-07"}), &more))).await;
        let word = answer["blocked"].as_str().or(answer["decision"].as_str());
        word.unwrap().to_owned()
    };
    assert_eq!(ask("host-1", "alpha:code-6", json!({})).await, "review");
    assert_eq!(ask("host-1", "alpha:code-6", json!({"noDocument": true})).await, "no-document");
    assert_eq!(ask("host-2", "alpha:code-7", json!({})).await, "no-document", "nothing is known, and that is no allow");
    assert_eq!(ask("host-2", "alpha:code-7", json!({"noDocument": true})).await, "no-document");
    assert_eq!(ask("host-3", "beta:code-6", json!({})).await, "identity-invalid", "of another member");
    // An account whose holder's document is known is answered by that.
    let known = question("host-4", None, &[("cn-id", &number(8))]);
    assert_eq!(sandbox.check(&known).await["decision"], "allow");
    let code = question("host-4", None, &[("net-identity-code", "alpha:code-8")]);
    assert_eq!(sandbox.check(&code).await["decision"], "allow", "and its birth needn't be told again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_signs_nobody_of_16_or_17_without_a_guardians_written_consent() {
    let sandbox = Sandbox::start(&[]).await;
    let ask = async |more: Value| {
        // 16 until November 2028 (`docs/sandbox.md`).
        let question = question("host-1", None, &[("cn-id", "100000201011010015")]);
        let answer = sandbox.check(&with(question, &more)).await;
        answer["blocked"].as_str().or(answer["decision"].as_str()).unwrap().to_owned()
    };
    let contract = |more: Value| with(json!({"purpose": "contract"}), &more);
    assert_eq!(ask(contract(json!({}))).await, "guardian-consent-missing");
    assert_eq!(ask(contract(json!({"guardianConsent": true}))).await, "guardian-consent-missing", "not in writing");
    assert_eq!(ask(contract(json!({"guardianRef": "2026-17"}))).await, "guardian-consent-missing", "not agreed");
    assert_eq!(ask(contract(json!({"guardianConsent": true, "guardianRef": "2026-17"}))).await, "allow");
    assert_eq!(ask(json!({"guardianConsent": true})).await, "allow", "for an account it needs no paper");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_names_people_in_lists_and_replaces_them() {
    let sandbox = Sandbox::start(&[]).await;
    let directory = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str], input: &str| {
        let mut command = Command::new(programs().join("callboard-agent"));
        command.args(arguments).arg("--config").arg(sandbox.member()).current_dir(directory.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().unwrap(), said)
    };
    let list = "ref,person,kind,identity,names,purpose\n\
        room,jia,cn-id,100000199001050013,沙盒警示,watch\n\
        room,yi,cn-id,100000199001010011,,watch\n\
        room,bing,cn-id,100000199001060019,另外一人,watch\n\
        room,jia,cn-id,100000199001010011,,watch\n";
    std::fs::write(directory.path().join("room.csv"), list).unwrap();
    assert_eq!(run(&["check", "room.csv", "--out", "answers.csv"], "").0, 0);
    let answers = csv::Reader::from_path(directory.path().join("answers.csv")).unwrap();
    let rows: Vec<Vec<String>> =
        answers.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let told = |row: &Vec<String>| [0, 8, 1, 9, 10, 11].map(|at| row[at].clone());
    assert_eq!(told(&rows[0]), ["room", "jia", "refuse", "", "", "return-later"]);
    assert_eq!(told(&rows[1]), ["room", "yi", "allow", "", "", ""]);
    assert_eq!(told(&rows[2]), ["room", "bing", "refuse", "", "true", "name-differs"]);
    assert_eq!(told(&rows[3]), ["room", "jia", "blocked", "ref-is-another-person", "", ""]);

    let one = |person: &str, lines: &str| {
        run(&["check", "--ref", "room", "--person", person, "--identity-file", "-", "--purpose", "contract"], lines)
    };
    let (code, said) = one("yi", "cn-id:100000199001050013\n");
    assert!(code == 12 && said.starts_with("room / yi  blocked: identity-invalid"), "{said}");
    let (code, said) = run(&["replace", "room", "--person", "yi"], "");
    assert_eq!((code, said.as_str()), (0, "room / yi  ask again now\n"));
    let (code, said) = one("yi", "cn-id:100000199001050013\nname:另外一人\n");
    assert!(code == 11 && said.contains("name-differs") && !said.contains("另外一人"), "{said}");
    assert_eq!(one("yi", "cn-id:100000199001010011\n").0, 12);
    assert_eq!(run(&["replace", "room", "--person", "yi", "--same"], "").0, 0);
    assert_eq!(one("yi", "cn-id:100000199001010011\n").0, 11, "both are held, and the strictest holds");
    assert_eq!(run(&["replace", "room"], "").0, 1, "nobody is there without a person");
    assert!(run(&["open-blind", "--ref", "room", "--person", "bing"], "").1.contains("\"person\":\"bing\""));
    assert_eq!(run(&["forget", "room", "--person", "bing"], "").0, 0);
    assert_eq!(run(&["forget", "room"], "").0, 0);
    assert_eq!(run(&["forget", "room"], "").0, 1);
}
