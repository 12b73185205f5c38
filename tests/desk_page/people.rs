//! People on the pages of a secretariat's seat: found by name and number, with what stands; and gone once erased.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use age::secrecy::SecretString;
use callboard_keys::SeatKey;
use reqwest::StatusCode;

use crate::{
    desk::{Opened, Page},
    filled::{filled, pairs},
    records::drafted,
    seats::{does, entered, home, logs, send_numbered},
    support::{PASSPHRASE, Sandbox, number, until},
};

pub(crate) const NUMBER: &str = "试协〔2026〕10号";
pub(crate) const PANEL: [&str; 3] = ["panel-1", "panel-2", "chair-1"];

/// Rulings on these people, by their numbers.
pub(crate) fn rulings(people: &[(usize, &str)]) -> String {
    let row = |(at, name): &(usize, &str)| {
        format!("cn-id,{},{name},suspension,live,5年,NB-11,直播中多次宣扬赌博\n", number(*at))
    };
    people.iter().map(row).collect()
}

/// Has the index brought up to date, once the desk knows what time it is in the sandbox, and a witness has seen the log.
pub(crate) async fn update(desk: &Opened) {
    until(async || {
        let page = desk.shows("/people").await;
        let sent = filled(&page, "/people/update", &[]);
        assert_eq!(desk.sends("/people/update", &pairs(&sent)).await.location(), "/people");
        desk.shows("/people").await.text.contains("索引更新于")
    })
    .await;
}

