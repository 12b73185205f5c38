//! Every verb speaks the language that is asked for: no line of English under `--lang zh-CN`, no Chinese under `--lang en`.
//!
//! Good and bad input alike, as far as it goes without a registry that runs; one that doesn't answer is told as such.

use std::{path::Path, process::Command};

use callboard_keys::KNOWN_PASSPHRASE;

use super::{COMMITTEE, committee, init};

#[path = "../support/spoken.rs"]
mod spoken;

use spoken::{has_chinese, is_spoken, otherwise};

/// Nobody listens there.
const DEAD: &str = "http://127.0.0.1:9";

/// What a call said, line by line.
fn said(dir: &Path, lang: &str, arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    command.current_dir(dir).args(arguments).args(["--lang", lang]).env("CALLBOARD_PASSPHRASE", KNOWN_PASSPHRASE);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    said.concat().lines().map(str::to_owned).collect()
}

/// What a registry is set up from, and what it made.
fn desk(lang: &str) -> tempfile::TempDir {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let arguments = committee(dir, &COMMITTEE);
    let made = said(dir, lang, &init(&arguments));
    check(lang, &["init"], &made);
    let again = said(dir, lang, &init(&arguments));
    check(lang, &["init", "again"], &again);
    let pin = std::fs::read_to_string(dir.join("registry/genesis.json")).unwrap();
    std::fs::write(dir.join("genesis.json"), pin.replace("http://127.0.0.1:8440", DEAD)).unwrap();
    for (name, text) in [
        ("garbage", "garbage\n"),
        ("garbage.json", "{\"v\":1}"),
        ("wrong.toml", "title = 1\n"),
        ("person.txt", "cn-id:11010519491231002X\n"),
        ("cut.txt", "cn-id:1101051949\n"),
        ("batch.csv", "姓名,措施\n某甲,不知\n"),
        ("short", "horse\n"),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    temporary
}

#[track_caller]
fn check(lang: &str, arguments: &[&str], said: &[String]) {
    assert!(!said.is_empty(), "{arguments:?} says nothing");
    is_spoken(lang, &arguments.join(" "), &said.join("\n"), &[]);
}

/// What isn't ours to say: where in a file a library found something, and what a policy holds in either language.
const DATA: &[&str] = &["TOML parse error", "invalid type", " zh", " · source:"];

/// The calls, each with what stands for it in the test's world; a dead registry is asked by those of the second list.
const CALLS: &[&str] = &[
    "keygen panel-9 --role panel",
    "keygen panel-9 --role panel",
    "keygen panel-8 --role panel --passphrase-file short",
    "keygen",
    "keygen panel-7 --role king",
    "keygen --member UPPER --name x --issuer y",
    "passphrase nowhere.key",
    "passphrase garbage",
    "passphrase panel-1.key --passphrase-file short",
    "init other --issuer callboard.test",
    "policy show",
    "policy show none/1",
    "policy check wrong.toml",
    "policy check garbage.json",
    "policy check nowhere",
    "policy draft nowhere --key panel-1.key",
    "policy draft garbage.json --key panel-1.key",
    "policy draft wrong.toml --key panel-1.key",
    "policy draft streamer-warning-rules/2022",
    "sign registry/genesis.bundle --key panel-1.key --yes",
    "sign registry/genesis.bundle --key panel-1.key --yes",
    "sign registry/policies.bundle --key panel-1.key",
    "sign garbage --key panel-1.key --yes",
    "sign registry/genesis.bundle --key garbage --yes",
    "sign registry/genesis.bundle --yes",
    "submit registry/genesis.bundle --key panel-1.key",
    "submit registry/genesis.bundle garbage --key panel-1.key",
    "submit garbage.json --key panel-1.key",
    "verify garbage",
    "verify garbage.json",
    "verify nowhere",
    "verify .",
    "verify --convict garbage --roster garbage",
    "ask cn-id:1 --key panel-1.key",
    "ask --identity-file cut.txt --key panel-1.key",
    "ask --identity-file nowhere --key panel-1.key",
    "ask king:1 --key panel-1.key",
    "ask --identity-file person.txt --key panel-1.key",
    "draft",
    "draft --template batch.txt",
    "draft --template registry/genesis.json.xlsx.csv",
    "draft batch.csv --key panel-1.key --out a.bundle",
    "draft batch.csv --policy none --key panel-1.key --out a.bundle",
    "draft --again garbage --key panel-1.key --out a.bundle",
    "audit nowhere",
    "audit garbage",
    "export log --from nowhere",
    "restore registry",
    "restore nowhere",
    "jobs nowhere",
    "migrate nowhere",
    "migrate",
    "serve nowhere",
    "serve registry",
    "tokens init tokens --issuer callboard.test",
    "tokens init tokens --issuer callboard.test",
    "tokens serve nowhere",
    "tokens serve tokens",
    "tokens batches nowhere",
    "succeed other --url http://127.0.0.1:1",
    "succeed other --url http://127.0.0.1:1",
    "succeed another --url nowhere",
    "member remove alpha --key nowhere.key",
    "roster --expires 2029-13-01 --key panel-1.key",
    "roster --expires 2029-01-01",
    "roster --threshold ruling --key panel-1.key",
    "roster --drop-threshold feast --key panel-1.key",
    "roster --deputy panel-1 --key panel-1.key",
    "roster --add-seat garbage --key panel-1.key",
    "roster --add-seat alpha.pub.json --key panel-1.key",
    "roster --add-epoch alpha.pub.json --key panel-1.key",
    "roster --pin nowhere",
    "propagation 00",
    "nothing",
    "sign",
    "sign --loud",
];

/// Those that ask a registry, or a token service, which isn't there.
const ASKING: &[&str] = &[
    "ask --identity-file resident.txt --key panel-1.key",
    "draft batch.csv --import --policy streamer-warning-rules/2022 --key panel-1.key --out a.bundle",
    "draft annul 019c167f-cc00-7568-8a65-6cc0703e460a --identity-file resident.txt --key panel-1.key --out a.bundle",
    "submit registry/genesis.bundle registry/genesis.panel-1.sig --key panel-1.key",
    "sign registry/members.bundle --key panel-1.key --yes",
    "member add alpha.pub.json --key panel-1.key --out out",
    "member change alpha --per-day 5 --key panel-1.key",
    "member remove alpha --key panel-1.key",
    "member quorum 1 --key panel-1.key",
    "roster --expires 2029-01-01 --key panel-1.key",
    "roster",
    "policy draft streamer-warning-rules/2022 --key panel-1.key",
    "propagation 0000000000000000000000000000000000000000000000000000000000000000",
    "propagation --key panel-1.key",
    "audit http://127.0.0.1:9 --key panel-1.key",
];

#[test]
fn every_verb_speaks_the_language_that_is_asked_for() {
    for lang in ["zh-CN", "en"] {
        let temporary = desk(lang);
        let mut wrong = Vec::new();
        for call in CALLS {
            let said = said(temporary.path(), lang, &call.split(' ').collect::<Vec<_>>());
            assert!(!said.is_empty(), "{call} says nothing");
            let said = said.join("\n");
            wrong.extend(otherwise(lang, &said, DATA).into_iter().map(|line| format!("{call}: {line}")));
        }
        assert!(wrong.is_empty(), "under {lang}: {wrong:#?}");
    }
}

#[test]
fn a_registry_that_does_not_answer_is_told_as_such_with_its_address() {
    for lang in ["zh-CN", "en"] {
        let temporary = desk(lang);
        let dir = temporary.path();
        // One that a sandbox takes: nobody has it.
        std::fs::write(dir.join("resident.txt"), "cn-id:910840198501010019\n").unwrap();
        said(dir, lang, &["sign", "registry/genesis.bundle", "--key", "panel-1.key", "--yes"]);
        for entry in std::fs::read_dir(dir.join("registry")).unwrap().map(Result::unwrap) {
            if entry.path().extension().is_some_and(|extension| extension == "sig") {
                std::fs::rename(entry.path(), dir.join("registry/genesis.panel-1.sig")).unwrap();
            }
        }
        for call in ASKING {
            let arguments: Vec<&str> = call.split(' ').collect();
            let said = said(dir, lang, &arguments);
            check(lang, &arguments, &said);
            let told = said.join("\n");
            let (dead, disk) = match lang {
                "en" => ("does not answer", ["disk", "I/O", "file"]),
                _ => ("没有应答", ["磁盘", "存储", "系统报错"]),
            };
            assert!(told.contains(dead) && told.contains(DEAD), "{call}: {told}");
            assert!(disk.iter().all(|word| !told.contains(word)), "{call}: {told}");
        }
    }
}

#[test]
fn the_locale_decides_where_nothing_is_asked_for() {
    let said = |variable: &str, value: &str, arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).env_remove("LC_ALL").env_remove("LC_MESSAGES").env(variable, value);
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    assert!(has_chinese(&said("LANG", "zh_CN.UTF-8", &["jobs", "nowhere"])));
    assert!(!has_chinese(&said("LANG", "en_US.UTF-8", &["jobs", "nowhere"])));
    assert!(!has_chinese(&said("LANG", "zh_CN.UTF-8", &["jobs", "nowhere", "--lang", "en"])));
    assert!(!has_chinese(&said("LC_ALL", "C", &["jobs", "nowhere"])));
    let help = Command::new(env!("CARGO_BIN_EXE_callboard")).args(["--help", "--lang", "zh-CN"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("阅读文书并签署") && help.contains("命令:"), "{help}");
}
