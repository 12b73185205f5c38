//! What the registry pushes to an agent, what the agent does about it, and what it says afterwards.

use std::{
    fs,
    process::Command,
    sync::{Arc, Mutex},
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use callboard_client::clock::{Clock as _, MachineClock};
use callboard_federation::{
    dsse::Envelope,
    encoding::Hash,
    webhook::{HEADERS, Secret, Signer},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    drafts::Home,
    faults::Platform,
    support::{number, programs::programs, until},
};

pub(crate) type Calls = Arc<Mutex<Vec<Value>>>;

/// A platform's hook that does what it is told.
pub(crate) async fn hook() -> (String, Calls) {
    let calls = Calls::default();
    let take = async |State(calls): State<Calls>, Json(call): Json<Value>| {
        calls.lock().unwrap().push(call);
        StatusCode::NO_CONTENT
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(take)).with_state(calls.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, calls)
}

pub(crate) fn suspension(person: usize) -> String {
    let header = "kind,identity,names,measure,scopes,term,violations,reasons\n";
    format!("{header}cn-id,{},沙盒,suspension,live,1年,NB-11,示例\n", number(person))
}

/// The newest docket of the registry's log, and how alpha stands with it.
pub(crate) async fn newest(platform: &Platform) -> (String, Value) {
    let get = async |path: &str| -> Value {
        let answer = platform.sandbox.http.get(platform.sandbox.url(0, path)).send().await.unwrap();
        answer.json().await.unwrap()
    };
    let listed = get("/v1/dockets?limit=1000").await;
    let docket = listed["dockets"].as_array().unwrap().last().unwrap()["docket"].as_str().unwrap().to_owned();
    let shown = get(&format!("/v1/dockets/{docket}/propagation")).await;
    (docket, shown["members"][0].clone())
}

pub(crate) fn agent(platform: &Platform, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(programs().join("callboard-agent"));
    command.args(arguments).args(["--agent", &platform.running.addr.to_string()]);
    if !arguments.contains(&"--config") {
        command.arg("--config").arg(platform.sandbox.member());
    }
    let told = command.output().unwrap();
    (told.status.success(), String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docket_that_is_pushed_is_refused_told_to_the_hook_and_receipted_and_a_later_word_stands() {
    let (url, calls) = hook().await;
    let platform = Platform::start(|config| config.hook = Some(url.parse().unwrap())).await;
    let webhook = platform.url("/webhook");
    let (made, told) = agent(&platform, &["endpoint", "create", &webhook]);
    assert!(made && !told.contains("whsec_"), "{told}");
    let made: Value = serde_json::from_str(&told).unwrap();
    let id = made["id"].as_str().unwrap();
    let (tested, told) = agent(&platform, &["endpoint", "test", id]);
    assert!(tested && told.contains("\"taken\": true"), "{told}");

    assert_eq!(platform.check(&number(1)).await, "allow");
    // What the sandbox decided that takes effect later.
    let owed = async || platform.get("/status").await.1["receiptsOwed"].as_u64().unwrap();
    let to_come = owed().await;
    let records = platform.sandbox.decide(suspension(1)).await;
    until(async || platform.check(&number(1)).await == "refuse").await;
    until(async || !calls.lock().unwrap().is_empty()).await;
    assert_eq!(calls.lock().unwrap()[0]["records"], json!(records));
    until(async || newest(&platform).await.1["acted"] == "in-effect").await;
    let (docket, row) = newest(&platform).await;
    assert!(row["deliveredAt"].is_string() && row["receipts"] == 1, "{row}");
    until(async || owed().await == to_come).await;

    let exception = format!("{}=the contract ends on Friday", records[0]);
    let (signed, told) = agent(&platform, &["receipt", &docket, "--outcome", "partly", "--exception", &exception]);
    assert!(signed, "{told}");
    until(async || newest(&platform).await.1["acted"] == "partly").await;
    assert_eq!(newest(&platform).await.1["receipts"], 2);
    for wrong in [&["--outcome", "partly"][..], &["--outcome", "in-effect", "--exception", &exception]] {
        let (signed, told) = agent(&platform, &[&["receipt", &docket][..], wrong].concat());
        assert!(!signed && told.contains("exceptions"), "{told}");
    }
    // A call that says of itself that it is a test: nothing is owed of it.
    let (tested, told) = agent(&platform, &["hook", "test"]);
    assert!(tested && told.contains("\"status\": 204") && told.contains("\"taken\": true"), "{told}");
    let last = calls.lock().unwrap().last().unwrap().clone();
    assert_eq!((&last["type"], &last["member"]), (&json!("hook.test"), &json!("alpha")), "{last}");
    assert!(last.get("ref").is_none() && platform.get("/status").await.1["hookOwed"] == 0, "{last}");

    let (signed, told) = agent(&platform, &["receipt", &"0".repeat(64), "--outcome", "in-effect"]);
    assert!(!signed && told.contains("no docket"), "{told}");
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_repeated_reordered_and_late_messages_do_no_harm_and_pull_alone_learns_the_same() {
    let platform = Platform::start(|_| {}).await;
    let now = MachineClock.now().as_seconds();
    let send = async |secret: &Secret, id: &str, seconds: i64, body: &str| {
        let signature = Signer::new(secret).sign(id, seconds, body.as_bytes());
        let values = [id.to_owned(), seconds.to_string(), signature];
        let request = platform.sandbox.http.post(platform.url("/webhook")).header("content-type", "application/json");
        let request = request.body(body.to_owned());
        let request =
            HEADERS.into_iter().zip(values).fold(request, |request, (name, value)| request.header(name, value));
        request.send().await.unwrap().status().as_u16()
    };
    let stranger = Secret::from_bytes(&[9; 32]).unwrap();
    assert_eq!(send(&stranger, "msg_1", now, "{}").await, 400, "there is no endpoint yet");
    let made: Value =
        serde_json::from_str(&agent(&platform, &["endpoint", "create", &platform.url("/webhook")]).1).unwrap();
    let kept = std::fs::read_to_string(platform.config.directory.join("webhook.secret")).unwrap();
    let secret: Secret = kept.lines().next().unwrap().parse().unwrap_or_else(|_| panic!("no secret"));

    let message = |index: u64| {
        json!({"type": "docket.logged", "timestamp": MachineClock.now(), "data": {"index": index}}).to_string()
    };
    assert_eq!(send(&stranger, "msg_1", now, &message(99)).await, 400, "forged");
    assert_eq!(send(&secret, "msg_2", now - 86_400, &message(99)).await, 400, "a day late");
    for (id, index) in [("msg_3", 9_999), ("msg_3", 9_999), ("msg_4", 0), ("msg_5", 3), ("msg_6", 2)] {
        assert_eq!(send(&secret, id, now, &message(index)).await, 204);
    }
    assert_eq!(send(&secret, "msg_7", now, "no JSON at all").await, 204, "signed, and nothing of it is believed");
    let (_, before) = platform.get("/status").await;
    assert_eq!((&before["log"]["alarms"], before["stale"].is_null()), (&json!([]), true), "{before}");

    // Two secrets, as long as both may come; and then none pushes at all.
    assert!(agent(&platform, &["endpoint", "rotate", made["id"].as_str().unwrap()]).0);
    assert_eq!(send(&secret, "msg_8", now, "{}").await, 204, "the one before");
    assert!(agent(&platform, &["endpoint", "delete", made["id"].as_str().unwrap()]).0);
    assert_eq!(platform.check(&number(2)).await, "allow");
    platform.sandbox.decide(suspension(2)).await;
    until(async || platform.check(&number(2)).await == "refuse").await;
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_member_declined_is_evidence_for_a_case_with_the_receipts_that_it_signed() {
    let platform = Platform::start(|_| {}).await;
    let secretary = Home::at(&platform.sandbox, "secretary-1");
    let records = platform.sandbox.decide(suspension(1)).await;
    let (docket, _) = newest(&platform).await;
    let exception = format!("{}=合同周五到期", records[0]);
    // Once the agent knows the docket.
    until(async || agent(&platform, &["receipt", &docket, "--outcome", "declined", "--exception", &exception]).0).await;
    until(async || newest(&platform).await.1["acted"] == "declined").await;
    let told = secretary.does(&["propagation", "--evidence", "alpha", "--out", "alpha.json"]);
    let bytes = fs::read(secretary.directory.join("alpha.json")).unwrap();
    assert!(told.contains(&Hash::of(&bytes).to_string()), "{told}");
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!((&file["issuer"], &file["member"]["member"]), (&json!("sandbox.test"), &json!("alpha")));
    let of_it = file["receipts"].as_array().unwrap().iter().find(|of| of["docket"] == *docket).unwrap();
    assert_eq!(of_it["unproven"], 0);
    let envelope: Envelope = serde_json::from_value(of_it["envelopes"][0].clone()).unwrap();
    let said: Value = serde_json::from_slice(&envelope.payload.0).unwrap();
    assert_eq!((&said["outcome"], &said["exceptions"][0]["reason"]), (&json!("declined"), &json!("合同周五到期")));
    platform.running.stop().await;
}
