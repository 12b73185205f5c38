//! `GET /v1/statistics`: counts, and nothing that could tell of a person.

use serde_json::json;

use crate::{caller::Registry, support::engines};

#[tokio::test]
async fn the_counts_are_those_of_the_log() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let answer = registry.get("/v1/statistics").await;
        assert_eq!(answer.header("cache-control"), "public, max-age=60");
        let records = json!({
            "annulment": 1, "dispute": 2, "end": 1, "interim": 2, "link": 1, "members": 2, "policy": 6,
            "reinstatement": 1, "roster": 2, "ruling": 6, "stay": 1,
        });
        let counts = json!({
            "size": 21, "records": records, "erased": 0, "members": 2, "rosterVersion": 2, "sharesGiven": 0,
        });
        assert_eq!(answer.json(), counts);
        registry.ends().await;
    }
}
