//! Auditors in other languages find what we find, in the log of the whole story.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

fn callboard(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_callboard")).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn an_auditor_in_python_finds_the_same_tree_signers_and_standings() {
    let Ok(python) = std::env::var("CALLBOARD_CONFORMANCE_PYTHON") else {
        eprintln!("the auditor in Python is left out: `cargo xtask test` prepares it");
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("story").display().to_string();
    text(&callboard(&["demo", "--once", "--keep", &kept]));

    let held = text(&callboard(&["audit", &kept]));
    let genesis = held.lines().find_map(|line| line.strip_prefix("genesis ")).unwrap();
    let export = format!("{kept}/export");
    assert_eq!(text(&callboard(&["audit", &export, "--genesis", genesis])), held);

    let auditor = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/auditor.py");
    let audit = |genesis: &str| Command::new(&python).args([auditor, genesis, &export]).output().unwrap();
    assert_eq!(text(&audit(genesis)), held, "line for line");
    assert!(held.matches("standing ").count() >= 9, "everyone of the story is there");

    // What is changed after it was signed, or under another pin, is found.
    assert!(!audit(&genesis.replace(|c| c != '0', "0")).status.success());
    let feed = format!("{export}/feed.ndjson");
    let lines = std::fs::read_to_string(&feed).unwrap();
    let halved: String = lines.split_inclusive('\n').take(2).collect();
    std::fs::write(&feed, halved).unwrap();
    let shortened = audit(genesis);
    assert!(!shortened.status.success() && String::from_utf8_lossy(&shortened.stdout).contains("DIFFERS"));
}

#[test]
fn the_auditor_in_python_is_short_enough_to_be_read() {
    let lines = include_str!("conformance/auditor.py").lines().count();
    assert!(lines <= 400, "{lines} lines");
}
