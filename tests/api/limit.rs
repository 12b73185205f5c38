//! How often one may ask: by address what isn't signed, by key what is, and health never.

use std::num::NonZeroU32;

use callboard_service::{
    limit::{Rate, RateLimits},
    proxies::TrustedProxies,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    caller::{Registry, with},
    support::engines,
};

/// Where a page stands that isn't ours.
const ORIGIN: &str = "https://elsewhere.example";

/// Whether an operation asks for no signature.
fn is_open(operation: &Value) -> bool {
    operation.get("security").and_then(Value::as_array).is_none_or(Vec::is_empty)
}

/// A rate of one a second after so many at once.
fn rate(burst: u32) -> Rate {
    Rate { per_second: NonZeroU32::MIN, burst: NonZeroU32::new(burst).unwrap() }
}

fn proxies(networks: &[&str]) -> TrustedProxies {
    TrustedProxies::of(networks).unwrap()
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    for engine in engines() {
        let registry = Registry::limited(engine, Some(RateLimits::new(rate(21), rate(5), proxies(&[])))).await;
        // A docket was handed in before.
        let first = registry.get("/v1/dockets").await;
        let left: u32 = first.header("ratelimit").split(['=', ';']).nth(2).unwrap().parse().unwrap();
        assert!((2..21).contains(&left), "{}", first.header("ratelimit"));
        assert_eq!(first.header("ratelimit-policy"), "\"address\";q=21;w=21");
        let mut answer = registry.get("/v1/dockets").await;
        for _ in 0..100 {
            if answer.status == 429 {
                break;
            }
            answer = registry.get("/v1/dockets").await;
        }
        answer.is_problem(429, "rate-limited");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.header("ratelimit"), "\"address\";r=0;t=1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "a refusal has the same headers");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "and may be read by the same pages");
        for _ in 0..100 {
            assert_eq!(registry.get("/healthz").await.status, 200, "health is never limited");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_signed_request_is_counted_by_its_key_and_a_forged_one_by_its_address() {
    for engine in engines() {
        let limits = RateLimits::new(rate(60), rate(20), proxies(&[]));
        let registry = Registry::limited(engine, Some(limits)).await;
        let seat = registry.committee.seat("auditor-1");
        let answer = registry.signed(&seat, Method::GET, "/v1/compliance", b"").await;
        assert_eq!((answer.status, answer.header("ratelimit-policy")), (200, "\"key\";q=20;w=20"));
        // Forged in the seat's name: nothing of the seat's is spent, and soon nobody looks at the signatures any more.
        let mut refused = 0;
        for _ in 0..200 {
            let headers = registry.signature(&seat, &Method::GET, "/v1/other", b"", registry.now(), registry.nonce());
            let forged = registry.send(with(registry.request(Method::GET, "/v1/compliance"), &headers)).await;
            if forged.status == 429 {
                assert_eq!(forged.header("ratelimit-policy"), "\"address\";q=60;w=60");
                refused += 1;
            } else {
                forged.is_problem(401, "request-signature");
                let expected = format!("{}/v1/compliance", registry.world.url);
                assert!(forged.text().contains(&expected), "a 401 tells which address it is about: {}", forged.text());
            }
        }
        assert!(refused > 50, "{refused} of 200 were refused unseen");
        registry.ends().await;
    }
}

#[tokio::test]
async fn three_hundred_behind_one_proxy_are_counted_alone_and_what_one_makes_up_counts_for_nothing() {
    for engine in engines() {
        let limits = RateLimits::new(rate(21), rate(5), proxies(&["127.0.0.0/8"]));
        let registry = Registry::limited(engine, Some(limits)).await;
        for member in 0..300 {
            let address = format!("198.51.{}.{}", member / 200, member % 200);
            let asked = registry.request(Method::GET, "/v1/dockets").header("x-forwarded-for", &address);
            let answer = registry.send(asked).await;
            assert_eq!(answer.status, 200, "{address}");
        }
        // Whoever changes what stands left of their own address is the same one.
        let mut statuses = Vec::new();
        for made_up in 0..40 {
            let line = format!("192.0.2.{made_up}, 203.0.113.5");
            let asked = registry.request(Method::GET, "/v1/dockets").header("x-forwarded-for", line);
            statuses.push(registry.send(asked).await.status);
        }
        assert!(statuses[0] == 200 && statuses.contains(&429), "{statuses:?}");
        registry.ends().await;
    }
}

#[tokio::test]
async fn pages_of_any_origin_read_what_is_public_and_nothing_else() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let document = registry.get("/openapi.json").await;
        assert_eq!(document.header("access-control-allow-origin"), "*");
        let document = document.json();
        let mut public = 0;
        for (path, operations) in document["paths"].as_object().unwrap() {
            let place = path.replace("{path}", "0/000").replace(['{', '}'], "");
            for method in ["get", "post", "patch", "delete"] {
                let Some(operation) = operations.get(method) else { continue };
                let is_read = method == "get" && operation["tags"] != json!(["operating"]);
                let is_public = is_read && is_open(operation);
                public += u32::from(is_public);
                let asked = registry.request(method.to_uppercase().parse().unwrap(), &place);
                let answer = asked.header("origin", ORIGIN).send().await.unwrap();
                let allowed = answer.headers().get("access-control-allow-origin");
                assert_eq!(allowed.map(|value| value.to_str().unwrap()), is_public.then_some("*"), "{method} {path}");
                assert!(!answer.headers().contains_key("access-control-allow-credentials"));
                let before = registry.request(Method::OPTIONS, &place).header("origin", ORIGIN);
                let before = before.header("access-control-request-method", "GET").send().await.unwrap();
                let methods = before.headers().get("access-control-allow-methods");
                if is_public {
                    assert_eq!((before.status().as_u16(), methods.unwrap().to_str().unwrap()), (204, "GET, HEAD"));
                } else if operations.get("get").is_none_or(|get| !is_open(get)) {
                    assert!(!before.headers().contains_key("access-control-allow-origin"), "{path}");
                }
            }
        }
        assert!(public >= 8, "{public} public reads");
        registry.ends().await;
    }
}
