//! Addresses of a published corpus of server-side request forgery: none gets a connection.
//!
//! The corpus is what `PayloadsAllTheThings` and the OWASP cheat sheet list, in our own hand: loopback and cloud metadata by
//! name, by number, by encoding, by redirect and by a name that changes its mind. Where an address means this machine, a
//! listener stands there and counts: with the guard off each of these would be connected to, and the test fails.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use callboard_registry::delivery::guard::{EndpointAddressError, Guard};
use tokio::net::TcpListener;

const CORPUS: &str = include_str!("ssrf.txt");

/// Counts who connects, on IPv4 and IPv6.
async fn counting() -> (u16, Arc<AtomicU64>) {
    let connections = Arc::new(AtomicU64::new(0));
    let v4 = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = v4.local_addr().unwrap().port();
    let v6 = TcpListener::bind(SocketAddr::from(([0_u16; 8], port))).await;
    for listener in [Some(v4), v6.ok()].into_iter().flatten() {
        let connections = connections.clone();
        tokio::spawn(async move {
            while listener.accept().await.is_ok() {
                connections.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    (port, connections)
}

/// The corpus, each address at a port.
fn corpus(port: u16) -> Vec<String> {
    let lines = CORPUS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.replace("PORT", &port.to_string())).collect()
}

#[tokio::test]
async fn no_address_of_the_corpus_gets_a_connection() {
    let (port, connections) = counting().await;
    let guard = Guard { loopback: false };
    let client = guard.client().unwrap();
    let mut sent = 0;
    for url in corpus(port) {
        // What the first look refuses isn't sent to; the client itself is the second look, at what a name resolves to.
        let refused = guard.check(&url);
        if let Ok(parsed) = refused {
            sent += 1;
            let answer = client.post(parsed).timeout(Duration::from_secs(5)).body("{}").send().await;
            assert!(answer.is_err(), "{url} answers");
        }
    }
    assert!(sent >= 3, "names are for the second look: {sent}");
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_resolves_to_this_machine_is_refused_when_it_is_connected_to() {
    let (port, connections) = counting().await;
    for name in ["localhost", "LOCALHOST"] {
        let url = Guard { loopback: false }.check(&format!("https://{name}:{port}/")).unwrap();
        let error = Guard { loopback: false }.client().unwrap().get(url).send().await.unwrap_err();
        let mut cause = std::error::Error::source(&error);
        let mut refused = false;
        while let Some(error) = cause {
            refused |= error.downcast_ref::<EndpointAddressError>() == Some(&EndpointAddressError::Address);
            cause = error.source();
        }
        assert!(refused, "{name}: {error:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    // The same with the guard open: this listener is connected to, so the count above means something.
    let url = format!("http://127.0.0.1:{port}/");
    let open = Guard { loopback: true };
    drop(open.client().unwrap().get(open.check(&url).unwrap()).timeout(Duration::from_millis(500)).send().await);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_asked() {
    // Set for this process alone, which nextest gives this test to itself.
    let (port, connections) = counting().await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "guard::behind_a_proxy", "--ignored", "--nocapture"]);
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        child.env(name, format!("http://127.0.0.1:{port}"));
    }
    let done = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// Run by the test above, with proxies in its environment.
#[tokio::test]
#[ignore = "the test above runs it with proxies in its environment"]
async fn behind_a_proxy() {
    let client = Guard { loopback: false }.client().unwrap();
    let asked = client.get("https://hooks.invalid/").timeout(Duration::from_secs(5)).send().await;
    assert!(asked.is_err());
}
