//! The services' edges, as strangers and operators meet them: connections that never end, a pipe that is closed, addresses as
//! people type them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

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

#[tokio::test(flavor = "multi_thread")]
async fn whatever_prints_ends_quietly_once_nobody_reads_it_and_an_address_is_taken_as_people_type_it() {
    let sandbox = Sandbox::start(&[]).await;
    let member = sandbox.member();
    let config = member.to_str().unwrap();
    let kept = member.parent().unwrap().parent().unwrap();
    let (key, pin) = (kept.join("alpha/alpha.key"), kept.join("genesis.json"));
    let (key, pin) = (key.to_str().unwrap(), pin.to_str().unwrap());
    let registry = sandbox.url(0, "").replace("http://127.0.0.1", "HTTP://LOCALHOST");
    for arguments in [
        &["callboard", "--help"][..],
        &["callboard", "audit", "--help"],
        &["callboard", "completions", "bash"],
        &["callboard", "openapi"],
        &["callboard-agent", "--help"],
        &["callboard-agent", "completions", "zsh"],
        &["callboard-agent", "openapi"],
        &["callboard-agent", "refs", "--config", config],
        &["callboard-agent", "status", "--config", config],
        &["callboard-agent", "doctor", "--config", config],
    ] {
        let mut command = Command::new(programs().join(arguments[0]));
        command.args(&arguments[1..]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.env("CALLBOARD_PASSPHRASE", PASSPHRASE).spawn().unwrap();
        // Nobody reads, from the first line on.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        assert!(!said.contains("panicked") && !said.contains("Broken pipe"), "{arguments:?}: {said}");
        // A doctor who has found something says so in any case: here that there is no hook.
        let finds = arguments[1] == "doctor" && code == Some(1);
        assert!(finds || [Some(READER_GONE), Some(0)].contains(&code), "{arguments:?}: {code:?} {said}");
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
