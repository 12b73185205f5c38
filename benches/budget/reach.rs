//! How soon a docket that was handed in has reached a member: pushed to its endpoint, and refused by its agent.
//!
//! Registry, token service and the committee's desk are a sandbox's, in a process of its own; the agent runs here. The limit
//! is the budget's second, over the slowest of a hundred: a ratio of 1 is just in time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, http::StatusCode};
use callboard_agent::{agent::Agent, config::Config};
use callboard_client::clock::{Clock as _, MachineClock};
use callboard_federation::{encoding::Time, webhook::Message};
use callboard_keys::MemberKey;
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime::Runtime};

use crate::sandbox::{PASSPHRASE, Sandbox, number, until};

pub(crate) const RECEIVED: &str = "reach received";
pub(crate) const REFUSED: &str = "reach refused";
/// Floor and goal of both, in milliseconds.
const LIMIT: (f64, f64) = (1_000.0, 100.0);
/// Dockets, one after another: the slowest of them stands for the 99th of a hundred.
const DOCKETS: usize = 100;
/// From which made-up person on.
const FIRST: usize = 5_000;

pub(crate) fn measure(runtime: &Runtime) {
    let (received, refused) = runtime.block_on(run());
    for (name, mut lags) in [(RECEIVED, received), (REFUSED, refused)] {
        lags.sort_by(f64::total_cmp);
        let (p50, p99) = (lags[lags.len() / 2], lags[lags.len() - 1]);
        println!("     {name}: median {p50:.0} ms, slowest of {} {p99:.0} ms", lags.len());
        let verdict = if p99 > LIMIT.0 { "below" } else { "ok" };
        println!("{verdict} {name} {:.2} 1.00 {:.2}", LIMIT.0 / p99, LIMIT.0 / LIMIT.1);
    }
}

async fn run() -> (Vec<f64>, Vec<f64>) {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let (sender, mut pushed) = tokio::sync::mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint_url = format!("http://{}/", listener.local_addr().unwrap());
    let take = move |body: Bytes| {
        let sender = sender.clone();
        async move {
            let at = MachineClock.now();
            if let Ok(message) = serde_json::from_slice::<Message>(&body) {
                sender.send((message.timestamp, at)).unwrap();
            }
            StatusCode::NO_CONTENT
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(axum::routing::post(take))).await });
    let config = Config::read(&sandbox.member()).unwrap();
    let key = MemberKey::open(&config.key, PASSPHRASE.into()).unwrap();
    let running = Agent::start(config, key, Arc::new(MachineClock), None).await.unwrap();
    let url = |path: &str| format!("http://{}{path}", running.addr);
    until(async || sandbox.http.get(url("/readyz")).send().await.is_ok_and(|answer| answer.status().is_success()))
        .await;
    for endpoint in [endpoint_url, url("/webhook")] {
        sandbox.post(&url("/endpoints"), &json!({"url": endpoint})).await;
    }
    let (mut received, mut refused) = (Vec::new(), Vec::new());
    for person in FIRST..FIRST + DOCKETS {
        let question =
            json!({"ref": format!("host-{person}"), "identities": [{"kind": "cn-id", "value": number(person)}]});
        let decision = async || -> Value { sandbox.post(&url("/check"), &question).await["decision"].clone() };
        assert_eq!(decision().await, "allow");
        let header = "kind,identity,names,measure,scopes,term,violations,reasons\n";
        let sheet = format!("{header}cn-id,{},沙盒,suspension,live,1年,NB-11,示例\n", number(person));
        let watched = async {
            let began = Instant::now();
            while decision().await != "refuse" {
                assert!(began.elapsed() < Duration::from_secs(30), "it is not refused");
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            MachineClock.now()
        };
        let (_, refused_at) = tokio::join!(sandbox.decide(sheet), watched);
        let (logged_at, received_at) = pushed.recv().await.unwrap();
        let since = |at: Time| f64::from(i32::try_from(at.as_millis() - logged_at.as_millis()).unwrap());
        received.push(since(received_at));
        refused.push(since(refused_at));
        // The registry lets one address ask fifty times a second, and everyone here has the same.
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    running.stop().await;
    (received, refused)
}
