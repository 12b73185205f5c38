//! What is asked before the key is open, and how it is closed.

use axum::{Router, routing::get};
use callboard_client::clock::Clock as _;
use reqwest::StatusCode;
use tokio::net::TcpListener;

use crate::desk::{Opened, home};

const KEY: &str = "panel-9.key";

#[tokio::test]
async fn a_home_that_lacks_a_file_is_told_which_and_how_to_get_it() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    let told = desk.shows("/").await.text;
    assert!(told.contains("生成您的密钥") && told.contains("genesis.json"), "{told}");
    home(directory.path(), "http://127.0.0.1:9");
    let pin = directory.path().join("genesis.json");
    std::fs::rename(&pin, directory.path().join("kept")).unwrap();
    let told = desk.shows("/").await.text;
    assert!(!told.contains("生成您的密钥") && told.contains("genesis.json"), "{told}");
    std::fs::rename(directory.path().join("kept"), &pin).unwrap();
    let told = desk.shows("/").await.text;
    assert!(told.contains("<label for=\"passphrase\">密码</label>"), "{told}");
}

#[tokio::test]
async fn a_wrong_passphrase_opens_nothing_and_time_locks_what_is_open() {
    let directory = tempfile::tempdir().unwrap();
    home(directory.path(), "http://127.0.0.1:9");
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    let wrong = desk.unlock(KEY, "sandbox2").await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    assert!(wrong.text.contains(">密码不正确<"), "{}", wrong.text);
    assert_eq!(desk.unlock("../panel-9.key", "sandbox").await.status, StatusCode::FORBIDDEN, "no other path");
    assert_eq!(desk.unlock(KEY, "sandbox").await.status, StatusCode::SEE_OTHER);

    // The registry isn't there: that is told, and the desk stays open.
    let gone = desk.shows("/").await;
    assert_eq!(gone.status, StatusCode::BAD_GATEWAY);
    assert!(gone.text.contains("未完成") && gone.text.contains(">锁定<"), "{}", gone.text);

    let later = |minutes: i64| desk.clock.now().plus_millis(minutes * 60_000);
    desk.clock.move_to(later(14));
    assert_eq!(desk.shows("/").await.status, StatusCode::BAD_GATEWAY, "open still; and that was an act");
    desk.clock.move_to(later(14));
    assert_eq!(desk.shows("/").await.status, StatusCode::BAD_GATEWAY);
    desk.clock.move_to(later(15));
    let locked = desk.shows("/").await;
    assert_eq!(locked.status, StatusCode::OK);
    assert!(locked.text.contains("<label for=\"passphrase\">") && !locked.text.contains(">锁定<"));
}

#[tokio::test]
async fn a_clock_that_is_off_by_more_than_a_minute_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/healthz", get(async || "ok"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let directory = tempfile::tempdir().unwrap();
    home(directory.path(), &url);
    for (ahead, told) in [(180, Some("本机时钟快3分钟")), (-180, Some("本机时钟慢3分钟")), (20, None)] {
        let mut desk = Opened::ahead(directory.path(), &[], ahead).await;
        desk.enter().await;
        assert_eq!(desk.unlock(KEY, "sandbox").await.status, StatusCode::SEE_OTHER);
        let shown = desk.shows("/none").await.text;
        assert_eq!(shown.contains("本机时钟"), told.is_some(), "{shown}");
        assert!(told.is_none_or(|told| shown.contains(told)), "{shown}");
    }
}
