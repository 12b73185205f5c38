//! An agent in this process beside a sandbox, and what goes wrong around it.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Bytes, routing::post};
use callboard_agent::{agent::Agent, config::Config, error::AgentError, file_error::FileError, replica::ReplicaError};
use callboard_client::clock::AheadClock;
use callboard_federation::{tag::Epoch, token::read_batch};
use callboard_keys::MemberKey;
use callboard_tokens::{Evaluate as _, TokenSecret};
use rand::{SeedableRng as _, rngs::StdRng};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{PASSPHRASE, Sandbox, number, until};

const LISTED: &str = "100000199001050013";

pub(crate) struct Platform {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<AheadClock>,
    pub(crate) config: Config,
    pub(crate) running: Agent,
}

fn key(config: &Config) -> MemberKey {
    MemberKey::open(&config.key, PASSPHRASE.into()).unwrap()
}

impl Platform {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let sandbox = Sandbox::start(&["--without-agent"]).await;
        let (mut config, clock) = (Config::read(&sandbox.member()).unwrap(), Arc::new(AheadClock::default()));
        change(&mut config);
        let running = Agent::start(config.clone(), key(&config), clock.clone(), None).await.unwrap();
        let platform = Self { sandbox, clock, config, running };
        until(async || platform.get("/readyz").await.0 == 200).await;
        platform
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.sandbox.http.get(self.url(path)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, String) {
        let asked = self.sandbox.http.post(self.url(path)).header("content-type", "application/json").body(body);
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The decision, or why there is none.
    pub(crate) async fn check(&self, number: &str) -> String {
        let person = json!({"ref": format!("host-{number}"), "identities": [{"kind": "cn-id", "value": number}]});
        let (status, answer) = self.post("/check", person.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let word = answer["blocked"].as_str().or(answer["decision"].as_str()).unwrap();
        if word == "unavailable" {
            // Shown where the test fails.
            eprintln!("{}", answer["detail"]);
        }
        word.to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_down_for_a_week_leaves_known_people_answered_until_the_view_is_too_old() {
    let mut platform = Platform::start(|_| {}).await;
    assert_eq!(platform.check(LISTED).await, "refuse");
    platform.sandbox.end();
    assert_eq!(platform.check(LISTED).await, "refuse", "known, and the view is young");
    assert_eq!(platform.check(&number(1)).await, "unavailable", "new, and nobody to ask");
    let staleness = u64::try_from(platform.config.max_staleness().as_millis()).unwrap();
    platform.clock.advance(staleness + 60_000);
    assert_eq!(platform.check(LISTED).await, "stale");
    assert_eq!(platform.get("/readyz").await.0, 503);
    platform.clock.advance(7 * 86_400_000);
    assert_eq!(platform.check(LISTED).await, "stale");
    let (_, status) = platform.get("/status").await;
    assert!(status["log"]["failure"].is_string() && status["stale"].as_str().unwrap().contains("s old"), "{status}");
    platform.running.stop().await;
    // Started again without a registry it is no younger.
    let Platform { config, clock, sandbox, .. } = platform;
    let running = Agent::start(config.clone(), key(&config), clock.clone(), None).await.unwrap();
    let platform = Platform { sandbox, clock, config, running };
    assert_eq!(platform.check(LISTED).await, "stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_service_with_another_key_is_an_alarm_and_nobodys_allow() {
    let secret = Arc::new(TokenSecret::derive(&[9; 32], "sandbox.test", Epoch::new(1).unwrap()).unwrap());
    let evaluate = post(move |points: Bytes| async move {
        let points = read_batch(&points).unwrap();
        secret.evaluate(points, &mut StdRng::seed_from_u64(1)).unwrap()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/tokens", evaluate)).await });
    let platform = Platform::start(|config| config.tokens_url = address.parse().unwrap()).await;
    for _ in 0..2 {
        assert_eq!(platform.check(LISTED).await, "unavailable");
    }
    let (_, status) = platform.get("/status").await;
    assert_eq!((&status["wrongTokenKey"], &status["identities"]), (&json!(true), &json!(0)), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_hangs_holds_up_no_check_and_is_owed_its_call() {
    // It takes connections, and never says a word.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let hook = format!("http://{}/hook", listener.local_addr().unwrap());
    let platform = Platform::start(|config| config.hook = Some(hook.parse().unwrap())).await;
    assert_eq!(platform.check(&number(7)).await, "allow");
    let sheet = format!(
        "kind,identity,names,measure,scopes,term,violations,reasons\ncn-id,{},沙盒,bar,live,永久,NB-11,示例\n",
        number(7)
    );
    assert_eq!(platform.sandbox.decide(sheet).await.len(), 1);
    until(async || platform.get("/status").await.1["hookOwed"] == 1).await;
    for _ in 0..20 {
        let began = std::time::Instant::now();
        assert_eq!(platform.check(&number(7)).await, "refuse");
        assert!(began.elapsed() < Duration::from_secs(5), "a check waits for the hook");
    }
    drop(listener);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_a_clear_problem_repeats_no_identity_and_logs_no_check() {
    let platform = Platform::start(|_| {}).await;
    let person = |value: &str| format!(r#"{{"ref":"a","identities":[{{"kind":"cn-id","value":"{value}"}}]}}"#);
    let many = format!("[{}]", vec![person(LISTED); 10_001].join(","));
    let twice = person(LISTED).replace("\"ref\":\"a\"", "\"ref\":\"a\",\"ref\":\"b\"");
    let cases: Vec<(String, u16, &str)> = vec![
        (many, 400, "too-many-checks"),
        ("[]".to_owned(), 400, "too-many-checks"),
        (String::new(), 400, "malformed"),
        (format!("{{\"identity\":\"{LISTED}\"}}"), 400, "malformed"),
        (person(LISTED).replace("\"value\"", "\"number\""), 400, "malformed"),
        (person(LISTED).replace("cn-id", LISTED), 400, "malformed"),
        (person(LISTED).replace("\"a\"", "\"\""), 400, "malformed"),
        (twice, 400, "malformed"),
        (person(LISTED)[..30].to_owned(), 400, "malformed"),
        (format!("[{}", " ".repeat(33 << 20)), 413, "body-too-large"),
    ];
    for (body, expected, word) in cases {
        let (status, problem) = platform.post("/check", body).await;
        let told: Value = serde_json::from_str(&problem).unwrap();
        assert_eq!((status, &told["type"]), (expected, &json!(format!("urn:callboard:problem:{word}"))), "{problem}");
        assert!(!problem.contains(LISTED), "{problem}");
    }
    for (path, status) in [
        ("/nothing", 404),
        ("/check", 405),
        ("/checks/none/proof", 400),
        ("/checks/01a21392-d78c-7b99-aff4-9825fc5e6d30/proof", 404),
    ] {
        assert_eq!(platform.get(path).await.0, status, "{path}");
    }
    assert_eq!(platform.get("/status").await.1["checks"], 0);
    // Full-width digits are the same number; letters in its place are none.
    let wide: String = LISTED.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    assert_eq!(platform.check(&wide).await, "refuse");
    assert_eq!(platform.check("1.00000199001050E+17").await, "identity-invalid");
    assert_eq!(platform.check("").await, "identity-invalid");

    let second = Agent::start(platform.config.clone(), key(&platform.config), platform.clock.clone(), None).await;
    assert!(matches!(second, Err(AgentError::Replica(ReplicaError::File(FileError::Taken(_))))));
    let mut other = platform.config.clone();
    other.member = "beta".to_owned().try_into().unwrap();
    let other = Agent::start(other, key(&platform.config), platform.clock.clone(), None).await;
    assert!(matches!(other, Err(AgentError::OtherKey { .. })));
}
