//! The roster on pages: the one in force in words, and the next, from forms to the log.

use std::path::Path;

use callboard_client::runtime::os_rng;
use callboard_desk::key_card::KeyCard;
use callboard_federation::{language::Language, roster::Role};
use callboard_keys::{KeyFile, SeatKey};
use reqwest::StatusCode;

use crate::{
    desk::Opened,
    drafted::{comes_to_say, is_technical, logged, send, sign},
    seats::{clock, entered, home},
    support::{PASSPHRASE, Sandbox, until},
};

/// A new key in a directory, as cheap to open as those of the sandbox; the text of its public file.
fn key(directory: &Path, holder: &str, role: Role) -> String {
    let key = SeatKey::generate(holder.to_owned(), role, &mut os_rng()).unwrap();
    let public = key.public();
    public.write(&directory.join(format!("{holder}.pub.json"))).unwrap();
    KeyFile::Seat(key).write_known(&directory.join(format!("{holder}.key"))).unwrap();
    public.text()
}

async fn add(desk: &Opened, fields: &[(&str, &str)]) -> crate::desk::Page {
    desk.fills("/roster/next", "/roster/next/add", fields).await
}

async fn propose(desk: &Opened) -> crate::desk::Page {
    desk.fills("/roster/next", "/roster/next/propose", &[("what", "propose")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_gathered_and_shown_as_one_difference_before_anything_is_sent() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = entered(&sandbox, "secretary-1").await;
    let roster = desk.shows("/roster").await;
    roster.says(&[
        "panel-1",
        "chair-2",
        "主任委员",
        "秘书处",
        "评议组",
        "作出决定",
        "1名评议委员、1名主任委员",
        "会员见证",
        "沙盒平台",
    ]);
    assert!(!roster.text.contains("/witness/"), "{}", roster.text);
    assert!(!is_technical(&roster), "{}", roster.text);

    // What is wrong with a form is told on it, and what was typed stays.
    propose(&desk).await.refused("没有变化");
    let wrong = add(&desk, &[("what", "join"), ("text", "评议五的文件")]).await;
    wrong.refused("所给的不是公开文件");
    wrong.says(&[">评议五的文件</textarea>"]);
    add(&desk, &[("what", "join"), ("text", "")]).await.refused("请选择或者粘贴公开文件");
    add(&desk, &[("what", "quorum"), ("quorum", "许多")]).await.refused("请填写数字");
    add(&desk, &[("what", "expires"), ("day", "2030-02-30")]).await.refused("请填写日期");
    add(&desk, &[("what", "add-witness"), ("key", "no key")]).await.refused("这不是验证密钥");
    add(&desk, &[("what", "none")]).await.refused("请选择要改什么");

    // What can't be is told when its difference is asked for, and can be taken out again.
    let directory = tempfile::tempdir().unwrap();
    let deputy = key(directory.path(), "chair-9", Role::Chair);
    let newcomer = key(directory.path(), "评议三", Role::Panel);
    let listed = add(&desk, &[("what", "deputy"), ("holder", "panel-1"), ("text", &deputy)]).await;
    assert_eq!(listed.leads(), "/roster/next");
    propose(&desk).await.refused("更换密钥、代理和返回都不改变职务");
    desk.fills("/roster/next", "/roster/next/remove", &[("at", "0")]).await.leads();
    add(&desk, &[("what", "quorum"), ("quorum", "9")]).await.leads();
    propose(&desk).await.refused("家在会签");
    desk.fills("/roster/next", "/roster/next/remove", &[("at", "0")]).await.leads();
    add(&desk, &[("what", "leave"), ("holder", "chair-2")]).await.leads();
    propose(&desk).await.refused("少一人即再也无法更换名单");
    desk.fills("/roster/next", "/roster/next/remove", &[("at", "0")]).await.leads();

    // The file is chosen in one of the forms, as a browser sends it.
    let joins = desk.chooses("/roster/next", "/roster/next/add", &[("what", "join"), ("text", "")], &newcomer).await;
    joins.leads();
    add(&desk, &[("what", "deputy"), ("holder", "chair-2"), ("text", &deputy)]).await.leads();
    add(&desk, &[("what", "rule"), ("rule", "ruling/bar"), ("panel", "1"), ("chair", "1"), ("secretariat", "")])
        .await
        .leads();
    add(&desk, &[("what", "expires"), ("day", "2029-01-01")]).await.leads();
    let gathered = desk.shows("/roster/next").await;
    gathered.says(&["评议三 加入，担任评议委员", "chair-2 休假，由 chair-9 代理", "自2029年1月1日零时起失效"]);
    let words = |text: &str| {
        let file = callboard_client::public_file::PublicFile::parse(text).unwrap();
        KeyCard::of(&file).words.line(Language::Zh)
    };
    gathered.says(&["作出决定（永久抵制）：须1名评议委员、1名主任委员签署", &words(&newcomer), &words(&deputy)]);

    assert_eq!(propose(&desk).await.leads(), "/proposal");
    let shown = desk.shows("/proposal").await;
    shown.says(&[
        "尚未发送",
        "与现行第1版相比",
        "+ 签署人 评议三",
        &words(&newcomer),
        "chair-9（代chair-2）",
        "2029年1月1日",
        "评议组",
    ]);
    shown.says(&["chair-9（代chair-2） 代理 chair-2", "发送给签署人"]);
    assert!(!is_technical(&shown), "{}", shown.text);
    // Sent by a form of another proposal it isn't.
    desk.fills("/proposal", "/proposal/send", &[("proposal", "another")]).await.refused("另有起草");
    let url = send(&desk).await;
    desk.shows(&url).await.says(&["签署权限名单", "签名不足"]);
    assert!(!desk.shows("/roster/next").await.text.contains("评议三"), "it is sent, and nothing is gathered");
    let draft = entered(&sandbox, "panel-1").await.shows(&url).await;
    draft.says(&["+ 签署人 评议三", &words(&newcomer), "签署全部"]);
    draft.form(&format!("{url}/sign")).says(&["签署人 chair-2（主任委员）退出"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_key_is_replaced_and_its_holder_signs_with_the_new_one() {
    let sandbox = Sandbox::start(&[]).await;
    let (secretary, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    let chair = entered(&sandbox, "chair-1").await;
    let directory = tempfile::tempdir().unwrap();
    let public = key(directory.path(), "chair-2", Role::Chair);
    std::fs::copy(home(&sandbox, "chair-2").join("genesis.json"), directory.path().join("genesis.json")).unwrap();
    let mut holder = Opened::at(directory.path(), &["--clock", &clock(&sandbox)]).await;
    holder.enter().await;
    assert_eq!(holder.unlock("chair-2.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    holder.shows("/").await.says(&["等待名单登记"]);

    add(&secretary, &[("what", "new-key"), ("text", &public)]).await.leads();
    assert_eq!(propose(&secretary).await.leads(), "/proposal");
    secretary.shows("/proposal").await.says(&["~ 签署人 chair-2 · 密钥卡："]);
    let url = send(&secretary).await;
    for desk in [&panel, &chair] {
        sign(desk, &url).await.says(&["~ 签署人 chair-2 · 密钥卡：", "签署人 chair-2 更换密钥，核对词："]);
    }
    logged(&sandbox, &panel, &url).await;
    // The page that waits goes on by itself, once the witnesses have seen the roster.
    until(async || holder.shows("/waiting").await.status == StatusCode::SEE_OTHER).await;
    comes_to_say(&holder, "/", &["待您处理"]).await;
    // What it couldn't ask while no roster named it isn't told any more.
    let today = holder.shows("/").await.visible();
    assert!(!today.contains("不在现行名单中"), "{today}");

    // It signs the next roster, as the chair that is needed.
    comes_to_say(&secretary, "/roster", &["第2版"]).await;
    add(&secretary, &[("what", "expires"), ("day", "2030-01-01")]).await.leads();
    propose(&secretary).await.leads();
    let url = send(&secretary).await;
    for desk in [&panel, &holder] {
        sign(desk, &url).await;
    }
    logged(&sandbox, &holder, &url).await;
    comes_to_say(&holder, "/roster", &["2030年1月1日"]).await;
    // The key of before is nobody's.
    let before = entered(&sandbox, "chair-2").await;
    comes_to_say(&before, "/", &["等待名单登记"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_english_the_same_pages_are_said_in_english_alone() {
    let sandbox = Sandbox::start(&[]).await;
    let desk = Opened::in_english(&home(&sandbox, "panel-2"), &["--clock", &clock(&sandbox)]).await;
    assert_eq!(desk.unlock("panel-2.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    let pages = ["/roster", "/roster/next", "/policies", "/key", "/key/new", "/join", "/invite", "/card/panel-2"];
    for path in pages {
        let page = desk.shows(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.text.len() < 100_000, "{path}: {}", page.text.len());
        // The words of a key stand in both; what an order is called in it, and the member, have no other name.
        let text = page
            .text
            .split("<span lang=\"zh-CN\">")
            .map(|part| part.split_once("</span>").map_or(part, |(_, rest)| rest));
        let text: String = text.collect::<String>().replace("上班", "").replace("沙盒平台", "");
        let chinese: String = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).collect();
        assert_eq!(chinese, "", "{path}");
        assert!(!is_technical(&page), "{path}: {}", page.text);
    }
    add(&desk, &[("what", "quorum"), ("quorum", "none")]).await.refused("write a number");
    add(&desk, &[("what", "expires"), ("day", "2029-01-01")]).await.leads();
    desk.shows("/roster/next").await.says(&["it ends when 1 January 2029 begins"]);
    propose(&desk).await.leads();
    desk.shows("/proposal").await.says(&[
        "2029-01-01 00:00 Beijing time",
        "Send to the seats",
        "to be signed by 1 panel, 1 chair",
    ]);
}
