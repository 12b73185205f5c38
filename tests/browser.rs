//! The public pages in a real browser, driven over `WebDriver`: what it shows is what the demo printed.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[path = "support/ports.rs"]
mod ports;

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use ports::free_ports;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// The driver; `cargo xtask test` prepares it.
const DRIVER: &str = "CALLBOARD_TEST_CHROMEDRIVER";
/// The line of the demo that tells how far a docket came, up to the times.
const TOLD: &str = "✓ signed → logged ";

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        // Told, so that it ends what it has started itself.
        if let Some(id) = Pid::from_raw(i32::try_from(self.0.id()).unwrap()) {
            let _ = kill_process(id, Signal::TERM);
        }
        drop(self.0.wait());
    }
}

/// A browser's window (W3C `WebDriver`).
struct Browser {
    http: reqwest::Client,
    session: String,
    _driver: Ends,
}

impl Browser {
    async fn open(driver: &str) -> Self {
        let port = free_ports(1);
        let mut command = Command::new(driver);
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Ends(command.spawn().unwrap());
        let http = callboard_client::http::direct_client().unwrap();
        let root = format!("http://127.0.0.1:{port}");
        for _ in 0..600 {
            if http.get(format!("{root}/status")).send().await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,1400"];
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": arguments}}}});
        let begun: Value =
            http.post(format!("{root}/session")).json(&wanted).send().await.unwrap().json().await.unwrap();
        let id = begun["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {begun}"));
        Self { session: format!("{root}/session/{id}"), http, _driver: driver }
    }

    async fn go(&self, url: &str) {
        let answer = self.http.post(format!("{}/url", self.session)).json(&json!({"url": url})).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// What a script finds on the page.
    async fn find(&self, script: &str) -> Value {
        let asked = json!({"script": script, "args": []});
        let answer = self.http.post(format!("{}/execute/sync", self.session)).json(&asked).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["value"].clone()
    }

    async fn text(&self, selector: &str) -> String {
        let found = self.find(&format!("return document.querySelector('{selector}').innerText")).await;
        found.as_str().unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
    }

    async fn close(self) {
        drop(self.http.delete(&self.session).send().await);
    }
}

#[tokio::test]
async fn the_page_of_a_docket_shows_in_a_browser_what_the_demo_printed() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let mut demo = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let mut demo = Ends(demo.arg("demo").stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let told = lines.find_map(|line| line.trim().strip_prefix(TOLD).map(str::to_owned)).unwrap();
    let (times, url) = told.split_once(": ").unwrap();
    let times: Vec<&str> = times.split(", ").map(|time| time.rsplit("both ").next().unwrap()).collect();
    lines.find(|line| line.contains("Ctrl-C ends it")).unwrap();

    let browser = Browser::open(&driver).await;
    browser.go(&format!("{url}?lang=en")).await;
    let mut shown = Vec::new();
    for step in ["logged", "delivered", "receipted"] {
        shown.push(browser.text(&format!("#{step}-max")).await);
    }
    assert_eq!(shown, times, "what the page shows, what the demo printed");
    for member in ["alpha", "beta"] {
        assert_eq!(browser.text(&format!("#member-{member} .acted")).await, "in effect");
        let lag = browser.text(&format!("#member-{member} .receipted-lag")).await;
        assert!(lag.ends_with("ms") || lag.ends_with('s'), "{lag}");
    }
    // The plot is drawn, a mark for each member and step, and its style was taken: the page's policy lets it in.
    assert_eq!(browser.find("return document.querySelectorAll('svg circle.delivered').length").await, 2);
    assert_eq!(browser.find("return document.querySelectorAll('svg rect.receipted').length").await, 2);
    assert_eq!(
        browser.find("return getComputedStyle(document.querySelector('table')).borderCollapse").await,
        "collapse"
    );
    assert_eq!(browser.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);

    let (registry, _) = url.split_once("/propagation/").unwrap();
    browser.go(&format!("{registry}/propagation?lang=zh")).await;
    assert_eq!(browser.text("h1").await, "执行情况");
    assert_eq!(browser.find("return document.querySelectorAll('#board tbody tr[id]').length").await, 2);
    browser.close().await;
}
