//! The public pages: what they show is what the API says, in two languages, and nothing of what members say of single records.

use callboard_federation::encoding::Hash;
use reqwest::Method;

use crate::{
    caller::Registry,
    receipts::{asks, declines},
    support::engines,
};

async fn page(registry: &Registry, path: &str, language: &str) -> (u16, String) {
    let answer = registry.send(registry.request(Method::GET, path).header("accept-language", language)).await;
    assert!(answer.header("content-type").starts_with("text/html"), "{path}");
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    (answer.status, answer.text().to_owned())
}

#[tokio::test]
async fn the_page_of_a_docket_shows_what_the_api_says_and_no_reason_of_a_member() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        declines(&registry, docket, record, "a reason for members and seats").await;
        let path = format!("/propagation/{docket}");
        let (status, english) = page(&registry, &path, "en").await;
        assert_eq!(status, 200);
        let shown = registry.get(&format!("/v1/dockets/{docket}/propagation")).await.json();
        let lag = callboard_api::registry::propagation::lag_text(shown["lags"]["receipted"]["max"].as_i64().unwrap());
        assert!(english.contains(&format!("<td id=\"receipted-max\">{lag}</td>")), "{english}");
        for text in ["declined, with reasons", "awaited", "<svg ", "class=\"receipted declined\"", &docket.to_string()]
        {
            assert!(english.contains(text), "{text}");
        }
        assert!(!english.contains("a reason for members"));
        let (_, chinese) = page(&registry, &path, "zh-CN").await;
        assert!(chinese.contains("<html lang=\"zh-CN\">") && chinese.contains("未执行（已说明理由）"));

        let (status, board) = page(&registry, "/propagation", "en").await;
        assert!(status == 200 && board.contains(&path) && !board.contains("a reason for members"));
        registry.ends().await;
    }
}

#[tokio::test]
async fn a_docket_that_is_not_there_has_a_page_that_says_so() {
    let (registry, ..) = asks(crate::support::Engine::Sqlite).await;
    for docket in ["x".to_owned(), Hash::of(b"no docket").to_string(), "%00".to_owned()] {
        let (status, text) = page(&registry, &format!("/propagation/{docket}"), "en").await;
        assert!(status == 404 && text.contains("No such docket"), "{docket}");
    }
    assert_eq!(registry.get("/style.css").await.header("content-type"), "text/css");
    registry.ends().await;
}
