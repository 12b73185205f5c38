//! A report of the public, on a phone: written, sealed and sent with a picture; read by the secretariat, which asks back; the
//! answer read and given by the code. Neither the traffic nor the registry's files hold anything of it that can be read.

use std::fs;

use serde_json::{Value, json};

use crate::{
    heard::{Heard, shows_nothing},
    seats::{does, entered, home, typed},
    story::DRIVER,
    support::{Sandbox, ports::free_ports, until},
    webdriver::Window,
};

/// A phone.
const SIZE: &str = "390,844";
const DESCRIPTION: &str = "昨晚在直播间里让未成年人喝酒";
const NAME: &str = "举报者甲";
const CONTACT: &str = "13800138000";
const QUESTION: &str = "请问是哪一个直播间？";
const ANSWER: &str = "直播间号是八八六六";
/// A picture as its first bytes say, with something in it that can be searched for.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\nthe picture that nobody on the way may see";

/// Chooses a file, as a person does who taps the field.
async fn choose_file(window: &Window, path: &str) {
    let found = window.ask("element", &json!({"using": "css selector", "value": "#files"})).await;
    let element = found.as_object().unwrap().values().next().and_then(Value::as_str).unwrap().to_owned();
    window.ask(&format!("element/{element}/value"), &json!({"text": path})).await;
}

/// Nothing sticks out of the window, everything has a name, and axe-core finds nothing, in light and in dark.
async fn is_usable(window: &Window) {
    let fits = "return document.documentElement.scrollWidth <= window.innerWidth";
    assert_eq!(window.find(fits).await, true, "wider than the phone");
    assert_eq!(window.nameless().await, json!([]));
    for is_dark in [false, true] {
        window.darken(is_dark).await;
        assert_eq!(window.violations().await, Vec::<String>::new(), "dark: {is_dark}");
    }
    window.darken(false).await;
}

async fn text_of(window: &Window, id: &str) -> String {
    window.find(&format!("return document.getElementById('{id}').innerText")).await.as_str().unwrap().to_owned()
}

