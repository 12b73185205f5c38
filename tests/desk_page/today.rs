//! The first page: what waits, by when, what else there is to look at; its language, and how it is ended.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use reqwest::{StatusCode, redirect::Policy};

use crate::{
    desk::Opened,
    seats::{clock, does, home, send},
    support::{PASSPHRASE, Sandbox, number, until},
    webdriver::Ends,
};

fn row(at: usize, name: &str, term: &str) -> String {
    format!("cn-id,{},{name},suspension,live,{term},NB-11,直播中多次宣扬赌博\n", number(at))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_there_is_to_look_at_and_what_changed_since_the_last_draft_are_told_in_either_language() {
    let sandbox = Sandbox::start(&[]).await;
    let first = send(&sandbox, "first", &(row(1, "赵试一", "5年") + &row(2, "钱试二", "5年")));
    does(&sandbox, "secretary-1", &["drafts", "withdraw", &first, "--yes"]);
    let second = send(&sandbox, "second", &(row(2, "钱试二", "3年") + &row(3, "孙试三", "5年")));
    let mut desk = Opened::at(&home(&sandbox, "panel-1"), &["--clock", &clock(&sandbox)]).await;
    desk.enter().await;
    assert_eq!(desk.unlock("panel-1.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);

    // A sandbox has one witness fewer than none: its roster asks for none.
    until(async || desk.shows("/").await.text.contains("需要关注")).await;
    let today = desk.shows("/").await.text;
    assert!(today.contains("须于20") && today.contains("天"), "{today}");

    let shown = desk.shows(&format!("/drafts/{second}")).await.text;
    for said in ["起草、后来撤回的一份相比", "第1项 钱试二：期限有改动", "第2项 孙试三：新增", "原第1项 赵试一：已删去"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }

    // One click, and the same page speaks English.
    let form = desk.shows("/").await.field("form");
    assert_eq!(desk.sends("/language", &[("form", &form)]).await.status, StatusCode::SEE_OTHER);
    let today = desk.shows("/").await.text;
    assert!(today.contains("To look at") && today.contains("lang=\"en\"") && !today.contains("需要关注"), "{today}");
    let shown = desk.shows(&format!("/drafts/{second}")).await.text;
    assert!(shown.contains("What changed") && shown.contains("changed term"), "{shown}");
}

#[tokio::test]
async fn whoever_quits_ends_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    assert_eq!(desk.sends("/quit", &[("form", "guessed")]).await.status, StatusCode::FORBIDDEN);
    let form = desk.shows("/").await.field("form");
    let told = desk.sends("/quit", &[("form", &form)]).await;
    assert!(told.text.contains("可以关闭此页"), "{}", told.text);
    until(async || desk.get("/").send().await.is_err()).await;
}

#[test]
fn who_starts_it_by_a_launcher_has_a_home_of_the_usual_name() {
    let own = tempfile::tempdir().unwrap();
    let mut command = Command::new(crate::support::programs::programs().join("callboard-desk"));
    command.args(["--no-browser", "--lang", "en"]).current_dir(own.path()).env("HOME", own.path());
    let mut process = Ends(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("http://localhost:")));
    assert!(own.path().join("Callboard").is_dir());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_three_desks_open_with_a_draft_waiting() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["demo", "--desk", "--lang", "zh-CN"]).stdin(Stdio::null());
    let mut demo = Ends(command.stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(demo.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let desks: Vec<(String, String)> = lines
        .filter_map(|line| {
            let (seat, url) = line.trim().split_once(' ')?;
            url.contains("/open/").then(|| (seat.to_owned(), url.trim().to_owned()))
        })
        .take(3)
        .collect();
    // Brings the TLS provider that every client needs.
    drop(callboard_client::http::direct_client().unwrap());
    let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    for (seat, url) in &desks {
        let (root, _) = url.split_once("/open/").unwrap();
        let opened = http.get(url).send().await.unwrap();
        let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        let get = async || {
            let page = http.get(root).header("cookie", &cookie).send().await.unwrap();
            page.text().await.unwrap()
        };
        let page = get().await;
        let (_, word) = page.split_once("name=\"form\" value=\"").unwrap();
        let (word, key) = (word.split('"').next().unwrap(), format!("{seat}.key"));
        let fields = [("form", word), ("once", "1"), ("key", &key), ("passphrase", PASSPHRASE)];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let unlock = http.post(format!("{root}/unlock")).header("cookie", &cookie).header("origin", root);
        let unlock = unlock.header("content-type", "application/x-www-form-urlencoded").body(body);
        assert_eq!(unlock.send().await.unwrap().status(), StatusCode::SEE_OTHER);
        let today = get().await;
        assert!(today.contains("待您阅读并签署") && today.contains("决定4项"), "{seat}: {today}");
    }
    assert_eq!(desks.len(), 3);
}
