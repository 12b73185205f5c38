//! Public documents: each with its whole chain from genesis, and the texts that appear with dockets.

use callboard_federation::{encoding::Hash, proof_file::ProofFile};
use reqwest::Method;
use serde_json::json;

use crate::{
    caller::Registry,
    support::{committee::tag, engines},
};

const POLICY: &str = "f4d2c2703388fff892537f4fcfbd1e3ea4ffd6ef7f55e43fc8390e052976aa4f";

#[tokio::test]
async fn roster_members_and_policy_are_proven_from_genesis_once_a_quorum_watches() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let paths = ["/v1/roster".to_owned(), "/v1/members".to_owned(), format!("/v1/policies/{POLICY}")];
        for path in &paths {
            let answer = registry.get(path).await;
            answer.is_problem(409, "not-witnessed");
            assert_eq!(answer.header("retry-after"), "1");
        }
        registry.is_witnessed().await;
        for (path, version) in paths.iter().zip([json!(2), json!(2), json!("2022")]) {
            let answer = registry.get(path).await;
            let file = ProofFile::from_json(&answer.body).unwrap();
            let proven = file.verify(&registry.committee.genesis(), registry.now()).unwrap();
            assert!(proven.witnessed_since.is_some(), "{path}");
            let statement: serde_json::Value = serde_json::from_slice(&file.record().statement.0).unwrap();
            let document: serde_json::Value = serde_json::from_str(statement["document"].as_str().unwrap()).unwrap();
            assert_eq!(document["version"], version, "{path}");
            assert!(file.verify(&Hash::of(b"another genesis"), registry.now()).is_err(), "{path}");
            let known = registry.request(Method::GET, path).header("if-none-match", answer.header("etag"));
            assert_eq!(registry.send(known).await.status, 304, "{path}");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn policies_are_listed_and_an_unknown_one_is_not_found() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let listed = registry.get("/v1/policies").await.json();
        let policies = listed["policies"].as_array().unwrap();
        let versions: Vec<&str> = policies.iter().map(|policy| policy["version"].as_str().unwrap()).collect();
        assert_eq!(versions, ["2022", "2022-cases", "future", "narrow", "open", "strict"]);
        assert_eq!(policies[0]["sha256"], POLICY);
        registry.get(&format!("/v1/policies/{}", "0".repeat(64))).await.is_problem(404, "not-found");
        for wrong in ["2022", "%ff"] {
            registry.get(&format!("/v1/policies/{wrong}")).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_public_text_is_shown_until_the_last_record_of_its_docket_is_erased() {
    use callboard_federation::statement::Kind;
    for engine in engines() {
        let mut registry = Registry::watched(engine).await;
        let at = registry.now();
        let text = r#"{"v":1,"zh":"公告","en":"Notice"}"#.as_bytes();
        let path = format!("/v1/publications/{}", Hash::of(text));
        registry.get(&path).await.is_problem(404, "not-found");
        let rulings = [registry.committee.suspend(at, &tag(1)), registry.committee.suspend(at, &tag(2))];
        let docket = registry.committee.docket(at, &[&rulings[0], &rulings[1]], Some(text));
        registry.logs(&docket).await;
        let shown = registry.get(&path).await;
        assert_eq!((shown.status, shown.body.as_slice()), (200, text));
        let known = registry.request(Method::GET, &path).header("if-none-match", shown.header("etag"));
        assert_eq!(registry.send(known).await.status, 304);

        for (ruling, status) in rulings.iter().zip([200, 404]) {
            let annulment = registry.committee.act(at, Kind::Annulment, Kind::Ruling, &[ruling.record()]);
            let docket = registry.committee.docket(at, &[&annulment], None);
            registry.logs(&docket).await;
            let both = [ruling.record(), annulment.record()];
            let erasure = registry.committee.act(at, Kind::Erasure, Kind::Ruling, &both);
            let docket = registry.committee.docket(at, &[&erasure], None);
            registry.logs(&docket).await;
            assert_eq!(registry.get(&path).await.status, status);
        }
        registry.get("/v1/publications/0").await.is_problem(400, "malformed");
        registry.ends().await;
    }
}
