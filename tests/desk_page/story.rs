//! Three seats at three computers sign a ruling in their browsers, and one of the desks submits it by itself.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use callboard_federation::language::Language;

use crate::{
    seats::{clock, does, home, send, ten_minutes, three},
    support::{PASSPHRASE, Sandbox, ports, programs},
    webdriver::{Ends, Window},
};

/// The driver; `cargo xtask test` prepares it.
pub(crate) const DRIVER: &str = "CALLBOARD_TEST_CHROMEDRIVER";

/// The program as a person starts it; and the address that it printed.
pub(crate) fn start(sandbox: &Sandbox, seat: &str) -> (Ends, String) {
    start_at(sandbox, &home(sandbox, seat), "", Language::Zh)
}

/// The same, at any home, with a proxy between it and the services, unless that is empty.
pub(crate) fn start_at(sandbox: &Sandbox, home: &Path, proxy: &str, language: Language) -> (Ends, String) {
    let mut command = Command::new(programs::programs().join("callboard-desk"));
    let language = language.to_string();
    command.args(["--no-browser", "--lang", &language, "--clock", &clock(sandbox), "--home"]).arg(home);
    if !proxy.is_empty() {
        command.env("HTTP_PROXY", proxy).env("http_proxy", proxy).env_remove("NO_PROXY").env_remove("no_proxy");
    }
    let mut process = Ends(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.map(|line| line.trim().to_owned()).find(|line| line.starts_with("http://localhost:")).unwrap();
    (process, url)
}

/// The first page's address.
pub(crate) fn root(url: &str) -> String {
    url.split_once("/open/").unwrap().0.to_owned() + "/"
}

/// Whoever sees little, uses no mouse, or has a reader of screens finds everything: in the light and in the dark.
async fn sound(window: &Window) {
    assert_eq!(window.nameless().await, serde_json::json!([]));
    for is_dark in [false, true] {
        window.darken(is_dark).await;
        assert_eq!(window.violations().await, Vec::<String>::new(), "dark: {is_dark}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_seats_sign_on_their_pages_and_a_desk_submits_after_ten_minutes() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let draft = send(&sandbox, "batch", &three());
    let mut desks = Vec::new();
    for seat in ["panel-1", "panel-2", "chair-1"] {
        let (process, url) = start(&sandbox, seat);
        let window = Window::open(&driver, ports::free_ports(1), "390,844", &[]).await;
        window.go(&url).await;
        assert_eq!(window.find("return location.pathname").await, "/", "the token is gone from the address");
        assert_eq!(window.find("return document.cookie").await, "", "no script sees the cookie");
        window.fill("密码", PASSPHRASE).await;
        window.click("解锁").await;
        let today = window.shows("待您阅读并签署").await;
        assert!(today.contains(seat), "{today}");
        assert_eq!(window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);
        sound(&window).await;
        desks.push((seat, process, url, window));
    }
    for (seat, _, url, window) in &desks {
        window.go(&root(url)).await;
        window.shows("待您阅读并签署").await;
        window.click("决定3项").await;
        let shown = window.shows("3人 · ").await;
        assert!(shown.contains("孙试三") && !shown.contains("直播中多次"), "{shown}");
        window.click("文书 3 孙试三").await;
        assert!(window.text().await.contains("直播中多次宣扬赌博"), "the letter, on demand");
        sound(window).await;
        // What isn't confirmed the browser itself doesn't send.
        window.fill("密码", PASSPHRASE).await;
        window.click("签署全部").await;
        let ticks = window.ticks().await;
        assert!(ticks.len() >= 2, "{ticks:?}");
        for tick in ticks {
            window.click(&tick).await;
        }
        window.click("签署全部").await;
        window.shows(&format!("{seat} 已签署")).await;
        assert_eq!(window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);
    }
    let (_, _, url, last) = desks.last().unwrap();
    last.shows("之前仍可叫停").await;

    // Ten minutes later one of them has submitted it, and says so; all see that it is logged.
    ten_minutes(&sandbox).await;
    last.until(&root(url), "最近登记").await;
    let (mut told, mut is_said) = (0, false);
    for (seat, _, url, window) in &desks {
        // As long as no witness has seen the newest log, a desk says so.
        window.until(&root(url), "没有待您处理的文书").await;
        let today = window.text().await;
        assert!(today.contains("已登记于第"), "{today}");
        is_said |= today.contains("本机已自动提交");
        told += usize::from(home(&sandbox, seat).join(format!("draft-{draft}.docket.json")).exists());
    }
    assert!(told >= 1 && is_said, "the desk that submitted kept it, and says so");
    assert!(does(&sandbox, "secretary-1", &["drafts", "--all"]).contains("logged"));
    for (seat, _, url, window) in &desks {
        let said = window.complaints().await;
        assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{seat}: {said:?}");
        window.click("锁定").await;
        let locked = window.shows("15分钟没有操作").await;
        assert!(!locked.contains("最近登记"), "{locked}");
        window.go(url).await;
        assert!(window.text().await.contains("请重新打开"), "the first address works once");
    }
}
