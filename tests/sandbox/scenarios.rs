//! What goes wrong by name: each as the manual says, undone again; and a sandbox that was killed goes on.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    agent::Agent,
    support::{PASSPHRASE, Sandbox, number, programs::programs, until},
};

const KNOWN: &str = "100000199001050013";
const INTERIM: &str = "100000199001130013";

fn person(reference: &str, number: &str) -> Value {
    json!({"ref": reference, "identities": [{"kind": "cn-id", "value": number}]})
}

/// What is decided about a number: `refuse suspended`, or `blocked unavailable`.
async fn decided(sandbox: &Sandbox, number: &str) -> String {
    let answer = sandbox.check(&person(number, number)).await;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let more = if answer["blocked"].is_string() { &answer["blocked"] } else { &answer["standing"]["state"] };
    format!("{} {}", word(&answer["decision"]), word(more))
}

async fn status(sandbox: &Sandbox) -> Value {
    sandbox.http.get(sandbox.url(2, "/status")).send().await.unwrap().json().await.unwrap()
}

/// Whoever nobody asked about before.
struct Strangers(usize);

impl Strangers {
    fn next(&mut self) -> String {
        self.0 += 1;
        number(self.0)
    }
}

/// Tells the sandbox by its own verb; what it says.
fn scenario(sandbox: &Sandbox, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["sandbox", "scenario"]).args(arguments).args(["--control", &sandbox.control()]);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_scenario_is_answered_as_it_says_and_undone() {
    let sandbox = Sandbox::start(&["--hook"]).await;
    let mut strangers = Strangers(0);
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse suspended");
    assert_eq!(decided(&sandbox, INTERIM).await, "refuse suspended");
    let begin = |name: &str| {
        let (done, said) = scenario(&sandbox, &[name]);
        assert!(done && said.starts_with(&format!("* {name}")), "{said}");
    };
    let undo = |name: &str| {
        let (done, said) = scenario(&sandbox, &[name, "--undo"]);
        assert!(done, "{said}");
    };
    let whoever_is_new = async |strangers: &mut Strangers, expected: &str| {
        until(async || decided(&sandbox, &strangers.next()).await == expected).await;
    };

    begin("quota-spent");
    assert_eq!(decided(&sandbox, &strangers.next()).await, "blocked unavailable");
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse suspended");
    undo("quota-spent");
    whoever_is_new(&mut strangers, "allow clear").await;

    begin("wrong-token-key");
    assert_eq!(decided(&sandbox, &strangers.next()).await, "blocked unavailable");
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse suspended");
    assert_eq!(status(&sandbox).await["wrongTokenKey"], true);
    undo("wrong-token-key");
    whoever_is_new(&mut strangers, "allow clear").await;
    assert_eq!(status(&sandbox).await["wrongTokenKey"], false);

    begin("hook-fails");
    sandbox
        .decide(format!(
            "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{KNOWN},沙盒,bar,live,永久,NB-11,示例\n"
        ))
        .await;
    let calls =
        async || -> Value { sandbox.http.get(sandbox.url(3, "/hook")).send().await.unwrap().json().await.unwrap() };
    // How the calls that tell of the bar were answered, the newest first.
    let answered = async || -> Vec<Value> {
        let heard = calls().await;
        let of_known = |call: &&Value| call["call"]["ref"] == KNOWN && call["call"]["standing"]["state"] == "barred";
        let of_known: Vec<&Value> = heard.as_array().unwrap().iter().filter(of_known).collect();
        assert!(of_known.iter().all(|call| call["verified"] == true), "{heard}");
        of_known.iter().map(|call| call["answered"].clone()).collect()
    };
    until(async || answered().await.contains(&json!(500))).await;
    assert_ne!(status(&sandbox).await["hookOwed"], 0);
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse barred");
    undo("hook-fails");
    until(async || status(&sandbox).await["hookOwed"] == 0).await;
    let answered = answered().await;
    assert_eq!((&answered[0], &answered[answered.len() - 1]), (&json!(204), &json!(500)));

    begin("interim-lapses");
    until(async || decided(&sandbox, INTERIM).await == "allow clear").await;
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse barred");
    let told = async || {
        calls()
            .await
            .as_array()
            .unwrap()
            .iter()
            .any(|call| call["call"]["ref"] == INTERIM && call["call"]["decision"] == "allow")
    };
    until(told).await;
    let (done, said) = scenario(&sandbox, &["interim-lapses", "--undo"]);
    assert!(!done && said.contains("doesn't go back"), "{said}");

    begin("registry-down");
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse barred");
    assert_eq!(decided(&sandbox, &strangers.next()).await, "allow clear");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "11m"})).await;
    until(async || decided(&sandbox, KNOWN).await == "blocked stale").await;
    assert_eq!(decided(&sandbox, &strangers.next()).await, "blocked stale");
    undo("registry-down");
    until(async || decided(&sandbox, KNOWN).await == "refuse barred").await;
    let (_, all) = scenario(&sandbox, &[]);
    assert!(all.contains("* interim-lapses") && all.contains("  registry-down") && all.contains("  fork"), "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_stops_every_answer_convicts_the_log_and_is_undone() {
    let sandbox = Sandbox::start(&[]).await;
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse suspended");
    let (done, said) = scenario(&sandbox, &["fork"]);
    assert!(done, "{said}");
    until(async || decided(&sandbox, KNOWN).await == "blocked stale").await;
    let alarms = status(&sandbox).await["log"]["alarms"].clone();
    assert_eq!(alarms[0]["alarm"], "fork", "{alarms}");
    let files = fs::read_dir(sandbox.kept("alpha/agent")).unwrap().map(|file| file.unwrap().path());
    let evidence = files.into_iter().find(|path| path.to_string_lossy().contains("evidence-")).unwrap();
    let (done, said) = scenario(&sandbox, &["fork", "--undo"]);
    assert!(done, "{said}");
    until(async || decided(&sandbox, KNOWN).await == "refuse suspended").await;
    assert_eq!(status(&sandbox).await["log"]["alarms"], json!([]));
    // The roster is asked of the registry whose history is the true one.
    let roster = sandbox.http.get(sandbox.url(0, "/v1/roster")).send().await.unwrap().bytes().await.unwrap();
    fs::write(sandbox.kept("roster.json"), roster).unwrap();
    let mut verify = Command::new(env!("CARGO_BIN_EXE_callboard"));
    verify.arg("verify").arg("--convict").arg(sandbox.kept("evidence").join(evidence.file_name().unwrap()));
    verify.arg("--roster").arg(sandbox.kept("roster.json")).arg("--pin").arg(sandbox.kept("genesis.json"));
    let output = verify.output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("convicted"), "{output:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_was_killed_goes_on_with_its_registry_its_people_its_clock_and_the_agent_s_data() {
    let mut sandbox = Sandbox::start(&["--hook"]).await;
    let someone = number(1);
    assert_eq!(decided(&sandbox, &someone).await, "allow clear");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "3d"})).await;
    let sheet = format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{someone},沙盒,bar,live,永久,NB-11,示例\n"
    );
    let records = sandbox.decide(sheet).await;
    until(async || decided(&sandbox, &someone).await == "refuse barred").await;
    let people = async |sandbox: &Sandbox| -> Value {
        sandbox.http.get(sandbox.url(3, "/people")).send().await.unwrap().json().await.unwrap()
    };
    let clock = async |sandbox: &Sandbox| -> Value {
        let told: Value = sandbox.http.get(sandbox.url(3, "/clock")).send().await.unwrap().json().await.unwrap();
        told["now"].clone()
    };
    let genesis = fs::read_to_string(sandbox.kept("genesis.json")).unwrap();
    let before = (people(&sandbox).await, clock(&sandbox).await);
    let (size, accounts) = (status(&sandbox).await["log"]["size"].clone(), status(&sandbox).await["accounts"].clone());
    // Set by hand, and kept.
    let configured = fs::read_to_string(sandbox.member()).unwrap();
    fs::write(sandbox.member(), configured.replace("\"10m\"", "\"20m\"")).unwrap();

    sandbox.start_again().await;
    assert_eq!(people(&sandbox).await, before.0);
    assert!(clock(&sandbox).await.as_str() > before.1.as_str(), "a clock that goes back is behind its own log");
    until(async || decided(&sandbox, &someone).await == "refuse barred").await;
    assert_eq!(decided(&sandbox, KNOWN).await, "refuse suspended");
    let now = status(&sandbox).await;
    assert_eq!((&now["log"]["size"], &now["accounts"]), (&size, &json!(accounts.as_u64().unwrap() + 1)));
    let pin: Value = serde_json::from_str(&fs::read_to_string(sandbox.kept("genesis.json")).unwrap()).unwrap();
    assert!(genesis.contains(pin["genesis"].as_str().unwrap()) && pin["url"] == sandbox.url(0, ""));
    let configured = fs::read_to_string(sandbox.member()).unwrap();
    assert!(configured.contains("max_staleness = \"20m\""), "{configured}");
    // And it decides.
    let url = sandbox.url(3, &format!("/records/{}/annul", records[0]));
    sandbox.post(&url, &json!({})).await;
    until(async || decided(&sandbox, &someone).await == "allow clear").await;

    // What another is in use by, or was never one, is left as it is.
    let before = fs::read(sandbox.member()).unwrap();
    let refused = |directory: &std::path::Path| {
        let port = crate::support::ports::free_ports(4).to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(["sandbox", "--port", &port, "--keep"]).arg(directory).env("CALLBOARD_LOG", "error");
        let output = command.stdin(Stdio::null()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(refused(&sandbox.kept("")).contains("another `callboard serve`"));
    assert_eq!(fs::read(sandbox.member()).unwrap(), before);
    assert!(refused(&sandbox.kept("seats")).contains("something else than a sandbox"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_goes_by_the_sandbox_s_clock_when_told_to_and_no_other_registry_s_does() {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let agent = Agent::start_with(&sandbox, None, &["--clock", &sandbox.url(3, "")]);
    let ready = sandbox.url(2, "/readyz");
    let is_ready = async || sandbox.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success());
    until(is_ready).await;
    assert_eq!(decided(&sandbox, INTERIM).await, "refuse suspended");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "8d"})).await;
    until(async || decided(&sandbox, INTERIM).await == "allow clear").await;
    // What is logged from then on is witnessed by it.
    let sheet = format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{},沙盒,bar,live,永久,NB-11,示例\n",
        number(1)
    );
    sandbox.decide(sheet).await;
    until(async || decided(&sandbox, &number(1)).await == "refuse barred").await;
    drop(agent);

    let configured = fs::read_to_string(sandbox.member()).unwrap().replace("sandbox.test", "callboard.example");
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("member.toml");
    fs::write(&config, configured).unwrap();
    let key = directory.path().join("alpha.key");
    fs::copy(sandbox.member().with_file_name("alpha.key"), key).unwrap();
    let mut command = Command::new(programs().join("callboard-agent"));
    command
        .args(["run", "--clock", &sandbox.url(3, ""), "--config"])
        .arg(&config)
        .env("CALLBOARD_PASSPHRASE", PASSPHRASE);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("callboard.example is no sandbox"), "{said}");
}