/// The page of what somebody typed.
pub(crate) async fn find(desk: &Opened, typed: &str) -> Page {
    let page = desk.shows("/people").await;
    let sent = filled(&page, "/people", &[("who", typed)]);
    assert_eq!(desk.sends("/people", &pairs(&sent)).await.location(), "/people");
    desk.shows("/people").await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_with_what_was_decided_and_what_stands_now() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一"), (2, "钱试二")]), &[]);
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    assert!(desk.shows("/people").await.text.contains("共1份文书"), "{}", desk.shows("/people").await.text);
    let found = find(&desk, "钱 试二").await;
    assert!(found.text.contains("待签") && found.text.contains(&format!("{NUMBER}第2项")), "{}", found.text);
    assert!(!found.text.contains("赵试一") && !found.text.contains(&number(2)), "a list shows four characters");
    assert!(!found.headers.contains_key("location") && !desk.shows("/people").await.text.contains("who="));

    logs(&sandbox, &draft, &PANEL).await;
    update(&desk).await;
    for typed in [number(2), format!("身份证：{}", number(2)), format!("{NUMBER} 2"), format!("{NUMBER} 第2行")] {
        let found = find(&desk, &typed).await;
        assert!(found.text.contains("钱试二") && found.text.contains("已登记"), "{typed}: {}", found.text);
    }
    assert!(find(&desk, "无此人").await.text.contains("没有找到"));
    let batch = find(&desk, NUMBER).await;
    let people = desk.shows(&batch.link(NUMBER)).await;
    assert!(people.text.contains("赵试一") && people.text.contains("钱试二") && people.text.contains("/paper/"));
    let url = people.link("钱试二");
    let person = desk.shows(&url).await;
    for said in [&number(2), "决定 · 警示", "已登记", "撤销并重新决定", "复出", "查询目前状态", "决定书"]
    {
        assert!(person.text.contains(said), "{said}: {}", person.text);
    }
    let ask = format!("{url}/standing");
    let sent = filled(&person, &ask, &[]);
    assert_eq!(desk.sends(&ask, &pairs(&sent)).await.location(), url);
    let told = desk.shows(&url).await;
    assert!(told.text.contains("平台一律不得提供服务") && told.text.contains("北京时间"), "{}", told.text);
    assert!(told.text.len() < 100_000);

    // Who opened whom stands at the registry, once, for the secretariat alone to read.
    let noted = desk.shows(&format!("/drafts/{draft}")).await;
    assert!(noted.text.contains("查阅记载") && noted.text.contains("查看了 钱试二（第2项）"), "{}", noted.text);
    assert_eq!(noted.text.matches("查看了").count(), 1);
    let other = entered(&sandbox, "panel-1").await.shows(&format!("/drafts/{draft}")).await;
    assert!(!other.text.contains("查看了") && !other.text.contains("查阅记载"), "{}", other.text);

    // Locked, nothing of it is left in memory; and no other seat has such a page.
    let lock = filled(&told, "/lock", &[]);
    desk.sends("/lock", &pairs(&lock)).await;
    assert_eq!(desk.unlock("secretary-1.key", PASSPHRASE).await.status, StatusCode::SEE_OTHER);
    let again = desk.shows("/people").await;
    assert!(!again.text.contains("钱试二") && !again.text.contains(NUMBER), "{}", again.text);
    let panel = entered(&sandbox, "panel-1").await;
    assert_eq!(panel.shows("/people").await.status, StatusCode::FORBIDDEN);
    assert_eq!(panel.shows(&url).await.status, StatusCode::FORBIDDEN);
    assert!(!home(&sandbox, "panel-1").join("people").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_person_is_nowhere_in_the_home() {
    let sandbox = Sandbox::start(&[]).await;
    let draft = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一"), (2, "钱试二")]), &[]);
    logs(&sandbox, &draft, &PANEL).await;
    does(&sandbox, "panel-1", &["drafts", "open", &draft, "--out", "kept.bundle"]);
    let kept = home(&sandbox, "panel-1").join("kept.bundle");
    let desk = entered(&sandbox, "secretary-1").await;
    update(&desk).await;
    let home = home(&sandbox, "secretary-1");
    let key = SeatKey::open(&home.join("secretary-1.key"), SecretString::from(PASSPHRASE)).unwrap();
    let is_there = |needle: &str| files(&home).iter().any(|path| is_in(path, needle, &key));
    assert!(is_there("钱试二") && is_there(&number(2)), "in bundle and index");

    let url = find(&desk, "钱试二").await.link("钱试二");
    let erase = desk.shows(&url).await.link("删除记录");
    let form = desk.shows(&erase).await;
    let told = desk.sends(&erase, &pairs(&filled(&form, &erase, &[]))).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY, "what has effect isn't erased");
    assert!(told.text.contains("仍有效力，须先撤销"), "{}", told.text);
    let (_, annulment) = drafted(&sandbox, &desk, &desk.shows(&url).await.link("撤销"), &[]).await;
    logs(&sandbox, &annulment, &PANEL).await;
    update(&desk).await;
    let form = desk.shows(&erase).await;
    assert_eq!(form.text.matches(" checked").count(), 2, "the whole chain is chosen: {}", form.text);
    let (shown, erasure) = drafted(&sandbox, &desk, &erase, &[]).await;
    assert!(shown.text.contains("删除决定书"), "{}", shown.text);
    logs(&sandbox, &erasure, &["chair-1", "secretary-1"]).await;

    update(&desk).await;
    for path in files(&home) {
        for needle in ["钱试二", &number(2)] {
            assert!(!is_in(&path, needle, &key), "{} has {needle}", path.display());
        }
    }
    assert!(find(&desk, "钱试二").await.text.contains("没有找到"));
    assert!(find(&desk, &number(2)).await.text.contains("没有找到"));
    assert_eq!(desk.shows(&url).await.status, StatusCode::NOT_FOUND);
    assert!(find(&desk, "赵试一").await.text.contains("已登记"), "whoever wasn't erased stays");
    let other = desk.shows(&find(&desk, "赵试一").await.link("赵试一")).await;
    let letter = desk.shows(&other.link("决定书")).await;
    assert!(letter.text.contains("赵试一") && letter.text.contains("直播中多次宣扬赌博"), "{}", letter.text);
    assert!(is_there("赵试一"));

    // And in no other seat's home, once it is unlocked.
    assert!(kept.exists());
    let _panel = entered(&sandbox, "panel-1").await;
    until(async || !kept.exists()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_was_not_asked_reads_what_the_secretariat_seals_to_it() {
    let sandbox = Sandbox::start(&[]).await;
    let batch = send_numbered(&sandbox, "batch", NUMBER, &rulings(&[(1, "赵试一")]), &[]);
    logs(&sandbox, &batch, &PANEL).await;
    let proofs = fs::read_dir(home(&sandbox, "secretary-1").join(format!("draft-{batch}.proofs"))).unwrap();
    let record = proofs.map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()).next();
    let dispute = ["draft", "dispute", &record.unwrap(), "--from", "batch.bundle", "--out", "dispute.bundle"];
    does(&sandbox, "secretary-1", &dispute);
    let sent = does(&sandbox, "secretary-1", &["drafts", "send", "dispute.bundle"]);
    let draft = sent.split_whitespace().find(|word| word.len() == 36).unwrap();

    let (url, action) = (format!("/drafts/{draft}"), format!("/drafts/{draft}/reseal"));
    let (desk, panel) = (entered(&sandbox, "secretary-1").await, entered(&sandbox, "panel-1").await);
    assert_eq!(panel.shows(&url).await.status, StatusCode::BAD_GATEWAY, "it isn't asked");
    let page = desk.shows(&url).await;
    let (before, _) = page.text.split_once(">panel-1</option>").unwrap();
    let key = before.rsplit_once("value=\"").unwrap().1.trim_end_matches('"');
    let sent = filled(&page, &action, &[("reader", key)]);
    for _ in 0..2 {
        assert_eq!(desk.sends(&action, &pairs(&sent)).await.location(), url);
    }
    let page = desk.shows(&url).await;
    assert!(page.text.matches("重新加密").count() == 1 && page.text.contains("加密给 panel-1"), "{}", page.text);
    let now = panel.shows(&url).await;
    assert!(now.text.contains("重新加密") && !now.text.contains("加密给 panel-1"), "{}", now.text);
    let letters = panel.shows(&format!("/paper/{draft}/letters")).await;
    assert!(letters.text.contains("异议登记") && letters.text.contains("赵试一"), "{}", letters.text);
    assert!(!now.text.contains(&format!("{url}/sign")), "it reads, and isn't asked to sign");
}

/// Every file of a home, however deep.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Whether a text is in a file, as it lies there or decrypted.
fn is_in(path: &Path, text: &str, key: &SeatKey) -> bool {
    let bytes = fs::read(path).unwrap();
    let has = |bytes: &[u8]| bytes.windows(text.len()).any(|run| run == text.as_bytes());
    let opened = age::Decryptor::new(bytes.as_slice()).ok().and_then(|file| {
        let mut opened = Vec::new();
        let mut file = file.decrypt(std::iter::once(key.identity() as &dyn age::Identity)).ok()?;
        file.read_to_end(&mut opened).ok()?;
        Some(opened)
    });
    // A bundle holds its docket's details in base64 besides; what they say in clear stands beside them.
    has(&bytes) || opened.is_some_and(|opened| has(&opened))
}
