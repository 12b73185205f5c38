//! The desk, as a committee meets it: three seats at three prompts, and letters that say whose record it is.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use axum::{Json, Router, body::Body, extract::State, http::Request, response::Response};
use callboard_federation::disclosure::{CheckpointLine, Disclosure};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{PASSPHRASE, Sandbox, number, until};

const SIGNERS: [&str; 3] = ["panel-1", "panel-2", "chair-1"];
const POLICY: &str = "streamer-warning-rules/2022";
/// The policy under which a sandbox takes over what was decided before.
const TRANSITION: &str = "sandbox-transition/1";

/// The seats of a sandbox, each at a prompt.
struct Desk<'s> {
    sandbox: &'s Sandbox,
    home: PathBuf,
    /// What stands between it and the services.
    proxy: Option<String>,
    /// Whose clock it goes by, if not by its machine's.
    clock: Option<String>,
}

impl<'s> Desk<'s> {
    fn of(sandbox: &'s Sandbox) -> Self {
        let kept = sandbox.member().parent().unwrap().parent().unwrap().to_owned();
        let home = kept.join("desk");
        std::fs::create_dir_all(&home).unwrap();
        Self { sandbox, home, proxy: None, clock: None }
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
        if let Some(proxy) = &self.proxy {
            command.env("HTTP_PROXY", proxy).env("http_proxy", proxy).env_remove("NO_PROXY").env_remove("no_proxy");
        }
        command.envs(self.clock.iter().map(|control| ("CALLBOARD_CLOCK", control)));
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

    /// A new case.
    #[track_caller]
    fn case(&self) -> String {
        let told = self.does("secretary-1", &["case", "open", "--policy", POLICY]);
        told.split_whitespace().find(|word| word.len() == 36).unwrap().to_owned()
    }

    /// What the drafter is told; the panel decides as drafted.
    #[track_caller]
    fn drafts(&self, name: &str, arguments: &[&str]) -> String {
        let case = &self.case();
        let out = format!("{name}.proposal.bundle");
        let more = ["--case", case, "--out", &out, "--lang", "zh"];
        let told = self.does("secretary-1", &[&["draft"][..], arguments, &more].concat());
        self.sandbox.decides(&self.home, name);
        told
    }

    /// What the drafter is told of what is taken over from before there was a registry, without a case.
    #[track_caller]
    fn takes_over(&self, name: &str, sheet: &str, more: &[&str]) -> String {
        let out = format!("{name}.bundle");
        let draft = ["draft", sheet, "--import", "--policy", TRANSITION, "--out", &out, "--lang", "zh"];
        self.does("secretary-1", &[&draft[..], more].concat())
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

/// Writes the log as the sandbox's agent has verified it.
async fn export(sandbox: &Sandbox, directory: &Path) {
    let answer = sandbox.http.get(sandbox.url(2, "/log/feed?from=0")).send().await.unwrap().bytes().await.unwrap();
    let mut lines: Vec<&[u8]> = answer.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let last: CheckpointLine = serde_json::from_slice(lines.pop().unwrap()).unwrap();
    let mut writer = callboard_client::export::Writer::create(directory).unwrap();
    for line in lines {
        writer.line(line, &Disclosure::from_json(line).unwrap().entry).unwrap();
    }
    writer.finish(Vec::new(), &last.checkpoint.parse().unwrap()).unwrap();
}

/// Passes everything on, but says of everyone that nothing stands against them.
async fn hide(State(client): State<reqwest::Client>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
    let is_asked = head.uri.path() == "/v1/standings";
    let mut passed = client.request(head.method, head.uri.to_string()).body(body);
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
        passed = passed.header(name, value);
    }
    let answer = passed.send().await.unwrap();
    let answered = Response::builder().status(answer.status());
    if !is_asked || !answer.status().is_success() {
        return answered.body(answer.bytes().await.unwrap().into()).unwrap();
    }
    let mut told: Value = answer.json().await.unwrap();
    for standing in told["standings"].as_array_mut().unwrap() {
        (standing["reasons"], standing["state"], standing["action"]) = (json!([]), json!("clear"), json!("allow"));
    }
    axum::response::IntoResponse::into_response(Json(told))
}

fn sheet(people: &[(&str, &str)]) -> String {
    let row =
        |(name, number): &(&str, &str)| format!("cn-id,{number},{name},suspension,live;recorded,5年,NB-11,理由\n");
    let rows: String = people.iter().map(row).collect();
    format!("kind,identity,names,measure,scopes,term,violations,reasons\n{rows}")
}

#[tokio::test]
async fn a_desk_goes_by_the_clock_of_a_sandbox_that_is_set_ahead_and_of_nothing_else() {
    let sandbox = Sandbox::start(&[]).await;
    let mut desk = Desk::of(&sandbox);
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": "30d"})).await;
    desk.write("batch.csv", &sheet(&[("赵试一", &number(1))]));
    let early = desk.refuses("secretary-1", &["case", "open", "--policy", POLICY], "");
    assert!(early.contains("more than 60 s apart"), "{early}");
    let control = format!("http://{}", sandbox.control());
    desk.clock = Some(control.clone());
    desk.drafts("batch", &["batch.csv", "--policy", POLICY]);
    desk.signs("batch");
    let records = desk.submits("batch");
    desk.write("person.txt", &format!("cn-id:{}\n", number(1)));
    let told = desk.does("secretary-1", &["ask", "--identity-file", "person.txt"]);
    assert!(told.contains("suspended · refuse") && told.contains(&records[0]), "{told}");

    let verify = |pin: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
        command.args(["verify", &format!("batch.proofs/{}.json", records[0]), "--pin", pin]).args(more);
        let output = command.current_dir(&desk.home).output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    assert!(!verify("../genesis.json", &[]).0, "its cosignatures are of a month from now");
    let ahead = ["--clock", control.as_str()];
    assert!(verify("../genesis.json", &ahead).0);
    let pin = std::fs::read_to_string(desk.home.join("../genesis.json")).unwrap();
    desk.write("other.json", &pin.replace("sandbox.test", "callboard.example"));
    let (is_taken, why) = verify("other.json", &ahead);
    assert!(!is_taken && why.contains("callboard.example is no sandbox"), "{why}");
}

#[tokio::test]
async fn what_begins_in_no_case_is_not_drafted_but_for_what_a_policy_takes_over_from_the_day_on_which_it_began() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let person = number(8);
    let columns = "kind,identity,names,measure,scopes,effective at,term,violations,reasons";
    desk.write("before.csv", &format!("{columns}\ncn-id,{person},赵试一,suspension,live,2025-01-01,5年,NB-11,理由\n"));
    desk.write("now.csv", &sheet(&[("赵试一", &person)]));
    let draft = ["draft", "now.csv", "--policy", POLICY, "--out", "no.bundle"];
    let told = desk.refuses("secretary-1", &draft, "");
    assert!(told.contains("a decision begins in a case") && told.contains("--case CASE | --import"), "{told}");
    let draft = ["draft", "before.csv", "--policy", POLICY, "--lang", "zh", "--out", "no.bundle"];
    let told = desk.refuses("secretary-1", &[&draft[..], &["--case", &desk.case()]].concat(), "");
    assert!(told.contains("生效日期已过"), "{told}");
    let told = desk.refuses("secretary-1", &[&draft[..], &["--import"]].concat(), "");
    assert!(told.contains("现在不允许导入历史决定"), "{told}");
    assert!(!desk.home.join("no.bundle").exists());

    desk.takes_over("before", "before.csv", &[]);
    for read in desk.signs("before") {
        assert!(read.contains("未经案件程序") && read.contains("自2025年1月1日"), "{read}");
    }
    let record = desk.submits("before").remove(0);
    desk.comes_to(&person, "refuse").await;
    let asked = json!({"ref": "host-1", "identities": [{"kind": "cn-id", "value": person}]});
    let reason = sandbox.check(&asked).await["standing"]["reasons"][0].clone();
    assert_eq!((&reason["record"], &reason["imported"]), (&json!(record), &json!(true)), "{reason}");
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
        assert!(!read.contains("钱试二") && read.contains("\n  本文书生效后此人再无其他措施\n"), "{read}");
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
        let told = desk.refuses("secretary-1", &[&draft[..], &["--case", &desk.case()]].concat(), "");
        assert!(told.contains("row 2: the publication") && !told.contains(text), "{told}");
    }
    desk.drafts("batch", &["batch.csv", "--policy", POLICY, "--publish"]);
    for read in desk.signs("batch") {
        assert!(read.contains("赵**、钱**（共2人）：警示（停止直播服务）"), "{read}");
    }
    let records = desk.submits("batch");

