//! A case in real browsers, from a platform's report to the receipts of two: recusal, a challenge, notice, the window, sealed
//! votes with an exception that open by themselves, resolution, confirmation, three signatures, closing. Nothing of it can be
//! read from what the services hear and keep.

use std::{fs, path::Path};

use callboard_federation::language::Language;
use serde_json::json;

use crate::{
    committee_acts::{Platform, newest_docket},
    desk::Opened,
    heard::{Heard, shows_nothing},
    import_story::{POLICY, write},
    person::{Person, Place},
    pictures::looks,
    reports::{TEXT, filed},
    seats::{does, entered, home, logs, ten_minutes},
    story::DRIVER,
    support::{PASSPHRASE, Sandbox, number, until},
};

const NAME: &str = "中演协案〔2026〕3号";
/// More than the working days that the subject has, whatever holidays lie among them.
pub(crate) const WINDOW: &str = "2160000s";
/// The item on which the panel is divided.
const DIVIDED: &str = "3";

/// What a seat's page of the case says, looked at anew until it does.
pub(crate) async fn until_case(person: &Person, case: &str, said: &str) -> String {
    person.window.until(&format!("{}{case}", person.root()), said).await;
    person.is_usable().await;
    person.window.text().await
}

/// Fills in a form of the case that is a page of its own.
pub(crate) async fn takes(person: &Person, case: &str, link: &str, fields: &[(&str, &str)], button: &str) {
    until_case(person, case, link).await;
    person.window.follow(link).await;
    person.is_usable().await;
    person.window.is_for_people().await;
    for (label, text) in fields {
        person.window.fill(label, text).await;
    }
    person.window.follow(button).await;
    person.window.shows("待您办理").await;
}

