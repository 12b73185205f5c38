//! Clients and tests that other people's programs make of `openapi/*.json`, against a sandbox that runs.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use callboard_keys::MemberKey;
use serde_json::json;

use super::{
    repository,
    sandbox::{PASSPHRASE, Sandbox},
};

/// The services, in the order of a sandbox's ports.
const SERVICES: [&str; 3] = ["callboard", "tokens", "agent"];
/// For how long each service is tried, in seconds; a campaign says another.
const SECONDS: &str = "60";

/// What `cargo xtask test` prepared; without it the test says that it is left out.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("CALLBOARD_CONFORMANCE_PYTHON").map(PathBuf::from);
    if python.is_none() {
        eprintln!("left out: `cargo xtask test` prepares Python");
    }
    python
}

/// The member's key, opened, in a file.
fn opened_key(sandbox: &Sandbox) -> PathBuf {
    let alpha = sandbox.member().parent().unwrap().to_owned();
    let key = MemberKey::open(&alpha.join("alpha.key"), PASSPHRASE.into()).unwrap();
    let file = alpha.join("opened.json");
    fs::write(&file, json!({"requestKey": STANDARD.encode(key.request_key().as_bytes())}).to_string()).unwrap();
    file
}

/// What whoever asks the agent shows.
fn token(sandbox: &Sandbox) -> String {
    let file = sandbox.member().parent().unwrap().join("agent/api.token");
    fs::read_to_string(file).map_or_else(|_| "none".to_owned(), |token| token.trim().to_owned())
}

fn script(name: &str) -> PathBuf {
    repository("tests/conformance").join(name)
}

#[tokio::test]
async fn a_client_that_a_generator_made_asks_registry_token_service_and_agent() {
    let Some(python) = python() else { return };
    let programs = python.parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let made = tempfile::tempdir().unwrap();
    for (document, package) in SERVICES.into_iter().zip(["registry_api", "tokens_api", "agent_api"]) {
        let mut generate = Command::new(programs.join("openapi-python-client"));
        generate.args(["generate", "--meta", "none", "--path"]).arg(repository(&format!("openapi/{document}.json")));
        let output = generate.arg("--output-path").arg(made.path().join(package)).env("PATH", &path).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let sandbox = Sandbox::start(&[]).await;
    let mut asks = Command::new(&python);
    asks.arg("-B").arg(script("generated.py")).arg(made.path());
    asks.args([0, 1, 2].map(|service| sandbox.url(service, "")));
    let output = asks.arg(opened_key(&sandbox)).arg(token(&sandbox)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Has schemathesis ask a service whatever its description allows, and more.
fn tries(python: &Path, service: &str, url: &str, seconds: &str) -> Command {
    let mut command = Command::new(python.parent().unwrap().join("schemathesis"));
    command.arg("--config-file").arg(script("schemathesis.toml")).arg("run");
    command.arg(repository(&format!("openapi/{service}.json"))).args([
        "--url",
        url,
        "--max-time",
        seconds,
        "--no-color",
    ]);
    command.env("SCHEMATHESIS_HOOKS", script("schemathesis_hooks.py")).env("CALLBOARD_URL", url);
    command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test]
async fn every_answer_is_one_that_the_description_promises() {
    let Some(python) = python() else { return };
    let seconds = std::env::var("CALLBOARD_SCHEMATHESIS_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let sandbox = Sandbox::start(&[]).await;
    let (key, token) = (opened_key(&sandbox), token(&sandbox));
    let began: Vec<(&str, Child)> = (0..)
        .zip(SERVICES)
        .map(|(at, service)| {
            let mut command = tries(&python, service, &sandbox.url(at, ""), &seconds);
            match service {
                "agent" => command.env("CALLBOARD_TOKEN", &token),
                _ => command.env("CALLBOARD_KEY", &key),
            };
            (service, command.current_dir(sandbox.member().parent().unwrap()).spawn().unwrap())
        })
        .collect();
    for (service, tried) in began {
        let output = tried.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{service}\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        let summary = said.split("= SUMMARY =").nth(1).unwrap_or_default();
        eprintln!("{service}: {summary}");
    }
}
