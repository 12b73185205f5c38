//! A window of a real browser, driven over `WebDriver` as a person uses it: by what is written on things.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{ports, until};

/// A process that ends with the test.
pub(crate) struct Ends(pub(crate) Child);

impl Drop for Ends {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

pub(crate) struct Window {
    http: reqwest::Client,
    session: String,
    _driver: Ends,
}

/// What a label leads to: the control that it names, or the button, link or summary that says it.
const LABELED: &str = "
const wanted = arguments[0], said = one => one.innerText.trim();
for (const label of document.querySelectorAll('label')) {
  if (said(label) === wanted && label.control) return label.control;
}
for (const one of document.querySelectorAll('button, a, summary')) { if (said(one) === wanted) return one; }
return null;";

impl Window {
    pub(crate) async fn open(driver: &str) -> Self {
        let port = ports::free_ports(1);
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
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=390,844"];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let begun: Value =
            http.post(format!("{root}/session")).json(&wanted).send().await.unwrap().json().await.unwrap();
        let id = begun["value"]["sessionId"].as_str().unwrap_or_else(|| panic!("no session: {begun}"));
        Self { session: format!("{root}/session/{id}"), http, _driver: driver }
    }

    async fn ask(&self, path: &str, body: &Value) -> Value {
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

    /// All that can be read.
    pub(crate) async fn text(&self) -> String {
        self.find("return document.body.innerText").await.as_str().unwrap().to_owned()
    }

    /// Waits until the page says something: a form is sent before the click is done, and answered after it.
    pub(crate) async fn shows(&self, said: &str) -> String {
        until(async || self.text().await.contains(said)).await;
        self.text().await
    }

    async fn labeled(&self, label: &str) -> String {
        let found = self.ask("execute/sync", &json!({"script": LABELED, "args": [label]})).await;
        let element = found.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        match element {
            Some(element) => element.to_owned(),
            None => panic!("nothing is called {label}: {}", self.text().await),
        }
    }

    /// Clicks what is called so.
    pub(crate) async fn click(&self, label: &str) {
        let element = self.labeled(label).await;
        self.ask(&format!("element/{element}/click"), &json!({})).await;
    }

    /// Types into what is called so.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let element = self.labeled(label).await;
        self.ask(&format!("element/{element}/value"), &json!({"text": text})).await;
    }

    /// The labels of all ticks that aren't set.
    pub(crate) async fn ticks(&self) -> Vec<String> {
        let script = "return [...document.querySelectorAll('fieldset input[type=checkbox]:not(:checked)')]\
            .map(one => one.labels[0].innerText.trim())";
        let found = self.find(script).await;
        found.as_array().unwrap().iter().map(|label| label.as_str().unwrap().to_owned()).collect()
    }

    /// Waits until the page says something, looking at it anew by the link to the first page.
    pub(crate) async fn until(&self, home: &str, said: &str) {
        until(async || {
            self.go(home).await;
            self.text().await.contains(said)
        })
        .await;
    }

    /// Controls that no label names, and buttons and links that say nothing.
    pub(crate) async fn nameless(&self) -> Value {
        let script = "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]\
            .filter(one => !(one.labels && one.labels.length ? one.labels[0].innerText : one.innerText || '').trim())\
            .map(one => one.outerHTML)";
        self.find(script).await
    }

    /// What the browser complained of.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let said = self.ask("se/log", &json!({"type": "browser"})).await;
        said.as_array().unwrap().iter().map(ToString::to_string).collect()
    }
}
