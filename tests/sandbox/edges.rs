//! The services' edges, as strangers and operators meet them: connections that never end, a pipe that is closed, addresses as
//! people type them.

use std::{
    fs::OpenOptions,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    agent::Agent,
    support::{PASSPHRASE, Sandbox, programs::programs, until},
};

/// By then a program has ended that was told to.
const ENDS_WITHIN: Duration = Duration::from_secs(10);
/// A request of which nothing more comes.
const HALF: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n";
/// Whoever ends by SIGPIPE ends so, as a shell tells it.
const READER_GONE: i32 = 141;

/// A connection to a service of the sandbox on which something was sent.
fn opened(sandbox: &Sandbox, service: u16, sent: &[u8]) -> TcpStream {
    let url = sandbox.url(service, "");
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream.write_all(sent).unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn each_program_ends_soon_after_it_is_told_to_whatever_is_open() {
    let mut sandbox = Sandbox::start(&["--without-agent"]).await;
    let mut agent = Agent::start(&sandbox, None);
    let alive = sandbox.url(2, "/healthz");
    until(async || sandbox.http.get(&alive).send().await.is_ok_and(|answer| answer.status().is_success())).await;
    let slow = b"POST /v1/receipts HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{";
    let open: Vec<TcpStream> =
        (0..4).flat_map(|service| [HALF, &slow[..], b""].map(|sent| opened(&sandbox, service, sent))).collect();
    // The agent waits at the registry for what is new; both are told at once.
    let began = Instant::now();
    assert!(agent.ends().success());
    assert!(began.elapsed() < ENDS_WITHIN, "the agent: {:?}", began.elapsed());
    let began = Instant::now();
    assert!(sandbox.ends().success());
    assert!(began.elapsed() < ENDS_WITHIN, "registry, token service and control: {:?}", began.elapsed());
    drop(open);
}

/// Verbs of both programs that print: by lines, as JSON, as rows, as a script, and what clap says.
fn printing(config: &str) -> Vec<Vec<&str>> {
    let agent = |verb: &'static [&str]| [&["callboard-agent"], verb, &["--config", config]].concat();
    vec![
        vec!["callboard", "--help"],
        vec!["callboard", "--version"],
        vec!["callboard", "audit", "--help"],
        vec!["callboard", "completions", "bash"],
        vec!["callboard", "openapi"],
        vec!["callboard", "policy", "show"],
        vec!["callboard-agent", "--help"],
        vec!["callboard-agent", "completions", "zsh"],
        vec!["callboard-agent", "openapi"],
        agent(&["refs"]),
        agent(&["refs", "--format", "csv"]),
        agent(&["status"]),
        agent(&["status", "--json"]),
        agent(&["token"]),
        agent(&["doctor"]),
    ]
}

/// A doctor who has found something says so in any case: here that there is no hook.
fn finds(arguments: &[&str], code: Option<i32>) -> bool {
    arguments[1] == "doctor" && code == Some(1)
}

/// The exit code of a verb that prints there, where a pipe has nobody who reads it, and what it says on standard error.
fn printed(arguments: &[&str], to: impl Into<Stdio>, locale: &str) -> (Option<i32>, String) {
    let mut command = Command::new(programs().join(arguments[0]));
    command.args(&arguments[1..]).stdin(Stdio::null()).stdout(to).stderr(Stdio::piped());
    let mut child = command.env("CALLBOARD_PASSPHRASE", PASSPHRASE).env("LC_ALL", locale).spawn().unwrap();
    // Nobody reads, from the first line on.
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_prints_ends_quietly_once_nobody_reads_it_and_an_address_is_taken_as_people_type_it() {
    let sandbox = Sandbox::start(&[]).await;
    let member = sandbox.member();
    let config = member.to_str().unwrap();
    let kept = member.parent().unwrap().parent().unwrap();
    let (key, pin) = (kept.join("alpha/alpha.key"), kept.join("genesis.json"));
    let (key, pin) = (key.to_str().unwrap(), pin.to_str().unwrap());
    let registry = sandbox.url(0, "").replace("http://127.0.0.1", "HTTP://LOCALHOST");
    for arguments in printing(config) {
        let (code, said) = printed(&arguments, Stdio::piped(), "C");
        assert!(!said.contains("panicked") && !said.contains("Broken pipe"), "{arguments:?}: {said}");
        assert!(
            finds(&arguments, code) || [Some(READER_GONE), Some(0)].contains(&code),
            "{arguments:?}: {code:?} {said}"
        );
    }
    sandbox.check(&json!({"ref": "a", "identities": [{"kind": "cn-id", "value": "100000199001050013"}]})).await;
    // A disk that is full takes nothing, and whoever asked for a file isn't told that it is whole.
    for (arguments, locale) in
        printing(config).into_iter().flat_map(|verb| [(verb.clone(), "C"), (verb, "zh_CN.UTF-8")])
    {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (code, said) = printed(&arguments, full, locale);
        assert_eq!(code, Some(1), "{arguments:?}: {said}");
        let (sentence, why) = match locale {
            "C" => ("not everything that was printed", "No space left"),
            _ => ("输出未能全部写出", "磁盘已满"),
        };
        assert!(said.contains(sentence) && said.contains(why), "{arguments:?}: {said}");
    }
    // The registry signs for 127.0.0.1, and the 401 says so; in any case and with any slash it is the same address.
    let audit = |place: &str| {
        let mut command = Command::new(programs().join("callboard"));
        command.args(["audit", place, "--key", key]).env("CALLBOARD_PASSPHRASE", PASSPHRASE).env("CALLBOARD_PIN", pin);
        let done = command.output().unwrap();
        (done.status.success(), String::from_utf8_lossy(&done.stderr).into_owned())
    };
    let (is_done, said) = audit(&registry);
    assert!(!is_done && said.contains(&sandbox.url(0, "/v1/feed?from=0")), "{said}");
    let (is_done, said) = audit(&format!("{}/", sandbox.url(0, "").replace("http", "HTTP")));
    assert!(is_done, "{said}");
    let (is_done, said) = audit(&sandbox.url(0, "").replace("http://", "http://somebody@"));
    assert!(!is_done && said.contains("an address is"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_of_a_sandbox_is_asked_by_its_own_name_and_from_no_other_page() {
    let sandbox = Sandbox::start(&["--without-agent"]).await;
    let clock = sandbox.url(3, "/clock");
    let now = async || sandbox.http.get(&clock).send().await.unwrap().text().await.unwrap();
    let control = sandbox.url(3, "");
    let port = control.rsplit_once(':').unwrap().1;
    let asked = async |name: &str, value: &str| {
        let advance = sandbox.http.post(&clock).header("content-type", "application/json").header(name, value);
        let answer = advance.body(r#"{"advance": "9000d"}"#).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let before = now().await;
    for (name, value) in [
        ("host", format!("attacker.example:{port}")),
        ("host", "127.0.0.1".to_owned()),
        ("origin", "http://attacker.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", format!("http://127.0.0.1:{}", port.parse::<u16>().unwrap() - 1)),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".to_owned()),
    ] {
        let (status, said) = asked(name, &value).await;
        assert!(status == 403 && said.contains("problem:foreign-request"), "{name}: {value}: {status} {said}");
        // The clock goes on by itself, and not by years.
        assert_eq!(now().await[..17], before[..17], "{name}: {value}");
    }
    for path in ["/people", "/scenarios", "/hook", "/records/x/annul", "/nothing"] {
        let foreign = sandbox.http.get(sandbox.url(3, path)).header("host", "attacker.example");
        assert_eq!(foreign.send().await.unwrap().status(), 403, "{path}");
    }
    assert_eq!(asked("origin", &format!("http://localhost:{port}")).await.0, 200, "its own page may");
    assert_ne!(now().await[..17], before[..17]);
}
