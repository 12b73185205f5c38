//! A first day in a real browser: a home with nothing in it, a key and its card, a registry that is joined, a roster that
//! three desks see through; then the same seat's key is lost, and replaced.

use std::fs;

use callboard_federation::language::Language;

use crate::{
    person::{GOOD, Person, Place},
    pictures::looks,
    printed::pages,
    seats::{home, ten_minutes},
    story::DRIVER,
    support::{PASSPHRASE, Sandbox},
};

/// Looks at a page that makes a key, and at its card; the words.
async fn makes_key(person: &Person, holder: &str) -> String {
    let window = &person.window;
    person.go("/key/new").await;
    person.is_usable().await;
    looks(window, "key-new", false).await;
    person.makes_key(holder, "评议委员").await;
    person.is_usable().await;
    looks(window, "key-card", false).await;
    // The card is one sheet of A4.
    assert_eq!(pages(window).await.len(), 1);
    person.check_words().await
}

/// Reads the first draft that waits, and signs it.
async fn signs(person: &Person, said: &str) {
    let window = &person.window;
    window.until(&format!("{}/", person.root()), "待您阅读并签署").await;
    window.click("新的签署权限名单").await;
    window.shows(said).await;
    person.is_usable().await;
    for tick in window.ticks().await {
        window.click(&tick).await;
    }
    window.fill("密码", PASSPHRASE).await;
    window.click("签署全部").await;
    window.shows("已签署").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_seat_makes_its_key_joins_by_a_roster_and_has_a_lost_key_replaced() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let place = Place { sandbox: &sandbox, driver: &driver, proxy: "", language: Language::Zh, size: "390,844" };
    let secretary = place.seat("secretary-1").await;
    let signers = [place.seat("panel-1").await, place.seat("chair-1").await];
    let invitation = home(&sandbox, "secretary-1").join("genesis.json").canonicalize().unwrap();
    let mut homes = Vec::new();
    for (at, form) in ["签署人加入", "密钥丢失，更换密钥"].iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        let own = directory.path().join("Callboard");
        fs::create_dir(&own).unwrap();
        let newcomer = place.open(&own).await;
        newcomer.window.shows("开始使用").await;
        let words = makes_key(&newcomer, "评议三").await;
        newcomer.go("/join").await;
        newcomer.joins(&invitation).await;
        newcomer.is_usable().await;
        looks(&newcomer.window, "join", false).await;
        newcomer.window.click("核对词相同，加入").await;
        newcomer.window.shows("解锁").await;
        newcomer.unlock(GOOD).await;
        newcomer.window.shows("等待名单登记").await;
        newcomer.is_usable().await;
        looks(&newcomer.window, "waiting", false).await;

        // The secretary chooses the file, compares the words, and sends the roster to the seats.
        secretary.go("/roster").await;
        secretary.is_usable().await;
        secretary.window.click("更改名单").await;
        secretary.window.shows("所列更改").await;
        secretary.is_usable().await;
        secretary.window.click(form).await;
        let file = own.join("评议三.pub.json").canonicalize().unwrap();
        let (label, button) = if at == 0 {
            ("加入者的公开文件", "列入：加入")
        } else {
            ("新密钥的公开文件", "列入：更换密钥")
        };
        secretary.window.fill(label, file.to_str().unwrap()).await;
        secretary.window.click(button).await;
        secretary.window.shows(&words).await;
        secretary.window.click("查看变化").await;
        let shown = secretary.window.shows("发送给签署人").await;
        assert!(shown.contains(&words), "{shown}");
        secretary.is_usable().await;
        looks(&secretary.window, "proposal", false).await;
        for tick in secretary.window.ticks().await {
            assert!(tick.contains(&words), "{tick}");
            secretary.window.click(&tick).await;
        }
        secretary.window.click("发送给签署人").await;
        secretary.window.shows("尚未签署").await;
        for desk in &signers {
            signs(desk, &words).await;
        }
        ten_minutes(&sandbox).await;
        newcomer.window.until(&format!("{}/waiting", newcomer.root()), "待您处理").await;
        newcomer.window.until(&format!("{}/", newcomer.root()), "没有待您处理的文书").await;
        for desk in signers.iter().chain([&secretary, &newcomer]) {
            desk.has_no_complaint().await;
        }
        homes.push((directory, newcomer));
    }
    // With the key of before nothing can be done any more.
    let (_, before) = &homes[0];
    before.window.until(&format!("{}/", before.root()), "等待名单登记").await;
}
