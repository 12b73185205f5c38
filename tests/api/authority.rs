//! Who asks: a request counts when a key in force signed it, within a minute, once.

use reqwest::Method;
use serde_json::json;

use crate::{
    caller::{Registry, alpha, key, with},
    support::engines,
};

const FEED: &str = "/v1/feed?from=0";

#[tokio::test]
async fn a_key_in_force_is_taken_and_no_other() {
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let seat = registry.committee.seat("auditor-1");
        for key in [&alpha(&registry), &key("beta"), &key("beta, another"), &seat] {
            assert_eq!(registry.signed(key, Method::GET, FEED, b"").await.status, 200);
        }
        registry.signed(&key("a stranger"), Method::GET, FEED, b"").await.is_problem(403, "key-unknown");

        // The next list of members lacks alpha: from the next entry on its key asks in vain.
        let mut members = registry.committee.document(2, 4);
        members["version"] = json!(3);
        members["members"] = json!([]);
        registry.log_members(&members).await;
        registry.signed(&alpha(&registry), Method::GET, FEED, b"").await.is_problem(403, "key-unknown");
        assert_eq!(registry.signed(&seat, Method::GET, FEED, b"").await.status, 200);
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_unsigned_request_takes_no_nonce() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        registry.get(FEED).await.is_problem(401, "unsigned");
        registry.post("/v1/standings", "{}").await.is_problem(401, "unsigned");
        assert_eq!(registry.rows().await["nonce"], 0);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_nonce_is_taken_once_even_by_another_request() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let (key, now) = (alpha(&registry), registry.now());
        let once = registry.signature(&key, &Method::GET, FEED, b"", now, [7; 16]);
        let ask = || with(registry.request(Method::GET, FEED), &once);
        assert_eq!(registry.send(ask()).await.status, 200);
        registry.send(ask()).await.is_problem(401, "request-replayed");
        let other = "/v1/feed?from=1";
        let same_nonce = registry.signature(&key, &Method::GET, other, b"", now, [7; 16]);
        let asked = with(registry.request(Method::GET, other), &same_nonce);
        registry.send(asked).await.is_problem(401, "request-replayed");

        // A nonce is each key's own, and a request that isn't taken takes none.
        let seat = registry.committee.seat("chair-1");
        let theirs = registry.signature(&seat, &Method::GET, FEED, b"", now, [7; 16]);
        assert_eq!(registry.send(with(registry.request(Method::GET, FEED), &theirs)).await.status, 200);
        assert_eq!(registry.rows().await["nonce"], 2);
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_minute_either_way_is_taken_and_a_second_more_is_not() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let key = alpha(&registry);
        for (seconds, taken) in [(-61, false), (-60, true), (60, true), (61, false)] {
            let created = registry.now().plus_millis(seconds * 1000);
            let headers = registry.signature(&key, &Method::GET, FEED, b"", created, registry.nonce());
            let answer = registry.send(with(registry.request(Method::GET, FEED), &headers)).await;
            if taken {
                assert_eq!(answer.status, 200, "{seconds} s");
            } else {
                answer.is_problem(401, "request-signature");
            }
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_signature_holds_for_its_own_request_alone() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let (key, now) = (alpha(&registry), registry.now());
        let body =
            br#"{"persons":[[{"epoch":1,"tag":"242a1f620796338f432fead2fb63a38c6477d91f2bba1f803101306ad0083df6"}]]}"#;
        let mut changed = body.to_vec();
        changed[20] ^= 1;
        let sign = |method, path, body: &[u8]| registry.signature(&key, &method, path, body, now, registry.nonce());
        let standings = "/v1/standings";

        let headers = sign(Method::POST, standings, body);
        let other_body = with(registry.request(Method::POST, standings), &headers).body(changed);
        registry.send(other_body).await.is_problem(401, "request-signature");
        let other_path = with(registry.request(Method::GET, "/v1/feed?from=1"), &sign(Method::GET, FEED, b""));
        registry.send(other_path).await.is_problem(401, "request-signature");
        let other_method = with(registry.request(Method::GET, FEED), &sign(Method::HEAD, FEED, b""));
        registry.send(other_method).await.is_problem(401, "request-signature");
        let mut headers = sign(Method::GET, FEED, b"");
        headers.signature = sign(Method::GET, FEED, b"").signature;
        registry.send(with(registry.request(Method::GET, FEED), &headers)).await.is_problem(401, "request-signature");
        let bearer = registry.request(Method::GET, FEED).header("authorization", "Bearer alpha");
        registry.send(bearer).await.is_problem(401, "unsigned");
        registry.ends().await;
    }
}
