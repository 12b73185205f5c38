//! How often one address may ask.

use std::num::NonZeroU32;

use callboard::api::limit::AddressLimit;

use crate::{caller::Registry, support::engines};

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    for engine in engines() {
        // The beginning is handed in first, within one burst.
        let limit = AddressLimit::new(NonZeroU32::MIN, NonZeroU32::new(21).unwrap());
        let registry = Registry::limited(engine, Some(limit)).await;
        // What the beginning took was given back, a request a second.
        let first = registry.get("/healthz").await;
        let left: u32 = first.header("ratelimit").split(['=', ';']).nth(2).unwrap().parse().unwrap();
        assert!((2..20).contains(&left), "{}", first.header("ratelimit"));
        for left in (0..left).rev() {
            let answer = registry.get("/healthz").await;
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("ratelimit-policy"), "\"address\";q=21;w=21");
            assert_eq!(answer.header("ratelimit"), format!("\"address\";r={left};t=21"));
        }
        let answer = registry.get("/healthz").await;
        answer.is_problem(429, "rate-limited");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.header("ratelimit"), "\"address\";r=0;t=1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "a refusal has the same headers");
        registry.get("/nowhere").await.is_problem(429, "rate-limited");
        registry.ends().await;
    }
}
