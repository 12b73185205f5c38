//! The public pages: what they show is what the API says, in two languages, and nothing of what members say of single records.
//! Each has the same frame: its language, one navigation, no script, no cookie, nothing from elsewhere.

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

/// Every page that needs nothing in the log.
const PAGES: [&str; 7] = ["/", "/notices", "/rules", "/members", "/propagation", "/figures", "/help"];

#[tokio::test]
async fn every_page_has_one_frame_and_loads_nothing_but_its_style() {
    let registry = Registry::watched(crate::support::Engine::Sqlite).await;
    for path in PAGES {
        for (language, tag) in [("zh-CN", "zh-CN"), ("en", "en"), ("fr", "zh-CN")] {
            let answer = registry.send(registry.request(Method::GET, path).header("accept-language", language)).await;
            assert_eq!(answer.status, 200, "{path}");
            let text = answer.text();
            assert!(text.contains(&format!("<html lang=\"{tag}\">")), "{path} for {language}");
            for part in ["<main id=\"main\"", "class=\"skip\"", "aria-label", "name=\"viewport\"", "<h1>", "<footer>"] {
                assert!(text.contains(part), "{path} has no {part}");
            }
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            for never in ["<script", "style=", "onclick", "http-equiv", "<iframe", "<form", "<input", "src=", "url("] {
                assert!(!text.contains(never), "{path} has {never}");
            }
            assert!(text.matches("http://").count() + text.matches("https://").count() == 0, "{path} leads elsewhere");
            assert_eq!(answer.header("set-cookie"), "", "{path}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("script-src"));
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
        }
    }
    registry.ends().await;
}

#[tokio::test]
async fn a_page_that_was_asked_for_in_a_language_leads_to_pages_in_it_and_to_itself_in_the_other() {
    let registry = Registry::watched(crate::support::Engine::Sqlite).await;
    let (_, asked) = page(&registry, "/notices?year=2026&lang=en", "zh").await;
    for link in ["href=\"/rules?lang=en\"", "href=\"/?lang=en\"", "href=\"/notices?year=2026&#38;lang=zh\""] {
        assert!(asked.contains(link), "{link}: {asked}");
    }
    assert!(asked.contains("<a href=\"/notices?lang=en\" aria-current=\"page\">"), "{asked}");
    let (_, unasked) = page(&registry, "/notices", "en").await;
    assert!(unasked.contains("href=\"/rules\"") && !unasked.contains("/rules?"), "{unasked}");
    let (_, evil) = page(&registry, "/notices?lang=%22%3E%3Cscript%3E&x=%22%3E%3Cb%3E", "en").await;
    assert!(!evil.contains("<script") && !evil.contains("<b>"), "{evil}");
    registry.ends().await;
}

#[tokio::test]
async fn the_first_page_says_whose_it_is_what_it_holds_and_who_watches_it() {
    for engine in engines() {
        let registry = Registry::watched(engine).await;
        let (_, home) = page(&registry, "/", "en").await;
        let size = registry.world.ledger.size();
        for part in [
            format!("<dd id=\"size\">{size}</dd>"),
            registry.committee.genesis().to_string(),
            "Of 3 witnesses 2 must; 0 did".to_owned(),
            "/verify/".to_owned(),
        ] {
            assert!(home.contains(&part), "{part}: {home}");
        }
        registry.is_witnessed().await;
        let (_, home) = page(&registry, "/", "zh-CN").await;
        assert!(home.contains(&format!("已见证{size}条，共{size}条")), "{home}");
        registry.ends().await;
    }
}

#[tokio::test]
async fn the_rules_are_read_with_their_marks_and_the_newest_version_is_the_one_in_force() {
    let mut registry = Registry::watched(crate::support::Engine::Sqlite).await;
    let at = registry.now();
    let source = callboard_rules::policies::find("streamer-warning-rules", "2022").unwrap().text;
    let contact = "[decide.contact]\nzh = \"电话010-00000000\"\nen = \"call +86 10 0000 0000\"\nmark = \"U\"\nsource = \"a test\"\n";
    let newest = source.replacen("version = \"2022\"", "version = \"2099\"", 1).replacen(
        "effectiveFrom = \"2022-02-28T16:00:00.000Z\"",
        "effectiveFrom = \"2023-02-28T16:00:00.000Z\"",
        1,
    );
    let (_, help) = page(&registry, "/help", "en").await;
    assert!(help.contains("id=\"contact-text\"") && !help.contains("+86 10"), "what the settings say: {help}");
    let document = callboard_rules::policies::read(&format!("{newest}{contact}")).unwrap();
    let hash = document.hash;
    let policy = registry.committee.adopt(at, document);
    registry.logs(&policy).await;
    let (_, rules) = page(&registry, "/rules", "en").await;
    let (in_force, others) = rules.split_once("id=\"others\"").unwrap();
    assert!(in_force.contains(&hash.to_string()) && others.contains("superseded"), "{rules}");
    let (status, rule) = page(&registry, &format!("/rules/{hash}"), "zh-CN").await;
    assert_eq!(status, 200);
    for part in
        ["警示（停止直播服务）", "NB-11", "<b class=\"mark U\">U</b>", "期满后仍须经申请复出", "电话010-00000000"]
    {
        assert!(rule.contains(part), "{part}: {rule}");
    }
    assert!(!rule.contains("+86 10"), "one language a page");
    let (_, rule) = page(&registry, &format!("/rules/{hash}"), "en").await;
    assert!(rule.contains("goes on until a reinstatement") && rule.contains("call +86 10 0000 0000"), "{rule}");
    for wrong in ["2022".to_owned(), "0".repeat(64)] {
        assert_eq!(page(&registry, &format!("/rules/{wrong}"), "en").await.0, 404);
    }
    let (_, help) = page(&registry, "/help", "en").await;
    for part in ["within 10 working days", "from 3 months before", "call +86 10 0000 0000", "href=\"/report/\""] {
        assert!(help.contains(part), "{part}: {help}");
    }
    registry.ends().await;
}

#[tokio::test]
async fn members_are_shown_with_how_they_keep_up_and_since_when_they_are_bound() {
    for engine in engines() {
        let (registry, docket, record) = asks(engine).await;
        declines(&registry, docket, record, "a reason for members and seats").await;
        let (_, shown) = page(&registry, "/members", "en").await;
        let row = |member: &str| {
            let row = shown.split(&format!("<tr id=\"member-{member}\">")).nth(1).unwrap();
            row.split("</tr>").next().unwrap().to_owned()
        };
        assert!(row("alpha").contains("<td class=\"declined\">1</td>"), "{shown}");
        assert!(
            row("beta").contains("<td class=\"awaited\">1</td>")
                && row("beta").contains("<td>0</td>")
                && row("beta").contains("<time"),
            "{shown}"
        );
        assert!(!shown.contains("a reason for members"));
        registry.ends().await;
    }
}