async fn opens_of_report(secretary: &Person, report: &str) -> String {
    secretary.go(&format!("/reports/{report}")).await;
    secretary.window.follow("以此立案（同时受理）").await;
    secretary.window.shows("会员举报").await;
    secretary.window.fill("案号或者案名（密封，供各签署人辨认）", NAME).await;
    secretary.window.choose("依据的规则", POLICY.0).await;
    secretary.window.follow("立案").await;
    let shown = secretary.window.shows("待您办理").await;
    for said in [NAME, "准备中", "host-1", "alpha", "尚未告知", "告知第1人"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    let path = secretary.window.find("return location.pathname").await;
    path.as_str().unwrap().to_owned()
}

async fn names_the_panel(chair: &Person, case: &str) {
    until_case(chair, case, "指定评议组").await;
    looks(&chair.window, "case-panel", true).await;
    for seat in ["panel-1（评议委员）", "panel-2（评议委员）", "chair-1（主任委员）", "chair-2（主任委员）"]
    {
        chair.window.click(seat).await;
    }
    chair.window.follow("指定评议组").await;
    chair.window.shows("chair-2（主任委员）").await;
}

/// Three people of a sheet are drafted for the case, the first of them the one who was reported.
async fn drafts_a_proposal(secretary: &Person, case: &str, file: &Path) {
    write(file, 6, 3, false);
    until_case(secretary, case, "用表格起草提请评议的内容").await;
    secretary.window.follow("用表格起草提请评议的内容").await;
    secretary.window.fill("表格文件（.xlsx 或 CSV，至多8MiB）", file.to_str().unwrap()).await;
    secretary.window.follow("读取表格").await;
    secretary.window.shows("各列是什么").await;
    for (label, choice) in [("责任人姓名", "姓名"), ("处罚", "措施"), ("依据条款", "违规条款"), ("经过", "事实和理由")]
    {
        secretary.window.choose(label, choice).await;
    }
    secretary.window.choose("依据的规则", POLICY.0).await;
    secretary.window.fill("文号（可以空白）", "中演协〔2026〕12号").await;
    secretary.window.choose("公布", "公布决定，姓名遮蔽").await;
    secretary.window.follow("继续").await;
    secretary.window.shows("核对并起草").await;
    secretary.confirm().await;
    secretary.window.click("生成身份代码并起草").await;
    secretary.window.shows("已起草，尚未提交").await;
    secretary.window.choose("起草之后", &format!("提请评议：{NAME}")).await;
    secretary.window.follow("提交").await;
    secretary.window.shows("提请评议的草案").await;
}

/// A seat comes and votes.
async fn votes(person: &Person, case: &str, against: &str) {
    until_case(person, case, "到会").await;
    person.window.follow("我已到会").await;
    person.window.shows("密封投票").await;
    looks(&person.window, "case-vote", true).await;
    person.window.choose("对全部各人", "赞成").await;
    if !against.is_empty() {
        person.window.fill("例外：反对第几人", against).await;
    }
    person.window.fill("理由（公开投票时密封给各签署人）", "证据充分").await;
    person.window.follow("密封投票").await;
    person.window.shows("已密封投票").await;
}

/// A desk without a window takes an act whose form is on a page of the case.
pub(crate) async fn sends(desk: &Opened, case: &str, word: &str, fields: &[(&str, &str)]) {
    let action = format!("{case}/{word}");
    let page = if desk.shows(case).await.text.contains(&format!("action=\"{action}\"")) { case } else { &action };
    let sent = desk.fills(page, &action, fields).await;
    assert_eq!(sent.leads(), case, "{word}: {}", sent.text);
}

async fn signs(person: &Person) {
    person.window.until(&format!("{}/", person.root()), "待您阅读并签署").await;
    person.window.follow("决定2项").await;
    let shown = person.window.shows("2人 · ").await;
    assert!(shown.contains("沙试1") && !shown.contains("沙试3"), "{shown}");
    assert!(shown.contains("对沙**、沙**作出警示。"), "{shown}");
    person.confirm().await;
    person.window.fill("密码", PASSPHRASE).await;
    person.window.click("签署全部").await;
    person.window.shows("已签署").await;
}

/// A second platform is a member, and its agent runs.
async fn second_platform(sandbox: &Sandbox, directory: &Path) -> Platform {
    let public = Platform::move_in(sandbox, directory, "乙直播").display().to_string();
    does(sandbox, "secretary-1", &["member", "add", &public, "--without-witness"]);
    let files = fs::read_dir(home(sandbox, "secretary-1")).unwrap().map(|file| file.unwrap().file_name());
    let bundle = files.filter_map(|name| name.into_string().ok()).find(|name| name.ends_with(".bundle")).unwrap();
    let sent = does(sandbox, "secretary-1", &["drafts", "send", &bundle]);
    let draft = sent.split_whitespace().find(|word| word.len() == 36).unwrap();
    logs(sandbox, draft, &["panel-1", "chair-1"]).await;
    Platform::start(sandbox, directory)
}

/// Both platforms say that it is in effect with them: one by its hook, the other by hand.
async fn both_receipt(sandbox: &Sandbox, platform: &Platform) {
    let docket = newest_docket(sandbox).await;
    platform.receipts(&docket).await;
    let url = sandbox.url(0, &format!("/v1/dockets/{docket}/propagation"));
    until(async || {
        let answer = sandbox.http.get(&url).send().await.unwrap();
        answer.json::<serde_json::Value>().await.unwrap()["counts"] == json!({"in-effect": 2})
    })
    .await;
}

/// Notice, an answer, evidence of which the hash alone leaves, and a challenge that another seat rejects.
async fn is_heard(sandbox: &Sandbox, [secretary, chair]: [&Person; 2], case: &str, proof: &str) {
    ten_minutes(sandbox).await;
    until_case(secretary, case, "回避： 第3人").await;
    secretary.window.fill("送达证明文件", proof).await;
    secretary.window.follow("记录送达").await;
    let shown = secretary.window.shows("陈述申辩中").await;
    assert!(shown.contains("陈述申辩至") && shown.contains("下一期限"), "{shown}");
    takes(secretary, case, "记录陈述申辩", &[("陈述申辩内容（密封）", "当时系转播他人内容")], "记录陈述申辩").await;
    takes(secretary, case, "提交证据", &[("证据文件", proof)], "提交证据").await;
    until_case(secretary, case, "记录回避申请").await;
    secretary.window.follow("记录回避申请").await;
    secretary.window.choose("申请何人回避", "panel-2（评议委员）").await;
    secretary.window.fill("申请理由（密封）", "与举报人相识").await;
    secretary.window.follow("记录回避申请").await;
    let shown = until_case(chair, case, "决定回避申请").await;
    assert!(shown.contains("panel-2"), "{shown}");
    chair.window.choose("决定", "驳回").await;
    chair.window.fill("决定理由（密封）", "无证据支持").await;
    chair.window.follow("决定回避申请").await;
    chair.window.shows("已驳回").await;
}

/// Resolved as it was voted, confirmed, and drafted.
async fn is_resolved(panel: &Person, [secretary, chair]: [&Person; 2], case: &str) {
    until_case(panel, case, "按表决结果作出决议").await;
    panel.window.follow("按表决结果作出决议").await;
    panel.window.shows("待确认").await;
    until_case(chair, case, "确认决议").await;
    chair.window.follow("确认决议").await;
    chair.window.shows("待登记").await;
    // Whoever wasn't decided about is taken out of what is published.
    until_case(secretary, case, "请删去未获通过的各人").await;
    let zh = "公布内容（中文）：请删去未获通过的各人";
    let drafted = secretary.window.find("return document.querySelector('[name=public-zh]').value").await;
    assert_eq!(drafted.as_str().unwrap().matches("沙**").count(), 3, "{drafted}");
    secretary.window.retype(zh, "对沙**、沙**作出警示。").await;
    secretary.window.retype("公布内容（英文）：请删去未获通过的各人", "Two people are warned.").await;
    secretary.window.follow("起草文书，送签署").await;
    secretary.window.shows("尚未签署").await;
    // It is drafted once.
    let shown = until_case(secretary, case, "文书已起草，待签署、登记").await;
    assert!(!shown.contains("送签署\n"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_becomes_a_case_that_a_panel_decides_by_sealed_votes_and_a_docket_that_two_platforms_carry_out() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let mut sandbox = Sandbox::start(&["--hook"]).await;
    let directory = tempfile::tempdir().unwrap();
    let platform = second_platform(&sandbox, directory.path()).await;
    let report = filed(&sandbox, "host-1").await["id"].as_str().unwrap().to_owned();
    let heard = Heard::default();
    let proxy = heard.before(&sandbox).await;
    let proof = directory.path().join("回执.pdf");
    fs::write(&proof, "delivered").unwrap();
    let proof = proof.to_str().unwrap();
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: &proxy, language: Language::Zh, size: "1280,900" };
    let secretary = place.seat("secretary-1").await;
    let chair = place.seat("chair-1").await;

    // The case begins with the report, and gets two people more.
    let case = opens_of_report(&secretary, &report).await;
    for name in ["沙试2", "沙试3"] {
        let fields = [("姓名（密封）", name)];
        takes(&secretary, &case, "列入当事人", &fields, "列入当事人").await;
    }
    secretary.go(&format!("/reports/{report}")).await;
    secretary.window.shows("已受理").await;

    // The panel; one of it isn't to decide about one person, and says so.
    names_the_panel(&chair, &case).await;
    let second_chair = entered(&sandbox, "chair-2").await;
    sends(&second_chair, &case, "recuse", &[("items", DIVIDED), ("text", "曾为其代言")]).await;

    is_heard(&sandbox, [&secretary, &chair], &case, proof).await;

    // Nobody votes before the window is over.
    let shown = until_case(&chair, &case, "尚未届满").await;
    assert!(!shown.contains("投票时间（小时）"), "{shown}");
    sandbox.post(&sandbox.url(3, "/clock"), &json!({"advance": WINDOW})).await;
    let panel = [place.seat("panel-1").await, place.seat("panel-2").await];
    drafts_a_proposal(&secretary, &case, &directory.path().join("批次.xlsx")).await;
    until_case(&secretary, &case, "投票时间（小时）").await;
    looks(&secretary.window, "case", true).await;
    secretary.window.follow("提请评议").await;
    secretary.window.shows("评议进行中").await;

    // What is voted on is read; votes are sealed, and open by themselves once all are.
    until_case(&panel[0], &case, "提请评议的草案").await;
    let link = "return [...document.querySelectorAll('a')].find(one => one.innerText.includes('提请评议的草案')).href";
    let link = panel[0].window.find(link).await;
    panel[0].window.go(link.as_str().unwrap()).await;
    let shown = panel[0].window.shows("这是草案，不签署").await;
    assert!(shown.contains("沙试3"), "{shown}");
    votes(&panel[0], &case, "").await;
    votes(&panel[1], &case, DIVIDED).await;
    votes(&chair, &case, DIVIDED).await;
    sends(&second_chair, &case, "present", &[]).await;
    sends(&second_chair, &case, "vote", &[("all", "for")]).await;
    let shown = until_case(&panel[0], &case, "评议记录（打印）").await;
    for said in ["panel-2 反对", "chair-2 回避", "未通过", "通过"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    panel[0].window.follow("评议记录（打印）").await;
    panel[0].window.shows("证据充分").await;
    looks(&panel[0].window, "case-minutes", true).await;

    is_resolved(&panel[0], [&secretary, &chair], &case).await;
    for seat in panel.iter().chain([&chair]) {
        signs(seat).await;
    }
    ten_minutes(&sandbox).await;
    secretary.window.until(&format!("{}/", secretary.root()), "已登记于第").await;
    both_receipt(&sandbox, &platform).await;
    until_case(&secretary, &case, "已决定").await;
    secretary.window.follow("结案").await;
    secretary.window.shows("已结案").await;
    secretary.go("/cases?closed").await;
    secretary.window.shows(NAME).await;
    looks(&secretary.window, "cases-closed", false).await;
    for person in panel.iter().chain([&secretary, &chair]) {
        person.has_no_complaint().await;
    }

    drop((panel, secretary, chair, second_chair, platform));
    sandbox.end();
    assert!(heard.has(b"/v1/cases") && heard.has(b"/v1/reports"), "the traffic wasn't heard");
    let numbers = [number(7), number(8), number(9)];
    let texts = [
        ("the case's title", NAME),
        ("the report", TEXT),
        ("why a seat is recused", "曾为其代言"),
        ("an answer", "当时系转播他人内容"),
        ("why a seat is challenged", "与举报人相识"),
        ("why it isn't upheld", "无证据支持"),
        ("reasons of a vote", "证据充分"),
        ("reasons of a ruling", "直播中多次宣扬赌博"),
    ];
    shows_nothing(&heard, &sandbox, numbers.iter().map(|number| ("a number", number.as_str())).chain(texts)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_and_the_page_of_a_case_speak_english_too_and_the_first_page_shows_what_waits() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: "", language: Language::En, size: "390,844" };
    let secretary = place.seat("secretary-1").await;
    secretary.go("/cases/open").await;
    secretary.window.fill("Its number or title (sealed; what the seats call it)", "Case 4").await;
    secretary.window.choose("Under which policy", POLICY.1).await;
    secretary.window.follow("Open the case").await;
    secretary.window.shows("Nobody is added yet.").await;
    secretary.window.follow("Add a person").await;
    looks(&secretary.window, "case-act-en", true).await;
    secretary.window.fill("Name (sealed)", "Somebody <b>bold</b>").await;
    secretary.window.follow("Add a person").await;
    let shown = secretary.window.shows("Somebody <b>bold</b>").await;
    assert!(shown.contains("not told yet") && shown.contains("unknown"), "{shown}");
    looks(&secretary.window, "case-en", true).await;
    secretary.window.follow("Sheet for the meeting, to be printed").await;
    looks(&secretary.window, "case-meeting-en", true).await;
    until(async || {
        secretary.go("/").await;
        secretary.window.text().await.contains("have item 1 told")
    })
    .await;
    secretary.window.until(&format!("{}/cases", secretary.root()), "Case 4").await;
    looks(&secretary.window, "cases-en", false).await;
    secretary.has_no_complaint().await;
}
