//! `callboard case`: what is typed wrong is told in a sentence, and nothing in the case or the home is changed by it.

use std::{fs, path::PathBuf, process::Command};

use crate::sandbox::{PASSPHRASE, Sandbox, number};

const POLICY: &str = "streamer-warning-rules/2022";
const VECTORS: &str = include_str!("../../federation/vectors/entries.json");
/// The exit code of arguments that can't be read.
const USAGE: i32 = 2;
/// The exit code of everything else that is refused.
const REFUSED: i32 = 1;

/// A seat at its own computer.
struct Home {
    directory: PathBuf,
    key: String,
    clock: String,
}

impl Home {
    fn of(sandbox: &Sandbox, seat: &str) -> Self {
        let directory = sandbox.kept(&format!("../homes/{seat}"));
        fs::create_dir_all(&directory).unwrap();
        let key = format!("{seat}.key");
        fs::copy(sandbox.kept(&format!("seats/{key}")), directory.join(&key)).unwrap();
        fs::copy(sandbox.kept("genesis.json"), directory.join("genesis.json")).unwrap();
        Self { directory, key, clock: format!("http://{}", sandbox.control()) }
    }

    /// The exit code, and what was said.
    fn types(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).args(["--key", &self.key, "--pin", "genesis.json", "--lang", "en"]);
        command.current_dir(&self.directory).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
        let output = command.env("CALLBOARD_CLOCK", &self.clock).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code(), said.concat())
    }

    #[track_caller]
    fn does(&self, arguments: &[&str]) -> String {
        let (code, said) = self.types(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {said}");
        said
    }

    #[track_caller]
    fn is_told(&self, code: i32, arguments: &[&str], sentence: &str) {
        let (ended, said) = self.types(arguments);
        assert_eq!(ended, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(sentence), "{arguments:?} doesn't say «{sentence}»: {said}");
        assert!(!said.contains("panicked"), "{said}");
    }

    fn writes(&self, name: &str, text: &str) {
        fs::write(self.directory.join(name), text).unwrap();
    }

    /// What is drafted about two people for a case, as `NAME`.
    fn drafts(&self, case: &str, name: &str) {
        let row = |person: usize| format!("cn-id,{},赵试一,suspension,live,5年,NB-11,多次宣扬赌博\n", number(person));
        let columns = "kind,identity,names,measure,scopes,term,violations,reasons\n";
        self.writes("batch.csv", &[columns, &row(1), &row(2)].concat());
        self.does(&["draft", "batch.csv", "--policy", POLICY, "--case", case, "--hosts", "alpha", "--out", name]);
    }

    /// The files of the home but for the copy of the log, which each verb brings up to date.
    fn files(&self) -> Vec<(String, u64)> {
        let mut files: Vec<_> = walk(&self.directory);
        files.retain(|(name, _)| !name.starts_with("log"));
        files.sort();
        files
    }
}

/// Every file below a directory, with its length.
fn walk(directory: &std::path::Path) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            found.extend(walk(&entry.path()).into_iter().map(|(file, length)| (format!("{name}/{file}"), length)));
        } else {
            found.push((entry.file_name().into_string().unwrap(), entry.metadata().unwrap().len()));
        }
    }
    found
}

