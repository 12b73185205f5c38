//! Cases on a desk's pages, over HTTP: what a form lacks is told and what was typed stays, what the rules refuse is told in
//! their words, a form that is sent twice does it once, a file leaves nothing but its hash, and what others wrote acts
//! nowhere.

use std::fs;

use reqwest::StatusCode;

use crate::{
    desk::Opened,
    filled::{filled, pairs},
    seats::{COLUMNS, does, entered, home, verified},
    support::{Sandbox, number, until},
};

const NAME: &str = "案<script>alert(1)</script>\u{202e}倒写";
const POLICY: &str = "streamer-warning-rules/2022";
/// More than other forms with files take.
const LONG: usize = 9 << 20;

/// Opens a case by its form; its address.
async fn opened(desk: &Opened) -> String {
    verified(desk).await;
    let fields = [("number", NAME), ("policy", POLICY), ("text", "据来件")];
    desk.fills("/cases/open", "/cases/open", &fields).await.leads()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_opened_and_filled_by_forms_that_say_what_they_lack_and_do_each_thing_once() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    let lacking = [("number", " "), ("policy", POLICY), ("text", "案由在此")];
    let refused = desk.fills("/cases/open", "/cases/open", &lacking).await;
    refused.refused("请填写案号或者案名");
    assert!(refused.text.contains("案由在此"), "what was typed stays");
    let case = opened(&desk).await;
    let page = desk.shows(&case).await;
    page.says(&["准备中", "尚未列入当事人", "据来件", "&#60;script&#62;alert(1)", "\\u{202e}倒写"]);
    assert!(!page.text.contains("<script>alert") && !page.text.contains('\u{202e}'));

    let form = format!("{case}/add-item");
    desk.fills(&form, &form, &[("item", "1"), ("decides", "ruling")]).await.refused("请填写姓名或者账号");
    let page = desk.shows(&form).await;
    let (word, once) = (page.field("form"), page.field("once"));
    let person = [("form", word.as_str()), ("once", &once), ("item", "1"), ("names", "赵试一"), ("decides", "ruling")];
    for _ in 0..2 {
        assert_eq!(desk.sends(&form, &person).await.leads(), case);
    }
    desk.shows(&case).await.says(&["赵试一", "尚未告知", "告知第1人"]);
    // The rules' own words, beside the form.
    let again = [("item", "1"), ("names", "钱试二"), ("decides", "ruling")];
    desk.fills(&form, &form, &again).await.refused("不能列入当事人");
    let close = format!("{case}/close");
    desk.fills(&close, &close, &[]).await.refused("第1人尚未处理完毕");
    desk.fills(&format!("{case}/answered"), &format!("{case}/answered"), &[("items", "1-x")])
        .await
        .refused("如 1-3、7");

    // A recording that no other form takes.
    let evidence = format!("{case}/evidence");
    desk.fills(&evidence, &evidence, &[("kind", "recording")]).await.refused("请选择文件");
    let page = desk.shows(&evidence).await;
    let (word, once) = (page.field("form"), page.field("once"));
    let fields = [("form", word.as_str()), ("once", &once), ("items", "1"), ("kind", "recording")];
    let recording = "录像".repeat(LONG / 6);
    assert_eq!(desk.uploads(&evidence, &fields, "录像.mp4", recording.as_bytes()).await.leads(), case);
    desk.shows(&case).await.says(&["录像（第1人）"]);
    let kept = sandbox.kept("registry");
    let longest = fs::read_dir(kept).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap();
    assert!(longest < LONG as u64, "{longest}");

    // Others see it on the board, by its name, beside one of an interim; the secretariat alone opens cases.
    let chair = entered(&sandbox, "chair-1").await;
    until(async || chair.shows("/cases").await.text.contains("&#60;script&#62;")).await;
    chair.shows("/cases").await.says(&["准备中（2）", "1人", "指定评议组"]);
    chair.shows("/").await.says(&["案件待办", "指定评议组"]);
    assert_eq!(chair.shows("/cases/open").await.status, StatusCode::FORBIDDEN);
    let panel = entered(&sandbox, "panel-1").await;
    until(async || panel.shows(&case).await.status == StatusCode::OK).await;
    panel.shows(&case).await.says(&["尚未指定评议组"]);
    let name = format!("{case}/panel");
    panel.fills(&case, &name, &[("seat", "x")]).await.refused("请选择评议组成员");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drafted_of_one_person_goes_before_the_panel_of_a_case_that_is_opened_for_it() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    verified(&desk).await;
    let new = "/rulings/ruling";
    let own = number(7);
    let said = [
        ("kind-1", "cn-id"),
        ("identity-1", own.as_str()),
        ("names", "李试七"),
        ("measure", "suspension"),
        ("scopes", "直播"),
        ("term", "一年"),
        ("violations", "NB-11"),
        ("facts", "直播中多次宣扬赌博"),
        ("policy", POLICY),
    ];
    let form = desk.shows(new).await;
    let pending = desk.sends(new, &pairs(&filled(&form, new, &said))).await.leads();
    let send = format!("{pending}/send");
    desk.fills(&pending, &send, &[("in", "new")]).await.refused("请填写新立案件的案号或者案名");
    let case = desk.fills(&pending, &send, &[("in", "new"), ("case-number", "案七")]).await.leads();
    let page = desk.shows(&case).await;
    page.says(&["案七", "李试七", "提请评议的草案"]);
    let shown = desk.shows(&page.link_below(&format!("{case}/proposals/"))).await;
    shown.says(&["这是草案，不签署", "李试七", "直播中多次宣扬赌博"]);

    // Nobody is asked to sign it.
    let panel = entered(&sandbox, "panel-1").await;
    let today = panel.shows("/").await;
    today.says(&["提请评议：决定1项"]);
    assert!(!today.text.contains("待您阅读并签署"), "{}", today.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_many_people_is_read_some_at_a_time_on_pages_of_a_hundred_kilobytes() {
    let sandbox = Sandbox::start(&[]).await;
    let secretary = "secretary-1";
    let row = |person: usize| format!("cn-id,{},沙试{person},suspension,live,5年,NB-11,经查\n", number(person));
    let rows: String = (1..=120).map(row).collect();
    fs::write(home(&sandbox, secretary).join("many.csv"), format!("{COLUMNS}\n{rows}")).unwrap();
    let opened = does(&sandbox, secretary, &["case", "open", "--policy", POLICY]);
    let case = opened.split_whitespace().find(|word| word.len() == 36).unwrap();
    does(&sandbox, secretary, &["draft", "many.csv", "--policy", POLICY, "--case", case, "--out", "many.bundle"]);
    let desk = entered(&sandbox, secretary).await;
    verified(&desk).await;
    let url = format!("/cases/{case}");
    let shows = async |path: &str, people: &[usize], others: &[usize]| {
        let page = desk.shows(path).await;
        assert!(page.status == StatusCode::OK && page.text.len() < 100_000, "{}", page.text.len());
        let is_there = |person: &usize| page.text.contains(&format!("沙试{person}</td>"));
        assert!(people.iter().all(is_there) && !others.iter().any(is_there), "{path}: {}", page.text);
        page
    };
    let first = shows(&url, &[1, 50], &[51, 120]).await;
    first.says(&["共 120 人", "告知第1–120人"]);
    let second = shows(&first.link("下一页"), &[51, 100], &[50, 101]).await;
    let third = shows(&second.link("下一页"), &[101, 120], &[100]).await;
    assert!(!third.text.contains(">下一页</a>"));
    assert_eq!(third.link("上一页"), format!("{url}?from=50#items"));
    shows(&format!("{url}?from=5000"), &[], &[1, 120]).await;
}
