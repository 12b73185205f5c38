//! What every answer has, what is nowhere, and the pages that explain the API.

use reqwest::Method;

use crate::{caller::Registry, support::engines};

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_who_reads_it() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        for path in ["/healthz", "/readyz", "/log/checkpoint", "/v1/feed", "/nowhere", "/docs/", "/openapi.json"] {
            let answer = registry.get(path).await;
            for (name, value) in
                [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")]
            {
                assert_eq!(answer.header(name), value, "{path}");
            }
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_method_are_problems() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        for path in ["/v1", "/v1/", "/v1/dockets/", "/v2/dockets", "/log", "/log/tile", "/v1/records/a/b", "/%ff"] {
            registry.get(path).await.is_problem(404, "not-found");
        }
        for (method, path, allow) in [
            (Method::DELETE, "/v1/dockets", "GET,HEAD,POST"),
            (Method::POST, "/v1/feed", "GET,HEAD"),
            (Method::GET, "/v1/cosignatures", "POST"),
            (Method::PUT, "/log/checkpoint", "GET,HEAD"),
        ] {
            let answer = registry.send(registry.request(method, path)).await;
            answer.is_problem(405, "method-not-allowed");
            let mut allowed: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed.join(","), allow, "{path}");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn another_type_than_the_description_has_is_neither_taken_nor_given() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let accepting = async |path: &str, accept: &str| {
            registry.send(registry.request(Method::GET, path).header("accept", accept)).await
        };
        let browsers = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        for accept in ["*/*", "application/json", "application/*;q=0.1, text/html", browsers] {
            assert_eq!(accepting("/v1/dockets", accept).await.status, 200, "{accept}");
        }
        for (path, accept) in [
            ("/v1/dockets", "text/html"),
            ("/v1/dockets", "*/*, application/json;q=0"),
            ("/log/checkpoint", "application/json"),
            ("/v1/feed?from=0", "text/html"),
        ] {
            accepting(path, accept).await.is_problem(406, "not-acceptable");
        }
        let head = registry.request(Method::HEAD, "/v1/dockets").header("accept", "text/html");
        assert_eq!(registry.send(head).await.status, 406, "HEAD is as GET");
        // What isn't an operation's, and what is watched, answers everyone.
        for (path, accept) in [
            ("/docs/", "image/png"),
            ("/propagation", "application/json"),
            ("/healthz", "text/plain"),
            ("/readyz", "text/html"),
        ] {
            assert_eq!(accepting(path, accept).await.status, 200, "{path}");
        }
        accepting("/nowhere", "text/html").await.is_problem(404, "not-found");

        let sent = async |path: &str, media: &str| {
            registry.send(registry.request(Method::POST, path).header("content-type", media).body("{}")).await
        };
        for media in ["text/plain", "application/x-www-form-urlencoded", "application/json, text/plain", ""] {
            sent("/v1/dockets", media).await.is_problem(415, "media-type");
        }
        for (path, media) in [
            ("/v1/dockets", "application/json; charset=utf-8"),
            ("/v1/receipts", "Application/JSON"),
            ("/v1/cosignatures", "application/x-www-form-urlencoded"),
        ] {
            sent(path, media).await.is_problem(400, "malformed");
        }
        registry.ends().await;
    }
}

#[tokio::test]
async fn the_api_explains_itself() {
    for engine in engines() {
        let registry = Registry::begun(engine).await;
        let page = registry.get("/docs/").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html"));
        assert!(page.text().contains("swagger-ui"));
        let document = registry.get("/openapi.json").await.json();
        let mut described = serde_json::to_value(callboard_registry::api::router::openapi()).unwrap();
        described["servers"] = serde_json::json!([{"url": registry.world.url}]);
        assert!(document == described, "the description, with the registry's own address");
        assert_eq!(registry.get("/healthz").await.json(), serde_json::json!({"status": "ok"}));
        let ready = registry.get("/readyz").await.json();
        assert_eq!((&ready["status"], &ready["size"]), (&"ok".into(), &registry.world.ledger.size().into()));
        let head = registry.send(registry.request(Method::HEAD, "/log/checkpoint")).await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        registry.ends().await;
    }
}