async fn until_shown(window: &Window, id: &str) {
    until(async || {
        let script = format!("return document.getElementById('{id}').checkVisibility()");
        let is_there = window.find(&script).await == true;
        if !is_there {
            let wrong = window.find("return document.querySelector('#error').innerText").await;
            assert_eq!(wrong, "", "instead of {id}");
        }
        is_there
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_written_on_a_phone_and_only_the_secretariat_and_its_reporter_ever_read_it() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let mut sandbox = Sandbox::start(&[]).await;
    let heard = Heard::default();
    // All that the phone sends goes through what listens, as through any line between.
    let proxy = format!("--proxy-server={}", heard.before(&sandbox).await);
    let through = ["--lang=zh-CN", &proxy, "--proxy-bypass-list=<-loopback>", "--disable-background-networking"];
    let registry = sandbox.url(0, "");
    let phone = Window::open(&driver, free_ports(1), SIZE, &through).await;
    let metrics = json!({"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true});
    phone.ask("goog/cdp/execute", &json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics})).await;
    let page = format!("{registry}/report/?lang=zh");

    // Before a seat has a report key nothing is taken, and the page says whom to call.
    phone.go(&page).await;
    phone.click("否，或者不清楚").await;
    phone.fill("在哪个平台？", "alpha").await;
    phone.fill("发生了什么？", DESCRIPTION).await;
    phone.click("加密并提交").await;
    until(async || text_of(&phone, "error").await.contains("尚未公布举报密钥")).await;
    assert!(text_of(&phone, "error").await.contains("协会"), "{}", text_of(&phone, "error").await);

    does(&sandbox, "secretary-1", &["report-key", "new"]);
    phone.go(&page).await;
    is_usable(&phone).await;
    // The first question is asked first.
    phone.click("加密并提交").await;
    until(async || text_of(&phone, "error").await.contains("是否涉及未成年人")).await;
    phone.click("是：未成年人受到欺凌或者侵害").await;
    phone.fill("在哪个平台？", "alpha").await;
    phone.fill("主播账号或者昵称，每行一个（如知道）", "host-9").await;
    phone.fill("发生了什么？", DESCRIPTION).await;
    phone.fill("姓名", NAME).await;
    phone.fill("电话或者电子邮箱", CONTACT).await;
    let picture = home(&sandbox, "secretary-1").join("on-the-phone.png");
    fs::write(&picture, PICTURE).unwrap();
    choose_file(&phone, fs::canonicalize(&picture).unwrap().to_str().unwrap()).await;
    phone.click("加密并提交").await;
    until_shown(&phone, "done").await;
    until(async || text_of(&phone, "progress").await.is_empty()).await;
    is_usable(&phone).await;
    let (code, number) = (text_of(&phone, "code").await, text_of(&phone, "report-code").await);
    assert_eq!((code.len(), number.len()), (32, 10), "{code} {number}");
    let missing = "return document.getElementById('missing').checkVisibility()";
    assert_eq!(phone.find(missing).await, false);

    // The secretariat reads it, first of all that waits, and its picture.
    let listed = does(&sandbox, "secretary-1", &["reports"]);
    assert!(listed.contains(&number) && listed.contains("a minor is concerned"), "{listed}");
    let shown = does(&sandbox, "secretary-1", &["reports", "show", &number]);
    for text in [DESCRIPTION, NAME, CONTACT, "host-9", "on-the-phone.png"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    does(&sandbox, "secretary-1", &["reports", "file", &number, "--number", "0", "--out", "saved.bin"]);
    assert_eq!(fs::read(home(&sandbox, "secretary-1").join("saved.bin")).unwrap(), PICTURE);

    // On its pages too; no other seat is shown it.
    let desk = entered(&sandbox, "secretary-1").await;
    let board = desk.shows("/reports").await;
    board.says(&[&number, "公众举报（涉未成年人）"]);
    let address =
        format!("/reports/{}", board.text.split("href=\"/reports/0").nth(1).unwrap().split('"').next().unwrap())
            .replacen("/reports/", "/reports/0", 1);
    let opened = desk.shows(&address).await;
    opened.says(&[DESCRIPTION, NAME, "解密并保存"]);
    let saved = desk.shows(&format!("{address}/files/0")).await;
    assert_eq!(saved.headers["content-disposition"].to_str().unwrap().split('.').next_back(), Some("png\""));
    let refused = typed(&sandbox, "panel-1", &["reports", "show", &number]);
    assert!(!refused.status.success(), "{}", String::from_utf8_lossy(&refused.stdout));

    // It asks; whoever has the code reads and answers.
    let asked = desk.fills(&address, &format!("{address}/ask"), &[("text", QUESTION)]).await;
    assert_eq!(asked.status, 303, "{}", asked.text);
    phone.go(&format!("{registry}/report/follow.html?lang=zh")).await;
    phone.fill("查询码", &code.to_lowercase().replace('-', " ")).await;
    phone.click("查询").await;
    until_shown(&phone, "shown").await;
    let said = phone.text().await;
    assert!(said.contains(QUESTION) && said.contains(&number) && said.contains("请答复"), "{said}");
    is_usable(&phone).await;
    phone.fill("答复或者补充", ANSWER).await;
    phone.click("加密并提交").await;
    until(async || text_of(&phone, "said").await.contains(ANSWER)).await;
    desk.shows(&address).await.says(&[QUESTION, ANSWER]);

    // A key that the registry shows as the seat's own, and that isn't on its computer, is told of in red.
    let keys = home(&sandbox, "secretary-1").join("report-keys");
    fs::rename(&keys, keys.with_extension("away")).unwrap();
    desk.shows("/reports").await.says(&["不在您的计算机上", "建立并公布我的举报密钥"]);
    fs::rename(keys.with_extension("away"), &keys).unwrap();
    assert!(!desk.shows("/reports").await.text.contains("不在您的计算机上"));

    // In English, and by another code nothing.
    phone.go(&format!("{registry}/report/follow.html?lang=en")).await;
    let other = format!("0000-{}", &code[5..]);
    phone.fill("Code", &other).await;
    phone.click("Show").await;
    until(async || text_of(&phone, "error").await.contains("no report has this code")).await;
    is_usable(&phone).await;
    let complaints: Vec<String> = phone.complaints().await.into_iter().filter(|said| !said.contains("404")).collect();
    assert_eq!(complaints, Vec::<String>::new());

    drop(desk);
    sandbox.ends();
    let bare = code.replace('-', "");
    let texts = [
        ("what happened", DESCRIPTION),
        ("the name", NAME),
        ("the telephone", CONTACT),
        ("the question", QUESTION),
        ("the answer", ANSWER),
        ("the picture", "the picture that nobody on the way may see"),
        ("the code", bare.as_str()),
    ];
    shows_nothing(&heard, &sandbox, texts.into_iter()).await;
}
