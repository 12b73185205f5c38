//! Acts on records, from a form to the log.

use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    filled::{filled, pairs},
    people::{NUMBER, PANEL, find, rulings, update},
    seats::{clock, decided_draft, entered, home, logs, send_numbered},
    support::{PASSPHRASE, Sandbox, number},
};

/// Drafts what a form says, reads it, and hands it on; what was read, and the draft that is to be signed. What has a
/// procedure goes before the panel of a new case, which decides as drafted.
pub(crate) async fn drafted(sandbox: &Sandbox, desk: &Opened, url: &str, changes: &[(&str, &str)]) -> (Page, String) {
    let form = desk.shows(url).await;
    let answer = desk.sends(url, &pairs(&filled(&form, url, changes))).await;
    let pending = answer.location();
    let shown = desk.shows(&pending).await;
    let action = format!("{pending}/send");
    let fields = filled(&shown, &action, &[]);
    let url = desk.sends(&action, &pairs(&fields)).await.location();
    assert_eq!(desk.sends(&action, &pairs(&fields)).await.location(), "/", "a second click sends nothing");
    if let Some(draft) = url.strip_prefix("/drafts/") {
        return (shown, draft.to_owned());
    }
    let proposal = desk.shows(&url).await.link_below(&format!("{url}/proposals/"));
    (shown, decided_draft(sandbox, proposal.rsplit('/').next().unwrap()))
}

/// The page of a person, by name.
async fn person(desk: &Opened, name: &str) -> Page {
    let url = find(desk, name).await.link(name);
    desk.shows(&url).await
}

