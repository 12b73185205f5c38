//! Who may ask a desk: one browser, from the desk's own pages.

use reqwest::StatusCode;

use crate::desk::{Opened, home};

const REFUSED: &str = "请重新打开";

#[tokio::test]
async fn the_first_address_opens_once_and_nobody_else_sees_a_page() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Opened::at(directory.path(), &[]).await;
    let strange = desk.shows("/").await;
    assert_eq!(strange.status, StatusCode::FORBIDDEN);
    assert!(strange.text.contains(REFUSED) && strange.text.contains("callboard-desk"), "{}", strange.text);
    assert!(!strange.text.contains("name=\"form\""), "nothing of the desk is in it");
    let wrong = desk.shows(&format!("/open/{}", "0".repeat(64))).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN, "a wrong token");
    desk.enter().await;
    assert_eq!(desk.shows("/").await.status, StatusCode::OK);
    let path = desk.first.split_once(&format!(":{}", desk.port)).unwrap().1.to_owned();
    let again = desk.shows(&path).await;
    assert_eq!((again.status, again.text.contains(REFUSED)), (StatusCode::FORBIDDEN, true), "it works once");
    assert_eq!(desk.shows("/").await.status, StatusCode::OK, "and whoever was let in stays");
    let other = desk.sent(desk.get("/").header("cookie", "callboard-desk=1")).await;
    assert_eq!(other.status, StatusCode::OK, "other cookies of this machine are no matter");
}

#[tokio::test]
async fn every_answer_forbids_scripts_frames_stores_and_referrers() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Opened::at(directory.path(), &[]).await;
    let strange = desk.shows("/").await;
    desk.enter().await;
    for page in [strange, desk.shows("/").await, desk.shows("/style.css").await, desk.shows("/none").await] {
        let of = |name: &str| page.headers[name].to_str().unwrap();
        let policy = of("content-security-policy");
        for part in ["default-src 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!((of("referrer-policy"), of("x-content-type-options")), ("no-referrer", "nosniff"));
        assert_eq!((of("cache-control"), of("cross-origin-opener-policy")), ("no-store", "same-origin"));
        assert_eq!(of("cross-origin-resource-policy"), "same-origin");
        assert!(!page.text.contains("<script") && !page.text.contains("style=\""), "{}", page.text);
    }
    assert_eq!(desk.shows("/none").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_another_page_sends_is_refused_and_does_nothing() {
    let directory = tempfile::tempdir().unwrap();
    home(directory.path(), "http://127.0.0.1:9");
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    assert_eq!(desk.unlock("panel-9.key", "sandbox").await.status, StatusCode::SEE_OTHER);
    let form = desk.shows("/").await.field("form");
    let (own, right) = (format!("http://localhost:{}", desk.port), [("form", form.as_str())]);
    let lock = || desk.post("/lock", &right);
    for (what, request) in [
        ("no origin", lock()),
        ("another origin", lock().header("origin", "http://attacker.example")),
        ("another port of this machine", lock().header("origin", "http://localhost:1")),
        ("the origin over TLS", lock().header("origin", own.replace("http:", "https:"))),
        ("no origin that is told", lock().header("origin", "null")),
        ("of another site", lock().header("origin", "null").header("sec-fetch-site", "cross-site")),
        ("of another port", lock().header("origin", &own).header("sec-fetch-site", "same-site")),
        ("another host", lock().header("origin", &own).header("host", "attacker.example")),
        ("a name that leads here", lock().header("origin", &own).header("host", format!("a.example:{}", desk.port))),
        ("a host without the port", lock().header("origin", &own).header("host", "localhost")),
        ("a page with another host", desk.get("/").header("host", format!("a.example:{}", desk.port))),
        ("a link of another site", desk.get("/").header("sec-fetch-site", "cross-site")),
        ("a form without its word", desk.post("/lock", &[]).header("origin", &own)),
        ("a form with another word", desk.post("/lock", &[("form", "0")]).header("origin", &own)),
        ("no form at all", desk.get("/lock")),
    ] {
        let answer = desk.sent(request).await;
        assert!(answer.status.is_client_error(), "{what}: {}", answer.status);
        // What this desk's own pages sent wrongly is told on a page of it; to others nothing is told of the seat.
        assert!(!answer.text.contains(REFUSED) || !answer.text.contains("panel-9"), "{what}");
        assert!(answer.text.contains(REFUSED) || what.contains("form"), "{what}: {}", answer.text);
    }
    let text = desk.sent(desk.post("/lock", &[]).header("origin", &own).body("form=x")).await;
    assert!(text.status.is_client_error(), "{}", text.status);
    assert!(desk.shows("/none").await.text.contains("panel-9"), "it was not locked");
    let lock = desk.sent(lock().header("origin", &own).header("sec-fetch-site", "same-origin")).await;
    assert_eq!(lock.status, StatusCode::SEE_OTHER);
    assert!(!desk.shows("/none").await.text.contains("panel-9"), "now it is");
}
