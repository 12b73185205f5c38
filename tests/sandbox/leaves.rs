//! What leaves a platform's machine: all of it went through a proxy that wrote it down.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{Request, StatusCode},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_federation::identity::{Identity, IdentityKind};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    agent::Agent,
    support::{Sandbox, number, until},
};

/// A request as it left: method and path, headers and body.
struct Left {
    asked: String,
    all: Vec<u8>,
    body: Vec<u8>,
}

#[derive(Clone)]
struct Proxy {
    left: Arc<Mutex<Vec<Left>>>,
    client: reqwest::Client,
}

async fn pass_on(State(proxy): State<Proxy>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let asked = format!("{} {}", head.method, head.uri.path());
    let mut all = format!("{} {}\n", head.method, head.uri).into_bytes();
    for (name, value) in &head.headers {
        all.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    all.extend_from_slice(&body);
    proxy.left.lock().unwrap().push(Left { asked, all, body: body.to_vec() });
    let mut passed = proxy.client.request(head.method, head.uri.to_string()).body(body);
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        passed = passed.header(name, value);
    }
    let Ok(answer) = passed.send().await else {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).unwrap();
    };
    let answered = Response::builder().status(answer.status());
    let body: Bytes = answer.bytes().await.unwrap();
    answered.body(body.into()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_checks_nothing_leaves_but_blinded_points_sync_traffic_and_share_requests() {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let proxy = Proxy { left: Arc::default(), client: sandbox.http.clone() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(pass_on).with_state(proxy.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let _agent = Agent::start(&sandbox, Some(&address));
    let ready = sandbox.url(2, "/readyz");
    until(async || sandbox.http.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())).await;

    // 1,000 checks: of listed and unlisted people, once new and then known, of under-age ones and of mistyped numbers.
    let listed = ["100000199001050013", "100000199001060019", "100000199001040018"];
    let mistyped = "100000199001050023";
    let minor = "100000202006010015";
    let mut numbers: BTreeSet<String> = listed.map(str::to_owned).into();
    numbers.extend([mistyped.to_owned(), minor.to_owned()]);
    let (mut records, mut decisions) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..50 {
        let mut people: Vec<String> = (0..15).map(|at| number(round % 10 * 15 + at)).collect();
        people.extend(listed.map(str::to_owned));
        people.extend([mistyped.to_owned(), minor.to_owned()]);
        let person = |(at, number): (usize, &String)| json!({"ref": format!("account-{round}-{at}"), "identities": [{"kind": "cn-id", "value": number}]});
        let asked: Vec<Value> = people.iter().enumerate().map(person).collect();
        numbers.extend(people);
        let answers = if round % 2 == 0 {
            sandbox.check(&json!(asked)).await
        } else {
            let mut answers = Vec::new();
            for one in &asked {
                answers.push(sandbox.check(one).await);
            }
            json!(answers)
        };
        for answer in answers.as_array().unwrap() {
            decisions.insert(answer["decision"].as_str().unwrap().to_owned());
            let reasons = answer["reasons"].as_array().into_iter().flatten();
            records.extend(reasons.map(|reason| reason["record"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(decisions.into_iter().collect::<Vec<_>>(), ["allow", "blocked", "refuse", "review"]);
    assert_eq!(records.len(), 3);

    let left = proxy.left.lock().unwrap();
    let (mut points, mut shares) = (0, Vec::new());
    for request in left.iter() {
        match request.asked.as_str() {
            // Points of 32 bytes under a count: formats §3.
            "POST /v1/tokens" => {
                assert_eq!(request.body.len() % 32, 0, "a batch is points, and nothing else");
                points += request.body.len() / 32;
            }
            // The last two: to whom the secretariat writes, and whether it asks something; of nobody.
            "GET /v1/feed"
            | "POST /v1/cosignatures"
            | "POST /v1/anchors"
            | "POST /v1/recipients"
            | "GET /v1/identity-requests" => {}
            share => {
                let record = share.strip_prefix("POST /v1/records/").and_then(|rest| rest.strip_suffix("/share"));
                let record = record.unwrap_or_else(|| panic!("{share} left the machine"));
                assert!(request.body.is_empty() && records.contains(record), "{share} is of no hit");
                shares.push(record.to_owned());
            }
        }
    }
    // Each person once: 150 who are unlisted and 3 who are listed. The mistyped number and the minor's never left at all.
    assert_eq!(points, 153, "a known person costs no point");
    assert_eq!(shares.iter().collect::<BTreeSet<_>>().len(), 3);
    assert_eq!(shares.len(), 3, "details that were opened are kept");

    let needles = needles(&numbers);
    let finder = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(&needles).unwrap();
    assert!(finder.is_match(format!("x{}", listed[0]).as_bytes()), "the finder isn't blind");
    for request in left.iter() {
        if let Some(found) = finder.find(&request.all) {
            panic!("{} shows {:?}", request.asked, String::from_utf8_lossy(&needles[found.pattern().as_usize()]));
        }
    }
}

/// Every number, its normal form's input to the PRF and its hash, and every account, raw and in hex and base64.
fn needles(numbers: &BTreeSet<String>) -> Vec<Vec<u8>> {
    use sha2::Digest as _;
    let mut needles = vec![b"account-".to_vec()];
    for number in numbers {
        let mut forms: Vec<Vec<u8>> = vec![number.as_bytes().to_vec()];
        if let Ok(identity) = Identity::normalise(IdentityKind::CnId, number, false) {
            forms.push(identity.prf_input().to_vec());
            forms.push(sha2::Sha256::digest(identity.prf_input()).to_vec());
            forms.push(sha2::Sha256::digest(identity.value()).to_vec());
        }
        for form in forms {
            needles.push(hex::encode(&form).into_bytes());
            // Without the last group, which depends on what stands behind.
            needles.push(STANDARD.encode(&form[..form.len() / 3 * 3]).into_bytes());
            needles.push(form);
        }
    }
    needles
}
