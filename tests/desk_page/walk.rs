//! A first day in a real browser: a home with nothing in it, a key and its card, a registry that is joined, a roster that
//! three desks see through; then the same seat's key is lost, and replaced.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    pictures::looks,
    seats::{home, ten_minutes},
    story::{DRIVER, start_at},
    support::{PASSPHRASE, Sandbox, ports},
    webdriver::{Ends, Window},
};

const GOOD: &str = "four plain words of mine";

/// A desk as a person starts it, in a window.
struct Desk {
    window: Window,
    root: String,
    _process: Ends,
}

impl Desk {
    async fn open(sandbox: &Sandbox, driver: &str, home: &Path) -> Self {
        let (process, url) = start_at(sandbox, home, "");
        let window = Window::open(driver, ports::free_ports(1), "390,844", &[]).await;
        window.go(&url).await;
        let root = url.split_once("/open/").unwrap().0.to_owned();
        Self { window, root, _process: process }
    }

    async fn seat(sandbox: &Sandbox, driver: &str, seat: &str) -> Self {
        let desk = Self::open(sandbox, driver, &home(sandbox, seat)).await;
        desk.unlock(PASSPHRASE).await;
        desk
    }

    async fn unlock(&self, passphrase: &str) {
        self.go("/").await;
        self.window.fill("密码", passphrase).await;
        self.window.click("解锁").await;
        self.window.shows("锁定").await;
    }

    async fn go(&self, path: &str) {
        self.window.go(&format!("{}{path}", self.root)).await;
    }

    /// Narrow enough for a telephone, and every control has a name.
    async fn is_usable(&self) {
        let window = &self.window;
        assert_eq!(window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);
        // What is folded away has no text; it is unfolded for the look.
        window.find("for (const one of document.querySelectorAll('details')) { one.open = true; }").await;
        assert_eq!(window.nameless().await, json!([]), "{}", window.text().await);
        assert_eq!(window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);
        window.find("for (const one of document.querySelectorAll('details')) { one.open = false; }").await;
    }

    /// Makes a key on the page, and reads its words.
    async fn makes_key(&self, holder: &str) -> String {
        let window = &self.window;
        self.go("/key/new").await;
        self.is_usable().await;
        looks(window, "key-new", false).await;
        window.fill("名称", holder).await;
        window.fill("密码", GOOD).await;
        window.fill("再输入一次密码", GOOD).await;
        window.click("生成密钥").await;
        window.shows("核对词").await;
        self.is_usable().await;
        looks(window, "key-card", false).await;
        // The card is one sheet of A4.
        let printed = window.ask("print", &json!({"page": {"width": 21.0, "height": 29.7}})).await;
        let printed = STANDARD.decode(printed.as_str().unwrap()).unwrap();
        let pages = printed.windows(11).filter(|bytes| *bytes == b"/Type /Page").count();
        assert_eq!(pages, 2, "the page, and the list of pages");
        let words =
            "return [...document.querySelectorAll('.words li span[lang=zh-CN]')].map(one => one.innerText).join(' ')";
        window.find(words).await.as_str().unwrap().to_owned()
    }

    /// Reads the first draft that waits, and signs it.
    async fn signs(&self, said: &str) {
        let window = &self.window;
        window.until(&format!("{}/", self.root), "待您阅读并签署").await;
        window.find("document.querySelector('h3 a').click()").await;
        window.shows(said).await;
        self.is_usable().await;
        for tick in window.ticks().await {
            window.click(&tick).await;
        }
        window.fill("密码", PASSPHRASE).await;
        window.click("签署全部").await;
        window.shows("已签署").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_seat_makes_its_key_joins_by_a_roster_and_has_a_lost_key_replaced() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let secretary = Desk::seat(&sandbox, &driver, "secretary-1").await;
    let signers = [Desk::seat(&sandbox, &driver, "panel-1").await, Desk::seat(&sandbox, &driver, "chair-1").await];
    let invitation = home(&sandbox, "secretary-1").join("genesis.json").canonicalize().unwrap();
    let mut homes = Vec::new();
    for (at, form) in ["签署人加入", "密钥丢失，更换密钥"].iter().enumerate() {
        let directory = tempfile::tempdir().unwrap();
        let newcomer = Desk::open(&sandbox, &driver, directory.path()).await;
        newcomer.window.shows("开始使用").await;
        let words = newcomer.makes_key("评议三").await;
        newcomer.go("/join").await;
        newcomer.window.fill("邀请文件", invitation.to_str().unwrap()).await;
        newcomer.window.click("核对").await;
        newcomer.window.shows("登记册的核对词").await;
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
        let file = directory.path().join("评议三.pub.json").canonicalize().unwrap();
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
            desk.signs(&words).await;
        }
        ten_minutes(&sandbox).await;
        newcomer.window.until(&format!("{}/waiting", newcomer.root), "待您处理").await;
        newcomer.window.until(&format!("{}/", newcomer.root), "没有待您处理的文书").await;
        for desk in signers.iter().chain([&secretary, &newcomer]) {
            let said = desk.window.complaints().await;
            assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
        }
        homes.push((directory, newcomer));
    }
    // With the key of before nothing can be done any more.
    let (_, before) = &homes[0];
    before.go("/").await;
    before.window.shows("等待名单登记").await;
}