/// What is said of a person's standing now.
async fn standing(desk: &Opened, name: &str) -> String {
    let url = find(desk, name).await.link(name);
    let ask = format!("{url}/standing");
    let sent = filled(&desk.shows(&url).await, &ask, &[]);
    assert_eq!(desk.sends(&ask, &pairs(&sent)).await.location(), url);
    desk.shows(&url).await.visible()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_2_is_found_annulled_and_replaced_and_found_again_with_its_new_standing() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一"), (2, "钱试二")]), &[]);
    logs(&sandbox, &draft, &PANEL).await;
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    let url = find(&desk, &format!("{NUMBER} 2")).await.link("钱试二");
    let replace = desk.shows(&url).await.link("撤销并重新决定");

    // What the record says stands in the form; what is wrong is told at its field, and nothing else is lost.
    let form = desk.shows(&replace).await;
    for said in [&number(2), "钱试二", "NB-11", "直播中多次宣扬赌博", "streamer-warning-rules"] {
        assert!(form.text.contains(said), "{said}: {}", form.text);
    }
    let wrong = [("identity-1", "440308199901101513"), ("term", "五百"), ("until", ""), ("facts", "另有其人")];
    let told = desk.sends(&replace, &pairs(&filled(&form, &replace, &wrong))).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("另有其人") && told.text.contains("role=\"alert\""), "{}", told.text);
    assert!(told.text.contains("value=\"440308199901101513\""));
    let third = number(3);
    let right =
        [("identity-1", third.as_str()), ("names", "孙试三"), ("term", "3年"), ("until", ""), ("reasons", "认错了人")];
    let (shown, sent) = drafted(&sandbox, &desk, &replace, &right).await;
    for said in ["撤销决定书", "决定书", "钱试二", "孙试三", "认错了人", "本文书生效后"] {
        assert!(shown.text.contains(said), "{said}: {}", shown.text);
    }
    logs(&sandbox, &sent, &PANEL).await;
    update(&desk).await;
    assert!(standing(&desk, "钱试二").await.contains("没有在效措施"));
    let stands = standing(&desk, "孙试三").await;
    assert!(stands.contains("平台一律不得提供服务"), "{stands}");
    let page = person(&desk, "钱试二").await;
    assert!(page.text.contains("撤销") && page.text.matches("已登记").count() >= 2, "{}", page.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_measure_is_stayed_ended_answered_and_lifted_from_its_persons_page() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一")]), &[]);
    logs(&sandbox, &draft, &PANEL).await;
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    let act = async |said: &str, changes: &[(&str, &str)], seats: &[&str]| {
        let url = person(&desk, "赵试一").await.link(said);
        let (shown, sent) = drafted(&sandbox, &desk, &url, changes).await;
        logs(&sandbox, &sent, seats).await;
        update(&desk).await;
        shown
    };
    act("暂缓执行", &[], &["chair-1"]).await;
    assert!(standing(&desk, "赵试一").await.contains("暂缓执行"));
    act("确认失效", &[], &PANEL).await;
    assert!(standing(&desk, "赵试一").await.contains("平台一律不得提供服务"));
    act("登记异议", &[], &["secretary-1"]).await;
    assert!(standing(&desk, "赵试一").await.contains("有异议"));
    let shown = act("登记陈述申辩", &[("words", "当时不在场")], &["secretary-1"]).await;
    assert!(shown.text.contains("本人陈述：当时不在场"), "{}", shown.text);
    let lifted = act("复出", &[("ends", "2030-12-31"), ("conditions", "公益服务")], &PANEL).await;
    assert!(lifted.text.contains("复出决定书") && lifted.text.contains("公益服务"), "{}", lifted.text);
    assert!(standing(&desk, "赵试一").await.contains("观察期"));

    // A probation that ends before it begins is told on the form.
    let url = person(&desk, "赵试一").await.link("复出");
    let form = desk.shows(&url).await;
    let told = desk.sends(&url, &pairs(&filled(&form, &url, &[("ends", "2020-01-01")]))).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("期限在开始前已经届满"), "{}", told.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_is_ruled_on_and_another_document_linked_without_a_sheet() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    let new = desk.shows("/people").await.link("对一人作出决定");
    let form = desk.shows(&new).await;
    let empty = desk.sends(&new, &pairs(&filled(&form, &new, &[]))).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
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
        ("policy", "streamer-warning-rules/2022"),
        ("number", "试协〔2026〕11号"),
    ];
    let (shown, sent) = drafted(&sandbox, &desk, &new, &said).await;
    assert!(shown.text.contains("李试七") && shown.text.contains("试协〔2026〕11号"), "{}", shown.text);
    logs(&sandbox, &sent, &PANEL).await;
    update(&desk).await;
    let link = person(&desk, "李试七").await.link("认定另一证件属于此人");
    let said = [("kind", "passport"), ("identity", "UTO:E12345678"), ("policy", "streamer-warning-rules/2022")];
    let (shown, sent) = drafted(&sandbox, &desk, &link, &said).await;
    assert!(shown.text.contains("身份关联认定书"), "{}", shown.text);
    logs(&sandbox, &sent, &PANEL).await;
    update(&desk).await;
    let found = find(&desk, "护照:UTO:E12345678").await;
    assert!(desk.shows(&found.link("（姓名未载）")).await.text.contains("李试七"), "{}", found.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ruling_follows_an_interim_that_is_chosen_by_what_it_is() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    let new = desk.shows("/people").await.link("对一人采取临时措施");
    let own = number(8);
    let interim = [
        ("kind-1", "cn-id"),
        ("identity-1", own.as_str()),
        ("names", "吴试八"),
        ("measure", "suspension"),
        ("scopes", "直播"),
        ("term", "7天"),
        ("violations", "NB-11"),
        ("facts", "直播中多次宣扬赌博"),
        ("policy", "streamer-warning-rules/2022"),
    ];
    let (_, sent) = drafted(&sandbox, &desk, &new, &interim).await;
    logs(&sandbox, &sent, &["chair-1"]).await;
    update(&desk).await;
    let rule = person(&desk, "吴试八").await.link("作出决定");
    let form = desk.shows(&rule).await;
    let (_, choices) = form.text.split_once("name=\"follows\"").unwrap();
    let (choices, _) = choices.split_once("</select>").unwrap();
    assert!(choices.contains("临时措施 · 警示"), "{choices}");
    let record = choices.split("value=\"").nth(2).unwrap().split('"').next().unwrap();
    assert!(!form.visible().contains(record), "{}", form.visible());
    let mut ruling = interim.to_vec();
    ruling.retain(|(name, _)| *name != "term");
    ruling.extend([("term", "一年"), ("follows", record)]);
    let (shown, sent) = drafted(&sandbox, &desk, &rule, &ruling).await;
    assert!(shown.text.contains("此人已有措施") && !shown.visible().contains(record), "{}", shown.text);
    logs(&sandbox, &sent, &PANEL).await;
    update(&desk).await;
    assert!(standing(&desk, "吴试八").await.contains("平台一律不得提供服务"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_the_secretariat_speak_one_language() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Opened::in_english(&home(&sandbox, "secretary-1"), &["--clock", &clock(&sandbox)]).await;
    assert_eq!(desk.unlock("secretary-1.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    for (path, said) in [
        ("/people", "Look up"),
        ("/rulings/ruling", "Facts and reasons"),
        ("/rulings/interim", "A short measure before the panel sits"),
    ] {
        let page = desk.shows(path).await;
        assert!(page.status == StatusCode::OK && page.text.contains(said), "{path}: {}", page.text);
        let text = page.visible().replace("中文", "");
        assert!(!text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{path}: {text}");
    }
    for (path, status) in [("/rulings/annul", 404), ("/people/record/none", 404), ("/pending/none", 404)] {
        assert_eq!(desk.shows(path).await.status.as_u16(), status, "{path}");
    }
}
