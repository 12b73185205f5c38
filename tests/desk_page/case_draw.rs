//! A case in real browsers whose panel is drawn: announced, committed to, opened, drawn. Nobody was told of it in the end: two
//! attempts failed, and it was published. What is about a minor nobody else reads before two others approve.

use std::fs;

use callboard_federation::language::Language;

use crate::{
    case_story::{sends, takes, until_case},
    person::{Person, Place},
    pictures::looks,
    policies::logs_version,
    seats::{COLUMNS, entered, ten_minutes, verified},
    story::DRIVER,
    support::{Sandbox, number},
};

/// Two of the panel are drawn, and the days of a window are few.
const CHANGES: [(&str, &str); 4] = [
    ("seats = 3\nby = \"chair\"", "seats = 2\nby = \"draw\""),
    ("[decide.challenge]\nworkingDays = 2", "[decide.challenge]\nworkingDays = 0"),
    ("attempts = 2\npublicationDays = 30", "attempts = 2\npublicationDays = 3"),
    ("[decide.response]\nworkingDays = 10", "[decide.response]\nworkingDays = 1"),
];
const TITLE: &str = "网络表演（直播）行业主播警示自律规范 2027";
const CHILD: &str = "孙试童";

async fn adds(secretary: &Person, case: &str, name: &str, is_minor: bool) {
    until_case(secretary, case, "列入当事人").await;
    secretary.window.follow("列入当事人").await;
    secretary.window.fill("姓名（密封）", name).await;
    if is_minor {
        secretary.window.click("行为时未满18周岁").await;
    }
    secretary.window.follow("列入当事人").await;
    secretary.window.shows("待您办理").await;
}

/// The three who guarantee a draw are chosen, and it is announced.
async fn announces(chair: &Person, case: &str) {
    let shown = until_case(chair, case, "公告抽签").await;
    assert!(!shown.contains("指定评议组\n"), "nobody names it: {shown}");
    for (label, seat) in [
        ("提供随机数的主任委员", "chair-1（主任委员）"),
        ("另一名提供随机数的签署人", "chair-2（主任委员）"),
        ("第三名提供随机数的签署人", "secretary-1（秘书处）"),
    ] {
        chair.window.choose(label, seat).await;
    }
    looks(&chair.window, "case-draw", true).await;
    chair.window.follow("公告抽签").await;
    chair.window.shows("承诺抽签随机数").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_is_drawn_somebody_is_told_by_publication_and_a_minors_page_opens_once_two_approve() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    logs_version(&sandbox, &CHANGES).await;
    let directory = tempfile::tempdir().unwrap();
    let proof = directory.path().join("退件.pdf");
    fs::write(&proof, "returned").unwrap();
    let proof = proof.to_str().unwrap();
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: "", language: Language::Zh, size: "1280,900" };
    let (secretary, chair) = (place.seat("secretary-1").await, place.seat("chair-1").await);
    let second_chair = entered(&sandbox, "chair-2").await;
    verified(&second_chair).await;

    secretary.window.until(&format!("{}/", secretary.root()), "本机已核验登记册").await;
    secretary.go("/cases/open").await;
    secretary.window.fill("案号或者案名（密封，供各签署人辨认）", "抽签一案").await;
    secretary.window.choose("依据的规则", TITLE).await;
    secretary.window.follow("立案").await;
    secretary.window.shows("接下来：列入当事人").await;
    let case = secretary.window.find("return location.pathname").await.as_str().unwrap().to_owned();
    adds(&secretary, &case, "赵试一", false).await;
    adds(&secretary, &case, CHILD, true).await;
    until_case(&secretary, &case, "未成年").await;

    // A minor's name is for whoever was approved by two others.
    let shown = until_case(&chair, &case, "抽签一案").await;
    assert!(shown.contains("赵试一") && !shown.contains(CHILD), "{shown}");
    until_case(&secretary, &case, "批准查看未成年人内容").await;
    secretary.window.follow("批准查看未成年人内容").await;
    secretary.window.choose("由谁查看", "chair-1（主任委员）").await;
    secretary.window.follow("批准查看未成年人内容").await;
    secretary.window.shows("待您办理").await;
    let shown = until_case(&chair, &case, "抽签一案").await;
    assert!(!shown.contains(CHILD), "one approval isn't two: {shown}");
    let page = second_chair.shows(&format!("{case}/approve-access")).await;
    let (before, _) = page.text.split_once(">chair-1（").unwrap();
    let reader = before.rsplit_once("value=\"").unwrap().1.split('"').next().unwrap();
    sends(&second_chair, &case, "approve-access", &[("reader", reader), ("items", "2")]).await;
    until_case(&chair, &case, CHILD).await;

    // The draw: each commits, the log goes on, each opens; who is drawn stands on the page.
    announces(&chair, &case).await;
    for person in [&chair, &secretary] {
        until_case(person, &case, "承诺抽签随机数").await;
        person.window.follow("承诺抽签随机数").await;
        person.window.shows("待您办理").await;
    }
    sends(&second_chair, &case, "draw-commit", &[]).await;
    ten_minutes(&sandbox).await;
    let row = format!("cn-id,{},钱试二,suspension,live,5年,NB-11,此前", number(900));
    sandbox.decide(format!("{COLUMNS}\n{row}\n")).await;
    for person in [&chair, &secretary] {
        until_case(person, &case, "公开抽签随机数").await;
        person.window.follow("公开抽签随机数").await;
        person.window.shows("待您办理").await;
    }
    sends(&second_chair, &case, "draw-open", &[]).await;
    let shown = until_case(&secretary, &case, "panel-1（评议委员）").await;
    assert!(shown.contains("panel-2（评议委员）"), "{shown}");

    // Told twice in vain, then published: a minor never is.
    let failed = [("第几人（如 1-3、7；空白为全部未决的）", "1"), ("失败证明文件", proof)];
    takes(&secretary, &case, "记录告知失败", &failed, "记录告知失败").await;
    until_case(&secretary, &case, "记录公告送达").await;
    secretary.window.follow("记录公告送达").await;
    secretary.window.fill("第几人（如 1-3、7；空白为全部未决的）", "1").await;
    secretary.window.fill("公告文件（遮蔽姓名）", proof).await;
    secretary.window.follow("记录公告送达").await;
    secretary.window.shows("不能公告送达").await;
    ten_minutes(&sandbox).await;
    takes(&secretary, &case, "记录告知失败", &failed, "记录告知失败").await;
    let published = [("第几人（如 1-3、7；空白为全部未决的）", "1"), ("公告文件（遮蔽姓名）", proof)];
    takes(&secretary, &case, "记录公告送达", &published, "记录公告送达").await;
    let shown = until_case(&secretary, &case, "陈述申辩至").await;
    for said in ["告知失败证明（第1人）", "公告（第1人）", "告知第2人"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    secretary.window.choose("告知何人", "监护人").await;
    secretary.window.fill("送达证明文件", proof).await;
    secretary.window.follow("记录送达").await;
    let shown = secretary.window.shows("陈述申辩中").await;
    assert_eq!(shown.matches("陈述申辩至").count(), 2, "{shown}");
    looks(&secretary.window, "case-draw-told", true).await;
    for person in [&secretary, &chair] {
        person.has_no_complaint().await;
    }
}
