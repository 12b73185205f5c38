//! A real browser, driven over `WebDriver`: the public pages show what the demo printed, and a page of another origin has an
//! agent do nothing.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use axum::{Router, response::Html, routing::get};
use sandbox::{Sandbox, until};
use serde_json::{Value, json};
use webdriver::{Ends, Window};

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/webdriver.rs"]
mod webdriver;

/// The driver; `cargo xtask test` prepares it.
const DRIVER: &str = "CALLBOARD_TEST_CHROMEDRIVER";
/// How large the window is.
const SIZE: &str = "1000,1400";
/// The line of the demo that tells how far a docket came, up to the times.
const TOLD: &str = "✓ signed → logged ";

impl Window {
    async fn text(&self, selector: &str) -> String {
        let found = self.find(&format!("return document.querySelector('{selector}').innerText")).await;
        found.as_str().unwrap_or_else(|| panic!("{selector}: {found}")).to_owned()
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

    let browser = Window::open(&driver, sandbox::ports::free_ports(1), SIZE, &[]).await;
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
}

/// Whatever a page can send without being asked, to every operation that would do something: forms of each kind, requests
/// without CORS and with, a beacon, images and scripts; then says so in its title.
const ATTACKER: &str = r#"<!doctype html><title>busy</title><body><script>
const person = JSON.stringify({ref: "host-9", identities: [{kind: "cn-id", value: "100000199001010011"}]});
const wanted = {
  "/check": person, "/enrol": person, "/endpoints": JSON.stringify({url: "http://127.0.0.1:9/taken"}),
  "/receipts": JSON.stringify({docket: "DOCKET", outcome: "declined", exceptions: []}),
  "/refs/host-1/replace": "{}", "/sync": "{}", "/webhook": "{}",
};
const answered = [];
// What a browser doesn't show it may not tell of either: nothing is waited for without end.
const soon = one => Promise.race([one, new Promise(done => setTimeout(done, 500))]);
(async () => {
  for (const [path, body] of Object.entries(wanted)) {
    for (const enctype of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const frame = document.body.appendChild(document.createElement("iframe"));
      frame.name = path + enctype;
      const form = document.body.appendChild(document.createElement("form"));
      Object.assign(form, {method: "post", action: "AGENT" + path, enctype, target: frame.name});
      const half = body.lastIndexOf("=") < 0 ? body.length - 1 : body.lastIndexOf("=");
      const input = form.appendChild(document.createElement("input"));
      [input.name, input.value] = [body.slice(0, half), body.slice(half)];
      const loaded = new Promise(done => { frame.onload = done; });
      form.submit();
      await soon(loaded);
    }
    for (const mode of ["no-cors", "cors"]) {
      for (const type of ["text/plain", "application/json"]) {
        const headers = {"content-type": type};
        await soon(fetch("AGENT" + path, {method: "POST", mode, body, headers})
          .then(answer => answered.push(mode + " " + answer.type), () => {}));
      }
    }
    await soon(fetch("AGENT" + path, {method: "POST", mode: "no-cors"})
      .then(answer => answered.push(answer.type), () => {}));
    navigator.sendBeacon("AGENT" + path, body);
  }
  for (const path of ["/status", "/refs", "/log/feed?from=0", "/metrics", "/openapi.json", "/docs/swagger-ui.css"]) {
    for (const kind of ["img", "script", "iframe"]) {
      const one = document.createElement(kind);
      const ended = new Promise(done => { one.onload = () => { answered.push(kind); done(); }; one.onerror = done; });
      one.src = "AGENT" + path;
      document.body.appendChild(one);
      await soon(ended);
    }
  }
  for (const method of ["PATCH", "DELETE"]) {
    await soon(fetch("AGENT/refs/host-1", {method, mode: "cors"}).then(() => answered.push(method), () => {}));
  }
  window.answered = answered;
  document.title = "done";
})();
</script>"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_has_an_agent_do_nothing() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let known = json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]});
    assert_eq!(sandbox.check(&known).await["decision"], "refuse");
    let state = async || {
        let get = async |path: &str| -> Value {
            sandbox.http.get(sandbox.url(2, path)).send().await.unwrap().json().await.unwrap()
        };
        let status = get("/status").await;
        let counted = ["accounts", "identities", "checks", "receiptsOwed"].map(|name| status[name].clone());
        (counted, get("/endpoints").await, get("/refs").await["people"].as_array().unwrap().len())
    };
    let before = state().await;
    let dockets: Value =
        sandbox.http.get(sandbox.url(0, "/v1/dockets?limit=1")).send().await.unwrap().json().await.unwrap();
    let docket = dockets["dockets"][0]["docket"].as_str().unwrap().to_owned();
    let agent = sandbox.url(2, "");
    let page = ATTACKER.replace("AGENT", &agent).replace("DOCKET", &docket);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = Router::new().route("/", get(move || async move { Html(page) }));
    tokio::spawn(async move { axum::serve(listener, router).await });

    // Another port of this machine, which browsers call the same site; another name; and a name that leads to the agent.
    let rebound = "--host-resolver-rules=MAP rebound.example 127.0.0.1, MAP attacker.example 127.0.0.1";
    let browser = Window::open(&driver, sandbox::ports::free_ports(1), SIZE, &[rebound]).await;
    for host in ["127.0.0.1", "attacker.example"] {
        browser.go(&format!("http://{host}:{port}/")).await;
        until(async || browser.find("return document.title").await == "done").await;
        let answered = browser.find("return window.answered").await;
        let answered: Vec<&str> = answered.as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
        assert!(answered.contains(&"no-cors opaque"), "{host}: it never reached the agent: {answered:?}");
        assert!(
            !answered.iter().any(|kind| kind.contains(" cors") || *kind == "img" || *kind == "script"),
            "{answered:?}"
        );
        assert!(!answered.contains(&"DELETE") && !answered.contains(&"cors cors"), "{answered:?}");
    }
    let port = agent.rsplit(':').next().unwrap();
    browser.go(&format!("http://rebound.example:{port}/healthz")).await;
    let shown = browser.text("body").await;
    assert!(shown.contains("foreign-request"), "{shown}");
    let script = "return await fetch('/check', {method: 'POST', headers: {'content-type': 'application/json'}, \
        body: JSON.stringify({ref: 'host-9', identities: []})}).then(answer => answer.status)";
    assert_eq!(browser.find(script).await, 403, "a name that leads here is another's");
    // The API's own page reads its description, and needs no token for it.
    browser.go(&format!("{agent}/docs/")).await;
    until(async || browser.find("return document.querySelectorAll('.opblock').length > 20").await == true).await;
    assert_eq!(state().await, before, "something was done");
}
