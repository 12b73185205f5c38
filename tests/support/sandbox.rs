//! A sandbox as people start it, on free ports, and the agent's own program.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

#[path = "ports.rs"]
pub(crate) mod ports;
#[path = "programs.rs"]
pub(crate) mod programs;

/// The passphrase of its keys.
pub(crate) const PASSPHRASE: &str = "sandbox";
/// Far longer than anything here takes: other tests want the machine too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// A sandbox that runs; none of it outlives the test.
pub(crate) struct Sandbox {
    process: Child,
    arguments: Vec<String>,
    /// The registry's port; token service, agent and control have the three behind it.
    port: u16,
    directory: tempfile::TempDir,
    /// Shows the agent's token, wherever it asks.
    pub(crate) http: reqwest::Client,
}

impl Sandbox {
    /// Starts it, and waits until it invites.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let (directory, port) = (tempfile::tempdir().unwrap(), ports::free_ports(4));
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let http = callboard_client::http::direct_client().unwrap();
        let process = spawn(directory.path(), port, &arguments);
        let mut sandbox = Self { process, arguments, port, directory, http };
        sandbox.invites().await;
        sandbox
    }

    /// Kills it, and starts it again with what it kept, on other ports.
    pub(crate) async fn start_again(&mut self) {
        self.end();
        self.port = ports::free_ports(4);
        self.process = spawn(self.directory.path(), self.port, &self.arguments);
        self.invites().await;
    }

    /// The control answers once everyone has the standing that the table says.
    async fn invites(&mut self) {
        let people = self.url(3, "/people");
        let http = self.http.clone();
        let process = &mut self.process;
        until(async || {
            assert!(process.try_wait().unwrap().is_none(), "the sandbox ended; what it said stands above");
            http.get(&people).send().await.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        let token = callboard_agent::token::read(&self.kept("alpha/agent")).unwrap();
        self.http = callboard_client::http::agent_client(token.as_str()).unwrap();
    }

    /// What it keeps.
    pub(crate) fn kept(&self, path: &str) -> PathBuf {
        self.directory.path().join("kept").join(path)
    }

    /// Its committee decides what a bundle puts to the vote: `NAME.bundle` beside `NAME.proposal.bundle`.
    #[track_caller]
    pub(crate) fn decides(&self, home: &Path, name: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(["sandbox", "decide", &format!("{name}.proposal.bundle"), "--out", &format!("{name}.bundle")]);
        let output = command.arg("--keep").arg(self.kept("")).current_dir(home).output().unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The address of its control.
    pub(crate) fn control(&self) -> String {
        format!("127.0.0.1:{}", self.port + 3)
    }

    /// An address at the registry (0), the token service (1), the agent (2), the control (3).
    pub(crate) fn url(&self, service: u16, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port + service)
    }

    /// The platform's configuration.
    pub(crate) fn member(&self) -> PathBuf {
        self.kept("alpha/member.toml")
    }

    /// Asks its agent.
    pub(crate) async fn check(&self, question: &Value) -> Value {
        self.post(&self.url(2, "/check"), question).await
    }

    pub(crate) async fn post(&self, url: &str, body: &Value) -> Value {
        let answer = self.http.post(url).json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{status}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// Has its committee decide a sheet; the records.
    pub(crate) async fn decide(&self, sheet: String) -> Vec<String> {
        let url = self.url(3, "/decisions");
        let answer = self.http.post(url).body(sheet).timeout(PATIENCE).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        let records = answer["records"].as_array().unwrap_or_else(|| panic!("not decided: {answer}"));
        records.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// Tells it to stop, and waits for it.
    pub(crate) fn ends(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.process), Signal::TERM).unwrap();
        self.process.wait().unwrap()
    }

    /// Ends it without a word, as a machine that loses power does.
    pub(crate) fn end(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.end();
    }
}

fn spawn(directory: &Path, port: u16, arguments: &[String]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.args(["sandbox", "--port", &port.to_string(), "--keep"]).arg(directory.join("kept")).args(arguments);
    command.env("CALLBOARD_LOG", "warn").stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

/// The number of a person of whom nothing was decided, and whom nobody is: there is no region 10.
pub(crate) fn number(person: usize) -> String {
    // No sequence ends in two zeros: with a check digit of 0 the number would end as a rounded one does.
    let (of_day, day) = (person % 990, person / 990);
    let body = format!("10000019{:02}01{:02}{:03}", 60 + day / 28, 1 + day % 28, 1 + of_day + of_day / 99);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", char::from(b"10X98765432"[usize::try_from(sum % 11).unwrap()]))
}

/// Waits until something holds.
pub(crate) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < PATIENCE, "it does not come to hold");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
