//! A window of a real browser, driven over `WebDriver` (W3C). What a test reads and does in it is its own.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// How long a browser may take to close.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// A process that ends with the test.
pub(crate) struct Ends(pub(crate) Child);

impl Drop for Ends {
    fn drop(&mut self) {
        // Told, so that it ends what it has started itself.
        if let Some(id) = Pid::from_raw(i32::try_from(self.0.id()).unwrap()) {
            let _ = kill_process(id, Signal::TERM);
        }
        drop(self.0.wait());
    }
}

pub(crate) struct Window {
    http: reqwest::Client,
    session: String,
    port: u16,
    _driver: Ends,
}

impl Drop for Window {
    /// A driver that ends by itself leaves its browser behind.
    fn drop(&mut self) {
        let Some((_, path)) = self.session.split_once(&format!(":{}", self.port)) else { return };
        let Ok(mut driver) = TcpStream::connect(("127.0.0.1", self.port)) else { return };
        let _ = driver.set_read_timeout(Some(CLOSES_WITHIN));
        let _ = write!(driver, "DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n", self.port);
        // Answered once the browser is gone.
        let _ = driver.read(&mut [0; 64]);
    }
}

impl Window {
    /// Opens one by a driver that listens on `port`, of a size such as `390,844`, with further arguments of the browser.
    pub(crate) async fn open(driver: &str, port: u16, size: &str, more: &[&str]) -> Self {
        let mut command = Command::new(driver);
        command.arg(format!("--port={port}")).stdout(Stdio::null()).stderr(Stdio::null());
        // On Linux the browser's own texts go by this, as far as they are installed.
        let language = more.iter().find_map(|argument| argument.strip_prefix("--lang=")).unwrap_or("en");
        command.env("LANGUAGE", language.replace('-', "_"));
        let driver = Ends(command.spawn().unwrap());
        let http = callboard_client::http::direct_client().unwrap();
        let root = format!("http://127.0.0.1:{port}");
        for _ in 0..600 {
            if http.get(format!("{root}/status")).send().await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let size = format!("--window-size={size}");
        let usual = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", &size];
        let arguments: Vec<&str> = usual.iter().chain(more).copied().collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let begun: Value =
            http.post(format!("{root}/session")).json(&wanted).send().await.unwrap().json().await.unwrap();
        let id = begun["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {begun}"));
        Self { session: format!("{root}/session/{id}"), http, port, _driver: driver }
    }

    pub(crate) async fn ask(&self, path: &str, body: &Value) -> Value {
        let answer = self.http.post(format!("{}/{path}", self.session)).json(body).send().await.unwrap();
        let (status, answer) = (answer.status(), answer.json::<Value>().await.unwrap());
        assert!(status.is_success(), "{path}: {answer}");
        answer["value"].clone()
    }

    pub(crate) async fn go(&self, url: &str) {
        self.ask("url", &json!({"url": url})).await;
    }

    /// What a script finds on the page.
    pub(crate) async fn find(&self, script: &str) -> Value {
        self.ask("execute/sync", &json!({"script": script, "args": []})).await
    }
}
