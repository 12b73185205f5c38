//! The walk in the README, run as it is written: what a newcomer pastes must work, and print what the README says.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};

const README: &str = include_str!("../README.md");
/// The section that is run.
const WALK: &str = "\n## The walk by hand\n";
/// The ports of the walk, two of them only in the configuration that it makes.
const PORTS: [&str; 4] = ["8440", "8441", "9440", "9441"];
/// Far more than the minute that the README speaks of: it opens some twenty keys, and other tests want the machine too.
const WITHIN: Duration = Duration::from_mins(5);

/// The `sh` blocks of the walk, in order.
fn blocks() -> Vec<&'static str> {
    let (_, walk) = README.split_once(WALK).unwrap();
    let (walk, _) = walk.split_once("\n## ").unwrap();
    walk.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// The blocks as one script. The README has fixed ports, which another test or a real registry may hold: each gets a free one,
/// in the text, and in the configuration that the text makes. Nothing else is changed.
fn script() -> String {
    // All are held until all are found, so that no two are the same.
    let free = PORTS.map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    let ports = free.each_ref().map(|listener| listener.local_addr().unwrap().port());
    let (mut sed, mut blocks) = (String::new(), blocks().join("\nconfigure\n"));
    for (written, port) in PORTS.iter().zip(ports) {
        sed.extend(["s/127.0.0.1:", written, "/127.0.0.1:", &port.to_string(), "/;"]);
        blocks = blocks.replace(&format!("127.0.0.1:{written}"), &format!("127.0.0.1:{port}"));
    }
    format!(
        "configure() {{
    for file in registry/callboard.toml tokens/tokens.toml; do
        [ ! -f $file ] || {{ sed '{sed}' $file > configured && cat configured > $file; }}
    done
}}
{blocks}"
    )
}

/// The walk, and all that it started in the background: none of it outlives the test.
struct Walk(Child);

impl Drop for Walk {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) {
            // A group of which nobody is left can't be told any more.
            let _ = kill_process_group(group, Signal::KILL);
        }
        drop(self.0.wait());
    }
}

/// Runs it in `dir`; whether it succeeded in time, and all that it printed.
fn walk(dir: &Path) -> (bool, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_callboard")).parent().unwrap();
    let path = std::env::join_paths(
        std::iter::once(programs.to_owned()).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    // Beside the directory, which is empty for whoever follows the README.
    let printed = dir.with_extension("printed");
    let log = File::create(&printed).unwrap();
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", &script()]).current_dir(dir).env("PATH", path.unwrap());
    command.env_remove("CALLBOARD_PIN").stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let mut walk = Walk(command.process_group(0).spawn().unwrap());
    let began = Instant::now();
    let status = loop {
        match walk.0.try_wait().unwrap() {
            None if began.elapsed() < WITHIN => sleep(Duration::from_millis(100)),
            ended => break ended,
        }
    };
    (status.is_some_and(|status| status.success()), fs::read_to_string(printed).unwrap())
}

#[test]
fn the_walk_in_the_readme_works_as_it_is_written() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("walk");
    fs::create_dir(&dir).unwrap();
    let (succeeded, printed) = walk(&dir);
    assert!(succeeded, "{printed}");
    for line in [
        "suspended · refuse",
        "clear · allow",
        "logged at index 3; 2 proofs in batch.proofs",
        "verified log",
        "verified batch.docket.json",
        "signed by as many seats as the roster asks",
    ] {
        assert!(printed.lines().any(|printed| printed.trim() == line), "{line} is missing:\n{printed}");
    }
    assert_eq!(printed.matches("\nverified batch.proofs/").count(), 2, "{printed}");
    // The member's audit of the running registry and the one of its directory: four dockets, two people, each.
    assert_eq!(printed.lines().filter(|line| line.ends_with(": counts")).count(), 2 * 4, "{printed}");
    assert_eq!(printed.matches(" suspended refuse ").count(), 2 * 2, "{printed}");
    assert!(!printed.contains("not verified") && !printed.contains("DIFFERS"), "{printed}");
}

#[test]
fn the_walk_is_found_whole() {
    let blocks = blocks();
    assert_eq!(blocks.len(), README.matches("```sh\n").count(), "every `sh` block of the README is run");
    for verb in
        ["keygen", "tokens init", "init", "sign", "serve", "tokens serve", "submit", "draft", "ask", "verify", "audit"]
    {
        assert!(blocks.iter().any(|block| block.contains(&format!("callboard {verb} "))), "{verb}");
    }
}
