//! The desk, as a committee meets it: three seats at three prompts, and letters that say whose record it is.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use serde_json::json;

use crate::support::{PASSPHRASE, Sandbox, number, until};

const SIGNERS: [&str; 3] = ["panel-1", "panel-2", "chair-1"];
const POLICY: &str = "streamer-warning-rules/2022";

/// The seats of a sandbox, each at a prompt.
struct Desk<'s> {
    sandbox: &'s Sandbox,
    home: PathBuf,
}

impl<'s> Desk<'s> {
    fn of(sandbox: &'s Sandbox) -> Self {
        let kept = sandbox.member().parent().unwrap().parent().unwrap().to_owned();
        let home = kept.join("desk");
        std::fs::create_dir_all(&home).unwrap();
        Self { sandbox, home }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.home.join(name), text).unwrap();
    }

    /// What a seat types, with what it answers.
    fn typed(&self, seat: &str, arguments: &[&str], answers: &str) -> Output {
        let key = format!("../seats/{seat}.key");
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(arguments).args(["--key", &key, "--pin", "../genesis.json"]);
        command.current_dir(&self.home).env("CALLBOARD_PASSPHRASE", PASSPHRASE);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
        process.wait_with_output().unwrap()
    }

    #[track_caller]
    fn does(&self, seat: &str, arguments: &[&str]) -> String {
        let output = self.typed(seat, arguments, "");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    #[track_caller]
    fn refuses(&self, seat: &str, arguments: &[&str], answers: &str) -> String {
        let output = self.typed(seat, arguments, answers);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!output.status.success(), "{arguments:?}: {out}{err}");
        format!("{out}{err}")
    }

    /// What the drafter is told.
    #[track_caller]
    fn drafts(&self, name: &str, arguments: &[&str]) -> String {
        let out = format!("{name}.bundle");
        self.does("secretary-1", &[&["draft"][..], arguments, &["--out", &out, "--lang", "zh"]].concat())
    }

    /// What each of three signers read before signing.
    #[track_caller]
    fn signs(&self, name: &str) -> Vec<String> {
        let bundle = format!("{name}.bundle");
        SIGNERS.map(|seat| self.does(seat, &["sign", &bundle, "--yes", "--lang", "zh"])).into()
    }

    /// Hands in what three signed; its records.
    fn submits(&self, name: &str) -> Vec<String> {
        let files = std::fs::read_dir(&self.home).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut signatures: Vec<String> =
            files.filter(|file| file.starts_with(&format!("{name}.")) && file.contains(".sig")).collect();
        signatures.sort();
        let bundle = format!("{name}.bundle");
        let arguments: Vec<&str> =
            ["submit", &bundle].into_iter().chain(signatures.iter().map(String::as_str)).collect();
        self.does("secretary-1", &arguments);
        let docket = std::fs::read(self.home.join(format!("{name}.docket.json"))).unwrap();
        let docket: callboard_federation::hand_in::HandIn = serde_json::from_slice(&docket).unwrap();
        let docket = callboard_federation::docket::Docket::from_json(&docket.docket.payload.0).unwrap();
        docket.items.iter().map(|item| item.record.to_string()).collect()
    }

    /// Waits until a check decides so.
    async fn comes_to(&self, number: &str, decision: &str) {
        let question = json!({"ref": number, "identities": [{"kind": "cn-id", "value": number}]});
        let sandbox = self.sandbox;
        until(async || sandbox.check(&question).await["decision"].as_str() == Some(decision)).await;
    }
}

fn sheet(people: &[(&str, &str)]) -> String {
    let row =
        |(name, number): &(&str, &str)| format!("cn-id,{number},{name},suspension,live;recorded,5年,NB-11,理由\n");
    let rows: String = people.iter().map(row).collect();
    format!("kind,identity,names,measure,scopes,term,violations,reasons\n{rows}")
}

