//! A seat's first day: its key and the card of it, the registry that it joins, and its passphrase.

use callboard_client::public_file::{PublicFile, PublicSeat};
use callboard_desk::key_card::CheckWords;
use callboard_federation::language::Language;
use callboard_keys::SeatKey;
use reqwest::StatusCode;

use crate::{
    desk::{Opened, home},
    drafted::is_technical,
    seats::{self, clock},
    support::{PASSPHRASE, Sandbox},
};

const GOOD: &str = "四个不相干的词 horse";
const OTHER: &str = "another four plain words";

/// The fields of a key that is made.
fn key<'a>(holder: &'a str, passphrase: &'a str, again: &'a str) -> [(&'a str, &'a str); 5] {
    [("holder", holder), ("role", "panel"), ("works-for", ""), ("passphrase", passphrase), ("again", again)]
}

#[tokio::test]
async fn a_key_is_made_on_a_page_and_its_card_is_handed_over() {
    let directory = tempfile::tempdir().unwrap();
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    desk.shows("/").await.says(&["/key/new", "/join"]);
    let make = async |fields: &[(&str, &str)]| desk.fills("/key/new", "/key/new", fields).await;
    for (fields, why) in [
        (key("评议五", GOOD, "another one entirely"), "两次输入的密码不一致"),
        (key("评议五", "short", "short"), "密码至少8个字符"),
        (key("../评议五", GOOD, GOOD), "名称也用作文件名"),
        (key("con", GOOD, GOOD), "名称也用作文件名"),
    ] {
        let refused = make(&fields).await;
        refused.refused(why);
        // What was typed stays, but for what is secret.
        refused.says(&[&format!("value=\"{}\"", fields[0].1)]);
        assert!(!refused.text.contains(GOOD), "{}", refused.text);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
    let card = make(&key("评议五", GOOD, GOOD)).await.leads();
    let public = PublicSeat::read(&directory.path().join("评议五.pub.json")).unwrap();
    let opened = SeatKey::open(&directory.path().join("评议五.key"), GOOD.into()).unwrap();
    assert_eq!(opened.public(), PublicFile::Seat(public.clone()));

    let shown = desk.shows(&card).await;
    let words = CheckWords::of_seat(&public);
    for language in [Language::Zh, Language::En] {
        shown.says(&words.words(language).map(|word| word));
    }
    shown.says(&["评议五", "评议委员", "核对词", "评议五.pub.json"]);
    assert!(!is_technical(&shown), "{}", shown.text);
    let file = desk.shows(&format!("{card}/file")).await;
    assert_eq!(PublicFile::parse(&file.text), Ok(PublicFile::Seat(public)));
    let disposition = file.headers["content-disposition"].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename*=UTF-8''%E8%AF%84%E8%AE%AE%E4%BA%94.pub.json");
    assert_eq!(desk.shows("/card/nobody").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.shows("/card/..%2Fsecret/file").await.status, StatusCode::NOT_FOUND);

    // The same form once more makes nothing; under another passphrase only a key that is lost makes room.
    let before = std::fs::read(directory.path().join("评议五.key")).unwrap();
    let once_more = [key("评议五", GOOD, GOOD).to_vec(), vec![("lost", "1")]].concat();
    assert_eq!(make(&once_more).await.leads(), card);
    make(&key("评议五", OTHER, OTHER)).await.refused("已经存在");
    assert_eq!(std::fs::read(directory.path().join("评议五.key")).unwrap(), before);
    let lost = [key("评议五", OTHER, OTHER).to_vec(), vec![("lost", "1")]].concat();
    assert_eq!(make(&lost).await.leads(), card);
    let names =
        std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kept = names.filter(|name| name.contains("-lost-")).count();
    assert_eq!(kept, 2, "the files of before are renamed");
    assert_ne!(std::fs::read(directory.path().join("评议五.key")).unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_joined_by_an_invitation_that_it_bears_out() {
    let sandbox = Sandbox::start(&[]).await;
    let inviting = seats::entered(&sandbox, "secretary-1").await;
    inviting.shows("/invite").await.says(&["genesis.json", "核对词"]);
    let invitation = inviting.shows("/invite/file").await.text;

    // The home isn't even there: it is made by what is kept in it.
    let directory = tempfile::tempdir().unwrap();
    let pin = directory.path().join("seat/genesis.json");
    let mut desk = Opened::at(pin.parent().unwrap(), &["--clock", &clock(&sandbox)]).await;
    desk.enter().await;
    let check = async |text: &str| desk.fills("/join", "/join", &[("text", text)]).await;
    check("no pin").await.refused("所给的不是登记册校验文件");
    let genesis = invitation.split_once("\"genesis\":\"").unwrap().1.split('"').next().unwrap();
    let another = invitation.replace(genesis, &"0".repeat(64));
    check(&another).await.refused("不能核实");
    let url = sandbox.url(0, "");
    check(&invitation.replace(&url, "http://127.0.0.1:9")).await.refused("不能核实");
    assert!(!pin.exists(), "nothing was joined");

    let found = check(&invitation).await;
    assert_eq!(found.status, StatusCode::OK);
    let hash = genesis.parse().unwrap();
    found.says(&CheckWords::of_hash(&hash).words(Language::Zh).map(|word| word));
    found.says(&[&url, "测试环境", "核对词相同，加入"]);
    assert!(!is_technical(&found), "{}", found.text);
    let text = [("text", invitation.as_str())];
    assert_eq!(desk.fills("/join", "/join/confirm", &text).await.leads(), "/");
    assert!(pin.exists());
    desk.shows("/join").await.says(&["已加入一个登记册"]);
    desk.fills("/key/new", "/join", &text).await.refused("已加入一个登记册");
    assert_eq!(desk.fills("/key/new", "/join/confirm", &text).await.leads(), "/", "once more does nothing more");
    desk.fills("/key/new", "/join/confirm", &[("text", another.as_str())]).await.refused("已加入一个登记册");

    // No roster names its key: the first page says what to do.
    let (seat, made) = (pin.parent().unwrap(), tempfile::tempdir().unwrap());
    home(made.path(), "http://127.0.0.1:9");
    std::fs::copy(made.path().join("panel-9.key"), seat.join("panel-9.key")).unwrap();
    assert_eq!(desk.unlock("panel-9.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    let waiting = desk.shows("/").await;
    assert_eq!(waiting.status, StatusCode::OK);
    waiting.says(&["把密钥卡的公开文件交给秘书处", "panel-9.pub.json", "http-equiv=\"refresh\"", "评议委员"]);
    assert_eq!(desk.shows("/waiting").await.status, StatusCode::OK);
    desk.shows("/card/panel-9").await.says(&["核对词"]);
}

#[tokio::test]
async fn a_passphrase_is_rehearsed_and_changed() {
    let directory = tempfile::tempdir().unwrap();
    home(directory.path(), "http://127.0.0.1:9");
    let mut desk = Opened::at(directory.path(), &[]).await;
    desk.enter().await;
    assert_eq!(desk.shows("/key").await.leads(), "/", "it is locked");
    assert_eq!(desk.unlock("panel-9.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    desk.shows("/key").await.says(&["尚未演练过", "如果密码丢失"]);
    let rehearse = async |passphrase| desk.fills("/key", "/key/rehearse", &[("passphrase", passphrase)]).await;
    rehearse("not it at all").await.refused("密码不正确");
    desk.shows("/key").await.says(&["尚未演练过"]);
    let done = rehearse(PASSPHRASE).await.leads();
    desk.shows(&done).await.says(&["密码正确", "上次演练：", "（北京时间）"]);

    let change = async |old: &str, new: &str, again: &str| {
        desk.fills("/key", "/key/passphrase", &[("passphrase", old), ("new", new), ("again", again)]).await
    };
    change(PASSPHRASE, GOOD, "another one entirely").await.refused("两次输入的密码不一致");
    change(PASSPHRASE, "short", "short").await.refused("密码至少8个字符");
    change("not it at all", GOOD, GOOD).await.refused("原密码不正确");
    let path = directory.path().join("panel-9.key");
    assert!(SeatKey::open(&path, PASSPHRASE.into()).is_ok(), "nothing was changed");
    let done = change(PASSPHRASE, GOOD, GOOD).await.leads();
    desk.shows(&done).await.says(&["密码已更改"]);
    assert!(SeatKey::open(&path, PASSPHRASE.into()).is_err() && SeatKey::open(&path, GOOD.into()).is_ok());
    assert_eq!(rehearse(GOOD).await.status, StatusCode::SEE_OTHER);
}
