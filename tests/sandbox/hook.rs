//! A platform's hook beside a whole sandbox: it is told what a check answers, and its calls are verified as the paper shows.

use std::{
    fs,
    io::Write as _,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use callboard_client::clock::{Clock as _, MachineClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    faults::Platform,
    pushed::{agent, newest},
    support::{number, until},
};

/// A call as it came: its three headers, its body.
struct Came {
    headers: [String; 3],
    body: Vec<u8>,
    call: Value,
}

/// What a hook heard, and for whom it hangs.
#[derive(Default)]
struct Heard {
    calls: Vec<Came>,
    hangs_for: Vec<String>,
}

type Hook = Arc<Mutex<Heard>>;

async fn hear(State(hook): State<Hook>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let call: Value = serde_json::from_slice(&body).unwrap();
    let named = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers = named.map(|name| headers[name].to_str().unwrap().to_owned());
    let hangs = {
        let mut heard = hook.lock().unwrap();
        let hangs = heard.hangs_for.iter().any(|of| call["ref"] == *of);
        heard.calls.push(Came { headers, body: body.to_vec(), call });
        hangs
    };
    if hangs {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    StatusCode::NO_CONTENT
}

/// A platform whose hook is heard.
async fn platform() -> (Platform, Hook) {
    let hook = Hook::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(hear)).with_state(hook.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Platform::start(|config| config.hook = Some(url.parse().unwrap())).await, hook)
}

fn sheet(number: &str, columns: &str) -> String {
    format!(
        "kind,identity,names,measure,scopes,effective at,until,term,violations,reasons\n\
         cn-id,{number},沙盒,{columns},NB-11,示例\n"
    )
}

/// What the hook last heard of a `ref`: decision and state, and whether something is to come.
fn said(hook: &Hook, reference: &str) -> String {
    let heard = hook.lock().unwrap();
    let Some(last) = heard.calls.iter().rfind(|came| came.call["ref"] == reference) else {
        return "nothing".to_owned();
    };
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let to_come = if last.call["toCome"].is_array() { ", to come" } else { "" };
    format!("{} {}{to_come}", word(&last.call["decision"]), word(&last.call["standing"]["state"]))
}

fn question(reference: &str, numbers: &[String]) -> Value {
    let identities: Vec<Value> = numbers.iter().map(|number| json!({"kind": "cn-id", "value": number})).collect();
    json!({"ref": reference, "identities": identities})
}

async fn ask(platform: &Platform, question: &Value) -> Value {
    let answer = platform.sandbox.http.post(platform.url("/check")).json(question).send().await.unwrap();
    answer.json().await.unwrap()
}

/// Sets the clocks of registry and agent ahead.
async fn days_on(platform: &Platform, days: u64) {
    platform.clock.advance(days * 86_400_000);
    platform.sandbox.post(&platform.sandbox.url(3, "/clock"), &json!({"advance": format!("{days}d")})).await;
    platform.running.hurry();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_two_identities_one_ruling_of_which_is_annulled_is_refused_at_check_and_hook() {
    let (platform, hook) = platform().await;
    // A number, and a travel permit of the same person.
    let mut asked = question("host-1", &[number(1)]);
    asked["identities"].as_array_mut().unwrap().push(json!({"kind": "passport", "value": "UTO:E1234567"}));
    assert_eq!(ask(&platform, &asked).await["decision"], "allow");
    let first = platform.sandbox.decide(sheet(&number(1), "bar,live,自登记之日起,,永久")).await;
    let passport = "kind,identity,names,measure,scopes,effective at,until,term,violations,reasons\n\
                    passport,UTO:E1234567,沙盒,bar,live,自登记之日起,,永久,NB-11,示例\n";
    platform.sandbox.decide(passport.to_owned()).await;
    until(async || ask(&platform, &asked).await["standing"]["reasons"].as_array().is_some_and(|all| all.len() == 2))
        .await;
    let annulled = platform.sandbox.url(3, &format!("/records/{}/annul", first[0]));
    assert!(platform.sandbox.http.post(annulled).send().await.unwrap().status().is_success());
    until(async || ask(&platform, &asked).await["standing"]["reasons"].as_array().is_some_and(|all| all.len() == 1))
        .await;
    let reasons = |came: &Value| came["standing"]["reasons"].as_array().map_or(0, Vec::len);
    until(async || {
        let heard = hook.lock().unwrap();
        heard.calls.last().is_some_and(|last| last.call["decision"] == "refuse" && reasons(&last.call) == 1)
    })
    .await;
    assert_eq!(ask(&platform, &asked).await["decision"], "refuse");
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_come_is_called_twice_and_receipted_once_it_is_in_effect_and_a_call_is_verified_as_the_paper_shows()
{
    let (platform, hook) = platform().await;
    let asked = question("host-1", &[number(1)]);
    assert_eq!(ask(&platform, &asked).await["decision"], "allow");
    let zone = jiff::tz::offset(8);
    let today = zone.to_datetime(jiff::Timestamp::from_millisecond(MachineClock.now().as_millis()).unwrap()).date();
    let effective = today.checked_add(jiff::Span::new().days(3)).unwrap();
    platform.sandbox.decide(sheet(&number(1), &format!("suspension,live,{effective},,1年"))).await;
    until(async || said(&hook, "host-1") == "allow clear, to come").await;
    assert_eq!(ask(&platform, &asked).await["toCome"][0]["phase"], "to-come");
    assert_eq!(newest(&platform).await.1["acted"], "awaited", "it isn't in effect");
    let paper = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/hook.md")).unwrap();
    let code = paper.split("```python\n").nth(1).unwrap().split("```").next().unwrap();
    let (printed, secret) =
        agent(&platform, &["hook", "secret", "--config", platform.sandbox.member().to_str().unwrap()]);
    assert!(printed, "{secret}");
    let (headers, body) = {
        let heard = hook.lock().unwrap();
        let last = heard.calls.last().unwrap();
        (last.headers.clone(), last.body.clone())
    };
    let verified = |body: &[u8]| {
        let names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        let headers: serde_json::Map<_, _> =
            names.iter().zip(&headers).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let asks = format!(
            "{code}\nimport json, sys\nbody = sys.stdin.buffer.read()\nsys.exit(0 if verified({secret:?}, {}, body) else 3)\n",
            Value::Object(headers)
        );
        let mut python = Command::new("python3").args(["-c", &asks]).stdin(Stdio::piped()).spawn().unwrap();
        python.stdin.take().unwrap().write_all(body).unwrap();
        python.wait().unwrap().code()
    };
    assert_eq!(verified(&body), Some(0));
    assert_eq!(verified(&[&body[..], b" "].concat()), Some(3));
    days_on(&platform, 1).await;
    until(async || platform.get("/readyz").await.0 == 200).await;
    assert_eq!(said(&hook, "host-1"), "allow clear, to come");
    days_on(&platform, 3).await;
    until(async || said(&hook, "host-1") == "refuse suspended").await;
    until(async || newest(&platform).await.1["acted"] == "in-effect").await;

    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interim_that_ends_by_time_is_told_when_it_ends() {
    let (platform, hook) = platform().await;
    let asked = question("host-1", &[number(1)]);
    assert_eq!(ask(&platform, &asked).await["decision"], "allow");
    let interim = sheet(&number(1), "suspension,live,自登记之日起,,7天");
    let url = platform.sandbox.url(3, "/decisions?interim=true");
    let decided = platform.sandbox.http.post(url).body(interim).send().await.unwrap();
    let (status, text) = (decided.status(), decided.text().await.unwrap());
    assert!(status.is_success(), "{text}");
    until(async || said(&hook, "host-1") == "refuse suspended").await;
    days_on(&platform, 8).await;
    until(async || said(&hook, "host-1") == "allow clear").await;
    assert_eq!(ask(&platform, &asked).await["decision"], "allow");
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_who_is_enrolled_is_told_and_said_not_to_be_allowed() {
    let (platform, hook) = platform().await;
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("hosts.csv");
    fs::write(&list, "ref,kind,identity\nhost-1,cn-id,100000199001050013\n").unwrap();
    let (enrolled, told) = agent(&platform, &["enrol", list.to_str().unwrap()]);
    assert!(enrolled && told.contains("1 of 1 people are known") && told.contains("1 isn't allow"), "{told}");
    until(async || said(&hook, "host-1") == "refuse suspended").await;
    let (listed, told) = agent(&platform, &["refs"]);
    assert!(listed && told.starts_with("refuse   suspended") && told.contains("host-1"), "{told}");
    platform.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_hangs_for_one_account_lets_no_other_wait() {
    let (platform, hook) = platform().await;
    hook.lock().unwrap().hangs_for = vec!["host-0".to_owned()];
    let people: Vec<String> = (0..12).map(|person| number(person + 1)).collect();
    let enrolled: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(at, number)| question(&format!("host-{at}"), std::slice::from_ref(number)))
        .collect();
    let answer = platform.sandbox.http.post(platform.url("/enrol")).json(&enrolled).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["enrolled"], 12);
    let rows: Vec<String> =
        people.iter().map(|number| format!("cn-id,{number},沙盒,bar,live,永久,NB-11,示例")).collect();
    let head = "kind,identity,names,measure,scopes,term,violations,reasons";
    platform.sandbox.decide(format!("{head}\n{}\n", rows.join("\n"))).await;
    until(async || said(&hook, "host-0") == "refuse barred").await;
    let began = Instant::now();
    until(async || (1..12).all(|at| said(&hook, &format!("host-{at}")) == "refuse barred")).await;
    assert!(began.elapsed() < Duration::from_secs(8), "others wait: {:?}", began.elapsed());
    platform.running.stop().await;
}
