//! The walk in the README, run as it is written: what a newcomer pastes must work, and print what the README says.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

use std::fs;

#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/walk.rs"]
mod walking;

use sandbox::ports;

const README: &str = include_str!("../README.md");
/// What a committee does.
const BY_HAND: &str = "The walk by hand";
/// What a platform does.
const FIRST_CHECK: &str = "A platform's first check";
/// The registry's ports in the walk by hand, two of them only in the configuration that it makes.
const REGISTRY_PORTS: [&str; 4] = ["8440", "8441", "9440", "9441"];
/// The sandbox's, which are next to each other, and the hook's.
const SANDBOX_PORTS: [&str; 5] = ["8440", "8441", "8442", "8443", "8444"];

/// The `sh` blocks of a section, in order.
fn blocks(section: &str) -> Vec<&'static str> {
    let (_, walk) = README.split_once(&format!("\n## {section}\n")).unwrap();
    let (walk, _) = walk.split_once("\n## ").unwrap();
    walk.split("```sh\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// The blocks as one script. The README has fixed ports, which another test or a real registry may hold: each gets a free one,
/// in the text, and in the configuration that the text makes. Nothing else is changed.
fn script<const N: usize>(section: &str, written: [&str; N]) -> String {
    let (mut sed, mut blocks) = (String::new(), blocks(section).join("\nconfigure\n"));
    for (written, port) in written.iter().zip(ports::free_ports(5)..) {
        sed.extend(["s/127.0.0.1:", written, "/127.0.0.1:", &port.to_string(), "/;"]);
        for at in ["127.0.0.1:", "--port "] {
            blocks = blocks.replace(&format!("{at}{written}"), &format!("{at}{port}"));
        }
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

/// Runs a script in an empty directory; all that it printed, if it succeeded in time.
#[track_caller]
fn walk(script: &str) -> String {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("walk");
    fs::create_dir(&dir).unwrap();
    walking::walk(&dir, sandbox::programs::programs(), script).unwrap_or_else(|printed| panic!("{printed}"))
}

#[test]
fn the_walk_in_the_readme_works_as_it_is_written() {
    let printed = walk(&script(BY_HAND, REGISTRY_PORTS));
    for line in [
        "suspended · refuse",
        "clear · allow",
        "logged at index 3; 2 proofs in batch.proofs",
        "verified archive",
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
fn a_platform_s_first_check_works_as_it_is_written() {
    let script = script(FIRST_CHECK, SANDBOX_PORTS);
    let (_, hook) = script.split_once("python3 hook.py ").unwrap();
    let forged = format!(
        "says hook.txt 'host-2 refuse' \"$hook\"
         curl -s -w 'forged: %{{http_code}}\n' -d '{{\"ref\": \"host-2\", \"decision\": \"allow\"}}' -H 'webhook-id: 1' \\
            -H \"webhook-timestamp: $(date +%s)\" -H 'webhook-signature: v1,AAAA' http://{}",
        hook.split_once(' ').unwrap().0
    );
    let told = "says hook.txt 'host-2 refuse' \"$hook\"";
    assert!(script.contains(told));
    let printed = walk(&script.replace(told, &forged));
    assert!(printed.contains("forged: 401\n"), "{printed}");
    for (reference, decision) in [("host-1", "refuse"), ("host-2", "allow"), ("host-3", "blocked")] {
        let answered = format!(r#""ref":"{reference}","decision":"{decision}""#);
        assert!(printed.contains(&answered), "{answered} is missing:\n{printed}");
    }
    for line in ["host-1,refuse,suspended", "host-4,allow,clear", "ok   membership     the members' list has this key"]
    {
        assert!(printed.lines().any(|printed| printed == line), "{line} is missing:\n{printed}");
    }
    assert!(printed.contains("\"blocked\":\"identity-invalid\"") && printed.contains("沙盒警示"), "{printed}");
}

#[test]
fn the_walks_are_found_whole() {
    let blocks = [blocks(BY_HAND), blocks(FIRST_CHECK)].concat();
    assert_eq!(blocks.len(), README.matches("```sh\n").count(), "every `sh` block of the README is run");
    for verb in
        ["keygen", "tokens init", "init", "sign", "serve", "tokens serve", "submit", "draft", "ask", "verify", "audit"]
    {
        assert!(blocks.iter().any(|block| block.contains(&format!("callboard {verb} "))), "{verb}");
    }
}