#[tokio::test]
async fn each_of_three_signers_reads_whose_record_is_reversed() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let (zhao, qian) = (number(1), number(2));
    desk.write("batch.csv", &sheet(&[("赵试一", &zhao), ("钱试二", &qian)]));
    desk.drafts("batch", &["batch.csv", "--policy", POLICY, "--number", "中演协〔2026〕10号"]);
    for read in desk.signs("batch") {
        assert!(read.contains("文号：中演协〔2026〕10号") && read.contains("当事人：赵试一"), "{read}");
        assert!(read.contains("异议：收到之日起十个工作日内向秘书处书面提出"), "{read}");
    }
    let records = desk.submits("batch");
    desk.comes_to(&qian, "refuse").await;

    // Qian was to be freed; the record is Zhao's. Every letter says so.
    desk.drafts("wrong", &["annul", &records[0], "--from", "batch.bundle"]);
    for read in desk.signs("wrong") {
        let whose = format!("原决定：赵试一（身份证后四位 {}），中演协〔2026〕10号第1项", &zhao[14..]);
        assert!(read.contains(&whose) && read.contains("原事实和理由：理由"), "{read}");
        assert!(!read.contains("钱试二") && read.contains("本文书生效后此人再无其他措施"), "{read}");
    }
    // Who names Qian and the record of Zhao is told at once, and no bundle is made.
    desk.write("qian.txt", &format!("cn-id:{qian}\n"));
    let annul = ["draft", "annul", &records[0], "--identity-file", "qian.txt", "--out", "other.bundle"];
    let told = desk.refuses("secretary-1", &annul, "");
    assert!(told.contains("another person"), "{told}");

    // Nobody has the identity any more: a return isn't drafted; an annulment is, and each signer types how the record ends.
    let told = desk.refuses("secretary-1", &["draft", "reinstate", &records[1], "--out", "back.bundle"], "");
    assert!(told.contains("identity"), "{told}");
    desk.drafts("blind", &["annul", &records[1]]);
    let (sign, end) = (["sign", "blind.bundle", "--yes", "--lang", "zh"], &records[1][28..]);
    for answer in ["", "\n", "12345678\n", &records[1][27..]] {
        let read = desk.refuses("panel-1", &sign, answer);
        assert!(read.contains("未签署"), "{read}");
        let letter = read.split("── 1/1 ──\n").nth(1).unwrap();
        assert!(letter.starts_with("注意：无人提供当事人的证件号码"), "{letter}");
    }
    for seat in SIGNERS {
        let output = desk.typed(seat, &sign, &format!("{end}\n"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    desk.submits("blind");
    desk.comes_to(&qian, "allow").await;
    desk.comes_to(&zhao, "refuse").await;
}

#[tokio::test]
async fn what_stands_already_is_told_where_it_is_drafted_and_where_it_is_signed() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let person = &number(3);
    desk.write("twice.csv", &sheet(&[("某甲", person)]));
    let draft = ["twice.csv", "--policy", POLICY];
    let told = desk.drafts("first", &draft);
    assert!(!told.contains("已有措施"), "{told}");
    desk.signs("first");
    let first = desk.submits("first").remove(0);
    desk.comes_to(person, "refuse").await;

    let told = desk.drafts("second", &draft);
    assert!(told.contains("第2行 某甲：此人已有措施：警示（停止直播服务）") && told.contains(&first), "{told}");
    for read in desk.signs("second") {
        assert!(read.contains("此人已有措施：警示（停止直播服务）") && read.contains(&first), "{read}");
    }
    let second = desk.submits("second").remove(0);

    // One of two: what is left is told, with how to name it too.
    let told = desk.drafts("one", &["annul", &second, "--from", "second.bundle"]);
    assert!(told.contains(&format!("如应一并列入，请加上：{first}")), "{told}");
    assert!(told.contains("本文书生效后仍有：警示（停止直播服务）"), "{told}");
    for read in desk.signs("one") {
        assert!(read.contains("本文书生效后此人仍有：警示（停止直播服务）") && read.contains(&first), "{read}");
        assert!(read.contains("■ 注意：平台一律不得提供服务"), "{read}");
    }
    let told = desk.drafts("both", &["annul", &second, &first, "--from", "second.bundle"]);
    assert!(told.contains("本文书生效后此人再无其他措施"), "{told}");
    desk.signs("both");
    desk.submits("both");
    desk.comes_to(person, "allow").await;
}

#[tokio::test]
async fn a_publication_is_made_of_the_sheet_and_shows_nobody() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let (zhao, qian) = (number(1), number(2));
    desk.write("batch.csv", &sheet(&[("赵试一", &zhao), ("钱试二", &qian)]));
    for text in ["赵试一、钱试二等88人", "赵 试 一", &zhao, "出生于 19600101 的人"] {
        desk.write("public.json", &json!({"v": 1, "zh": text, "en": "Notice"}).to_string());
        let draft = ["draft", "batch.csv", "--policy", POLICY, "--publication", "public.json", "--out", "no.bundle"];
        let told = desk.refuses("secretary-1", &draft, "");
        assert!(told.contains("row 2: the publication") && !told.contains(text), "{told}");
    }
    desk.drafts("batch", &["batch.csv", "--policy", POLICY, "--publish"]);
    for read in desk.signs("batch") {
        assert!(read.contains("赵**、钱**（共2人）：警示（停止直播服务）"), "{read}");
    }
    desk.submits("batch");
}
