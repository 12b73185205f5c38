//! Lists of people, through the agent's program.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
    time::Duration,
};

use callboard_desk::verify::{self, VerifiedFile};
use serde_json::{Value, json};

use crate::support::{Sandbox, programs::programs, until};

pub(crate) struct Program<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) dir: &'a Path,
}

impl Program<'_> {
    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new(programs().join("callboard-agent"));
        command.args(arguments).arg("--config").arg(self.sandbox.member()).current_dir(self.dir);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may end before it has read all.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    pub(crate) fn says(&self, arguments: &[&str], input: &[u8]) -> (i32, String) {
        let output = self.run(arguments, input);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
    }
}

const LISTED: &str = "100000199001050013";
const CLEAR: &str = "100000199001010011";

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_answered_in_its_order_in_either_encoding_and_gone_on_with_after_a_stop() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let (dir, program) = (temporary.path(), Program { sandbox: &sandbox, dir: temporary.path() });
    let mut list = "ref,kind,identity,备注\n".to_owned();
    for row in 0..4_500 {
        let number = if row % 10 == 0 { LISTED } else { CLEAR };
        writeln!(list, "主播{row},cn-id,{number},联通").unwrap();
    }
    fs::write(dir.join("list.csv"), &list).unwrap();
    fs::write(dir.join("list-gb.csv"), encoding_rs::GB18030.encode(&list).0).unwrap();
    let (code, said) = program.says(&["check", "list.csv", "--out", "answers.csv"], b"");
    assert_eq!(code, 0, "{said}");
    let answers = fs::read_to_string(dir.join("answers.csv")).unwrap();
    let columns = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').take(5).map(str::to_owned).collect()).collect()
    };
    assert_eq!(answers.lines().count(), 4_501);
    for (row, columns) in columns(&answers)[1..].iter().enumerate() {
        let (decision, state) = if row % 10 == 0 { ("refuse", "suspended") } else { ("allow", "clear") };
        assert_eq!(*columns, [&format!("主播{row}"), decision, "", "", state]);
    }
    assert!(!answers.contains(LISTED) && !answers.contains(CLEAR), "numbers stand in no answer");
    // A stop in the middle of a line, and the other encoding.
    let whole: usize = answers.split_inclusive('\n').take(3_000).map(str::len).sum();
    fs::write(dir.join("half.csv"), &answers[..whole + 9]).unwrap();
    assert_eq!(program.says(&["check", "list-gb.csv", "--out", "half.csv", "--resume"], b"").0, 0);
    assert_eq!(columns(&fs::read_to_string(dir.join("half.csv")).unwrap()), columns(&answers));
    // Not over what is there, and not with another list.
    assert_eq!(program.says(&["check", "list.csv", "--out", "half.csv"], b"").0, 1);
    fs::write(dir.join("other.csv"), format!("ref,kind,identity\nsomeone,cn-id,{CLEAR}\n")).unwrap();
    assert_eq!(program.says(&["check", "other.csv", "--out", "half.csv", "--resume"], b"").0, 1);
    // With the numbers beside, where that is asked for.
    assert_eq!(program.says(&["check", "other.csv", "--out", "named.csv", "--with-identities"], b"").0, 0);
    assert!(fs::read_to_string(dir.join("named.csv")).unwrap().contains(CLEAR));
    // No ref is a formula in a spreadsheet, and a list of such is gone on with; NDJSON has it to the byte.
    let refs = ["=1+1", "+1", "-1", "@SUM(A1)", "'x"];
    let rows: Vec<String> = refs.iter().map(|name| format!("{name},cn-id,{CLEAR}\n")).collect();
    fs::write(dir.join("formulas.csv"), ["ref,kind,identity\n".to_owned(), rows.concat()].concat()).unwrap();
    assert_eq!(program.says(&["check", "formulas.csv", "--out", "cells.csv"], b"").0, 0);
    let answers = fs::read_to_string(dir.join("cells.csv")).unwrap();
    let cells: Vec<String> = columns(&answers)[1..].iter().map(|columns| columns[0].clone()).collect();
    assert_eq!(cells, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'x"]);
    let begun: String = answers.split_inclusive('\n').take(3).collect();
    fs::write(dir.join("begun.csv"), begun).unwrap();
    assert_eq!(program.says(&["check", "formulas.csv", "--out", "begun.csv", "--resume"], b"").0, 0);
    assert_eq!(columns(&fs::read_to_string(dir.join("begun.csv")).unwrap()), columns(&answers));
    assert_eq!(program.says(&["check", "formulas.csv", "--out", "exact.ndjson"], b"").0, 0);
    let exact = fs::read_to_string(dir.join("exact.ndjson")).unwrap();
    let exact: Vec<serde_json::Value> = exact.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(exact.iter().map(|answer| answer["ref"].as_str().unwrap()).collect::<Vec<_>>(), refs);
    // Two encodings: named by row and column, without what stands there.
    let mixed = [list.as_bytes(), &encoding_rs::GB18030.encode(&format!("主播,cn-id,{LISTED},联通\n")).0].concat();
    let (code, said) = program.says(&["check", "-"], &mixed);
    assert_eq!(code, 1);
    let error = said.lines().last().unwrap();
    assert!(error.contains("row 4502, column A") && !error.contains(LISTED), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_asked_about_without_the_number_in_an_argument_and_the_exit_code_tells_the_decision() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let program = Program { sandbox: &sandbox, dir: temporary.path() };
    let check = |reference: &str, number: &str| {
        let input = format!("cn-id:{number}\n");
        program.says(&["check", "--ref", reference, "--identity-file", "-"], input.as_bytes())
    };
    let (code, said) = check("host-1", LISTED);
    assert_eq!(code, 11);
    assert!(said.starts_with("host-1  refuse") && said.contains("沙盒警示") && !said.contains(LISTED), "{said}");
    assert_eq!(check("host-2", CLEAR).0, 0);
    assert_eq!(check("host-3", "100000199001040018").0, 10);
    let (code, said) = check("host-4", "100000199001050023");
    assert_eq!(code, 12);
    assert!(said.contains("identity-invalid") && !said.contains("0023"), "{said}");
    // What the row of a list answers, NDJSON does.
    let question = format!(r#"{{"ref":"a","identities":[{{"kind":"cn-id","value":"{LISTED}"}}]}}"#);
    let (code, said) = program.says(&["check", "-"], question.as_bytes());
    let answer: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((code, answer["decision"].as_str()), (0, Some("refuse")));
    let id = answer["id"].as_str().unwrap();
    let (code, missing) = program.says(&["prove", "--check", id, "--out", "proof.json"], b"");
    assert!(missing.contains("unanchored") && missing.contains("once it is over, after "), "{missing}");
    let proof = fs::read_to_string(temporary.path().join("proof.json")).unwrap();
    let config = fs::read_to_string(sandbox.member()).unwrap();
    let genesis = config.lines().find_map(|line| line.strip_prefix("genesis = ")).unwrap().trim_matches('"');
    let verified = Command::new(programs().join("callboard"))
        .args(["verify", "proof.json", "--genesis", genesis])
        .current_dir(temporary.path())
        .output()
        .unwrap();
    // Nothing of today is anchored before the day is over, and so nothing is proven yet.
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(said.starts_with("unanchored proof.json") && said.contains(id), "{verified:?}");
    assert_eq!((verified.status.code(), code), (Some(2), 2));
    let proof: serde_json::Value = serde_json::from_str(&proof).unwrap();
    let proof = serde_json::from_value::<callboard_federation::anchor::CheckProof>(proof["check"].clone()).unwrap();
    proof.verify().unwrap();
    assert!(String::from_utf8(proof.line.0).unwrap().contains(id));
    let (code, blinds) = program.says(&["open-blind", "--ref", "host-1"], b"");
    let blinds: serde_json::Value = serde_json::from_str(&blinds).unwrap();
    assert_eq!(code, 0);
    let first = &blinds[0];
    assert_eq!((first["ref"].as_str(), first["blinds"][0]["count"].as_u64()), (Some("host-1"), Some(1)));
    // What there is to do is the platform's own: to name a hook, and to say of each docket what holds without one.
    let (_, said) = program.says(&["doctor"], b"");
    let is_own = |line: &str| line.contains(" hook ") || line.contains(" receipts ");
    assert!(said.lines().filter(|line| line.starts_with("FIX")).all(is_own), "{said}");
    assert_eq!(
        program.says(&["enrol", "-"], question.as_bytes()),
        (0, "1 of 1 people are known; 1 isn't allow: `callboard-agent refs` names it\n".to_owned())
    );
    assert_eq!(program.says(&["forget", "a"], b"").0, 0);
    assert_eq!(program.says(&["forget", "a"], b"").0, 1);
    assert_eq!(program.says(&["status"], b"").0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_is_proven_once_the_log_is_proven_to_hold_its_anchor_and_no_invented_place_in_the_log_does_instead() {
    let sandbox = Sandbox::start(&[]).await;
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path();
    let program = Program { sandbox: &sandbox, dir };
    let question = json!({"ref": "a", "identities": [{"kind": "cn-id", "value": LISTED}]});
    let id = sandbox.check(&question).await["id"].as_str().unwrap().to_owned();
    // The day on which it is anchored, and the one on which the registry logs the anchors of that day.
    let mut proven = None;
    until(async || {
        if proven.is_none() {
            sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "1d"})).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let (code, said) = program.says(&["prove", "--check", &id, "--out", "proof.json"], b"");
            println!("{said}");
            proven = (code == 0).then(|| fs::read(dir.join("proof.json")).unwrap());
            drop(fs::remove_file(dir.join("proof.json")));
        }
        proven.is_some()
    })
    .await;
    let proof: Value = serde_json::from_slice(&proven.unwrap()).unwrap();
    let members = sandbox.http.get(sandbox.url(0, "/v1/members")).send().await.unwrap().bytes().await.unwrap();
    let config = fs::read_to_string(sandbox.member()).unwrap();
    let genesis = config.lines().find_map(|line| line.strip_prefix("genesis = ")).unwrap().trim_matches('"').to_owned();
    // By the sandbox's clock: by the machine's own its cosignatures are of days to come.
    let clock = sandbox.http.get(sandbox.url(3, "/clock")).send().await.unwrap().json::<Value>().await.unwrap();
    let now = clock["now"].as_str().unwrap().parse().unwrap();
    let genesis = genesis.parse().unwrap();
    // As `callboard verify` counts: 0 is verified, 1 fails, 2 proves nothing yet.
    let verify = |file: &Value| match verify::verify(file.to_string().as_bytes(), &genesis, None, Some(&members), now) {
        Ok(VerifiedFile::Check(check)) => 2 * i32::from(!check.is_anchored()),
        Ok(_) => panic!("no check"),
        Err(why) => {
            println!("{why}: {:?}", std::error::Error::source(&why));
            1
        }
    };
    assert_eq!(verify(&proof), 0);
    let with = |change: &dyn Fn(&mut Value)| {
        let mut file = proof.clone();
        change(&mut file);
        file
    };
    let index = proof["logIndex"].as_u64().unwrap();
    let without = |file: &mut Value| drop(file.as_object_mut().unwrap().remove("logged"));
    for invented in [index, index + 1, 0, 7_000] {
        assert_eq!(verify(&with(&|file| file["logIndex"] = json!(invented))), i32::from(invented != index));
        let bare = with(&|file| {
            file["logIndex"] = json!(invented);
            without(file);
        });
        assert_eq!(verify(&bare), 2);
    }
    let place = proof["logged"]["place"].as_u64().unwrap();
    for another in [place + 1, place ^ 1] {
        assert_eq!(verify(&with(&|file| file["logged"]["place"] = json!(another))), 1);
    }
    let text = proof["logged"]["proof"].as_str().unwrap();
    let elsewhere = text.replacen(&format!("index {index}"), &format!("index {}", index - 1), 1);
    assert_eq!(verify(&with(&|file| file["logged"]["proof"] = json!(elsewhere))), 1);
}