    // What is published with a reversal is held against whom it is about, where it is drafted already.
    let annul = |out: &'static str| {
        let from = ["--from", "batch.bundle", "--publication", "public.json", "--out", out, "--lang", "zh"];
        [&["draft", "annul", &records[0]][..], &from].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (text, said) in
        [("撤销对赵试一的决定", "公布内容写出了当事人的全名"), (&zhao, "公布内容写出了当事人的证件号码")]
    {
        desk.write("public.json", &json!({"v": 1, "zh": text, "en": "Notice"}).to_string());
        let arguments = annul("no.bundle");
        let told = desk.refuses("secretary-1", &arguments.iter().map(String::as_str).collect::<Vec<_>>(), "");
        assert!(told.contains(said) && !told.contains(text), "{told}");
        assert!(!desk.home.join("no.bundle").exists());
    }
    desk.write("public.json", &json!({"v": 1, "zh": "撤销对赵**的决定", "en": "Notice"}).to_string());
    desk.drafts("annulment", &["annul", &records[0], "--from", "batch.bundle", "--publication", "public.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_word_it_is_that_nothing_else_stands_is_said_and_a_log_at_hand_hides_nothing() {
    let sandbox = Sandbox::start(&[]).await;
    let mut desk = Desk::of(&sandbox);
    let person = &number(4);
    desk.write("one.csv", &sheet(&[("某甲", person)]));
    // What goes before a panel is held against the desk's own log. What is taken over needs none.
    assert!(desk.drafts("voted", &["one.csv", "--policy", POLICY]).contains("查询依据：已核验的登记册副本（截至"));
    let told = desk.takes_over("first", "one.csv", &[]);
    assert!(told.contains("查询依据：登记册的答复（所列记录均已核验，有无遗漏未经核验）"), "{told}");
    for read in desk.signs("first") {
        assert!(read.contains("程序：登记册启用之前的决定，导入登记，未经案件程序"), "{read}");
    }
    let first = desk.submits("first").remove(0);
    desk.comes_to(person, "refuse").await;
    export(&sandbox, &desk.home.join("log")).await;
    let told = desk.takes_over("second", "one.csv", &["--log", "log"]);
    assert!(told.contains("此人已有措施：") && !told.contains("登记册的答复未列此项"), "{told}");
    assert!(told.contains("查询依据：已核验的登记册副本（截至") && told.contains("无遗漏）；此后登记的"), "{told}");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    desk.proxy = Some(format!("http://{}", listener.local_addr().unwrap()));
    let router = Router::new().fallback(hide).with_state(sandbox.http.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let sign =
        |more: &[&str]| desk.does("panel-1", &[&["sign", "second.bundle", "--yes", "--lang", "zh"], more].concat());
    let read = sign(&[]);
    assert!(!read.contains("此人已有措施") && read.contains("有无遗漏未经核验"), "{read}");
    std::fs::read_dir(&desk.home).unwrap().map(|file| file.unwrap().path()).for_each(|path| {
        if path.extension().is_some_and(|extension| extension == "sig") && path.to_string_lossy().contains("second.") {
            std::fs::remove_file(path).unwrap();
        }
    });
    let read = sign(&["--log", "log"]);
    assert!(read.contains("此人已有措施：警示（停止直播服务）") && read.contains(&first), "{read}");
    assert!(read.contains("登记册的答复未列此项：其后已撤销，或有隐瞒"), "{read}");

    // A log that lacks something, or is of another registry, is none.
    let feed = desk.home.join("log/feed.ndjson");
    let whole = std::fs::read_to_string(&feed).unwrap();
    let cut = whole.trim_end().rsplit_once('\n').unwrap().0;
    std::fs::write(&feed, cut).unwrap();
    let draft = ["draft", "one.csv", "--import", "--policy", TRANSITION, "--out", "no.bundle"];
    let refused = [&draft[..], &["--log", "log"]].concat();
    let told = desk.refuses("secretary-1", &refused, "");
    assert!(told.contains("do not give what its checkpoint says") && !desk.home.join("no.bundle").exists(), "{told}");
    let lines: Vec<&str> = whole.lines().collect();
    std::fs::write(&feed, [&lines[..3], &lines[4..]].concat().join("\n")).unwrap();
    assert!(desk.refuses("secretary-1", &refused, "").contains("the log at hand"));
    let nowhere = [&draft[..], &["--log", "nowhere"]].concat();
    assert!(desk.refuses("secretary-1", &nowhere, "").contains("no export of a log"));
}

#[tokio::test]
async fn a_record_under_another_document_of_the_person_is_told_as_theirs_with_the_link_that_says_so() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let (number, passport) = (number(5), "passport:UTO:E7654321");
    desk.write("one.csv", &sheet(&[("某甲", &number)]));
    desk.drafts("one", &["one.csv", "--policy", POLICY]);
    desk.signs("one");
    let record = desk.submits("one").remove(0);
    desk.comes_to(&number, "refuse").await;
    desk.write("passport.txt", passport);
    let annul = ["annul", &record, "--identity-file", "passport.txt"];
    let refused = [&["draft"][..], &annul, &["--out", "no.bundle"]].concat();
    assert!(desk.refuses("secretary-1", &refused, "").contains("another person"));

    desk.write("both.txt", &format!("cn-id:{number}\n{passport}\n"));
    desk.drafts("link", &["link", "--identity-file", "both.txt", "--policy", POLICY]);
    desk.signs("link");
    let link = desk.submits("link").remove(0);
    let passport_sheet = sheet(&[("某甲", &passport["passport:".len()..])]).replace("cn-id", "passport");
    desk.write("two.csv", &passport_sheet);
    let told = desk.drafts("two", &["two.csv", "--policy", POLICY]);
    assert!(told.contains("此人已有措施：") && told.contains(&record), "{told}");
    desk.signs("two");
    let other = desk.submits("two").remove(0);

    let told = desk.drafts("by-passport", &annul);
    assert!(told.contains(&format!("如应一并列入，请加上：{other}")), "{told}");
    for read in desk.signs("by-passport") {
        let said = format!("身份关联：证件与原决定所载不同，经认定属于同一当事人：{link}");
        assert!(read.contains(&said) && read.contains("护照后四位 4321"), "{read}");
        assert!(read.contains("本文书生效后此人仍有：") && read.contains(&other), "{read}");
    }
    // Both are of one person: nobody has to say that several are meant, though a statement names those of one document.
    let told = desk.drafts("both", &["annul", &record, &other, "--identity-file", "both.txt"]);
    assert!(told.contains("共2项") && told.contains("本文书生效后此人再无其他措施"), "{told}");
    desk.signs("both");
    desk.submits("both");
    desk.comes_to(&number, "allow").await;
}

#[tokio::test]
async fn a_letter_is_printed_as_it_was_signed_with_who_signed_and_when_it_was_logged() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Desk::of(&sandbox);
    let (zhao, qian) = (number(6), number(7));
    let people = sheet(&[("赵试一", &zhao), ("钱试二", &qian)]);
    desk.write("batch.csv", &people.replacen(",理由", ",理由\u{301}甲", 1));
    desk.drafts("batch", &["batch.csv", "--policy", POLICY, "--number", "中演协〔2026〕10号"]);
    let bundle = ["letter", "batch.bundle", "--lang", "zh"];
    assert!(desk.refuses("panel-1", &bundle, "").contains("登记系统没有记录"));
    desk.signs("batch");
    let records = desk.submits("batch");
    let both = desk.does("panel-1", &bundle);
    let letters: Vec<&str> = both.split("\n\n\n").collect();
    assert_eq!(letters.len(), 2, "{both}");
    for line in [
        "中国演出行业协会",
        "决定书",
        "文号：中演协〔2026〕10号",
        "当事人：赵试一",
        "措施：警示（停止直播服务）",
        "签署：评议委员 panel-1、panel-2；主任委员 chair-1",
        "登记：二〇",
        "登记证明：已核验：在共",
        &format!("记录编号：{}", records[0]),
    ] {
        assert!(letters[0].contains(line), "{line}\n{both}");
    }
    // What was for its signers alone.
    for line in ["作出决定", "查询依据", "此人已有措施", "请对照证件"] {
        assert!(!both.contains(line), "{line}\n{both}");
    }
    let one = desk.does("chair-1", &["letter", "batch.bundle", &records[1], "--lang", "en"]);
    assert!(one.contains("Signed: panel-1, panel-2 (panel); chair-1 (chair)") && !one.contains("赵试一"), "{one}");
    let stray = ["letter", "batch.bundle", "019f3000-0000-7000-8000-000000000000"];
    assert!(desk.refuses("chair-1", &stray, "").contains("does not hold record"));

    // Whoever has the proof file and the identity reads the same; nobody else does.
    let proof = format!("batch.proofs/{}.json", records[0]);
    desk.write("zhao.txt", &format!("cn-id:{zhao}"));
    desk.write("qian.txt", &format!("cn-id:{qian}"));
    let of =
        |identity: &'static str| ["letter", &proof, "--identity-file", identity, "--lang", "zh"].map(str::to_owned);
    let arguments = of("zhao.txt");
    let own = desk.does("secretary-1", &arguments.each_ref().map(String::as_str));
    // How long the log is by now stands behind it.
    let as_delivered = |text: &str| text.split("  登记证明").next().unwrap().to_owned();
    assert_eq!(as_delivered(&own), as_delivered(letters[0]));
    let arguments = of("qian.txt");
    assert!(
        desk.refuses("secretary-1", &arguments.each_ref().map(String::as_str), "").contains("不是所填证件的当事人")
    );
    assert!(desk.refuses("secretary-1", &["letter", &proof], "").contains("open with the person's identity"));

    // A letter about an earlier one says whose that was; its number stands in its bundle.
    desk.drafts("annulment", &["annul", &records[0], "--from", "batch.bundle", "--number", "中演协〔2026〕11号"]);
    desk.signs("annulment");
    desk.submits("annulment");
    let read = desk.does("panel-2", &["letter", "annulment.bundle", "--lang", "zh"]);
    assert!(read.contains("文号：中演协〔2026〕11号") && read.contains("原决定：赵试一（身份证后四位"), "{read}");
    assert!(!read.contains("再无其他措施"), "{read}");
    let told = desk.does("panel-1", &["letter", "batch.bundle", &records[0], "--lang", "zh"]);
    assert_eq!(as_delivered(&told), as_delivered(letters[0]));
}
