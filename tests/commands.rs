//! The program as people type it: keys and a registry's beginning, from the command line alone.

#![expect(clippy::unwrap_used, reason = "a test fails where it is wrong")]

#[path = "commands/case.rs"]
mod case;
#[path = "commands/hidden.rs"]
mod hidden;
#[path = "commands/language.rs"]
mod language;
#[path = "commands/roster.rs"]
mod roster;
#[expect(dead_code, reason = "this binary uses a part of the sandbox")]
#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/stage.rs"]
mod stage;
#[path = "support/walk.rs"]
mod walking;

use std::{
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use callboard_client::runtime::os_rng;
use callboard_federation::roster::Role;
use callboard_keys::{KNOWN_PASSPHRASE, KeyFile, MemberKey, SeatKey};
use serde_json::{Value, json};

/// One token key's public half; the generator of ristretto255 will do for a roster.
const POINT: &str = "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY=";

fn callboard(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.current_dir(dir).args(arguments).env("CALLBOARD_PASSPHRASE", KNOWN_PASSPHRASE);
    command.output().unwrap()
}

#[track_caller]
fn succeeds(dir: &Path, arguments: &[&str]) -> String {
    let output = callboard(dir, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn fails(dir: &Path, arguments: &[&str]) -> String {
    let output = callboard(dir, arguments);
    assert!(!output.status.success(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Makes a seat's keys, cheap to open.
fn make_seat(dir: &Path, holder: &str, role: &str) {
    let role = Role::ALL.into_iter().find(|known| known.as_str() == role).unwrap();
    let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng()).unwrap();
    key.public().write(&dir.join(format!("{holder}.pub.json"))).unwrap();
    KeyFile::Seat(key).write_known(&dir.join(format!("{holder}.key"))).unwrap();
}

/// Makes the keys of a committee and of a member; gives the arguments of `init` that name them.
fn committee(dir: &Path, seats: &[(&str, &str)]) -> Vec<String> {
    let mut arguments = vec!["--seat".to_owned()];
    for (holder, role) in seats {
        make_seat(dir, holder, role);
        arguments.push(format!("{holder}.pub.json"));
    }
    let alpha = MemberKey::generate("alpha".to_owned().try_into().unwrap(), "callboard.test".to_owned(), &mut os_rng());
    alpha.unwrap().public("Alpha Live".to_owned()).write(&dir.join("alpha.pub.json")).unwrap();
    let token_key = json!({"v": 1, "type": "token-key", "issuer": "callboard.test", "epoch": 1, "publicKey": POINT});
    std::fs::write(dir.join("epoch-1.pub.json"), token_key.to_string()).unwrap();
    arguments.extend(["--token-key", "epoch-1.pub.json", "--member", "alpha.pub.json"].map(str::to_owned));
    arguments
}

fn init(arguments: &[String]) -> Vec<&str> {
    let names = ["--issuer", "callboard.test", "--url", "http://127.0.0.1:8440"];
    let init = ["init", "registry", "--tokens-url", "http://127.0.0.1:8441"];
    init.into_iter().chain(names).chain(arguments.iter().map(String::as_str)).collect()
}

const COMMITTEE: [(&str, &str); 8] = [
    ("panel-1", "panel"),
    ("panel-2", "panel"),
    ("panel-3", "panel"),
    ("panel-4", "panel"),
    ("chair-1", "chair"),
    ("chair-2", "chair"),
    ("secretary-1", "secretariat"),
    ("secretary-2", "secretariat"),
];

#[test]
fn a_log_is_convicted_by_evidence_or_by_two_checkpoints_and_by_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path();
    let vectors = |name: &str| {
        json_of(&Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join("federation/vectors").join(name))
    };
    let (log, evidence) = (vectors("entries.json"), vectors("evidence.json"));
    let write = |name: &str, text: &str| std::fs::write(dir.join(name), text).unwrap();
    write("roster.json", log["proofFiles"][0]["file"].as_str().unwrap());
    write("report.json", "{\"v\":1,\"fault\":\"unlogged\"}");
    let genesis = log["genesis"].as_str().unwrap();
    let convict = |files: &[&str]| {
        let held = ["verify", "--convict", "--roster", "roster.json", "--genesis", genesis];
        callboard(dir, &[&held[..], files].concat())
    };
    for (at, case) in evidence["cases"].as_array().unwrap().iter().enumerate() {
        let name = format!("evidence-{at}.json");
        write(&name, &case["file"].to_string());
        let output = convict(&[&name]);
        let said = String::from_utf8(output.stdout).unwrap();
        let convicts = case["convicts"].as_bool().unwrap();
        assert_eq!((output.status.success(), said.starts_with("convicted")), (convicts, convicts), "{said}");
    }
    for at in 0..2 {
        write(&format!("checkpoint-{at}"), evidence["cases"][0]["file"]["notes"][at].as_str().unwrap());
    }
    assert!(convict(&["checkpoint-0", "checkpoint-1"]).status.success());
    assert!(convict(&["evidence-3.json", "checkpoint-0", "checkpoint-1"]).status.success(), "one is enough");
    for nothing in [&["checkpoint-0"][..], &["checkpoint-0", "checkpoint-0"], &["report.json"], &["roster.json"]] {
        assert!(!convict(nothing).status.success(), "{nothing:?}");
    }
    let other = "0".repeat(64);
    fails(dir, &["verify", "--convict", "evidence-0.json", "--roster", "roster.json", "--genesis", &other]);
    fails(dir, &["verify", "--convict", "evidence-0.json", "--genesis", genesis]);
}

#[test]
fn a_committee_sets_up_a_registry() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let arguments = committee(dir, &COMMITTEE);
    let told = succeeds(dir, &init(&arguments));
    let pin = json_of(&dir.join("registry/genesis.json"));
    assert_eq!(
        (pin["issuer"].as_str(), pin["tokensUrl"].as_str()),
        (Some("callboard.test"), Some("http://127.0.0.1:8441"))
    );
    assert!(told.contains(&format!("genesis {}", pin["genesis"].as_str().unwrap())), "{told}");
    for name in ["genesis.bundle", "policies.bundle", "members.bundle"] {
        assert!(told.contains(name), "{told}");
    }
    assert!(told.contains("registry/genesis.bundle  to be signed by 2 panel, 1 chair"), "{told}");
    assert!(told.contains("registry/alpha/member.toml  the member's, beside its key"), "{told}");
    let configured: toml::Table =
        std::fs::read_to_string(dir.join("registry/alpha/member.toml")).unwrap().parse().unwrap();
    assert_eq!(
        (configured["member"].as_str(), configured["genesis"].as_str()),
        (Some("alpha"), pin["genesis"].as_str())
    );
    for (name, mode) in [
        ("log.key", 0o600),
        ("callboard.toml", 0o600),
        ("genesis.bundle", 0o600),
        ("policies.bundle", 0o600),
        ("members.bundle", 0o600),
        ("alpha/member.toml", 0o600),
    ] {
        let found = std::fs::metadata(dir.join("registry").join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{name}");
    }
}

#[test]
fn a_registry_is_set_up_once() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let arguments = committee(dir, &COMMITTEE);
    succeeds(dir, &init(&arguments));
    let key = std::fs::read(dir.join("registry/log.key")).unwrap();
    assert!(fails(dir, &init(&arguments)).contains("is there already"));
    assert_eq!(std::fs::read(dir.join("registry/log.key")).unwrap(), key);
}

#[test]
fn a_committee_too_small_leaves_nothing_behind() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let arguments = committee(dir, &[("panel-1", "panel"), ("chair-1", "chair"), ("secretary-1", "secretariat")]);
    assert!(fails(dir, &init(&arguments)).contains("2 chairs"));
    assert_eq!(std::fs::read_dir(dir.join("registry")).unwrap().count(), 0);
}

#[test]
fn a_key_is_made_once_and_under_a_passphrase() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    std::fs::write(dir.join("long"), "correct horse\n").unwrap();
    let arguments = ["keygen", "panel-1", "--role", "panel", "--passphrase-file", "long"];
    // The words by which the key is compared are told when it is made, and again of its public file.
    let made = succeeds(dir, &arguments);
    let words = made.lines().last().unwrap().to_owned();
    assert_eq!(words.split_whitespace().count(), 12, "{made}");
    assert_eq!(succeeds(dir, &["keygen", "--card", "panel-1.pub.json"]).lines().last(), Some(words.as_str()));
    let chinese = succeeds(dir, &["keygen", "--card", "panel-1.pub.json", "--lang", "zh-CN"]);
    assert!(chinese.contains("密钥卡") && !chinese.contains(words.trim()), "{chinese}");
    let key = std::fs::read_to_string(dir.join("panel-1.key")).unwrap();
    assert!(key.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
    assert!(fails(dir, &arguments).contains("panel-1.key is there already"));
    assert_eq!(std::fs::read_to_string(dir.join("panel-1.key")).unwrap(), key);

    std::fs::write(dir.join("short"), "horse\n").unwrap();
    let short = ["keygen", "panel-2", "--role", "panel", "--passphrase-file", "short"];
    assert!(fails(dir, &short).contains("at least 8 characters"));
    assert!(!dir.join("panel-2.key").exists());
}