fn opens(secretary: &Home) -> String {
    let told = secretary.does(&["case", "open", "--policy", POLICY]);
    told.lines().find(|line| line.len() == 36).unwrap_or_else(|| panic!("{told}")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_wrong_at_a_case_is_told_and_changes_nothing() {
    let sandbox = Sandbox::start(&[]).await;
    let [secretary, panel, chair] = ["secretary-1", "panel-1", "chair-1"].map(|seat| Home::of(&sandbox, seat));
    let (case, other) = (opens(&secretary), opens(&secretary));
    secretary.drafts(&case, "batch.bundle");
    secretary.drafts(&other, "other.bundle");
    chair.does(&["case", "panel", &case, "panel-1", "panel-2", "chair-2"]);
    for seat in [&panel, &chair] {
        for name in ["batch.bundle", "other.bundle"] {
            fs::copy(secretary.directory.join(name), seat.directory.join(name)).unwrap();
        }
    }
    secretary.writes("garbage.bundle", "garbage\n");
    secretary.writes("proof.pdf", "proof");
    let vectors: serde_json::Value = serde_json::from_str(VECTORS).unwrap();
    secretary.writes("proof.json", vectors["proofFiles"][0]["file"].as_str().unwrap());
    let shown = |seat: &Home| seat.does(&["case", "show", &case]);
    let before = [shown(&secretary), shown(&panel), shown(&chair)];
    let files = [&secretary, &panel, &chair].map(Home::files);

    // A case that is none, and one that isn't there.
    let nobodys = "019c167f-cc00-7568-8a65-6cc0703e460a";
    for verb in ["show", "recuse", "confirm", "close", "minutes", "present"] {
        panel.is_told(USAGE, &["case", verb, "019c"], "019c");
        panel.is_told(REFUSED, &["case", verb, nobodys], &format!("the registry has no case {nobodys}"));
    }
    secretary.is_told(USAGE, &["case", "open", "--policy", "2022"], "--policy");
    secretary.is_told(REFUSED, &["case", "open", "--policy", "streamer-warning-rules/1999"], "no policy of this name");
    secretary.is_told(REFUSED, &["case", "open", "--policy", POLICY, "--earlier", nobodys], nobodys);
    secretary.is_told(REFUSED, &["case", "open", "--policy", POLICY, "--report", "PZMDE5VTNK"], "PZMDE5VTNK");

    // Items that are none, and that the case hasn't.
    panel.is_told(USAGE, &["case", "recuse", &case, "--items", "5-3"], "write 3, or 1-88");
    panel.is_told(USAGE, &["case", "recuse", &case, "--items", "x"], "write 3, or 1-88");
    panel.is_told(REFUSED, &["case", "recuse", &case, "--items", "3"], "item 3");
    secretary.is_told(REFUSED, &["case", "drop-item", &case, "9"], "item 9");
    secretary.is_told(REFUSED, &["case", "add-item", &case, "1"], "item 1");
    let proof = ["--proof", "proof.pdf"];
    secretary.is_told(REFUSED, &[&["case", "notified", &case, "--items", "1-3"], &proof[..]].concat(), "item 3");

    // Files that aren't there, or are something else.
    let missing = "nowhere.pdf";
    secretary.is_told(REFUSED, &["case", "notified", &case, "--items", "1", "--proof", missing], missing);
    let evidence = ["case", "evidence", &case, "--items", "1", "--kind"];
    secretary.is_told(REFUSED, &[&evidence[..], &["recording", "--file", missing]].concat(), missing);
    // Another association's docket: its proof is read, and the policy names nobody's registry.
    let docket = |file| ["case", "evidence", &case, "--items", "1", "--docket", file];
    let genesis = vectors["genesis"].as_str().unwrap();
    secretary.is_told(REFUSED, &docket("proof.json"), &format!("doesn't name the registry of genesis {genesis}"));
    secretary.is_told(REFUSED, &docket("garbage.bundle"), "the proof file is malformed");
    secretary.is_told(REFUSED, &docket(missing), missing);
    secretary.is_told(REFUSED, &[&evidence[..], &["foreign-docket", "--file", "proof.pdf"]].concat(), "--docket");
    secretary.is_told(USAGE, &[&evidence[..], &["rumour", "--file", "proof.pdf"]].concat(), "authority-decision");
    secretary.is_told(REFUSED, &["case", "drop-item", &case, "1", "--text-file", missing], missing);
    secretary.is_told(REFUSED, &["case", "session", &case, "nowhere.bundle"], "nowhere.bundle");
    secretary.is_told(REFUSED, &["case", "add-item", &case, "--from", "garbage.bundle"], "garbage.bundle");
    secretary.is_told(REFUSED, &["case", "export", &case, "--out", "batch.bundle"], "is there already");

    // A bundle of another case.
    for (seat, verb) in [(&chair, "session"), (&panel, "read"), (&chair, "interim")] {
        seat.is_told(REFUSED, &["case", verb, &case, "other.bundle"], "this isn't a proposal in that case");
    }
    secretary.is_told(
        REFUSED,
        &["case", "docket", &case, "other.bundle", "--out", "new.bundle"],
        "this isn't a proposal in that case",
    );

    // Seats, times, votes.
    chair.is_told(REFUSED, &["case", "panel", &case, "panel-9"], "the roster has no seat panel-9");
    panel.is_told(REFUSED, &["case", "panel", &case, "panel-2"], "isn't allowed");
    chair.is_told(REFUSED, &["case", "replace", &case, "panel-1", "secretary-1"], "isn't allowed");
    let soon = ["case", "notified", &case, "--items", "1", "--proof", "proof.pdf", "--delivered-at", "soon"];
    secretary.is_told(USAGE, &soon, "2026-07-01 12:00");
    let early = ["case", "notified", &case, "--items", "1", "--proof", "proof.pdf", "--delivered-at", "2020-01-01"];
    secretary.is_told(REFUSED, &early, "isn't allowed");
    panel.is_told(USAGE, &["case", "vote", &case, "--all", "maybe"], "abstain");
    panel.is_told(USAGE, &["case", "vote", &case, "--all", "for", "--except", "17"], "write 17,40=against");
    panel.is_told(REFUSED, &["case", "vote", &case, "--all", "for"], "no session of the case is open");
    panel.is_told(REFUSED, &["case", "open-vote", &case], "no session of the case is open");
    panel.is_told(REFUSED, &["case", "resolve", &case], "0 wait for you to resolve");
    chair.is_told(REFUSED, &["case", "confirm", &case, "--resolution", "99"], "isn't allowed");
    chair.is_told(REFUSED, &["case", "decide-challenge", &case, "--rejected"], "0 challenges wait");
    chair.is_told(USAGE, &["case", "decide-challenge", &case], "--upheld");
    chair.is_told(REFUSED, &["case", "draw", "commit", &case], "no draw is announced");
    // The window isn't over, and nobody was told.
    chair.is_told(REFUSED, &["case", "session", &case, "batch.bundle"], "isn't allowed");
    secretary.is_told(REFUSED, &["case", "docket", &case, "batch.bundle", "--out", "new.bundle"], "0 resolutions");

    assert_eq!([&secretary, &panel, &chair].map(Home::files), files);
    assert_eq!([shown(&secretary), shown(&panel), shown(&chair)], before);
    let listed = secretary.does(&["case", "list"]);
    assert_eq!(listed.matches("being prepared  2 items").count(), 2, "{listed}");
}
