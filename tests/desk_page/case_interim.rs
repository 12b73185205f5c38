//! A case in real browsers that begins with an urgent measure: drafted, taken back and drafted anew, proposed, ordered by a
//! chair and a seat of the panel, signed and logged; a seat of the panel that is recused is replaced.

use callboard_federation::language::Language;

use crate::{
    case_story::{sends, takes, until_case},
    person::{Person, Place},
    seats::{entered, ten_minutes, verified},
    story::DRIVER,
    support::{PASSPHRASE, Sandbox, number},
};

const NAME: &str = "紧急一案";
const POLICY: &str = "《网络表演（直播）行业主播警示自律规范》（2022版）";

/// Drafts an urgent measure by the form for one person, and hands it on.
async fn drafts(secretary: &Person, goes_to: &str) {
    secretary.go("/rulings/interim").await;
    let own = number(8);
    let texts = [
        ("证件号码 1", own.as_str()),
        ("姓名", "吴试八"),
        ("适用服务", "直播"),
        ("期限", "7天"),
        ("违规条款", "NB-11"),
        ("事实和理由", "直播中多次宣扬赌博"),
    ];
    for (label, text) in texts {
        secretary.window.retype(label, text).await;
    }
    secretary.window.choose("措施", "警示").await;
    secretary.window.choose("依据的规则", POLICY).await;
    secretary.window.follow("起草").await;
    let shown = secretary.window.shows("已起草，尚未提交").await;
    assert!(shown.contains("吴试八") && shown.contains("现在不签署"), "{shown}");
    secretary.window.choose("起草之后", goes_to).await;
    secretary.window.retype("新立案件的案号或者案名（密封；不新立案件的不用改）", NAME).await;
    secretary.window.follow("提交").await;
    secretary.window.shows("提请评议的草案").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_measure_is_taken_back_drafted_anew_ordered_and_logged_and_a_recused_seat_is_replaced() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: "", language: Language::Zh, size: "1280,900" };
    let (secretary, chair) = (place.seat("secretary-1").await, place.seat("chair-1").await);
    let (panel, other) = (place.seat("panel-1").await, entered(&sandbox, "panel-2").await);
    verified(&other).await;
    secretary.window.until(&format!("{}/", secretary.root()), "本机已核验登记册").await;

    // Taken back by its drafter, as long as nobody has to do with it.
    drafts(&secretary, "新立一案").await;
    let case = secretary.window.find("return location.pathname").await.as_str().unwrap().to_owned();
    let link = "return [...document.querySelectorAll('a')].find(one => one.innerText.includes('提请评议的草案')).href";
    let proposal = secretary.window.find(link).await;
    secretary.window.go(proposal.as_str().unwrap()).await;
    secretary.window.shows("撤回草案").await;
    secretary.is_usable().await;
    secretary.confirm().await;
    secretary.window.follow("撤回").await;
    let shown = secretary.window.shows("待您办理").await;
    assert!(!shown.contains("提请评议的草案") && shown.contains("吴试八"), "its person stays: {shown}");
    drafts(&secretary, &format!("提请评议：{NAME}")).await;
    let shown = until_case(&secretary, &case, "提请评议的草案").await;
    assert_eq!(shown.matches("吴试八").count(), 1, "it is item 1 again: {shown}");

    // The panel: who is recused from it is replaced.
    until_case(&chair, &case, "指定评议组").await;
    for seat in ["panel-1（评议委员）", "panel-2（评议委员）", "chair-1（主任委员）"] {
        chair.window.click(seat).await;
    }
    chair.window.follow("指定评议组").await;
    chair.window.shows("替换评议组成员").await;
    sends(&other, &case, "recuse", &[("text", "曾为其代言")]).await;
    other.shows(&case).await.says(&["您就全案回避"]);
    until_case(&chair, &case, "回避： 第1人").await;
    chair.window.follow("替换评议组成员").await;
    chair.is_usable().await;
    chair.window.choose("退出者", "panel-2（评议委员，就第1人回避）").await;
    chair.window.choose("替补者", "chair-2（主任委员）").await;
    chair.window.follow("替换评议组成员").await;
    let shown = chair.window.shows("chair-2（主任委员）").await;
    assert!(!shown.contains("panel-2（评议委员）"), "{shown}");

    // Ordered by those whom the policy names, in hours; then it is a docket like any other.
    takes(&secretary, &case, "提议临时措施", &[("第几人", "1")], "提议临时措施").await;
    for person in [&chair, &panel] {
        until_case(person, &case, "决定采取临时措施").await;
        person.window.follow("决定采取临时措施").await;
        person.window.shows("待您办理").await;
    }
    until_case(&secretary, &case, "起草文书，送签署").await;
    secretary.window.follow("起草文书，送签署").await;
    secretary.window.shows("尚未签署").await;
    chair.window.until(&format!("{}/", chair.root()), "待您阅读并签署").await;
    chair.window.follow("临时措施1项").await;
    chair.window.shows("吴试八").await;
    chair.confirm().await;
    chair.window.fill("密码", PASSPHRASE).await;
    chair.window.click("签署全部").await;
    chair.window.shows("已签署").await;
    ten_minutes(&sandbox).await;
    secretary.window.until(&format!("{}/", secretary.root()), "已登记于第").await;
    // The case goes on: whoever is under a measure is heard.
    let shown = until_case(&secretary, &case, "告知第1人").await;
    assert!(!shown.contains("文书已起草"), "{shown}");
    for person in [&secretary, &chair, &panel] {
        person.has_no_complaint().await;
    }
}
