//! Every page as people see it, at a desk and on a telephone, in the light and in the dark: nothing is wider than the
//! window, nothing is nameless, axe-core finds nothing. With `CALLBOARD_WRITE_PICTURES` set it makes `docs/pictures/`;
//! the browser's own texts are Chinese in them where `chromium-l10n` is installed.

use std::{fs, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    people::{NUMBER, PANEL, rulings},
    reports::filed,
    seats::{logs, send, send_numbered, three},
    story::{DRIVER, root, start},
    support::{PASSPHRASE, Sandbox, ports, until},
    webdriver::Window,
};

const WRITE: &str = "CALLBOARD_WRITE_PICTURES";
/// Width and height of a window.
const SIZES: [(u32, u32); 2] = [(1280, 900), (390, 844)];
/// How many windows high a page may be at a desk, unless it is a list of people.
const SCREENS: u32 = 3;

/// Looks at what a window shows; `is_list` of people.
pub(crate) async fn looks(window: &Window, name: &str, is_list: bool) {
    window.is_for_people().await;
    let is_locked = window.find("return document.querySelector('form[action=\"/unlock\"]') !== null").await;
    assert_eq!(is_locked, name == "unlock", "{name} is shown by a desk that is open, and unlock by one that isn't");
    is_sound(window, name, is_list).await;
}

/// The same of any page, whatever it says and whosever it is.
pub(crate) async fn is_sound(window: &Window, name: &str, is_list: bool) {
    let before = window.find("return {width: window.outerWidth, height: window.outerHeight}").await;
    for (width, height) in SIZES {
        window.ask("window/rect", &json!({"width": width, "height": height})).await;
        let wide =
            window.find("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wide, 0, "{name} at {width} is wider than the window");
        let broken =
            "return [...document.querySelectorAll('nav a')].map(one => one.offsetHeight).filter(high => high > 40)";
        assert_eq!(window.find(broken).await, json!([]), "{name} at {width}: links are broken over lines");
        let high = window.find("return document.documentElement.scrollHeight").await.as_u64().unwrap();
        assert!(is_list || width < 1_000 || high <= u64::from(SCREENS * height), "{name} is {high} high");
        for is_dark in [false, true] {
            window.darken(is_dark).await;
            assert_eq!(window.violations().await, Vec::<String>::new(), "{name} at {width}, dark: {is_dark}");
            if std::env::var_os(WRITE).is_some() {
                let shade = if is_dark { "dark" } else { "light" };
                let clip =
                    json!({"x": 0, "y": 0, "width": width, "height": high.min(u64::from(2 * height)), "scale": 1});
                let params = json!({"format": "webp", "quality": 80, "captureBeyondViewport": true, "clip": clip});
                let taken =
                    window.ask("goog/cdp/execute", &json!({"cmd": "Page.captureScreenshot", "params": params})).await;
                let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
                fs::create_dir_all(&directory).unwrap();
                let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
                fs::write(directory.join(format!("{name}-{width}-{shade}.webp")), picture).unwrap();
            }
        }
    }
    window.darken(false).await;
    window.ask("window/rect", &before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_sound_at_a_desk_and_on_a_telephone_in_the_light_and_in_the_dark() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let sandbox = Sandbox::start(&[]).await;
    let logged = send_numbered(&sandbox, "logged", NUMBER, &rulings(&[(4, "李试四"), (5, "周试五")]), &[]);
    logs(&sandbox, &logged, &PANEL).await;
    let draft = send(&sandbox, "batch", &three());
    let report = filed(&sandbox, "host-1").await["id"].as_str().unwrap().to_owned();
    let (_desk, url) = start(&sandbox, "panel-1");
    let window = Window::open(&driver, ports::free_ports(1), "1280,900", &["--lang=zh-CN"]).await;
    window.go(&url).await;
    looks(&window, "unlock", false).await;
    window.fill("密码", PASSPHRASE).await;
    window.click("解锁").await;
    window.shows("待您阅读并签署").await;
    window.until(&root(&url), "需要关注").await;
    looks(&window, "today", false).await;
    window.click("决定3项").await;
    window.shows("3人 · ").await;
    looks(&window, "draft", true).await;
    window.click("锁定").await;

    let (_desk, url) = start(&sandbox, "secretary-1");
    window.go(&url).await;
    window.fill("密码", PASSPHRASE).await;
    window.click("解锁").await;
    window.shows("待您处理").await;
    for (path, name) in [
        ("roster", "roster"),
        ("roster/next", "roster-next"),
        ("members", "members"),
        ("policies", "policies"),
        ("policies/words/streamer-warning-rules", "policy-words"),
        ("key", "key"),
        ("invite", "invite"),
        ("import", "import-file"),
        ("people", "people"),
        ("reports", "reports"),
        ("reports/enter", "report-enter"),
        ("cases", "cases"),
        (&format!("cases/open?report={report}"), "case-open"),
        (&format!("reports/{report}"), "report"),
        ("rulings/ruling", "record-form"),
        (&format!("paper/{draft}"), "paper"),
        (&format!("paper/{draft}/letters"), "paper-letters"),
        (&format!("paper/{draft}/cover"), "paper-cover"),
    ] {
        window.go(&format!("{}{path}", root(&url))).await;
        let is_long = ["paper", "rulings", "reports/0"].iter().any(|begins| path.starts_with(begins));
        looks(&window, name, is_long).await;
    }
    // A case is a page of its own, and what is put to the vote in it; how one goes on, its stories show.
    window.until(&format!("{}cases", root(&url)), "准备中").await;
    let case = window.find("return document.querySelector('.drafts h3 a').href").await.as_str().unwrap().to_owned();
    for (path, name) in [("", "case-begun"), ("/add-item", "case-act"), ("/meeting", "case-meeting")] {
        window.go(&format!("{case}{path}")).await;
        window.shows("案件").await;
        looks(&window, name, true).await;
    }
    until(async || {
        window.go(&format!("{}people", root(&url))).await;
        window.follow("立即更新").await;
        window.retype("姓名、证件号码或者文号", "李试四").await;
        window.follow("查找").await;
        window.text().await.contains("已登记")
    })
    .await;
    window.click("李试四").await;
    window.shows("查询目前状态").await;
    let person = window.find("return location.href").await;
    looks(&window, "person", false).await;
    window.click("撤销并重新决定").await;
    window.shows("撤销的理由").await;
    let act = window.find("return location.href").await;
    looks(&window, "record-act", false).await;
    window.follow("English").await;
    for (page, name) in [(person, "person-en"), (act, "record-act-en")] {
        window.go(page.as_str().unwrap()).await;
        looks(&window, name, false).await;
    }
    let said = window.complaints().await;
    assert!(!said.iter().any(|line| line.contains("Content Security Policy")), "{said:?}");
}
