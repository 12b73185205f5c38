//! A person, on a phone: the link that the secretariat made is opened with its code, what is held is read, a statement is
//! filed and answered; what lies at the registry holds nothing of it.

use std::{fs, time::Duration};

use serde_json::{Value, json};

use crate::{
    drafts::Home,
    heard::{Heard, shows_nothing},
    support::{Sandbox, ports},
    webdriver::Window,
};

const DRIVER: &str = "CALLBOARD_TEST_CHROMEDRIVER";
/// A person of the sandbox who is suspended.
const HELD: &str = "100000199001050013";
const PHONE: &str = "390,844";
const TEXT: &str = "本人当日不在直播现场，请调取录像核对。<script>alert(1)</script>";
const ANSWER: &str = "已调取录像，定于下周由另一组委员复核。";

/// A link and its code, as the verb printed them.
fn made(told: &str) -> (String, String) {
    let link = told.lines().find(|line| line.contains("/subject/#")).unwrap();
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    (link.to_owned(), told.lines().find(is_code).unwrap().to_owned())
}

/// Waits until a script finds something that isn't false.
async fn until(window: &Window, script: &str) -> Value {
    for _ in 0..200 {
        let found = window.find(script).await;
        if !matches!(found, Value::Null | Value::Bool(false)) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{script}: {}", window.find("return document.body.innerText").await)
}

async fn types(window: &Window, field: &str, text: &str, form: &str) {
    let script = "document.querySelector(arguments[0]).value = arguments[1]; document.querySelector(arguments[2]).requestSubmit()";
    window.ask("execute/sync", &json!({"script": script, "args": [field, text, form]})).await;
}

/// The secretariat, with a report key, and a person about whom something is held.
fn secretary(sandbox: &Sandbox, proxy: &str) -> Home {
    let home = Home::of(sandbox, "secretary-1", proxy);
    fs::write(home.directory.join("person.txt"), format!("cn-id:{HELD}\n")).unwrap();
    home.does(&["report-key", "new"]);
    home
}

const NEW: [&str; 5] = ["session", "new", "--document-seen", "--identity-file", "person.txt"];

#[tokio::test(flavor = "multi_thread")]
async fn links_are_made_listed_and_ended_by_verbs_and_need_a_document_that_was_seen() {
    let sandbox = Sandbox::start(&[]).await;
    let home = secretary(&sandbox, "");
    let refused = home.refuses(&["session", "new", "--identity-file", "person.txt"]);
    assert!(refused.contains("--document-seen"), "{refused}");
    let refused = home.refuses(&[&NEW[..], &["--for", "guardian"]].concat());
    assert!(refused.contains("18th birthday"), "{refused}");
    let (link, _) = made(&home.does(&NEW));
    assert_eq!(link.split_once('#').unwrap().1.len(), 43, "{link}");
    let listed = home.does(&["session", "list"]);
    assert!(
        listed.contains("waiting") && listed.contains("by secretariat") && listed.contains("not opened"),
        "{listed}"
    );
    let id = listed.split_whitespace().next().unwrap().to_owned();
    home.does(&["session", "end", &id]);
    assert!(home.does(&["session", "list"]).contains("ended"));
    let code = home.refuses(&["session", "send-code", &id]);
    assert!(code.contains("ended"), "{code}");
    let waits = home.does(&["filings"]);
    assert!(waits.contains("nothing waits"), "{waits}");
    let other = Home::at(&sandbox, "panel-1");
    fs::write(other.directory.join("person.txt"), format!("cn-id:{HELD}\n")).unwrap();
    assert!(other.refuses(&NEW).contains("Not for whoever asks"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_reads_on_a_phone_what_is_held_files_a_statement_and_reads_the_answer() {
    let Ok(driver) = std::env::var(DRIVER) else {
        return eprintln!("left out: {DRIVER} is not set; `cargo xtask test` prepares it");
    };
    let mut sandbox = Sandbox::start(&[]).await;
    let heard = Heard::default();
    let proxy = heard.before(&sandbox).await;
    let home = secretary(&sandbox, &proxy);
    let (link, code) = made(&home.does(&NEW));
    // Whatever language the browser has.
    let link = link.replace("/subject/#", "/subject/?lang=zh#");
    let proxied = format!("--proxy-server={proxy}");
    let quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
    let more = [&["--lang=zh-CN", &proxied, "--proxy-bypass-list=<-loopback>"][..], &quiet].concat();
    let window = Window::open(&driver, ports::free_ports(1), PHONE, &more).await;

    // A link that was cut says so, and takes the whole of it.
    window.go(&link[..link.len() - 5]).await;
    until(&window, "return !document.querySelector('#paste').hidden").await;
    types(&window, "#whole", &link, "#paste").await;
    until(&window, "return !document.querySelector('#open').hidden").await;
    types(&window, "#code", "000000", "#open").await;
    until(&window, "return document.querySelector('#error').innerText.includes('验证码不对')").await;
    types(&window, "#code", &format!("{} {}", &code[..3], &code[3..]), "#open").await;
    until(&window, "return !document.querySelector('#read').hidden").await;
    let held = window.find("return document.querySelector('#records').textContent").await;
    let held = held.as_str().unwrap();
    assert!(held.contains("在效") && held.contains("理由") && held.contains("工作日内申诉"), "{held}");
    assert!(held.contains("协会秘书处"), "who asked for the share is shown: {held}");
    assert_eq!(window.find("return location.hash").await, "");
    assert_eq!(window.find("return document.documentElement.scrollWidth <= window.innerWidth").await, true);

    // What turns the direction of writing is refused with a sentence; then it is filed, and shown as text.
    types(&window, "#text", "很好\u{202e}", "#file").await;
    until(&window, "return document.querySelector('#file-error').innerText.includes('U+202E')").await;
    types(&window, "#text", TEXT, "#file").await;
    until(&window, "return document.querySelector('#filed').innerText.includes('已收到')").await;
    let filed = window.find("return document.querySelector('#filings').innerText").await;
    assert!(filed.as_str().unwrap().contains(TEXT), "{filed}");

    // The secretariat opens and answers; the person reads it in the same browser, without the link.
    let listed = home.does(&["filings"]);
    assert!(listed.contains("a statement") && !listed.contains("provisional"), "{listed}");
    let id = listed.lines().find_map(|line| line.split_whitespace().next().filter(|word| word.len() == 36)).unwrap();
    assert!(home.does(&["filings", "show", id]).contains(TEXT));
    fs::write(home.directory.join("answer.txt"), ANSWER).unwrap();
    home.does(&["filings", "answer", id, "granted", "--text-file", "answer.txt"]);
    assert!(home.does(&["filings", "show", id]).contains(ANSWER));
    window.go(link.split_once('#').unwrap().0).await;
    let script = format!("return document.querySelector('#filings').innerText.includes('{ANSWER}')");
    until(&window, &script).await;

    // Whoever was forwarded the link comes too late, in another browser.
    let other = Window::open(&driver, ports::free_ports(1), PHONE, &["--lang=zh-CN"]).await;
    other.go(&link).await;
    until(&other, "return document.querySelector('#error').innerText.includes('已在另一浏览器打开')").await;
    drop(other);
    drop(window);

    // Neither what went between nor what the services keep says anything of it, nor has the key of the link.
    assert!(sandbox.ends().success());
    let key = link.split_once('#').unwrap().1;
    let texts = [("the statement", TEXT), ("the answer", ANSWER), ("the key of the link", key)];
    shows_nothing(&heard, &sandbox, texts.into_iter()).await;
}
